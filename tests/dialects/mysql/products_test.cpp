// SPDX-License-Identifier: MIT
// Two products speak one protocol: which of them has answered, and what follows from it.
#include "mysql_dialect.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/schema/ddl.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/log.hpp>

using namespace mercator;

namespace {

struct Warnings final : LogSink {
    void write(LogLevel level, std::string_view message) override {
        if (level == LogLevel::Warning) texts.emplace_back(message);
    }
    std::vector<std::string> texts;
};

struct Product {
    const char* variable;
    const char* scheme;
    const char* name;
};
constexpr Product products[] = {{"MERCATOR_TEST_MARIADB", "mariadb", "MariaDB"},
                                {"MERCATOR_TEST_MYSQL", "mysql", "MySQL"}};

/// The dialect after it has met the server by that scheme, and what it had to say.
struct Meeting {
    Meeting(const char* uri, const char* scheme, const char* driver) {
        Url url = Url::parse(uri);
        url.scheme = scheme;
        url.driver = driver;
        ConnectOptions options;
        options.log = warnings;
        link = dialect->connect(url, options);
        dialect->initialize(*link);
    }
    std::shared_ptr<Warnings> warnings = std::make_shared<Warnings>();
    std::unique_ptr<Dialect> dialect = mysql_test::load_dialect();
    std::unique_ptr<DriverConnection> link;
};

/// Runs the body for each product that is there, by each driver.
template <class Body>
void with_each(Body body) {
    bool any = false;
    for (const Product& product : products) {
        const char* uri = std::getenv(product.variable);
        if (uri == nullptr) continue;
        any = true;
        for (const char* driver : {"connectorcpp", "c"}) {
            CAPTURE(product.name);
            CAPTURE(driver);
            body(product, uri, driver);
        }
    }
    if (!any) mysql_test::skip_without("MERCATOR_TEST_MARIADB, like MERCATOR_TEST_MYSQL,");
}

} // namespace

TEST_CASE("DIA-12 an address that names the other product works, with one warning in the log") {
    with_each([](const Product& product, const char* uri, const char* driver) {
        CHECK(Meeting(uri, product.scheme, driver).warnings->texts.empty());
        const char* other = products[product.scheme == products[0].scheme ? 1 : 0].scheme;
        const Meeting meeting(uri, other, driver);
        REQUIRE(meeting.warnings->texts.size() == 1);
        const std::string& text = meeting.warnings->texts.front();
        CHECK(text.find(std::string(other) + "://") != std::string::npos);
        CHECK(text.find(std::string("write ") + product.scheme + "://") != std::string::npos);
        CHECK(text.find("secret") == std::string::npos);
        CHECK(meeting.dialect->capabilities().product == product.name);
    });
}

TEST_CASE("DIA-11 DIA-12 RETURNING is spelled for the product that has it") {
    with_each([](const Product& product, const char* uri, const char* driver) {
        const Meeting meeting(uri, product.scheme, driver);
        ast::Insert insert;
        insert.table = mysql_test::table("t");
        insert.columns = {{"a", Integer(), true}};
        insert.rows = 1;
        insert.returning = {{"id", Integer(), false}};
        if (meeting.dialect->capabilities().insert_returning) {
            CHECK(meeting.dialect->compile(insert).sql.find("RETURNING") != std::string::npos);
        } else {
            CHECK_THROWS_AS(static_cast<void>(meeting.dialect->compile(insert)), UnsupportedError);
        }
    });
}

TEST_CASE(
    "DIA-11 TYP-02 a key too long for this server is refused when it is declared, with the way "
    "out; the longest that fits is made") {
    with_each([](const Product& product, const char* uri, const char* driver) {
        const Meeting meeting(uri, product.scheme, driver);
        const auto create = [&](std::uint32_t length) {
            Table table("keyed", Column("id", Integer()).primary_key(),
                        Column("name", String(length)).unique());
            table.complete();
            meeting.link->execute_script("DROP TABLE IF EXISTS `keyed`");
            meeting.link->execute_script(
                meeting.dialect->ddl().compile(CreateTable{&table, false, {}}));
        };
        CHECK_NOTHROW(create(191));
        bool long_ones = true;
        try {
            create(768);
        } catch (const CompileError& error) {
            long_ones = false;
            const std::string text = error.what();
            CHECK(error.where() == "keyed.name");
            CHECK(text.find("String(191)") != std::string::npos);
            CHECK(text.find("innodb_large_prefix") != std::string::npos);
        }
        CHECK(long_ones == meeting.dialect->capabilities().common_table_expressions);
        CHECK_THROWS_AS(create(769), CompileError);
        meeting.link->execute_script("DROP TABLE IF EXISTS `keyed`");
    });
}

