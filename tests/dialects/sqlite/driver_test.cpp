// SPDX-License-Identifier: MIT
#include "sqlite_door.hpp"

#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <fstream>
#include <limits>
#include <optional>

using namespace mercator;
namespace m = mercator::ast;
using sqlite_test::address;
using sqlite_test::Folder;
using sqlite_test::Link;

namespace {

struct Row {
    std::int64_t id = 0;
    std::int32_t small = 0;
    double score = 0;
    std::string name;
    std::optional<std::string> note;
    Bytes data;
    Decimal price;
    Decimal big;
    DateTime made;
    Date day{std::chrono::year(2000), std::chrono::month(1), std::chrono::day(1)};
    bool flag = false;
};

Field field(std::size_t offset, FieldKind kind, SqlType type, std::string_view where,
            bool optional = false) {
    Field f;
    f.offset = static_cast<std::uint32_t>(offset);
    f.kind = kind;
    f.optional = optional;
    f.type = type;
    f.where = where;
    return f;
}

std::vector<Field> row_fields() {
    return {
        field(offsetof(Row, id), FieldKind::Int64, BigInteger(), "Row.id"),
        field(offsetof(Row, small), FieldKind::Int32, Integer(), "Row.small"),
        field(offsetof(Row, score), FieldKind::Double, Double(), "Row.score"),
        field(offsetof(Row, name), FieldKind::String, String(8), "Row.name"),
        field(offsetof(Row, note), FieldKind::String, Text(), "Row.note", true),
        field(offsetof(Row, data), FieldKind::Bytes, LargeBinary(), "Row.data"),
        field(offsetof(Row, price), FieldKind::Decimal, Numeric(10, 2), "Row.price"),
        field(offsetof(Row, big), FieldKind::Decimal, Numeric(38, 10), "Row.big"),
        field(offsetof(Row, made), FieldKind::DateTime, SqlType(TypeKind::DateTime), "Row.made"),
        field(offsetof(Row, day), FieldKind::Date, SqlType(TypeKind::Date), "Row.day"),
        field(offsetof(Row, flag), FieldKind::Boolean, Boolean(), "Row.flag")};
}

constexpr const char* names[] = {"id",    "small", "score", "name", "note", "data",
                                 "price", "big",   "made",  "day",  "flag"};
constexpr const char* create_rows =
    "CREATE TABLE rows (id INTEGER PRIMARY KEY, small INTEGER, score REAL, name TEXT, note TEXT, "
    "data BLOB, price INTEGER, big TEXT, made TEXT, day TEXT, flag INTEGER)";

m::Insert insert_of(std::uint32_t rows) {
    auto table = std::make_shared<m::TableRef>();
    table->name = "rows";
    m::Insert insert;
    insert.table = table;
    const auto fields = row_fields();
    for (std::size_t i = 0; i < fields.size(); ++i)
        insert.columns.push_back({names[i], fields[i].type, true});
    insert.form = rows == 1 ? m::BatchForm::Single : m::BatchForm::MultiRow;
    insert.rows = rows;
    return insert;
}

const std::byte* bytes_of(const Row& row) {
    return static_cast<const std::byte*>(static_cast<const void*>(&row));
}

void insert_rows(const Link& link, const std::vector<Row>& rows) {
    const auto statement = link.prepare(insert_of(static_cast<std::uint32_t>(rows.size())));
    std::vector<const std::byte*> objects;
    for (const Row& row : rows) objects.push_back(bytes_of(row));
    statement->execute(BindPlan{row_fields()}, objects);
    CHECK(statement->affected_rows() == rows.size());
    statement->reset();
}

DecodePlan plan_of(const std::vector<Field>& fields) {
    DecodePlan plan;
    for (std::size_t i = 0; i < fields.size(); ++i)
        plan.steps.push_back({static_cast<std::uint16_t>(i), 0, fields[i]});
    return plan;
}

std::vector<Row> read_rows(const Link& link) {
    const auto statement = link.prepare_text("SELECT * FROM rows ORDER BY id");
    statement->execute(std::span<const Value>());
    const DecodePlan plan = plan_of(row_fields());
    std::vector<Row> rows;
    for (;;) {
        Row row;
        std::byte* target = static_cast<std::byte*>(static_cast<void*>(&row));
        if (!statement->fetch(plan, &target)) break;
        rows.push_back(row);
    }
    statement->reset();
    return rows;
}

/// Reads one cell into an int32 member; the message of the DataError, or "" and the value in `out`.
std::string read_int32(const Link& link, const std::string& sql, std::int32_t& out) {
    const auto statement = link.prepare_text(sql);
    statement->execute(std::span<const Value>());
    const DecodePlan plan = plan_of({field(0, FieldKind::Int32, Integer(), "Thing.number")});
    std::byte* target = static_cast<std::byte*>(static_cast<void*>(&out));
    std::string message;
    try {
        const bool found = statement->fetch(plan, &target);
        CHECK(found);
    } catch (const DataError& error) {
        CHECK(error.where() == "Thing.number");
        message = error.what();
    }
    statement->reset();
    return message;
}

void insert_value(const Link& link, SqlType type, const Value& value) {
    const auto statement = link.prepare_text("INSERT INTO v VALUES (?)", {type});
    const std::vector<Value> values{value};
    statement->execute(values);
    statement->reset();
}

} // namespace

