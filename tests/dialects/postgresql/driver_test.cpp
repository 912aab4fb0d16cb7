// SPDX-License-Identifier: MIT
#include "postgresql.hpp"

#include <mercator/schema/table.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

using namespace mercator;
using namespace postgresql_test;

namespace {

using ConnectionPtr = std::unique_ptr<DriverConnection>;

/// A connection that a case has for itself, with a schema of its own that is empty.
ConnectionPtr fresh(const Url& url) {
    auto own = url;
    own.options["search_path"] = "mercator_driver_test";
    auto connection = connect(own);
    connection->execute_script(
        "SET client_min_messages = warning; DROP SCHEMA IF EXISTS mercator_driver_test CASCADE; "
        "CREATE SCHEMA mercator_driver_test");
    return connection;
}

struct Everything {
    std::int64_t id = 0;
    bool flag = false;
    std::int16_t small = 0;
    std::int32_t medium = 0;
    std::int64_t large = 0;
    std::uint64_t unsigned_large = 0;
    float real = 0;
    double number = 0;
    std::string text;
    Bytes bytes;
    Decimal amount;
    DateTime moment{};
    Date day{};
    std::optional<std::string> note;
    std::optional<std::int32_t> count;

    bool operator==(const Everything&) const = default;
};

#define FIELD(member, sql, kind_, is_optional)                                                     \
    Field {                                                                                        \
        offsetof(Everything, member), kind_, is_optional, sql, nullptr, "Everything." #member      \
    }

const std::vector<Field>& fields() {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
    static const std::vector<Field> all{
        FIELD(id, BigInteger(), FieldKind::Int64, false),
        FIELD(flag, Boolean(), FieldKind::Boolean, false),
        FIELD(small, SmallInteger(), FieldKind::Int16, false),
        FIELD(medium, Integer(), FieldKind::Int32, false),
        FIELD(large, BigInteger(), FieldKind::Int64, false),
        FIELD(unsigned_large, SqlType(TypeKind::UInt64), FieldKind::UInt64, false),
        FIELD(real, Float(), FieldKind::Float, false),
        FIELD(number, Double(), FieldKind::Double, false),
        FIELD(text, Text(), FieldKind::String, false),
        FIELD(bytes, LargeBinary(), FieldKind::Bytes, false),
        FIELD(amount, Numeric(38, 10), FieldKind::Decimal, false),
        FIELD(moment, DateTime(), FieldKind::DateTime, false),
        FIELD(day, Date(), FieldKind::Date, false),
        FIELD(note, String(5), FieldKind::String, true),
        FIELD(count, Integer(), FieldKind::Int32, true),
    };
#pragma GCC diagnostic pop
    return all;
}

Table everything_table() {
    Table table{"everything"};
    for (const Field& field : fields()) {
        Column column(std::string(field.where.substr(field.where.find('.') + 1)), field.type);
        if (table.columns.empty()) column.primary_key();
        if (!field.optional) column.nullable(false);
        table.add(std::move(column));
    }
    table.complete();
    return table;
}

std::vector<ast::TargetColumn> targets(std::size_t first, std::size_t last) {
    std::vector<ast::TargetColumn> columns;
    const Table table = everything_table();
    for (std::size_t i = first; i < last; ++i)
        columns.push_back(
            {table.columns[i].name, table.columns[i].type, table.columns[i].accepts_null()});
    return columns;
}

BindPlan bind_plan(std::size_t first, std::size_t last) {
    const auto begin = fields().begin();
    return {
        {begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(last)}};
}

DecodePlan decode_plan() {
    DecodePlan plan;
    for (const Field& field : fields())
        plan.steps.push_back({static_cast<std::uint16_t>(plan.steps.size()), 0, field});
    return plan;
}

std::shared_ptr<const Compiled> shared(Compiled made) {
    return std::make_shared<const Compiled>(std::move(made));
}

std::shared_ptr<const Compiled> insert_of(ast::BatchForm form, std::size_t first) {
    ast::Insert insert;
    insert.table = table("everything");
    insert.columns = targets(first, fields().size());
    if (first == 1 && form == ast::BatchForm::Arrays) insert.returning = targets(0, 1);
    insert.form = form;
    return shared(dialect().compile(insert));
}

std::vector<const std::byte*> addresses(const std::vector<Everything>& rows) {
    std::vector<const std::byte*> result;
    for (const auto& row : rows) result.push_back(reinterpret_cast<const std::byte*>(&row));
    return result;
}

std::vector<Everything> read_all(DriverConnection& connection) {
    std::string names;
    for (const auto& column : targets(0, fields().size()))
        names += (names.empty() ? "" : ", ") + column.name;
    const auto statement =
        connection.prepare(compiled("SELECT " + names + " FROM everything ORDER BY id"));
    statement->execute(std::span<const Value>{});
    const DecodePlan plan = decode_plan();
    std::vector<Everything> rows;
    for (Everything row;; rows.push_back(row)) {
        std::byte* target = reinterpret_cast<std::byte*>(&row);
        if (!statement->fetch(plan, &target)) break;
    }
    statement->reset();
    return rows;
}

Everything example(std::int64_t id) {
    Everything row;
    row.id = id;
    row.flag = id % 2 != 0;
    row.small = std::numeric_limits<std::int16_t>::min();
    row.medium = std::numeric_limits<std::int32_t>::max();
    row.large = std::numeric_limits<std::int64_t>::min();
    row.unsigned_large = std::numeric_limits<std::uint64_t>::max();
    row.real = 0.1F;
    row.number = 0.1 + 0.2;
    row.text = "Grüße, '\\\" \t 😀 " + std::to_string(id);
    row.bytes = {std::byte{0}, std::byte{0xff}, std::byte{'\\'}};
    row.amount = Decimal("-1234567890123456789012345678.0123456789");
    row.moment = *parse_date_time("2024-02-29 23:59:59.999999");
    row.day = *parse_date("0001-01-01");
    if (id % 2 == 0) row.note = "äöüß€";
    if (id % 3 == 0) row.count = -7;
    return row;
}

void create_everything(DriverConnection& connection) {
    const Table table = everything_table();
    connection.execute_script(dialect().ddl().compile(CreateTable{&table, false, {}}));
}

} // namespace

