// SPDX-License-Identifier: MIT
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mapping/json.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

using json = nlohmann::json;
using mercator::col;
using mercator::json_null;
using mercator::JsonPlace;
using mercator::select;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

struct JsonRecord {
    std::int64_t id{};
    std::optional<json> data;
};
void describe(mercator::Mapping<JsonRecord>& record) {
    record.table("json_records");
    record.column<&JsonRecord::id>().primary_key();
    record.column<&JsonRecord::data>();
}

std::vector<json> twenty_documents() {
    return {json::object(),
            json::array(),
            nullptr,
            true,
            "a",
            7,
            {{"a", 1}},
            {{"a", 1.0}, {"b", {1, 2.5, "x", nullptr, true}}},
            {{"a", 2.5}, {"b", json::array()}},
            {{"a", "1"}, {"b", "x"}},
            {{"a", nullptr}, {"b", nullptr}},
            {{"a", true}, {"b", {true, false}}},
            {{"a", {{"b", {{"c", -9007199254740993}}}}}},
            {{"a", {{"b", {{"c", "\u00fc \" \\ ' \U0001F600"}}}}}},
            {{"a", {1, {2, {3, {{"c", 4}}}}}}},
            {{"a", 9223372036854775807}, {"b", {-9223372036854775807 - 1}}},
            {{"a", 18446744073709551615U}, {"b", {1e300, 1e-9, 3e2}}},
            {{"", 1},
             {"a.b", 2},
             {"$", 3},
             {"\"", 4},
             {"\\", 5},
             {"'", 6},
             {"\u00fc", 7},
             {"0", 8},
             {"a\"]['b", 9},
             {"' OR '1'='1", 10},
             {"\t", 11},
             {"/", 12},
             {"[0]", 13},
             {"a b", 14},
             {"\"); DROP TABLE json_records; --", 15},
             {"%s", 16},
             {"{0}", 17},
             {":x", 18},
             {"?", 19},
             {"\u65e5\u672c", 20},
             {"\\\"", {{"\"", {21}}}}},
            {{"a", {{"a", {{"a", {{"a", 1}}}}}}}, {"b", {{{"c", 1}}, {{"c", "two"}}}}},
            {{"b", {{1, 2}, {3, 4}, json::array()}}, {"a", ""}}};
}

using Step = std::variant<std::string, int>;
using Path = std::vector<Step>;

std::vector<Path> paths() {
    std::vector<Path> list{{},
                           {0},
                           {"a"},
                           {"b"},
                           {"c"},
                           {"a", 0},
                           {"a", 1},
                           {"a", "b"},
                           {"b", 0},
                           {"b", 1},
                           {"b", 2},
                           {"b", 3},
                           {"b", 4},
                           {"b", 5},
                           {"b", 1, 0},
                           {"b", 1, "c"},
                           {"b", 0, 0},
                           {"b", 0, "c"},
                           {"a", "b", "c"},
                           {"a", 1, 1, 1, "c"},
                           {"0"},
                           {"b", "0"},
                           {"\\\"", "\"", 0}};
    const json odd = twenty_documents()[17];
    for (const auto& [key, value] : odd.items()) list.push_back({key});
    return list;
}

const json* found_in(const json& document, const Path& path) {
    const json* place = &document;
    for (const Step& step : path) {
        if (const auto* key = std::get_if<std::string>(&step)) {
            if (!place->is_object() || !place->contains(*key)) return nullptr;
            place = &(*place)[*key];
        } else {
            const auto index = static_cast<std::size_t>(std::get<int>(step));
            if (!place->is_array() || index >= place->size()) return nullptr;
            place = &(*place)[index];
        }
    }
    return place;
}