TEST_CASE(
    "TYP-01 TYP-02 TYP-03 TYP-05 TYP-08 every kind of member survives a batch insert and a read") {
    const Link link;
    link.connection->execute_script(create_rows);
    Row a;
    a.id = std::numeric_limits<std::int64_t>::min();
    a.small = std::numeric_limits<std::int32_t>::max();
    a.score = 0.1 + 0.2;
    a.name = "Stra\xc3\x9f"
             "e\xf0\x9f\x98\x80";
    a.data = Bytes{std::byte{0}, std::byte{255}, std::byte{0}};
    a.price = Decimal("-19.99");
    a.big = Decimal("-9999999999999999999999999999.1234567891");
    a.made = *parse_date_time("0001-01-01 00:00:00.000001");
    a.day = Date(std::chrono::year(9999), std::chrono::month(12), std::chrono::day(31));
    a.flag = true;
    Row b;
    b.id = std::numeric_limits<std::int64_t>::max();
    b.note = std::string("ab\0cd", 5);
    b.made = *parse_date_time("2024-02-29 23:59:59.999999");
    insert_rows(link, {a, b});
    const auto rows = read_rows(link);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].id == a.id);
    CHECK(rows[0].small == a.small);
    CHECK(rows[0].score == a.score);
    CHECK(rows[0].name == a.name);
    CHECK_FALSE(rows[0].note.has_value());
    CHECK(rows[0].data == a.data);
    CHECK(rows[0].price == a.price);
    CHECK(rows[0].big == a.big);
    CHECK(rows[0].made == a.made);
    CHECK(rows[0].day == a.day);
    CHECK(rows[0].flag);
    CHECK(rows[1].note == b.note);
    CHECK(rows[1].made == b.made);
    CHECK(rows[1].data.empty());
    CHECK(link.cell("SELECT typeof(data) FROM rows WHERE id > 0") == Value("blob"));
    CHECK(link.cell("SELECT price FROM rows WHERE id < 0") == Value(-1999));
}

TEST_CASE("TYP-10 long decimals sort as numbers do") {
    const Link link;
    link.connection->execute_script("CREATE TABLE v (x TEXT)");
    const SqlType type = Numeric(38, 10);
    const char* sorted[] = {"-10000000000000000000000000.5",
                            "-123.5",
                            "-123.45",
                            "-20",
                            "-19.5",
                            "-19",
                            "-0.5",
                            "0",
                            "0.0000000001",
                            "0.5",
                            "9",
                            "19.99",
                            "20",
                            "100"};
    for (const char* text :
         {"100", "-19", "0", "9", "0.5", "-123.45", "-0.5", "19.99", "-19.5", "20", "-123.5",
          "0.0000000001", "-20", "-10000000000000000000000000.5"}) {
        insert_value(link, type, Decimal(text));
    }
    const auto statement = link.prepare_text("SELECT x FROM v ORDER BY x", {}, {type});
    statement->execute(std::span<const Value>());
    std::vector<Value> row;
    for (const char* text : sorted) {
        REQUIRE(statement->fetch(row));
        CHECK(row[0] == Value(*Decimal(text).rescaled(10)));
    }
    statement->reset();
}