TEST_CASE("A31 every type survives hostile settings of the role, row by row and in arrays") {
    const auto url = server();
    if (!url) return;
    const auto admin = connect(*url);
    admin->execute_script(
        "SET client_min_messages = warning; DROP ROLE IF EXISTS mercator_hostile; "
        "CREATE ROLE mercator_hostile LOGIN SUPERUSER PASSWORD 'x'");
    for (const char* setting :
         {"DateStyle = 'SQL, DMY'", "IntervalStyle = 'sql_standard'", "bytea_output = 'escape'",
          "extra_float_digits = -15", "TimeZone = 'Asia/Kathmandu'",
          "standard_conforming_strings = off", "lc_messages = 'C'"})
        admin->execute_script(std::string("ALTER ROLE mercator_hostile SET ") + setting);
    auto hostile = *url;
    hostile.user = "mercator_hostile";
    hostile.password = "x";
    const auto connection = fresh(hostile);
    CHECK(value_of(*connection, "SHOW TimeZone") == Value("UTC"));
    CHECK(value_of(*connection, "SHOW standard_conforming_strings") == Value("on"));
    create_everything(*connection);
    for (const auto form : {ast::BatchForm::Single, ast::BatchForm::Arrays}) {
        std::vector<Everything> rows;
        for (std::int64_t id = 1; id <= 1200; ++id) rows.push_back(example(id));
        const auto statement = connection->prepare(insert_of(form, 0));
        statement->execute(bind_plan(0, fields().size()), addresses(rows));
        CHECK(statement->affected_rows() == rows.size());
        statement->reset();
        CHECK(read_all(*connection) == rows);
        connection->execute_script("TRUNCATE everything");
    }
    connection->execute_script("DROP SCHEMA mercator_driver_test CASCADE");
    connection->reset();
    admin->execute_script("DROP OWNED BY mercator_hostile; DROP ROLE mercator_hostile");
}