/// What the place is by the rules that `as` promises.
template <class T>
std::optional<T> expected(const json* place) {
    if (place == nullptr) return std::nullopt;
    if constexpr (std::is_same_v<T, bool>) {
        if (place->is_boolean()) return place->get<bool>();
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (place->is_string()) return place->get<std::string>();
    } else if constexpr (std::is_same_v<T, double>) {
        if (place->is_number()) return place->get<double>();
    } else {
        if (place->is_number_unsigned() &&
            !std::in_range<std::int64_t>(place->get<std::uint64_t>()))
            return std::nullopt;
        if (place->is_number_integer()) return place->get<std::int64_t>();
        if (!place->is_number()) return std::nullopt;
        const double number = place->get<double>();
        if (std::trunc(number) == number && std::fabs(number) < 9e18)
            return static_cast<std::int64_t>(number);
    }
    return std::nullopt;
}

JsonPlace place_of(const Path& path) {
    JsonPlace place(col(&JsonRecord::data).node());
    for (const Step& step : path) {
        if (const auto* key = std::get_if<std::string>(&step)) {
            place = place[*key];
        } else {
            place = place[std::get<int>(step)];
        }
    }
    return place;
}

void fill(Backend& backend) {
    backend->create_all<JsonRecord>();
    mercator::Session session = backend->session();
    std::int64_t id = 0;
    for (const json& document : twenty_documents())
        session.add(JsonRecord{.id = ++id, .data = document});
    session.add(JsonRecord{.id = ++id}); // no document at all
    session.commit();
}

bool can_look_inside(Backend& backend, const char* id) {
    if (backend.can().json_functions) return true;
    mercator::Session session = backend->session();
    CHECK_THROWS_AS(
        static_cast<void>(
            session.query<JsonRecord>().where(col(&JsonRecord::data)["a"].as<int>() == 1).all()),
        mercator::UnsupportedError);
    mercator::test::cannot(id, "the server has no functions for JSON");
    return false;
}

std::vector<std::int64_t> ids(mercator::Session& session, const mercator::Condition& condition) {
    std::vector<std::int64_t> list;
    for (const auto& record :
         session.query<JsonRecord>().where(condition).order_by(col(&JsonRecord::id).asc()).all())
        list.push_back(record->id);
    return list;
}
using Ids = std::vector<std::int64_t>;

} // namespace

TEST_CASE("TYP-21 every place of twenty documents reads alike on every database") {
    Backend backend;
    fill(backend);
    if (!can_look_inside(backend, "TYP-21")) return;
    mercator::Session session = backend->session();
    auto documents = twenty_documents();
    for (const Path& path : paths()) {
        const JsonPlace place = place_of(path);
        const auto rows = session
                              .execute(select(col(&JsonRecord::id), place, place.as<std::int64_t>(),
                                              place.as<double>(), place.as<bool>(), place.as_text(),
                                              place.length(), place.exists(), place.is_json_null())
                                           .order_by(col(&JsonRecord::id).asc()))
                              .all();
        REQUIRE(rows.size() == documents.size() + 1);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const json* there = i < documents.size() ? found_in(documents[i], path) : nullptr;
            CAPTURE((i < documents.size() ? documents[i].dump() : "NULL"));
            CAPTURE((path.empty() ? "the whole" : json(place.node()->type.kind).dump()));
            std::string spelled;
            for (const Step& step : path)
                spelled += std::holds_alternative<int>(step)
                               ? '[' + std::to_string(std::get<int>(step)) + ']'
                               : '.' + std::get<std::string>(step);
            CAPTURE(spelled);
            const auto& [id, whole, integer, number, truth, text, length, exists, null] = rows[i];
            CHECK(whole.has_value() == (there != nullptr));
            if (whole && there) CHECK((*whole == *there));
            CHECK((integer == expected<std::int64_t>(there)));
            CHECK((number == expected<double>(there)));
            CHECK((truth == expected<bool>(there)));
            CHECK((text == expected<std::string>(there)));
            CHECK(
                (length == (there && there->is_array() ? std::optional<std::int64_t>(there->size())
                                                       : std::nullopt)));
            CHECK(exists == (there != nullptr));
            CHECK(null == (there != nullptr && there->is_null()));
        }
    }
}

