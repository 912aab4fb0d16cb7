// SPDX-License-Identifier: MIT
#include "core/ast/sample_trees.hpp"

#include <mercator/dialect/dialect.hpp>
#include <mercator/dialect/recording.hpp>
#include <mercator/plugin/loader.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace mercator;

namespace {

/// Opened at run time, as every dialect is.
std::unique_ptr<Dialect> open_ansi() {
    static plugin::Loader loader;
    return std::unique_ptr<Dialect>(static_cast<Dialect*>(loader.create("dialect", "ansi")));
}

struct Row {
    std::int64_t id = 0;
    std::optional<std::string> name;
};

Field field(std::uint32_t offset, FieldKind kind, bool optional, SqlType type) {
    Field f;
    f.offset = offset;
    f.kind = kind;
    f.optional = optional;
    f.type = type;
    f.where = "Row";
    return f;
}

const Field id_field = field(offsetof(Row, id), FieldKind::Int64, false, BigInteger());
const Field name_field = field(offsetof(Row, name), FieldKind::String, true, Text());

std::shared_ptr<const Compiled> compiled(const Dialect& dialect, const ast::Statement& statement) {
    return std::make_shared<const Compiled>(dialect.compile(statement));
}

} // namespace

TEST_CASE("DIA-20 the recorder keeps statements with their parameters and replays rows") {
    const auto dialect = open_ansi();
    const auto recorder = Recorder::named("replay");
    recorder->reply({{Value(1), Value("Ada")}, {Value(2), Value(null)}});
    const auto link = dialect->connect(Url::parse("ansi://replay"), ConnectOptions{});
    link->begin(TransactionMode::Read);
    const auto select =
        samples::select_where(ast::binary(ast::Operator::Greater, samples::stock(), ast::bind(3)));
    const auto statement = link->prepare(compiled(*dialect, *select));
    const Value three(3);
    statement->execute(std::span(&three, 1));

    Row row;
    auto* target = reinterpret_cast<std::byte*>(&row);
    const DecodePlan plan{{{0, 0, id_field}, {1, 0, name_field}}};
    REQUIRE(statement->fetch(plan, &target));
    CHECK(row.id == 1);
    CHECK(row.name == "Ada");
    REQUIRE(statement->fetch(plan, &target));
    CHECK(statement->is_null(1));
    CHECK_FALSE(row.name);
    CHECK_FALSE(statement->fetch(plan, &target));
    statement->reset();
    link->commit();

    const auto calls = recorder->calls();
    REQUIRE(calls.size() == 3);
    CHECK(calls[0].sql == "BEGIN");
    CHECK(calls[1].sql.starts_with("SELECT "));
    CHECK(calls[1].rows == Recorder::Rows{{Value(3)}});
    CHECK(calls[2].sql == "COMMIT");
    CHECK(recorder->prepared_count() == 1);
}

TEST_CASE("DIA-20 a replayed row of an outer join leaves out the object that it does not have") {
    const auto dialect = open_ansi();
    const auto recorder = Recorder::named("absent");
    recorder->reply({{Value(1), Value("Ada")}, {Value(null), Value("Bob")}});
    const auto link = dialect->connect(Url::parse("ansi://absent"), ConnectOptions{});
    const auto select =
        samples::select_where(ast::binary(ast::Operator::Greater, samples::stock(), ast::bind(3)));
    const auto statement = link->prepare(compiled(*dialect, *select));
    const Value three(3);
    statement->execute(std::span(&three, 1));

    const DecodePlan plan{{{0, 0, id_field}, {1, 0, name_field}, {1, 1, name_field}}, {{0, 0}}};
    Row first;
    Row second;
    const auto fetch = [&] {
        std::array<std::byte*, 2> targets = {reinterpret_cast<std::byte*>(&first),
                                             reinterpret_cast<std::byte*>(&second)};
        REQUIRE(statement->fetch(plan, targets.data()));
        return targets;
    };
    CHECK(fetch()[0] != nullptr);
    CHECK(first.name == "Ada");
    const auto targets = fetch();
    CHECK(targets[0] == nullptr);
    CHECK(targets[1] != nullptr);
    CHECK(first.name == "Ada");
    CHECK(second.name == "Bob");
    statement->reset();
}