TEST_CASE("TYP-01 TYP-31 what does not fit a member is a DataError that names it") {
    const Link link;
    std::int32_t number = 7;
    CHECK(read_int32(link, "SELECT 2147483648", number) != "");
    CHECK(read_int32(link, "SELECT NULL", number) != "");
    CHECK(read_int32(link, "SELECT '12abc'", number) != "");
    CHECK(read_int32(link, "SELECT x'00'", number) != "");
    CHECK(read_int32(link, "SELECT 1.5", number) != "");
    CHECK(number == 7);
    CHECK(read_int32(link, "SELECT -2147483648", number) == "");
    CHECK(number == std::numeric_limits<std::int32_t>::min());
}

TEST_CASE("TYP-02 TYP-07 TYP-10 a value that would be changed silently is refused and nothing is "
          "stored") {
    const Link link;
    link.connection->execute_script("CREATE TABLE v (x)");
    CHECK_THROWS_AS(insert_value(link, Double(), std::nan("")), DataError);
    CHECK_THROWS_AS(insert_value(link, String(3), "\xc3\xa4\xc3\xb6\xc3\xbcx"), DataError);
    CHECK_THROWS_AS(insert_value(link, Text(), "\xff"), DataError);
    CHECK_THROWS_AS(insert_value(link, Text(), "\xed\xa0\x80"), DataError);
    CHECK_THROWS_AS(insert_value(link, Text(), "abcdefgh\xc0\xaf"), DataError);
    CHECK_THROWS_AS(insert_value(link, Numeric(4, 2), Decimal("100")), DataError);
    CHECK_THROWS_AS(insert_value(link, Numeric(4, 2), Decimal("1.005")), DataError);
    CHECK_THROWS_AS(insert_value(link, Numeric(38, 10), Decimal("0.12345678901")), DataError);
    CHECK_THROWS_AS(
        insert_value(link, SqlType(TypeKind::UInt64), std::numeric_limits<std::uint64_t>::max()),
        DataError);
    CHECK_THROWS_AS(insert_value(link, Integer(), "text"), DataError);
    CHECK(link.cell("SELECT count(*) FROM v") == Value(0));
    insert_value(link, String(3), "\xc3\xa4\xc3\xb6\xc3\xbc");
    insert_value(link, Double(), std::numeric_limits<double>::infinity());
    CHECK(link.cell("SELECT count(*) FROM v") == Value(2));
}

TEST_CASE("foreign numbers are read by their fifteen digits") {
    const Link link;
    link.connection->execute_script("CREATE TABLE v (x NUMERIC(10,2))");
    const SqlType type = Numeric(10, 2, DecimalStorage::Number);
    insert_value(link, type, Decimal("0.99"));
    CHECK(link.cell("SELECT typeof(x) FROM v") == Value("real"));
    CHECK(link.cell("SELECT x FROM v", type) == Value(Decimal("0.99")));
}

TEST_CASE("RETURNING gives the keys of a batch in the order of its rows") {
    const Link link;
    link.connection->execute_script("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)");
    m::Insert insert;
    auto table = std::make_shared<m::TableRef>();
    table->name = "t";
    insert.table = table;
    insert.columns = {{"n", Integer()}};
    insert.returning = {{"id", BigInteger()}};
    insert.form = m::BatchForm::MultiRow;
    insert.rows = 3;
    const auto statement = link.prepare(insert);
    const std::vector<Value> values{7, 8, 9};
    statement->execute(values);
    std::vector<Value> row;
    for (int i = 1; i <= 3; ++i) {
        REQUIRE(statement->fetch(row));
        CHECK(row[0] == Value(i));
    }
    CHECK_FALSE(statement->fetch(row));
    CHECK_FALSE(statement->fetch(row));
    CHECK(statement->affected_rows() == 3);
    statement->reset();
    statement->execute(values); // and nobody reads the keys
    statement->reset();
    CHECK(link.cell("SELECT count(*) FROM t") == Value(6));

    insert.columns.clear();
    insert.returning.clear();
    const auto defaults = link.prepare(insert);
    defaults->execute(std::span<const Value>());
    defaults->reset();
    CHECK(link.cell("SELECT max(id) FROM t WHERE n IS NULL") == Value(9));
}