TEST_CASE(
    "TYP-21 places are compared, sorted, grouped and aggregated as the values that they are") {
    Backend backend;
    fill(backend);
    if (!can_look_inside(backend, "TYP-21")) return;
    mercator::Session session = backend->session();
    const auto data = col(&JsonRecord::data);
    CHECK((ids(session, data["a"].as<int>() == 1) == Ids{7, 8}));
    CHECK((ids(session, data["a"].as<double>() > 1.5 && data["a"].as<double>() < 3) == Ids{9}));
    CHECK((ids(session, data["a"].as<bool>() == true) == Ids{12}));
    CHECK((ids(session, data["a"].as_text() == "1") == Ids{10}));
    CHECK((ids(session, data["b"][2].as_text() == "x") == Ids{8}));
    CHECK(ids(session, data["b"][2].as_text() == "X").empty()); // letters are told apart
    CHECK(ids(session, data["b"][2].as_text() == "x ").empty());
    CHECK((ids(session, data["b"][1]["c"].as_text().startswith("tw")) == Ids{19}));
    CHECK((ids(session, data["a"].as_text().in({"1", ""})) == Ids{10, 20}));
    CHECK((ids(session, data["a"]["b"]["c"].as<std::int64_t>() == -9007199254740993) == Ids{13}));
    CHECK((ids(session, data.has_key("$")) == Ids{18}));
    CHECK((ids(session, data["a"].has_key("b")) == Ids{13, 14}));
    CHECK((ids(session, data["a"].is_json_null()) == Ids{11}));
    CHECK((ids(session, data.is_json_null()) == Ids{3}));
    CHECK((ids(session, data == mercator::null) == Ids{21}));
    CHECK((ids(session, data["a"] == mercator::null && data["b"].exists()) == Ids{}));
    CHECK((ids(session, !data["b"].exists() && data["a"].as<int>().is_not_null()) == Ids{7}));

    const auto sorted = session.query<JsonRecord>()
                            .where(data["a"].as<double>().is_not_null())
                            .order_by(data["a"].as<double>().desc(), col(&JsonRecord::id).asc())
                            .all();
    Ids order;
    for (const auto& record : sorted) order.push_back(record->id);
    CHECK((order == Ids{17, 16, 9, 7, 8}));

    const auto kind = data["a"].as<int>();
    const auto groups = session
                            .execute(select(kind, mercator::func::count())
                                         .where(kind < 100)
                                         .group_by(kind)
                                         .order_by(kind.asc()))
                            .all();
    REQUIRE(groups.size() == 1);
    CHECK(std::get<1>(groups[0]) == 2);
    CHECK(session
              .execute(select(mercator::func::sum(data["b"][0].as<double>()))
                           .where(col(&JsonRecord::id) < 10))
              .scalar_one() == 1.0);
}

TEST_CASE("TYP-21 a key with any character is a key and nothing else") {
    Backend backend;
    fill(backend);
    if (!can_look_inside(backend, "TYP-21")) return;
    mercator::Session session = backend->session();
    const json document = twenty_documents()[17];
    for (const auto& item : document.items()) {
        if (!item.value().is_number()) continue;
        const std::string key = item.key();
        const int value = item.value().get<int>();
        CAPTURE(key);
        CHECK((ids(session, col(&JsonRecord::data)[key].as<int>() == value) == Ids{18}));
        CHECK((ids(session, col(&JsonRecord::data).has_key(key + "x")) == Ids{}));
    }
    CHECK(session.query<JsonRecord>().count() == 21); // nobody dropped the table
    // Other keys are other statements, also when they differ in nothing but the key.
    CHECK((ids(session, col(&JsonRecord::data)["$"].as<int>() == 4) == Ids{}));
    CHECK((ids(session, col(&JsonRecord::data)["\""].as<int>() == 4) == Ids{18}));
}