TEST_CASE("postgresql gives generated keys to arrays in the order of the rows") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    create_everything(*connection);
    std::vector<Everything> rows;
    for (std::int64_t id = 1; id <= 5000; ++id) rows.push_back(example(id));
    const auto statement = connection->prepare(insert_of(ast::BatchForm::Arrays, 1));
    for (int round = 0; round < 2; ++round) {
        connection->execute_script("TRUNCATE everything RESTART IDENTITY");
        statement->execute(bind_plan(1, fields().size()), addresses(rows));
        std::vector<Value> key;
        for (std::int64_t id = 1; id <= 5000; ++id) {
            REQUIRE(statement->fetch(key));
            REQUIRE(key.at(0) == Value(id));
        }
        CHECK_FALSE(statement->fetch(key));
        statement->reset();
        CHECK(read_all(*connection) == rows);
    }
}

TEST_CASE("postgresql updates and deletes by arrays and counts the rows") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    create_everything(*connection);
    std::vector<Everything> rows{example(1), example(2), example(3)};
    connection->prepare(insert_of(ast::BatchForm::Arrays, 0))
        ->execute(bind_plan(0, fields().size()), addresses(rows));

    ast::Update update;
    update.table = table("everything");
    update.columns = targets(8, 9);
    update.keys = targets(0, 1);
    update.form = ast::BatchForm::Arrays;
    for (auto& row : rows) row.text = "new " + std::to_string(row.id);
    auto changed = rows;
    changed.push_back(example(99));
    const auto statement = connection->prepare(shared(dialect().compile(update)));
    statement->execute({{fields()[8], fields()[0]}}, addresses(changed));
    CHECK(statement->affected_rows() == 3);
    CHECK(read_all(*connection) == rows);

    for (const std::size_t keys : {std::size_t{1}, std::size_t{2}}) {
        ast::Delete removal;
        removal.table = table("everything");
        removal.keys = targets(0, keys);
        removal.form = ast::BatchForm::Arrays;
        const auto deletion = connection->prepare(shared(dialect().compile(removal)));
        deletion->execute(bind_plan(0, keys),
                          std::vector<const std::byte*>{addresses(rows)[keys - 1]});
        CHECK(deletion->affected_rows() == 1);
    }
    CHECK(read_all(*connection).size() == 1);
}

TEST_CASE("E05 a commit answered with a rollback is a failure") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    connection->begin(TransactionMode::Write);
    CHECK(connection->in_transaction());
    const auto failed = failure_of([&] { connection->execute_script("SELECT 1/0"); });
    CHECK(failed.code == ErrorCode::Data);
    CHECK(failed.transaction_aborted);
    CHECK_FALSE(failed.connection_lost);
    const auto info = failure_of([&] { connection->commit(); });
    CHECK(info.code == ErrorCode::Operational);
    CHECK(info.transaction_aborted);
    CHECK_FALSE(connection->in_transaction());
    CHECK(failure_of([&] { connection->commit(); }).message.find("no transaction") !=
          std::string::npos);
    CHECK_FALSE(connection->is_broken());
}

TEST_CASE("postgresql rolls back to savepoints of any name") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    connection->execute_script("CREATE TABLE s (n int)");
    connection->begin(TransactionMode::Write);
    connection->execute_script("INSERT INTO s VALUES (1)");
    connection->savepoint("a \"strange\" name");
    CHECK_THROWS_AS(connection->execute_script("SELECT broken"), ProgrammingError);
    connection->rollback_to_savepoint("a \"strange\" name");
    connection->release_savepoint("a \"strange\" name");
    connection->commit();
    CHECK(value_of(*connection, "SELECT count(*) FROM s") == Value(1));
}