TEST_CASE("errors have the class of their code and the names SQLite tells") {
    const Link link;
    link.connection->execute_script(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT "
        "UNIQUE, b TEXT NOT NULL DEFAULT '', p INTEGER REFERENCES p, CONSTRAINT ck_a CHECK (a <> "
        "'x'));"
        "INSERT INTO t (a) VALUES ('dup')");
    try {
        link.connection->execute_script("INSERT INTO t (a) VALUES ('dup')");
        FAIL("no violation");
    } catch (const UniqueViolation& error) {
        CHECK(error.table() == "t");
        CHECK(error.column() == "a");
        CHECK(error.constraint() == "t.a");
    }
    CHECK_THROWS_AS(link.connection->execute_script("INSERT INTO t (b) VALUES (NULL)"),
                    NotNullViolation);
    CHECK_THROWS_AS(link.connection->execute_script("INSERT INTO t (a) VALUES ('x')"),
                    CheckViolation);
    CHECK_THROWS_AS(link.connection->execute_script("INSERT INTO t (p) VALUES (99)"),
                    ForeignKeyViolation);
    CHECK_THROWS_AS(link.connection->execute_script("SELECT * FROM nowhere"), ProgrammingError);
    CHECK_THROWS_AS(link.connection->execute_script("SELECT \"no_such_column\""), ProgrammingError);
    CHECK_THROWS_AS(static_cast<void>(link.prepare_text("SELECT 1; SELECT 2")), ProgrammingError);
    CHECK_FALSE(link.connection->is_broken());
}

TEST_CASE("a violated key has the name that the schema gave it, however the schema is spelled") {
    const Link link;
    link.connection->execute_script(
        "create table `my.t` ([a b] int, c text collate nocase default 'CONSTRAINT no UNIQUE (c)', "
        "\"d\"\"\" int, e int, f int, "
        "/* constraint no unique (c), */ constraint 'one' -- unique (\n unique (c collate nocase), "
        "constraint [two] primary key "
        "(\"d\"\"\" desc , `a b`), unique (e), constraint three check (e <> f));"
        "create unique index \"four, five\" on [my.t] (f, e) where f > 0; create index six on "
        "\"my.t\" (e);"
        "create table my (t int constraint seven unique);"
        "insert into \"my.t\" values (1, 'x', 1, 1, 2)");
    const auto violated = [&link](const std::string& sql) -> std::string {
        try {
            link.connection->execute_script(sql);
        } catch (const UniqueViolation& error) {
            return error.constraint();
        }
        return "nothing";
    };
    CHECK(violated("insert into \"my.t\" values (2, 'X', 2, 2, 3)") == "one");
    CHECK(violated("insert into \"my.t\" values (1, 'y', 1, 2, 3)") == "two");
    CHECK(violated("insert into \"my.t\" values (2, 'y', 2, 1, 3)") == "my.t.e"); // it has none
    link.connection->begin(TransactionMode::Write);
    CHECK(violated("drop table my; create table u (x int, y int, constraint [] unique (x)); create "
                   "unique index eight on u (y);"
                   "insert into u values (1, 1); insert into u values (2, 1)") == "eight");
    CHECK(link.connection->in_transaction());
    CHECK(violated("insert into u values (1, 3)") == "u.x");
    link.connection->rollback();
    CHECK(violated("insert into my values (1), (1)") == "seven"); // named within its column
}