TEST_CASE("TYP-21 documents are compared as documents where the database can") {
    Backend backend;
    fill(backend);
    mercator::Session session = backend->session();
    const auto data = col(&JsonRecord::data);
    const json wanted{{"b", {true, false}}, {"a", true}};
    try {
        static_cast<void>(ids(session, data == wanted));
        CHECK((ids(session, data == wanted) == Ids{12}));
        CHECK((ids(session, data == json_null) == Ids{3}));
        CHECK((ids(session, data["b"] == json{true, false}) == Ids{12}));
        CHECK(ids(session, data != wanted).size() == 19);
    } catch (const mercator::UnsupportedError& error) {
        mercator::test::skip(error.what());
    }
    CHECK_THROWS_AS(static_cast<void>(data < wanted), mercator::CompileError);
    CHECK_THROWS_AS(static_cast<void>(data[-1]), mercator::CompileError);
}

TEST_CASE("TYP-21 one document contains another where the database can tell") {
    Backend backend;
    fill(backend);
    mercator::Session session = backend->session();
    const auto data = col(&JsonRecord::data);
    try {
        static_cast<void>(ids(session, data.contains(json::object())));
        CHECK((ids(session, data.contains(json{{"a", true}})) == Ids{12}));
        CHECK((ids(session, data.contains(json{{"a", {{"b", json::object()}}}})) == Ids{13, 14}));
        CHECK((ids(session, data.contains(json{{"b", {"x"}}})) == Ids{8}));
        CHECK((ids(session, data["b"].contains(json{2.5, 1})) == Ids{8}));
    } catch (const mercator::UnsupportedError& error) {
        mercator::test::skip(error.what());
    }
}

TEST_CASE("TYP-21 an update and a delete choose their rows by what is in the documents") {
    Backend backend;
    fill(backend);
    if (!can_look_inside(backend, "TYP-21")) return;
    mercator::Session session = backend->session();
    const auto data = col(&JsonRecord::data);
    CHECK(session.query<JsonRecord>().where(data["a"].as<int>() == 1).delete_() == 2);
    session.commit();
    CHECK(session.query<JsonRecord>().count() == 19);
}

namespace {

/// Keeps all that is logged.
class JsonLog final : public mercator::LogSink {
public:
    void write(mercator::LogLevel, std::string_view message) override { text.append(message); }
    std::string text;
};

struct JsonSecret {
    std::int64_t id{};
    json token;
};
void describe(mercator::Mapping<JsonSecret>& secret) {
    secret.table("json_secrets");
    secret.column<&JsonSecret::id>().primary_key();
    secret.column<&JsonSecret::token>().sensitive();
}

} // namespace

TEST_CASE("TYP-21 MOD-25 what is in a sensitive document stands in no log") {
    const auto told = std::make_shared<JsonLog>();
    mercator::Config config;
    config.echo = mercator::Echo::Parameters;
    config.log = told;
    Backend backend(config);
    backend->create_all<JsonSecret>();
    mercator::Session session = backend->session();
    session.add(JsonSecret{.id = 1, .token = {{"key", "s3cr3t"}}});
    session.commit();
    if (backend.can().json_functions) {
        const auto token = col(&JsonSecret::token);
        CHECK(session.query<JsonSecret>().where(token["key"].as_text() == "s3cr3t").count() == 1);
        CHECK(session.query<JsonSecret>()
                  .where(token["key"].as_text().startswith("s3cr3t"))
                  .count() == 1);
        const auto keys = session.execute(select(token["key"].as_text(), token["key"])).all();
        CHECK((std::get<0>(keys.at(0)) == "s3cr3t"));
    }
    CHECK(told->text.find("json_secrets") != std::string::npos);
    CHECK(told->text.find("s3cr3t") == std::string::npos);
}
