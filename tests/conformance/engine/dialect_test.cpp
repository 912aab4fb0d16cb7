// SPDX-License-Identifier: MIT
#include "support/backend.hpp"

#include <mercator/engine/dialect_registry.hpp>
#include <mercator/mercator.hpp>
#include <mercator/support/url.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>
#include <unistd.h>

using namespace mercator;
using test::Backend;

namespace {

/// A folder of its own that is gone afterwards.
struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / fmt::format("mercator-dialect-{}", getpid());
    Folder() { std::filesystem::create_directory(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

std::string libraries_of_this_process() {
    std::ostringstream text;
    text << std::ifstream("/proc/self/maps").rdbuf();
    return text.str();
}

/// In the program that has the dialects linked in, there is no library to look for.
bool is_built_in(const std::string& uri) {
    const std::string scheme = Url::parse(uri).scheme;
    for (const DialectListing& info : dialects()) {
        if (info.built_in && std::ranges::find(info.schemes, scheme) != info.schemes.end())
            return true;
    }
    return false;
}

/// Which of the listed libraries serves the scheme: the one that is still enough when it stands
/// alone in a folder.
DialectListing library_of(const std::string& uri, const Folder& folder) {
    for (const DialectListing& info : dialects()) {
        if (!info.problem.empty() || info.built_in) continue;
        const auto copy = folder.path / std::filesystem::path(info.path).filename();
        std::filesystem::copy_file(info.path, copy);
        Engine engine(uri, {.dialect_path = {folder.path.string()}});
        if (libraries_of_this_process().find(copy.string()) != std::string::npos) return info;
        std::filesystem::remove(copy);
    }
    return {};
}

bool accepts(Backend& backend, const std::function<void(Connection&)>& action) {
    Connection connection = backend->engine().connect();
    try {
        action(connection);
        return true;
    } catch (const DatabaseError&) {
        return false;
    }
}

bool accepts(Backend& backend, std::string_view sql) {
    return accepts(backend,
                   [sql](Connection& connection) { static_cast<void>(connection.fetch_all(sql)); });
}

std::int64_t integer(const Value& value) {
    const auto* number = value.get_if<std::int64_t>();
    return number == nullptr ? -1 : *number;
}

/// A number or a text, read back as it is stored.
struct Sample {
    std::int64_t id{};
    int small{};
    double number{};
    std::string text;
    DateTime moment{};
    static void describe(Mapping<Sample>& sample) {
        sample.table("samples");
        sample.column<&Sample::id>().primary_key();
        sample.column<&Sample::small>();
        sample.column<&Sample::number>();
        sample.column<&Sample::text>(String(40));
        sample.column<&Sample::moment>();
        sample.check(col(&Sample::small) < 1'000, "ck_samples_small");
    }
};

std::optional<Sample> stored(Backend& backend, Sample sample) {
    try {
        Session session = backend->session();
        const auto handle = session.add(std::move(sample));
        session.commit();
        Session other = backend->session();
        return other.get_values<Sample>(handle->id);
    } catch (const DatabaseError&) {
        return std::nullopt;
    }
}

bool keeps_number(Backend& backend, double number) {
    const auto back = stored(backend, {.number = number});
    if (!back) return false;
    return std::isnan(number)
               ? std::isnan(back->number)
               : back->number == number && std::signbit(back->number) == std::signbit(number);
}

} // namespace

TEST_CASE("DIA-02 the dialect is a library that the address's scheme finds, opened at run time") {
    Backend backend;
    if (is_built_in(backend.uri()))
        return test::cannot("DIA-02", "the dialect is linked into this program");
    const Folder folder;
    const DialectListing info = library_of(backend.uri(), folder);
    REQUIRE_FALSE(info.name.empty());
    CHECK(std::filesystem::exists(info.path));
    Database database(Config{.uri = backend.uri(), .dialect_path = {folder.path.string()}});
    CHECK(integer(database.engine().connect().fetch_all("SELECT 1").at(0).at(0)) == 1);
}

TEST_CASE("DIA-02 a misspelt scheme is told the nearest one and every path that was tried") {
    Backend backend;
    const Folder folder;
    const std::string scheme = Url::parse(backend.uri()).scheme;
    const std::string wrong = scheme + scheme.back();
    try {
        Database database(Config{.uri = wrong + "://somebody:s3cr3t-p4ss@host/db",
                                 .dialect_path = {folder.path.string()}});
        FAIL("a dialect for a scheme that there is not");
    } catch (const PluginError& error) {
        const std::string text = error.what();
        const std::string file = "libmercator_" + wrong + ".so";
        CHECK_MESSAGE(text.find((folder.path / file).string()) != std::string::npos, text);
        for (const DialectListing& info : dialects()) {
            if (info.built_in) continue;
            const auto tried = std::filesystem::path(info.path).parent_path() / file;
            CHECK_MESSAGE(text.find(tried.string()) != std::string::npos, text);
        }
        CHECK_MESSAGE(text.find("did you mean \"" + scheme + "\"") != std::string::npos, text);
        CHECK_MESSAGE(text.find("s3cr3t-p4ss") == std::string::npos, text);
    }
}

TEST_CASE("DIA-08 DIA-11 product and version are those of the connected server") {
    Backend backend;
    std::string product = backend.can().product;
    CHECK_FALSE(product.empty());
    CHECK_FALSE(backend.can().version.empty());
    for (char& c : product) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    bool asked = false;
    for (const std::string& function : {std::string("version"), product + "_version"}) {
        if (!accepts(backend, "SELECT " + function + "()")) continue;
        const auto rows = backend.rows("SELECT " + function + "()");
        const auto* text = rows.at(0).at(0).get_if<std::string>();
        REQUIRE(text != nullptr);
        CHECK_MESSAGE(text->find(backend.can().version) != std::string::npos, *text);
        asked = true;
    }
    CHECK(asked);
}

TEST_CASE("DIA-08 B29 capabilities about statements agree with what the server runs") {
    Backend backend;
    const Capabilities& can = backend.can();
    backend.run("CREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER)");
    backend.run("CREATE TABLE b (id INTEGER PRIMARY KEY, x INTEGER)");
    CHECK(accepts(backend, "INSERT INTO a (id, x) VALUES (1, 10) RETURNING id") ==
          can.insert_returning);
    if (!can.insert_returning) backend.run("INSERT INTO a (id, x) VALUES (1, 10)");
    CHECK(accepts(backend, "UPDATE a SET x = 11 WHERE id = 1 RETURNING x") == can.update_returning);
    CHECK(accepts(backend, "SELECT l.id FROM a AS l RIGHT JOIN b AS r ON l.x = r.x") ==
          can.right_join);
    CHECK(accepts(backend, "SELECT l.id FROM a AS l FULL JOIN b AS r ON l.x = r.x") ==
          can.full_join);
    CHECK(accepts(backend, "SELECT id FROM a ORDER BY x NULLS FIRST") == can.nulls_ordering);
    // B29: what one statement has, another of the same server may lack.
    CHECK(accepts(backend, "DELETE FROM a WHERE id = 1 RETURNING x") == can.delete_returning);
    CHECK(accepts(backend, "WITH c AS (SELECT id FROM a) SELECT id FROM c") ==
          can.common_table_expressions);
    CHECK(accepts(backend, "SELECT id, ROW_NUMBER() OVER (ORDER BY id) FROM a") ==
          can.window_functions);
}

TEST_CASE("DIA-08 B29 capabilities about types and defaults agree with what the server takes") {
    Backend backend;
    const Capabilities& can = backend.can();
    const auto creates = [&](const char* columns, const char* wrong) {
        return accepts(backend, [&](Connection& connection) {
            connection.execute_script(std::string("CREATE TABLE probe (") + columns + ")");
            // A type that the server only tolerates takes anything.
            bool refused = false;
            try {
                connection.execute_script(std::string("INSERT INTO probe (x) VALUES (") + wrong +
                                          ")");
            } catch (const DatabaseError&) {
                refused = true;
            }
            connection.execute_script("DROP TABLE probe");
            if (!refused) connection.execute_script("no type of its own");
        });
    };
    CHECK(creates("x UUID", "'no uuid'") == can.uuid_type);
    CHECK(accepts(backend, [](Connection& connection) {
              connection.execute_script("CREATE SEQUENCE counter START WITH 5");
              connection.execute_script("DROP SEQUENCE counter");
          }) == can.sequences);
    CHECK(accepts(backend, [](Connection& connection) {
              connection.execute_script(
                  "CREATE TABLE computed (x VARCHAR(20) DEFAULT (lower('A')))");
          }) == can.expression_defaults);
    if (can.json_type) CHECK(creates("x JSON", "'{no json'"));
    const bool has_arrays = accepts(backend, "SELECT (ARRAY[1, 2])[2]");
    CHECK(has_arrays == can.array_type);
    // Nobody but PostgreSQL spells it this way.
    const bool has_functions = accepts(backend, "SELECT JSON_EXTRACT('[1]', '$[0]')") ||
                               accepts(backend, "SELECT '[1]'::jsonb -> 0");
    CHECK(has_functions == can.json_functions);
}

TEST_CASE("B29 text as large as the capabilities say comes back, and one byte too many is refused "
          "before it is sent") {
    Backend backend;
    const std::uint64_t most = backend.can().max_value_bytes;
    if (most == 0 || most > 64'000'000) {
        test::skip("this backend takes more than a test should hold in memory");
        return;
    }
    struct Page {
        std::int64_t id{};
        std::string text;
        static void describe(Mapping<Page>& page) {
            page.table("pages");
            page.column<&Page::id>().primary_key();
            page.column<&Page::text>();
        }
    };
    backend->create_all<Page>();
    Session session = backend->session();
    const auto page = session.add(Page{.text = std::string(most, 'x')});
    session.commit();
    Session reader = backend->session();
    CHECK(reader.get<Page>(page->id)->text.size() == most);
    page->text = std::string(most + 2'048, 'x');
    try {
        session.commit();
        FAIL("it was stored");
    } catch (const DataError& error) {
        CHECK(error.native_code() == 0); // ours, not the server's
        CHECK(error.where().find("text") != std::string::npos);
    }
}

TEST_CASE("DIA-08 capabilities about the schema agree with what the server enforces") {
    Backend backend;
    const Capabilities& can = backend.can();
    backend->create_all<Sample>();
    const bool refused = !stored(backend, {.small = 1'000, .text = "too large"});
    CHECK(refused == can.check_constraints);
    CHECK(stored(backend, {.small = 999, .text = "small enough"}));

    backend.run("CREATE TABLE parent (id INTEGER PRIMARY KEY)");
    backend.run("CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER)");
    CHECK(
        accepts(backend, [](Connection& connection) {
            connection.execute_script(
                "ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (parent) REFERENCES parent (id)");
        }) == can.alter_constraints);
    CHECK(accepts(backend, [](Connection& connection) {
              connection.execute_script(
                  "CREATE TABLE late (id INTEGER PRIMARY KEY, parent INTEGER, FOREIGN KEY (parent) "
                  "REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)");
              Transaction transaction(connection);
              connection.execute_script("INSERT INTO late (id, parent) VALUES (1, 5)");
              connection.execute_script("INSERT INTO parent (id) VALUES (5)");
              transaction.commit();
          }) == can.deferrable_foreign_keys);
    {
        Connection connection = backend->engine().connect();
        Transaction transaction(connection);
        connection.execute_script("CREATE TABLE undone (id INTEGER PRIMARY KEY)");
        transaction.rollback();
    }
    CHECK(accepts(backend, "SELECT id FROM undone") == !can.transactional_ddl);
}

TEST_CASE("DIA-08 capabilities about values agree with what comes back") {
    Backend backend;
    const Capabilities& can = backend.can();
    backend->create_all<Sample>();
    CHECK(keeps_number(backend, std::numeric_limits<double>::quiet_NaN()) == can.nan);
    CHECK(keeps_number(backend, std::numeric_limits<double>::infinity()) == can.infinity);
    CHECK(keeps_number(backend, -0.0) == can.negative_zero);

    const std::string with_nul("a\0b", 3);
    const auto text = stored(backend, {.text = with_nul});
    CHECK((text && text->text == with_nul) == can.nul_in_text);

    const DateTime moment =
        utc_now() - std::chrono::microseconds(utc_now().time_since_epoch().count() % 1'000'000) +
        std::chrono::microseconds(123'456);
    const auto back = stored(backend, {.text = "case", .moment = moment});
    REQUIRE(back);
    CHECK((back->moment == moment) == can.fractional_seconds);

    Session session = backend->session();
    CHECK((session.query<Sample>().where(col(&Sample::text) == "CASE").count() == 0) ==
          can.case_sensitive_text);
    CHECK((session.query<Sample>().where(col(&Sample::text) == "case ").count() == 0) ==
          can.trailing_blanks);
    CHECK((session.query<Sample>()
               .where(col(&Sample::text) == "case")
               .update(set(&Sample::text, "case")) == 1) == can.update_counts_matched_rows);
}

TEST_CASE("DIA-08 the largest number of parameters and the longest name are accepted") {
    Backend backend;
    const Capabilities& can = backend.can();
    backend->create_all<Sample>();
    const std::size_t count = std::min<std::size_t>(can.max_binds, 65'535);
    std::vector<Value> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = Value(static_cast<std::int64_t>(i));
    Connection connection = backend->engine().connect();
    ast::Select select;
    select.columns = {ast::column("samples", "id", BigInteger())};
    select.from = {mapper_of<Sample>().table_ref()};
    select.where = {ast::in(ast::column("samples", "id", BigInteger()), values)};
    CHECK(connection.fetch_all(select).empty());

    const std::string name(std::min<std::size_t>(can.max_identifier_length, 1'000), 'n');
    backend->add(Table{name, Column(name, Integer()).primary_key()});
    backend->create_all<>();
    const auto inspector = backend->engine().dialect().inspector(connection.driver());
    CHECK(inspector->has_table(name));
    CHECK(inspector->columns(name).at(0).name == name);
}