TEST_CASE("a commit that finds the file busy leaves the transaction open") {
    const Folder folder;
    auto url = address(folder.file("busy.db"));
    url.options["journal_mode"] = "delete";
    const Link writer(url);
    const Link reader(url);
    writer.connection->execute_script("CREATE TABLE t (x)");
    reader.connection->begin(TransactionMode::Read);
    const auto select = reader.prepare_text("SELECT count(*) FROM t");
    select->execute(std::span<const Value>());
    std::vector<Value> row;
    CHECK(select->fetch(row));
    writer.connection->begin(TransactionMode::Write);
    writer.connection->execute_script("INSERT INTO t VALUES (1)");
    CHECK_THROWS_AS(writer.connection->commit(), TimeoutError);
    CHECK(writer.connection->in_transaction());
    select->reset();
    reader.connection->rollback();
    writer.connection->commit();
    CHECK_FALSE(writer.connection->in_transaction());
    CHECK(reader.cell("SELECT count(*) FROM t") == Value(1));
}

TEST_CASE("a reader that turns writer behind another writer gets a SerializationError") {
    const Folder folder;
    const Link a(address(folder.file("wal.db")));
    const Link b(address(folder.file("wal.db")));
    CHECK(a.cell("PRAGMA journal_mode") == Value("wal"));
    a.connection->execute_script("CREATE TABLE t (x)");
    a.connection->begin(TransactionMode::Read);
    CHECK(a.cell("SELECT count(*) FROM t") == Value(0));
    b.connection->execute_script("INSERT INTO t VALUES (1)");
    CHECK_THROWS_AS(a.connection->execute_script("INSERT INTO t VALUES (2)"), SerializationError);
    a.connection->reset();
    CHECK_FALSE(a.connection->in_transaction());
}

TEST_CASE("savepoints may have any name") {
    const Link link;
    link.connection->execute_script("CREATE TABLE t (x)");
    link.connection->begin(TransactionMode::Read);
    link.connection->savepoint("a\"; DROP TABLE t; --");
    link.connection->execute_script("INSERT INTO t VALUES (1)");
    link.connection->rollback_to_savepoint("a\"; DROP TABLE t; --");
    link.connection->release_savepoint("a\"; DROP TABLE t; --");
    link.connection->commit();
    CHECK(link.cell("SELECT count(*) FROM t") == Value(0));
    CHECK_THROWS_AS(link.connection->commit(), OperationalError);
}

TEST_CASE("DDL-06 a file that cannot be opened says why") {
    const Folder folder;
    const auto message_of = [](const Url& url) -> std::string {
        try {
            const Link link(url);
        } catch (const OperationalError& error) {
            return error.what();
        }
        return "";
    };
    CHECK(message_of(address(folder.file("missing/shop.db"))).find("does not exist") !=
          std::string::npos);
    CHECK(message_of(address(folder.file(""))).find("folder") != std::string::npos);
    std::ofstream(folder.file("text.db")) << std::string(4096, 'x');
    const std::string message = message_of(address(folder.file("text.db")));
    CHECK(message.find("text.db") != std::string::npos);
    CHECK(message.find("not an SQLite database") != std::string::npos);
    auto existing = address(folder.file("new.db"));
    existing.options["mode"] = "rw";
    CHECK(message_of(existing).find("does not exist") != std::string::npos);
    existing.options["mode"] = "rwc";
    CHECK(message_of(existing).empty());
    existing.options["mode"] = "ro";
    const Link reader(existing);
    CHECK_THROWS_AS(reader.connection->execute_script("CREATE TABLE t (x)"), OperationalError);
}

TEST_CASE("an unknown option is named") {
    const auto dialect = sqlite_test::open_dialect();
    auto url = address("x.db");
    url.options["jornal_mode"] = "wal";
    try {
        dialect->check(url);
        FAIL("it was accepted");
    } catch (const ArgumentError& error) {
        CHECK(error.where() == "jornal_mode");
    }
    url.options = {{"synchronous", "normal; DROP TABLE t"}};
    CHECK_THROWS_AS(dialect->check(url), ArgumentError);
    url.options = {{"timeout", "2.5"}, {"mode", "RW"}, {"cache_size", "-4000"}};
    CHECK_NOTHROW(dialect->check(url));
    CHECK(dialect->shares_database(address("x.db")));
    CHECK_FALSE(dialect->shares_database(address(":memory:")));
}
