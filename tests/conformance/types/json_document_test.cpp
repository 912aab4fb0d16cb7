// SPDX-License-Identifier: MIT
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mercator.hpp>
#include <mercator/types/json.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

using json = nlohmann::json;
using mercator::col;
using mercator::json_null;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

struct JsonSettings {
    std::int64_t id{};
    std::string name;
    json preferences = json::object();
    std::optional<json> extra;
};
void describe(mercator::Mapping<JsonSettings>& settings) {
    settings.table("json_settings");
    settings.column<&JsonSettings::id>().primary_key();
    settings.column<&JsonSettings::name>(mercator::String(40));
    settings.column<&JsonSettings::preferences>();
    settings.column<&JsonSettings::extra>();
}

/// The lesson's example: a dictionary whose text is stored.
struct Theme {
    std::string name;
    int size = 0;
    std::map<std::string, bool> flags;
    friend bool operator==(const Theme&, const Theme&) = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Theme, name, size, flags)

struct ThemedPage {
    std::int64_t id{};
    Theme theme;
    std::optional<Theme> night;
    json notes = json::array();
};

} // namespace

template <>
struct mercator::TypeDecorator<Theme> : mercator::StoredAsJsonText<Theme> {};

namespace {

void describe(mercator::Mapping<ThemedPage>& page) {
    page.table("themed_pages");
    page.column<&ThemedPage::id>().primary_key();
    page.column<&ThemedPage::theme>();
    page.column<&ThemedPage::night>();
    page.column<&ThemedPage::notes>(mercator::Text()); // a document in a column of plain text
}

std::vector<json> documents() {
    json deep = 1; // MariaDB ends at 32 levels
    for (int i = 0; i < 30; ++i) deep = json::array({deep});
    return {json::object(),
            json::array(),
            "text",
            "quotes \" and \\ and / and ' and \t\n and \x7f",
            "\u00fcn\u00efc\u00f6d\u00e9 \u65e5\u672c \U0001F600",
            true,
            false,
            nullptr,
            0,
            -1,
            std::numeric_limits<std::int64_t>::min(),
            std::numeric_limits<std::uint64_t>::max(),
            0.1,
            1.0,
            -2.5e-300,
            1.7976931348623157e308,
            {{"b", 1}, {"a", {{"z", nullptr}, {"y", {1, 2.5, "three", false}}}}},
            {{"", 1}, {" ", 2}, {"a.b", 3}, {"$", 4}, {"\"", 5}, {"\\", 6}, {"'", 7}},
            {{"theme", {{"name", "dark"}, {"sizes", {10, 12}}}}},
            deep};
}

void save(Backend& backend, const json& document) {
    mercator::Session session = backend->session();
    session.add(JsonSettings{.id = 1, .name = "one", .preferences = document, .extra = document});
    session.commit();
}

} // namespace

TEST_CASE("TYP-21 documents of every kind come back as they were") {
    Backend backend;
    backend->create_all<JsonSettings>();
    const auto all = documents();
    {
        mercator::Session session = backend->session();
        for (std::size_t i = 0; i < all.size(); ++i)
            session.add(JsonSettings{.id = static_cast<std::int64_t>(i + 1),
                                     .name = std::to_string(i),
                                     .preferences = all[i],
                                     .extra = all[i]});
        session.commit();
    }
    mercator::Session session = backend->session();
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto found = session.get<JsonSettings>(static_cast<std::int64_t>(i + 1));
        CAPTURE(all[i].dump());
        CHECK((found->preferences == all[i]));
        REQUIRE(found->extra.has_value());
        CHECK((*found->extra == all[i]));
    }
    CHECK(backend->verify().empty());
    SqlLog log(backend->engine());
    session.flush();
    CHECK(log.count() == 0); // however the database spelled them
    auto again = session.get<JsonSettings>(17);
    session.refresh(again);
    session.flush();
    CHECK(log.count("UPDATE") == 0);
}

