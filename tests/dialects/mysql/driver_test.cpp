// SPDX-License-Identifier: MIT
#include "mysql_dialect.hpp"

#include <mercator/schema/ddl.hpp>
#include <mercator/schema/table.hpp>

#include <cstddef>
#include <limits>

using namespace mercator;
using mysql_test::caught;

namespace {

struct Everything {
    std::int64_t id = 0;
    bool flag = false;
    std::int8_t tiny = 0;
    std::uint8_t small = 0;
    std::uint64_t big = 0;
    float weight = 0;
    double ratio = 0;
    std::optional<std::string> name;
    std::string note;
    Bytes data;
    Decimal price;
    mercator::DateTime at{};
    mercator::Date day{};
    std::optional<std::int32_t> maybe;
    friend bool operator==(const Everything&, const Everything&) = default;
};

template <class Class, class Member>
Field field(Member Class::*member, FieldKind kind, SqlType type, bool optional,
            std::string_view where) {
    static const Class object{};
    Field result;
    result.offset =
        static_cast<std::uint32_t>(reinterpret_cast<const std::byte*>(&(object.*member)) -
                                   reinterpret_cast<const std::byte*>(&object));
    result.kind = kind;
    result.optional = optional;
    result.type = type;
    result.where = where;
    return result;
}

std::vector<Field> everything_fields() {
    return {
        field(&Everything::id, FieldKind::Int64, BigInteger(), false, "Everything.id"),
        field(&Everything::flag, FieldKind::Boolean, Boolean(), false, "Everything.flag"),
        field(&Everything::tiny, FieldKind::Int8, SqlType(TypeKind::Int8), false,
              "Everything.tiny"),
        field(&Everything::small, FieldKind::UInt8, SqlType(TypeKind::UInt8), false,
              "Everything.small"),
        field(&Everything::big, FieldKind::UInt64, SqlType(TypeKind::UInt64), false,
              "Everything.big"),
        field(&Everything::weight, FieldKind::Float, Float(), false, "Everything.weight"),
        field(&Everything::ratio, FieldKind::Double, Double(), false, "Everything.ratio"),
        field(&Everything::name, FieldKind::String, String(20), true, "Everything.name"),
        field(&Everything::note, FieldKind::String, Text(), false, "Everything.note"),
        field(&Everything::data, FieldKind::Bytes, LargeBinary(), false, "Everything.data"),
        field(&Everything::price, FieldKind::Decimal, Numeric(38, 10), false, "Everything.price"),
        field(&Everything::at, FieldKind::DateTime, DateTime(), false, "Everything.at"),
        field(&Everything::day, FieldKind::Date, Date(), false, "Everything.day"),
        field(&Everything::maybe, FieldKind::Int32, Integer(), true, "Everything.maybe")};
}

const char* const names[] = {"id",   "flag", "tiny", "small", "big", "weight", "ratio",
                             "name", "note", "data", "price", "at",  "day",    "maybe"};

std::vector<ast::TargetColumn> everything_columns() {
    std::vector<ast::TargetColumn> columns;
    std::size_t i = 0;
    for (const Field& f : everything_fields()) columns.push_back({names[i++], f.type, f.optional});
    return columns;
}

void create(mysql_test::Server& server, Table table) {
    table.complete();
    server.link->execute_script("SET foreign_key_checks = 0; DROP TABLE IF EXISTS `" + table.name +
                                "`; SET foreign_key_checks = 1");
    server.link->execute_script(server.dialect->ddl().compile(CreateTable{&table, false, {}}));
}

void create_everything(mysql_test::Server& server) {
    Table table("everything");
    for (const auto& column : everything_columns()) {
        Column described(column.name, column.type);
        described.nullable(column.nullable);
        if (column.name == "id") described.primary_key().autoincrement(false);
        table.add(std::move(described));
    }
    create(server, std::move(table));
}

DecodePlan decode_plan() {
    DecodePlan plan;
    std::uint16_t column = 0;
    for (const Field& f : everything_fields()) plan.steps.push_back({column++, 0, f});
    return plan;
}

std::string select_everything() {
    std::string sql = "SELECT ";
    for (const char* name : names)
        sql.append(sql.size() > 7 ? ", `" : "`").append(name).append("`");
    return sql + " FROM everything ORDER BY id";
}

std::vector<Everything> read_everything(mysql_test::Server& server) {
    auto compiled = std::make_shared<Compiled>();
    compiled->sql = select_everything();
    const auto statement = server.link->prepare(std::move(compiled));
    statement->execute(std::span<const Value>());
    const DecodePlan plan = decode_plan();
    std::vector<Everything> rows;
    for (;;) {
        Everything row;
        std::byte* target = reinterpret_cast<std::byte*>(&row);
        if (!statement->fetch(plan, &target)) break;
        rows.push_back(std::move(row));
    }
    statement->reset();
    return rows;
}

std::vector<const std::byte*> addresses(const std::vector<Everything>& objects) {
    std::vector<const std::byte*> result;
    for (const auto& object : objects)
        result.push_back(reinterpret_cast<const std::byte*>(&object));
    return result;
}

std::uint64_t insert_everything(mysql_test::Server& server,
                                const std::vector<Everything>& objects) {
    ast::Insert insert;
    insert.table = mysql_test::table("everything");
    insert.columns = everything_columns();
    insert.form = ast::BatchForm::MultiRow;
    insert.rows = static_cast<std::uint32_t>(objects.size());
    const auto statement = server.prepare(insert);
    statement->execute(BindPlan{everything_fields()}, addresses(objects));
    statement->reset();
    return statement->affected_rows();
}

std::uint64_t update_everything(mysql_test::Server& server,
                                const std::vector<Everything>& objects) {
    ast::Update update;
    update.table = mysql_test::table("everything");
    update.columns = everything_columns();
    update.keys = {update.columns.front()};
    update.columns.erase(update.columns.begin());
    update.form = ast::BatchForm::MultiRow;
    update.rows = static_cast<std::uint32_t>(objects.size());
    BindPlan plan{everything_fields()};
    plan.fields.push_back(plan.fields.front());
    plan.fields.erase(plan.fields.begin());
    const auto statement = server.prepare(update);
    statement->execute(plan, addresses(objects));
    statement->reset();
    return statement->affected_rows();
}

Bytes all_bytes(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i & 0xFFU);
    return bytes;
}