TEST_CASE(
    "B30 a schema change behind a prepared statement is told, and healed by the next execution") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    connection->execute_script("CREATE TABLE c (a int); INSERT INTO c VALUES (1)");
    const auto statement = connection->prepare(compiled("SELECT * FROM c"));
    statement->execute(std::span<const Value>{});
    statement->reset();
    connect(*url)->execute_script(
        "ALTER TABLE mercator_driver_test.c ADD COLUMN b text DEFAULT 'x'");
    CHECK(failure_of([&] { statement->execute(std::span<const Value>{}); }).code ==
          ErrorCode::StatementInvalidated);
    std::vector<Value> row;
    statement->execute(std::span<const Value>{});
    REQUIRE(statement->fetch(row));
    CHECK(row == std::vector<Value>{1, "x"});
    statement->reset();
    // B31: everything forgotten on the server's side
    connection->execute_script("DISCARD ALL");
    connection->execute_script("SET search_path = mercator_driver_test");
    const auto info = failure_of([&] { statement->execute(std::span<const Value>{}); });
    CHECK(info.code == ErrorCode::StatementInvalidated);
    CHECK(info.sqlstate == "26000");
    statement->execute(std::span<const Value>{});
    statement->reset();
}

TEST_CASE("B32 names of destroyed statements are freed on the server") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    for (int i = 0; i < 500; ++i)
        CHECK(value_of(*connection, "SELECT " + std::to_string(i)) == Value(i));
    const auto left = *value_of(*connection, "SELECT count(*) FROM pg_prepared_statements")
                           .get_if<std::int64_t>();
    CHECK(left <= 66);
    connection->begin(TransactionMode::Read);
    CHECK(value_of(*connection, "SELECT count(*) FROM pg_prepared_statements") == Value(1));
    connection->rollback();
}

TEST_CASE("postgresql classifies provoked errors by SQLSTATE and leaves values out") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    connection->execute_script(
        "CREATE TABLE p (id int PRIMARY KEY, u text UNIQUE, n int NOT NULL DEFAULT 1, "
        "c int CONSTRAINT positive CHECK (c > 0), f int REFERENCES p, s varchar(3)); "
        "INSERT INTO p (id, u) VALUES (1, 's3cret')");
    const auto failing = [&](const std::string& sql) {
        return failure_of([&] { connection->execute_script(sql); });
    };
    const auto unique = failing("INSERT INTO p (id, u) VALUES (2, 's3cret')");
    CHECK(unique.code == ErrorCode::UniqueViolation);
    CHECK(unique.constraint == "p_u_key");
    CHECK(unique.table == "p");
    CHECK(unique.message.find("s3cret") == std::string::npos);
    CHECK(failing("INSERT INTO p (id, f) VALUES (3, 77)").code == ErrorCode::ForeignKeyViolation);
    const auto missing = failing("INSERT INTO p (id, n) VALUES (4, NULL)");
    CHECK(missing.code == ErrorCode::NotNullViolation);
    CHECK(missing.column == "n");
    CHECK(failing("INSERT INTO p (id, c) VALUES (5, 0)").constraint == "positive");
    CHECK(failing("INSERT INTO p (id, c) VALUES (5, 0)").code == ErrorCode::CheckViolation);
    CHECK(failing("INSERT INTO p (id, s) VALUES (6, 'four')").code == ErrorCode::Data);
    const auto converted = failing("SELECT CAST('s3cret' AS int)");
    CHECK(converted.code == ErrorCode::Data);
    CHECK(converted.message.find("s3cret") == std::string::npos);
    CHECK(failing("SELECT * FROM nowhere").code == ErrorCode::Programming);
    CHECK(failing("SELEC").code == ErrorCode::Programming);
    CHECK(failing("SET statement_timeout = 20; SELECT pg_sleep(5)").code == ErrorCode::Timeout);
    connection->reset();
    CHECK(value_of(*connection, "SHOW statement_timeout") == Value("0"));
    const auto other = connect(*url);
    connection->begin(TransactionMode::Write);
    connection->execute_script("LOCK TABLE p");
    CHECK(failure_of([&] {
              other->execute_script("SET lock_timeout = 20; LOCK TABLE mercator_driver_test.p");
          }).code == ErrorCode::Timeout);
    connection->rollback();
    CHECK(failing("BEGIN READ ONLY; DELETE FROM p").code == ErrorCode::Operational);
    connection->rollback();
    CHECK_FALSE(connection->is_broken());
}