TEST_CASE("DIA-20 a batch is recorded row by row and counts its rows and keys") {
    const auto dialect = open_ansi();
    const auto recorder = Recorder::named("batch");
    const auto link = dialect->connect(Url::parse("ansi://batch"), ConnectOptions{});
    ast::Insert insert;
    insert.table = samples::table("people");
    insert.columns = {{"id", BigInteger(), false}, {"name", Text(), true}};
    insert.form = ast::BatchForm::MultiRow;
    insert.rows = 2;
    const auto statement = link->prepare(compiled(*dialect, insert));
    const Row people[] = {{7, "Ada"}, {8, std::nullopt}};
    const std::byte* rows[] = {reinterpret_cast<const std::byte*>(&people[0]),
                               reinterpret_cast<const std::byte*>(&people[1])};
    statement->execute(BindPlan{{id_field, name_field}}, rows);
    CHECK(statement->affected_rows() == 2);
    CHECK(statement->last_generated_key() == 2);
    REQUIRE(recorder->calls().size() == 1);
    CHECK(recorder->calls()[0].rows ==
          Recorder::Rows{{Value(7), Value("Ada")}, {Value(8), Value(null)}});
    CHECK_THROWS_AS(statement->execute(BindPlan{{id_field}}, rows), ProgrammingError);
}

TEST_CASE("DIA-20 the chosen call fails with the chosen error, and a lost link stays broken") {
    const auto dialect = open_ansi();
    const auto recorder = Recorder::named("failing");
    const auto link = dialect->connect(Url::parse("ansi://failing"), ConnectOptions{});
    DatabaseErrorInfo deadlock;
    deadlock.code = ErrorCode::Deadlock;
    recorder->fail_call(2, deadlock);
    link->begin(TransactionMode::Write);
    CHECK_THROWS_AS(link->execute_script("anything"), DeadlockError);
    CHECK_FALSE(link->is_broken());
    link->rollback();
    DatabaseErrorInfo gone;
    gone.code = ErrorCode::Disconnected;
    gone.connection_lost = true;
    recorder->fail_call(2, gone);
    const auto statement = link->prepare(compiled(*dialect, *samples::select_products()));
    CHECK_THROWS_AS(statement->execute(std::span<const Value>()), DisconnectError);
    CHECK(link->is_broken());
    CHECK(recorder->statements() == std::vector<std::string>{"BEGIN", "ROLLBACK"});
}

TEST_CASE("DIA-08 the dialect takes the capabilities that the recorder was told") {
    const auto dialect = open_ansi();
    Capabilities can;
    can.insert_returning = true;
    Recorder::named("capable")->set_capabilities(can);
    const auto link = dialect->connect(Url::parse("ansi://capable"), ConnectOptions{});
    CHECK_FALSE(dialect->capabilities().insert_returning);
    dialect->initialize(*link);
    CHECK(dialect->capabilities().insert_returning);
}

TEST_CASE("DIA-20 an address with an option is refused") {
    const auto dialect = open_ansi();
    CHECK_THROWS_AS(dialect->check(Url::parse("ansi://x?speed=9")), ArgumentError);
    CHECK_THROWS_AS(dialect->check(Url::parse("ansi://x/database")), ArgumentError);
    CHECK_NOTHROW(dialect->check(Url::parse("ansi://")));
}

TEST_CASE("DIA-20 the inspector knows the tables that were created through the recorder") {
    const auto dialect = open_ansi();
    const auto link = dialect->connect(Url::parse("ansi://tables"), ConnectOptions{});
    Table a("a", Column("id", Integer()).primary_key());
    Table b("b", Column("id", Integer()).primary_key());
    a.complete();
    b.complete();
    link->execute_script(dialect->ddl().compile(CreateTable{&b, true, {}}));
    link->execute_script(dialect->ddl().compile(CreateTable{&a, false, {}}));
    link->execute_script(dialect->ddl().compile(DropTable{&b, true}));
    CHECK(dialect->inspector(*link)->table_names() == std::vector<std::string>{"a"});
    CHECK(dialect->inspector(*link)->has_table("a"));
}