TEST_CASE("DIA-11 where the server's settings allow long keys, the table gets the row format for "
          "them") {
    const char* uri = std::getenv("MERCATOR_TEST_MYSQL");
    if (uri == nullptr) {
        mysql_test::skip_without("MERCATOR_TEST_MYSQL");
        return;
    }
    Meeting meeting(uri, "mysql", "c");
    meeting.link->execute_script(
        "SET GLOBAL innodb_large_prefix = ON; SET GLOBAL innodb_file_format = 'Barracuda'");
    meeting.dialect->initialize(*meeting.link);
    Table table("keyed", Column("id", Integer()).primary_key(),
                Column("name", String(768)).unique());
    table.complete();
    const std::string sql = meeting.dialect->ddl().compile(CreateTable{&table, false, {}});
    CHECK(sql.ends_with(" ROW_FORMAT=DYNAMIC"));
    CHECK_NOTHROW(meeting.link->execute_script("DROP TABLE IF EXISTS `keyed`; " + sql));
    meeting.link->execute_script(
        "DROP TABLE `keyed`; SET GLOBAL innodb_large_prefix = OFF; SET GLOBAL innodb_file_format = "
        "'Antelope'");
}

TEST_CASE("DIA-11 a default that this server cannot compute is refused when it is declared") {
    with_each([](const Product& product, const char* uri, const char* driver) {
        const Meeting meeting(uri, product.scheme, driver);
        Table table("d", Column("id", Integer()).primary_key(),
                    Column("note", Text()).server_default(ast::literal(Value("x"))));
        table.complete();
        const auto compile = [&] {
            return meeting.dialect->ddl().compile(CreateTable{&table, false, {}});
        };
        if (meeting.dialect->capabilities().expression_defaults) {
            meeting.link->execute_script("DROP TABLE IF EXISTS `d`; " + compile() +
                                         "; DROP TABLE `d`");
        } else {
            CHECK_THROWS_AS(static_cast<void>(compile()), UnsupportedError);
        }
    });
}

TEST_CASE(
    "DIA-11 a name with a character beyond U+FFFF is refused, where some servers would store a "
    "question mark") {
    const auto dialect = mysql_test::load_dialect();
    Table table("\U0001F600", Column("id", Integer()).primary_key());
    table.complete();
    CHECK_THROWS_AS(static_cast<void>(dialect->ddl().compile(CreateTable{&table, false, {}})),
                    CompileError);
}

TEST_CASE("B23 KEY-32 a server that speaks German gives the same classes and names") {
    with_each([](const Product& product, const char* uri, const char* driver) {
        const Meeting before(uri, product.scheme, driver);
        before.link->execute_script("SET GLOBAL lc_messages = 'de_DE'");
        const Meeting meeting(uri, product.scheme, driver);
        before.link->execute_script("SET GLOBAL lc_messages = 'en_US'");
        meeting.link->execute_script(
            "DROP TABLE IF EXISTS kind; DROP TABLE IF EXISTS eltern;"
            "CREATE TABLE eltern (id INT PRIMARY KEY, name VARCHAR(9) NOT NULL, UNIQUE uq_name "
            "(name));"
            "CREATE TABLE kind (id INT PRIMARY KEY, von INT, CONSTRAINT fk_von FOREIGN KEY (von) "
            "REFERENCES eltern (id)); INSERT INTO eltern VALUES (1, 'a')");
        const auto fails = [&](const char* sql) {
            return [&meeting, sql] { meeting.link->execute_script(sql); };
        };
        using mysql_test::caught;
        CHECK(caught<UniqueViolation>(fails("INSERT INTO eltern VALUES (2, 'a')")).constraint() ==
              "uq_name");
        CHECK(caught<NotNullViolation>(fails("INSERT INTO eltern VALUES (2, NULL)")).column() ==
              "name");
        CHECK(caught<ForeignKeyViolation>(fails("INSERT INTO kind VALUES (1, 7)")).constraint() ==
              "fk_von");
        // Whoever chooses the language anew still gets the classes, which hang on numbers.
        meeting.link->execute_script("SET lc_messages = 'de_DE'");
        const auto missing = caught<ProgrammingError>(fails("SELECT nothing FROM eltern"));
        CHECK(std::string(missing.what()).find("Unbekanntes") != std::string::npos); // German it is
        CHECK(missing.native_code() == 1054);
        CHECK_THROWS_AS(fails("INSERT INTO eltern VALUES (2, 'a')")(), UniqueViolation);
        CHECK_THROWS_AS(fails("INSERT INTO kind VALUES (1, 7)")(), ForeignKeyViolation);
        meeting.link->execute_script("DROP TABLE kind; DROP TABLE eltern");
    });
}