TEST_CASE("postgresql tells a serialization failure, and the transaction can be repeated") {
    const auto url = server();
    if (!url) return;
    const auto first = fresh(*url);
    const auto second = connect(*url);
    first->execute_script("CREATE TABLE z (n int); INSERT INTO z VALUES (1)");
    first->begin(TransactionMode::Write);
    first->execute_script("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    CHECK(value_of(*first, "SELECT n FROM z") == Value(1));
    second->execute_script("UPDATE mercator_driver_test.z SET n = 2");
    CHECK(failure_of([&] { first->execute_script("UPDATE z SET n = 3"); }).code ==
          ErrorCode::Serialization);
    first->rollback();
    first->execute_script("UPDATE z SET n = 3");
}

TEST_CASE("A16 text that the server cannot hold is refused before it is sent") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    const auto refused = [&](SqlType type, Value value) {
        try {
            rows_of(*connection, "SELECT $1", {type}, {std::move(value)});
        } catch (const DataError& error) {
            return error.sqlstate().empty(); // ours, not the server's
        }
        return false;
    };
    CHECK(refused(Text(), std::string("ab\0cd", 5)));
    CHECK(refused(Text(), "long enough for eight\xff"));
    CHECK(refused(Text(), "\xc0\x80"));
    CHECK(refused(Text(), "\xed\xa0\x80"));
    CHECK(refused(String(4), "fünfe"));
    CHECK_FALSE(refused(String(5), "fünfe"));
    CHECK(refused(Numeric(5, 2), Decimal("1000.00")));
    CHECK(refused(Numeric(5, 2), Decimal("1.001")));
    CHECK_FALSE(refused(Numeric(5, 2), Decimal("999.990")));
    CHECK(refused(SmallInteger(), 40'000));
    CHECK(refused(Integer(), "1"));
    CHECK(refused(Date(), std::chrono::year{2023} / 2 / 30));
    CHECK(value_of(*connection, "SELECT 1") == Value(1));
}

TEST_CASE("A10 decimals keep every digit in both directions") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    for (const char* text :
         {"0", "0.00", "1", "-1", "10000", "9999", "0.0001", "0.00001", "-0.12345",
          "12345678901234567890", "99999999999999999999999999999999999999",
          "-0.00000000000000000000000000000000000001", "1000000000000000000000000",
          "100000000.00000001", "70000.07"}) {
        const Decimal value(text);
        const auto row =
            rows_of(*connection, "SELECT $1, CAST($1 AS text), CAST(CAST($2 AS text) AS numeric)",
                    {Numeric(38, static_cast<std::uint8_t>(value.scale())), Text()},
                    {value, Value(text)})
                .at(0);
        CHECK(*row[0].get_if<Decimal>() == value);
        CHECK(row[0].get_if<Decimal>()->scale() == value.scale());
        CHECK(row[1] == Value(text));
        CHECK(*row[2].get_if<Decimal>() == value);
    }
    for (const char* sql : {"SELECT 'NaN'::numeric", "SELECT 'infinity'::numeric",
                            "SELECT 10::numeric ^ 38", "SELECT 'infinity'::timestamptz",
                            "SELECT '-infinity'::date", "SELECT '10000-01-01'::timestamptz",
                            "SELECT '0044-03-15 BC'::date", "SELECT '1 month'::interval"})
        CHECK_MESSAGE(failure_of([&] { value_of(*connection, sql); }).code == ErrorCode::Data, sql);
    // Zeros beyond what a Decimal holds are dropped, other digits never.
    CHECK(*value_of(*connection, "SELECT 12.5::numeric(1000,500)").get_if<Decimal>() ==
          Decimal("12.5"));
    CHECK(failure_of([&] {
              value_of(*connection, "SELECT 12.0000000000000000000000000000000000001");
          }).code == ErrorCode::Data);
}

TEST_CASE("postgresql names the member when a column does not fit it") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    const auto reading = [&](const std::string& sql, std::size_t field) {
        const auto statement = connection->prepare(compiled(sql));
        statement->execute(std::span<const Value>{});
        DecodePlan plan;
        plan.steps.push_back({0, 0, fields()[field]});
        Everything row;
        std::byte* target = reinterpret_cast<std::byte*>(&row);
        auto info = failure_of([&] { statement->fetch(plan, &target); });
        statement->reset();
        return info;
    };
    const auto null_read = reading("SELECT NULL::bigint", 4);
    CHECK(null_read.code == ErrorCode::Data);
    CHECK_THROWS_WITH_AS(throw_database_error(null_read), doctest::Contains("NULL"), DataError);
    CHECK(reading("SELECT 40000", 2).code == ErrorCode::Data);
    CHECK(reading("SELECT 'text'::text", 4).code == ErrorCode::Data);
    CHECK(reading("SELECT -1::bigint", 5).code == ErrorCode::Data);
    CHECK(reading("SELECT 1.5", 4).code == ErrorCode::Data);
    CHECK(reading("SELECT '{1}'::int[]", 4).code == ErrorCode::Data);
}