TEST_CASE("TYP-22 SQL NULL and JSON null are two things") {
    Backend backend;
    backend->create_all<JsonSettings>();
    {
        mercator::Session session = backend->session();
        session.add(JsonSettings{.id = 1, .name = "no document"});
        session.add(JsonSettings{
            .id = 2, .name = "null in JSON", .preferences = json_null, .extra = json_null});
        session.add(JsonSettings{.id = 3, .name = "a document", .extra = json::object()});
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto extra = col(&JsonSettings::extra);
    const auto names = [&](const mercator::Condition& condition) {
        std::vector<std::string> list;
        for (const auto& row : session.query<JsonSettings>()
                                   .where(condition)
                                   .order_by(col(&JsonSettings::id).asc())
                                   .all())
            list.push_back(row->name);
        return list;
    };
    using Names = std::vector<std::string>;
    CHECK((names(extra == mercator::null) == Names{"no document"}));
    CHECK((names(extra.is_not_null()) == Names{"null in JSON", "a document"}));
    const auto none = session.get<JsonSettings>(1);
    const auto null = session.get<JsonSettings>(2);
    CHECK_FALSE(none->extra.has_value());
    REQUIRE(null->extra.has_value());
    CHECK(null->extra->is_null());
    CHECK(null->preferences.is_null());

    // From one to the other and back: each is a change.
    SqlLog log(backend->engine());
    none->extra = json_null;
    null->extra = std::nullopt;
    session.commit();
    CHECK(log.count("UPDATE") > 0);
    CHECK((names(extra == mercator::null) == Names{"null in JSON"}));
}

TEST_CASE("TYP-23 CUS-13 a document that is changed in place is written, at any depth") {
    Backend backend;
    backend->create_all<JsonSettings>();
    save(backend, {{"theme", {{"name", "dark"}, {"sizes", {10, 12}}}}, {"b", 1}, {"a", 1.0}});
    mercator::Session session = backend->session();
    const auto settings = session.get<JsonSettings>(1);
    SqlLog log(backend->engine());

    settings->preferences["lang"] = "en";
    session.flush();
    REQUIRE(log.count("UPDATE") == 1);
    CHECK(log.texts("UPDATE")[0].find("preferences") != std::string::npos);
    CHECK(log.texts("UPDATE")[0].find("extra") == std::string::npos); // the changed column only

    log.clear();
    settings->preferences["theme"]["sizes"][1] = 14;
    (*settings->extra)["theme"].erase("name");
    CHECK(session.is_modified(settings));
    session.commit();
    CHECK(log.count("UPDATE") == 1);

    mercator::Session other = backend->session();
    const auto found = other.get<JsonSettings>(1);
    CHECK((found->preferences == json{{"theme", {{"name", "dark"}, {"sizes", {10, 14}}}},
                                      {"b", 1},
                                      {"a", 1.0},
                                      {"lang", "en"}}));
    CHECK((*found->extra == json{{"theme", {{"sizes", {10, 12}}}}, {"b", 1}, {"a", 1.0}}));
}

TEST_CASE("TYP-23 CUS-13 what means the same is no change") {
    Backend backend;
    backend->create_all<JsonSettings>();
    // Written by somebody else, with blanks, its own order and its own numbers.
    backend.run("INSERT INTO json_settings (id, name, preferences, extra) VALUES (1, 'one', "
                "'{ \"b\" : 1.0, \"a\" : 1e2 }', '[ 1.50, 10000000000000000 ]')");
    mercator::Session session = backend->session();
    const auto settings = session.get<JsonSettings>(1);
    SqlLog log(backend->engine());
    session.flush();
    CHECK(log.count() == 0);
    settings->preferences = {{"a", 100}, {"b", 1}};
    settings->extra = {1.5, 1e16};
    CHECK_FALSE(session.is_modified(settings));
    session.flush();
    CHECK(log.count() == 0);
    settings->preferences["b"] = 1.25;
    session.flush();
    CHECK(log.count("UPDATE") == 1);
}

TEST_CASE("TYP-23 a rollback brings the document back") {
    Backend backend;
    backend->create_all<JsonSettings>();
    const json before{{"theme", {{"sizes", {10, 12}}}}, {"a", 1.0}};
    save(backend, before);
    mercator::Session session = backend->session();
    const auto settings = session.get<JsonSettings>(1);
    settings->preferences["theme"]["sizes"].push_back(16);
    settings->extra.reset();
    session.flush();
    session.rollback();
    CHECK((settings->preferences == before));
    REQUIRE(settings->extra.has_value());
    CHECK((*settings->extra == before));
    SqlLog log(backend->engine());
    session.flush();
    CHECK(log.count("UPDATE") == 0);
}

TEST_CASE("TYP-23 CUS-13 a document that cannot be stored can be taken back") {
    Backend backend;
    backend->create_all<JsonSettings>();
    save(backend, {{"a", 1}});
    mercator::Session session = backend->session();
    const auto settings = session.get<JsonSettings>(1);
    const auto spoil = [&] {
        settings->name = "spoiled";
        settings->preferences = std::numeric_limits<double>::quiet_NaN();
    };
    const auto is_whole = [&] {
        return settings->name != "spoiled" && settings->preferences == json{{"a", 1}};
    };
    spoil();
    CHECK(session.is_modified(settings));
    CHECK_THROWS_AS(session.commit(), mercator::DataError);
    session.rollback();
    CHECK(is_whole());
    auto savepoint = session.begin_nested();
    spoil();
    savepoint.rollback();
    CHECK(is_whole());
    spoil();
    session.refresh(settings);
    CHECK(is_whole());
    spoil();
    session.expire(settings);
    CHECK(is_whole());
    session.commit();
    CHECK_FALSE(session.is_modified(settings));
}

TEST_CASE("TYP-11 CUS-07 a type of one's own is stored as the text of its JSON") {
    Backend backend;
    backend->create_all<ThemedPage>();
    const Theme dark{"dark", 12, {{"wide", true}, {"\u00fc", false}}};
    {
        mercator::Session session = backend->session();
        session.add(ThemedPage{.id = 1, .theme = dark, .notes = {"one", 2}});
        session.add(ThemedPage{.id = 2, .theme = {"light", 9, {}}, .night = dark});
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto page = session.get<ThemedPage>(1);
    CHECK((page->theme == dark));
    CHECK_FALSE(page->night.has_value());
    CHECK((page->notes == json{"one", 2}));
    CHECK((session.get<ThemedPage>(2)->night == dark));
    // It is compared as any value.
    CHECK(session.query<ThemedPage>().where(col(&ThemedPage::theme) == dark).one()->id == 1);

    page->theme.flags["wide"] = false;
    page->notes.push_back("three");
    SqlLog log(backend->engine());
    session.commit();
    CHECK(log.count("UPDATE") == 1);
    mercator::Session other = backend->session();
    CHECK_FALSE(other.get<ThemedPage>(1)->theme.flags.at("wide"));
    CHECK(backend->verify().empty());
}

TEST_CASE("TYP-11 text that is no JSON is an error that names the member, and stays as it is") {
    Backend backend;
    backend->create_all<ThemedPage>();
    const auto insert = [&](int id, const std::string& theme, const std::string& notes) {
        backend.run("INSERT INTO themed_pages (id, theme, notes) VALUES (" + std::to_string(id) +
                    ", '" + theme + "', '" + notes + "')");
    };
    const std::string good = R"({"name":"dark","size":1,"flags":{}})";
    insert(1, good, "[1, 2");
    insert(2, "{no json}", "[]");
    insert(3, R"({"name":"dark"})", "[]"); // JSON, but no Theme
    insert(4, good, "[]");
    insert(5, R"({"name":"dark","size":"big","flags":{}})", "[]");
    const auto where_of = [&](std::int64_t id) {
        mercator::Session session = backend->session();
        try {
            static_cast<void>(session.get<ThemedPage>(id));
        } catch (const mercator::DataError& error) {
            const std::string text = error.what();
            CHECK(text.find("dark") == std::string::npos); // what is stored is nobody's business
            return error.where();
        }
        return std::string("no error");
    };
    CHECK(where_of(1) == "ThemedPage.notes");
    CHECK(where_of(2) == "ThemedPage.theme");
    CHECK(where_of(3) == "ThemedPage.theme");
    CHECK(where_of(5) == "ThemedPage.theme");
    CHECK(where_of(4) == "no error");
    const auto rows = backend.rows("SELECT theme, notes FROM themed_pages WHERE id IN (1, 2)");
    CHECK(rows.size() == 2);
    CHECK(backend.rows("SELECT id FROM themed_pages WHERE notes = '[1, 2'").size() == 1);
}

TEST_CASE("TYP-21 a column of documents takes nothing else, where the database can tell") {
    Backend backend;
    backend->create_all<JsonSettings>();
    const std::string broken =
        "INSERT INTO json_settings (id, name, preferences) VALUES (1, 'one', '{no json}')";
    if (!backend.can().json_functions) {
        backend.run(broken);
        mercator::Session session = backend->session();
        CHECK_THROWS_AS(static_cast<void>(session.get<JsonSettings>(1)), mercator::DataError);
        return;
    }
    CHECK_THROWS_AS(backend.run(broken), mercator::DatabaseError);
    CHECK(backend.rows("SELECT id FROM json_settings").empty());
}

TEST_CASE("TYP-21 what JSON has no form for is refused before it is sent") {
    Backend backend;
    backend->create_all<JsonSettings>();
    for (const json& document :
         {json{{"a", {1, std::numeric_limits<double>::quiet_NaN()}}},
          json(std::numeric_limits<double>::infinity()), json::binary({1, 2}), json("\xff")}) {
        mercator::Session session = backend->session();
        session.add(JsonSettings{.id = 1, .name = "one", .preferences = document});
        try {
            session.flush();
            FAIL("it was sent");
        } catch (const mercator::DataError& error) {
            CHECK(error.where() == "JsonSettings.preferences");
        }
    }
    CHECK(backend.rows("SELECT id FROM json_settings").empty());
}

TEST_CASE("TYP-21 a column of documents is reflected as one, and made again from that") {
    Backend backend;
    backend->create_all<JsonSettings>();
    mercator::SchemaInspector inspector = backend->inspect();
    const auto columns = inspector.columns("json_settings");
    REQUIRE(columns.size() == 4);
    const bool is_known = backend.can().json_functions; // elsewhere it is plain text
    CHECK((columns[2].type.kind == mercator::TypeKind::Json) == is_known);
    CHECK((columns[3].type.kind == mercator::TypeKind::Json) == is_known);
    CHECK(columns[1].type.kind != mercator::TypeKind::Json);
    CHECK_FALSE(columns[2].nullable);
    CHECK(columns[3].nullable);
    CHECK(inspector.checks("json_settings").empty());
}

TEST_CASE("TYP-21 a document is set by a statement, copied by merge and inserted in a batch") {
    Backend backend;
    backend->create_all<JsonSettings>();
    save(backend, {{"a", 1}});
    mercator::Session session = backend->session();
    for (std::int64_t id = 2; id < 30; ++id)
        session.add(JsonSettings{.id = id, .name = "batch", .preferences = {{"id", id}}});
    session.commit();
    CHECK(session.query<JsonSettings>()
              .where(col(&JsonSettings::id) == 1)
              .update(mercator::set(&JsonSettings::preferences, json{{"quote", "'\"\\"}}),
                      mercator::set(&JsonSettings::extra, std::optional<json>())) == 1);
    session.commit();
    mercator::Session other = backend->session();
    const auto settings = other.get<JsonSettings>(1);
    CHECK((settings->preferences == json{{"quote", "'\"\\"}}));
    CHECK_FALSE(settings->extra.has_value());
    CHECK((other.get<JsonSettings>(29)->preferences == json{{"id", 29}}));

    // The same document, spelled by the program: nothing to write.
    SqlLog log(backend->engine());
    const auto merged = other.merge(
        JsonSettings{.id = 29, .name = "batch", .preferences = json::parse("{\"id\": 29.0}")});
    other.flush();
    CHECK(log.count("UPDATE") == 0);
    for (std::int64_t id = 2; id < 30; ++id) // a batch of changes
        other.get<JsonSettings>(id)->preferences["list"].push_back(nullptr);
    other.commit();
    CHECK(log.rows("UPDATE") == 28);
    mercator::Session last = backend->session();
    CHECK((last.get<JsonSettings>(17)->preferences == json{{"id", 17}, {"list", {nullptr}}}));
}

TEST_CASE("TYP-21 large documents come back whole, alone and in a batch") {
    Backend backend;
    backend->create_all<JsonSettings>();
    const std::uint64_t most = backend.can().max_value_bytes;
    const std::size_t size = most == 0 || most > 3'000'000 ? 3'000'000 : most / 4;
    json large = {{"text", std::string(size / 2, 'x')}, {"\u00fc", "\U0001F600"}};
    while (large["list"].size() < size / 20) large["list"].push_back(large["list"].size());
    {
        mercator::Session session = backend->session();
        session.add(JsonSettings{.id = 1, .name = "large", .preferences = large});
        session.add(JsonSettings{.id = 2, .name = "small"});
        session.commit();
        session.get<JsonSettings>(1)->extra = json::array({1});
        session.get<JsonSettings>(2)->preferences = large;
        session.get<JsonSettings>(2)->extra = json::array({2});
        session.commit();
    }
    mercator::Session session = backend->session();
    CHECK((session.get<JsonSettings>(1)->preferences == large));
    CHECK((session.get<JsonSettings>(2)->preferences == large));
    CHECK((session.get<JsonSettings>(2)->extra == json::array({2})));
}