mercator::DateTime moment(std::string_view text) {
    return parse_date_time(text).value();
}

Everything sample(std::int64_t id) {
    Everything row;
    row.id = id;
    row.flag = true;
    row.tiny = -128;
    row.small = 255;
    row.big = std::numeric_limits<std::uint64_t>::max();
    row.weight = 0.1F;
    row.ratio = 0.1234567890123456789;
    row.name = "Zo\xC3\xAB \xF0\x9F\x98\x80";
    row.note = std::string("nul\0 back\\slash 'quoted' ", 25);
    row.data = all_bytes(300);
    row.price = Decimal("1234567890123456789012345678.0123456789");
    row.at = moment("2024-02-29 12:30:00.123456");
    row.day = parse_date("0005-01-02").value();
    row.maybe = -7;
    return row;
}

} // namespace

TEST_CASE_TEMPLATE("mysql keeps every type through a round trip, byte for byte and digit for digit",
                   Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    create_everything(*server);
    Everything edge;
    edge.id = 2;
    edge.at = moment("0001-01-01 00:00:00");
    edge.day = parse_date("9999-12-31").value();
    edge.ratio = std::numeric_limits<double>::denorm_min();
    edge.name = "";
    const std::vector<Everything> rows{sample(1), edge};
    CHECK(insert_everything(*server, rows) == 2);
    const auto read = read_everything(*server);
    REQUIRE(read.size() == 2);
    CHECK(read[0] == rows[0]);
    CHECK(read[1] == rows[1]);
}