TEST_CASE("B33 NULL parameters are accepted in every place of a filter") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    connection->execute_script("CREATE TABLE n (a bigint, t text, d date)");
    for (const char* condition :
         {"a = $1", "t = $1", "d = $1", "$1::text IS NULL", "COALESCE(t, $1) = 'x'", "a IN ($1)",
          "t LIKE $1", "a BETWEEN $1 AND 5"})
        CHECK_MESSAGE(rows_of(*connection, std::string("SELECT 1 FROM n WHERE ") + condition,
                              {SqlType()}, {null})
                          .empty(),
                      condition);
    CHECK(rows_of(*connection, "SELECT a FROM n WHERE a = $1", {SqlType()}, {Value(5)}).empty());
}

TEST_CASE("postgresql reads the schema that is there") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    connection->execute_script(
        "CREATE TABLE a (id bigint PRIMARY KEY, n varchar(7) NOT NULL, m numeric(10,2)); "
        "CREATE UNIQUE INDEX ix ON a (n, m); CREATE VIEW v AS SELECT 1; CREATE TABLE \"B c\" (x "
        "int)");
    const auto inspector = dialect().inspector(*connection);
    CHECK(inspector->table_names() == std::vector<std::string>{"B c", "a"});
    const auto columns = inspector->columns("a");
    REQUIRE(columns.size() == 3);
    CHECK(columns[0].primary_key);
    CHECK(columns[1].native_type == "character varying(7)");
    CHECK_FALSE(columns[1].nullable);
    CHECK(columns[2].nullable);
    const auto indexes = inspector->indexes("a");
    REQUIRE(indexes.size() == 1);
    CHECK(indexes[0].columns == std::vector<std::string>{"n", "m"});
    CHECK(indexes[0].unique);
    dialect().initialize(*connection);
    CHECK(dialect().capabilities().product == "PostgreSQL");
    CHECK(!dialect().capabilities().version.empty());
}

TEST_CASE("postgresql inserts rows of defaults") {
    const auto url = server();
    if (!url) return;
    const auto connection = fresh(*url);
    connection->execute_script(
        "CREATE TABLE items (id bigint GENERATED BY DEFAULT AS IDENTITY, n int DEFAULT 4)");
    ast::Insert insert;
    insert.table = table("items");
    insert.form = ast::BatchForm::MultiRow;
    insert.rows = 3;
    connection->execute_script(dialect().compile(insert).sql);
    CHECK(value_of(*connection, "SELECT sum(id) + sum(n) FROM items") == Value(Decimal(18)));
}