TEST_CASE_TEMPLATE("mysql takes values larger than a packet share, in bulk", Driver,
                   MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    create_everything(*server);
    std::vector<Everything> rows;
    for (int i = 0; i < 12; ++i) {
        rows.push_back(sample(i));
        rows.back().data = all_bytes(1'500'000);
        rows.back().note.assign(700'000, static_cast<char>('a' + i));
    }
    CHECK(insert_everything(*server, rows) == rows.size());
    CHECK((read_everything(*server) == rows));
}

TEST_CASE_TEMPLATE(
    "mysql updates a batch whose first row is all NULL or short, and later rows are not cut",
    Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    create_everything(*server);
    std::vector<Everything> rows;
    for (int i = 1; i <= 5; ++i) rows.push_back(sample(i));
    insert_everything(*server, rows);
    rows[0].name = std::nullopt;
    rows[0].maybe = std::nullopt;
    rows[0].note = "";
    rows[0].data = {};
    rows[0].price = Decimal(0);
    rows[0].big = 1;
    rows[1].name = "abcdefghijklmnopqrst";
    rows[1].note.assign(100'000, 'x');
    rows[1].data = all_bytes(70'000);
    rows[2].maybe = std::numeric_limits<std::int32_t>::max();
    rows[2].big = 0;
    rows[3].name = std::nullopt;
    rows[3].ratio = -1.0 / 3.0;
    rows[4].note.assign(400'000, 'y');
    CHECK(update_everything(*server, rows) == 5);
    CHECK((read_everything(*server) == rows));
    SUBCASE("rows that already have the values count as matched") {
        CHECK(update_everything(*server, rows) == 5);
    }
    SUBCASE("the same prepared statement takes longer values the next time") {
        ast::Update update;
        update.table = mysql_test::table("everything");
        update.columns = {{"name", String(20)}, {"maybe", Integer()}};
        update.keys = {{"id", BigInteger(), false}};
        update.form = ast::BatchForm::MultiRow;
        update.rows = 2;
        const BindPlan plan{
            {everything_fields()[7], everything_fields()[13], everything_fields()[0]}};
        const auto statement = server->prepare(update);
        std::vector<Everything> two{rows[0], rows[1]};
        two[0].name = two[1].name = std::nullopt;
        two[0].maybe = two[1].maybe = std::nullopt;
        statement->execute(plan, addresses(two));
        statement->reset();
        two[0].name = "a";
        two[1].name = "abcdefghijklmnopqrs\xC3\xA9";
        two[1].maybe = 123456;
        statement->execute(plan, addresses(two));
        statement->reset();
        const auto read = read_everything(*server);
        CHECK(read[0].name == two[0].name);
        CHECK(read[1].name == two[1].name);
        CHECK(read[1].maybe == two[1].maybe);
        CHECK(read[0].maybe == std::nullopt);
    }
}

TEST_CASE_TEMPLATE("mysql updates by text keys without mixing collations, and tells case and "
                   "trailing blanks apart",
                   Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    create(*server,
           Table("words", Column("word", String(30)).primary_key(), Column("number", Integer())));
    server->run("INSERT INTO words VALUES ('a', 1), ('A', 2)");
    const bool blanks = server->dialect->capabilities().trailing_blanks;
    const char* blank = "INSERT INTO words VALUES ('a ', 3)";
    if (blanks)
        server->run(blank);
    else
        CHECK_THROWS_AS(server->run(blank), UniqueViolation);
    struct Word {
        std::string word;
        std::int32_t number;
    };
    const std::vector<Word> words{{"a", 10}, {"A", 20}};
    ast::Update update;
    update.table = mysql_test::table("words");
    update.columns = {{"number", Integer()}};
    update.keys = {{"word", String(30), false}};
    update.form = ast::BatchForm::MultiRow;
    update.rows = 2;
    const BindPlan plan{{field(&Word::number, FieldKind::Int32, Integer(), false, "Word.number"),
                         field(&Word::word, FieldKind::String, String(30), false, "Word.word")}};
    const std::byte* rows[] = {reinterpret_cast<const std::byte*>(&words[0]),
                               reinterpret_cast<const std::byte*>(&words[1])};
    const auto statement = server->prepare(update);
    statement->execute(plan, rows);
    CHECK(statement->affected_rows() == 2);
    statement->reset();
    const auto read = server->run("SELECT number FROM words WHERE number > 3 ORDER BY word");
    CHECK(read == mysql_test::Server::Rows{{Value(20)}, {Value(10)}});
    CHECK(server->run("SELECT number FROM words WHERE number = 3").size() == (blanks ? 1 : 0));
}

TEST_CASE_TEMPLATE("mysql returns generated keys in the order of the rows", Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    create(*server,
           Table("made", Column("id", BigInteger()).primary_key(), Column("label", String(10))));
    ast::Insert insert;
    insert.table = mysql_test::table("made");
    insert.columns = {{"label", String(10)}};
    insert.form = ast::BatchForm::MultiRow;
    insert.rows = 3;
    if (server->dialect->capabilities().insert_returning)
        insert.returning = {{"id", BigInteger(), false}, {"label", String(10)}};
    const auto statement = server->prepare(insert);
    const Value labels[] = {Value("x"), Value("y"), Value("z")};
    statement->execute(labels);
    CHECK(statement->affected_rows() == 3);
    std::vector<Value> row;
    for (int i = 0; i < 3 && !insert.returning.empty(); ++i) {
        REQUIRE(statement->fetch(row));
        CHECK(row == std::vector<Value>{Value(i + 1), labels[i]});
    }
    statement->reset();
    insert.returning.clear();
    const auto plain = server->prepare(insert);
    plain->execute(labels);
    CHECK(plain->last_generated_key() == 6);
}

TEST_CASE_TEMPLATE("mysql refuses before the wire what the server would round, cut or misread",
                   Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    create_everything(*server);
    Everything bad = sample(1);
    std::string member;
    SUBCASE("a fraction digit too many") {
        bad.price = Decimal("0.00000000001");
        member = "Everything.price";
    }
    SUBCASE("NaN") {
        bad.ratio = std::numeric_limits<double>::quiet_NaN();
        member = "Everything.ratio";
    }
    SUBCASE("infinity") {
        bad.weight = std::numeric_limits<float>::infinity();
        member = "Everything.weight";
    }
    SUBCASE("text that is not UTF-8") {
        bad.note = "\xC3(";
        member = "Everything.note";
    }
    SUBCASE("text that is too long") {
        bad.name = "abcdefghijklmnopqrstu";
        member = "Everything.name";
    }
    SUBCASE("a year that does not exist") {
        bad.at = mercator::DateTime(std::chrono::hours(-24 * 366 * 2000));
        member = "Everything.at";
    }
    const auto error = caught<DataError>([&] { insert_everything(*server, {bad}); });
    CHECK(error.where() == member);
    CHECK(insert_everything(*server, {sample(1)}) == 1);
}

TEST_CASE_TEMPLATE("mysql refuses to read what does not fit the member", Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    struct Small {
        std::int8_t number = 0;
    };
    const auto read = [&](const char* sql, FieldKind kind = FieldKind::Int8) {
        auto compiled = std::make_shared<Compiled>();
        compiled->sql = sql;
        const auto statement = server->link->prepare(std::move(compiled));
        statement->execute(std::span<const Value>());
        Field target = field(&Small::number, kind, SqlType(TypeKind::Int8), false, "Small.number");
        alignas(16) std::byte memory[64] = {};
        std::byte* object = memory;
        const DecodePlan plan{{DecodeStep{0, 0, target}}};
        const auto reset = std::shared_ptr<void>(nullptr, [&](void*) { statement->reset(); });
        statement->fetch(plan, &object);
        return static_cast<int>(static_cast<std::int8_t>(memory[0]));
    };
    CHECK(read("SELECT -128") == -128);
    CHECK(read("SELECT 12.00") == 12);
    CHECK(read("SELECT '7'") == 7);
    for (const char* sql :
         {"SELECT 128", "SELECT NULL", "SELECT 18446744073709551615", "SELECT 1.5", "SELECT 'x'"}) {
        CHECK(caught<DataError>([&] { read(sql); }).where() == "Small.number");
    }
    server->link->execute_script(
        "SET sql_mode = ''; DROP TABLE IF EXISTS zero; CREATE TABLE zero (d DATE, t DATETIME(6));"
        "INSERT INTO zero VALUES ('0000-00-00', '0000-00-00 00:00:00')");
    CHECK_THROWS_AS(read("SELECT d FROM zero", FieldKind::Date), DataError);
    CHECK_THROWS_AS(read("SELECT t FROM zero", FieldKind::DateTime), DataError);
    server->link->reset();
    CHECK(read("SELECT 1") == 1);
}

TEST_CASE_TEMPLATE("mysql tells the classes of constraint violations apart and repeats no value",
                   Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    create(*server, Table("people", Column("id", Integer()).primary_key(),
                          Column("email", String(40)).unique().nullable(false)));
    Table pets("pets", Column("id", Integer()).primary_key(),
               Column("owner", Integer()).references("people.id"), Column("age", Integer()));
    create(*server, std::move(pets));
    server->link->execute_script("ALTER TABLE pets ADD CONSTRAINT ck_age CHECK (age >= 0)");
    server->run("INSERT INTO people VALUES (1, 'se''cret@example.org')");
    const auto unique = caught<UniqueViolation>(
        [&] { server->run("INSERT INTO people VALUES (2, ?)", {Value("se'cret@example.org")}); });
    CHECK(unique.constraint() == "uq_people_email");
    CHECK(unique.native_code() == 1062);
    CHECK(std::string(unique.what()).find("cret@") == std::string::npos);
    const auto missing =
        caught<ForeignKeyViolation>([&] { server->run("INSERT INTO pets VALUES (1, 99, 1)"); });
    CHECK(missing.constraint() == "fk_pets_owner_people");
    CHECK(missing.table() == "pets");
    server->run("INSERT INTO pets VALUES (1, 1, 1)");
    CHECK_THROWS_AS(server->run("DELETE FROM people"), ForeignKeyViolation);
    CHECK(caught<NotNullViolation>([&] {
              server->run("INSERT INTO people VALUES (3, NULL)");
          }).column() == "email");
    CHECK(caught<NotNullViolation>([&] {
              server->run("INSERT INTO people (id) VALUES (3)");
          }).column() == "email");
    const auto insert_refused = [&] { server->run("INSERT INTO pets VALUES (2, 1, -1)"); };
    if (server->dialect->capabilities().check_constraints)
        CHECK(caught<CheckViolation>(insert_refused).constraint() == "ck_age");
    CHECK_THROWS_AS(server->run("SELECT * FROM no_such_table"), ProgrammingError);
    CHECK_THROWS_AS(server->run("SELEC 1"), ProgrammingError);
    const auto data = caught<DataError>(
        [&] { server->run("INSERT INTO pets VALUES (?, 1, 1)", {Value("tellmenot")}); });
    CHECK(std::string(data.what()).find("tellmenot") == std::string::npos);
    CHECK_THROWS_AS(server->run("INSERT INTO pets VALUES (99999999999, 1, 1)"), DataError);
    CHECK_FALSE(server->link->is_broken());
}

TEST_CASE_TEMPLATE("mysql remembers that a parameter was unsigned once and still sends -1 as -1",
                   Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    auto compiled = std::make_shared<Compiled>();
    compiled->sql = "SELECT ? + 0";
    compiled->binds.resize(1);
    const auto statement = server->link->prepare(std::move(compiled));
    std::vector<Value> row;
    for (const Value& value :
         {Value(std::numeric_limits<std::uint64_t>::max()), Value(-1), Value(3)}) {
        statement->execute(std::span(&value, 1));
        CHECK(statement->fetch(row));
        statement->reset();
    }
    CHECK_THROWS_AS(statement->execute(std::span<const Value>()), StateError);
}

TEST_CASE_TEMPLATE("mysql gives the results of CALL and of the server's oddest types", Driver,
                   MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    server->link->execute_script(
        "DROP PROCEDURE IF EXISTS two; CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2; END");
    for (int round = 0; round < 2; ++round) {
        CHECK(server->run("CALL two()") == mysql_test::Server::Rows{{Value(1)}});
        CHECK(server->run("SELECT 3").size() == 1);
    }
    server->link->execute_script(
        "DROP TABLE IF EXISTS odd; CREATE TABLE odd (b BIT(12), y YEAR, t TIME, e ENUM('x', 'y'), "
        "f FLOAT, m DATETIME(6), d DECIMAL(5, 2), n INT);"
        "INSERT INTO odd VALUES (b'100000000001', 2024, '-12:30:00', 'y', 0.5, "
        "'2024-02-29 01:02:03.000004', -1.50, NULL)");
    const auto row = server->run("SELECT * FROM odd").front();
    CHECK(row[0] == Value(std::uint64_t{2049}));
    CHECK(row[1] == Value(std::uint64_t{2024}));
    CHECK(row[2] == Value("-12:30:00"));
    CHECK(row[3] == Value("y"));
    CHECK(row[4] == Value(0.5));
    CHECK(row[5] == Value(moment("2024-02-29 01:02:03.000004")));
    CHECK(row[6] == Value(Decimal("-1.50")));
    CHECK(row[7].is_null());
}
