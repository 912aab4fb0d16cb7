// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include <mercator/dialect/creation.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

using namespace mercator;
using test::Backend;
using Names = std::vector<std::string>;

namespace {

const std::string difficult = "it's \"new\" at 100% `so` {x} $1 ? : \\ and \\n\nnext\tÜ";

template <class List>
const auto* named(const List& list, std::string_view name) {
    const auto found = std::find_if(list.begin(), list.end(),
                                    [name](const auto& item) { return item.name == name; });
    return found == list.end() ? nullptr : &*found;
}

Column key() {
    return Column("id", BigInteger()).primary_key().autoincrement(false);
}

std::string differences(Backend& backend) {
    std::string text;
    for (const auto& difference : backend->verify()) text += difference.text() + '\n';
    return text;
}

Table orders() {
    return Table(
        "orders", Column("region", String(10)).primary_key(),
        Column("number", Integer()).primary_key(),
        Column("state", String(20)).nullable(false).server_default("it's new"),
        Column("total", Numeric(10, 2)).server_default(Decimal("-1.50")),
        Column("at", SqlType(TypeKind::DateTime))
            .server_default(ast::function(ast::FunctionId::Now, {}, SqlType(TypeKind::DateTime))));
}

Table lines() {
    Table table("lines", Column("id", BigInteger()).primary_key(), Column("no", Integer()),
                Column("region", String(10)),
                Column("parent_id", BigInteger()).references("lines.id"),
                ForeignKey{.columns = {"no", "region"},
                           .target_table = "orders",
                           .target_columns = {"number", "region"},
                           .on_delete = ReferentialAction::Cascade,
                           .on_update = ReferentialAction::SetNull});
    table.add(UniqueConstraint{.name = "uq_back_to_front", .columns = {"region", "no"}});
    table.add(
        Index{.name = "ix_mixed", .columns = {"no", "region", "id"}, .descending = {"region"}});
    table.foreign_keys[0].name = "fk_lines_order";
    return table;
}

Table orders_with_key_for_lines() {
    Table table = orders();
    table.add(UniqueConstraint{.columns = {"number", "region"}});
    return table;
}

} // namespace

TEST_CASE("DDL-03 inspect tells columns, keys and defaults of a table") {
    Backend backend;
    backend->add(orders_with_key_for_lines());
    backend->add(lines());
    backend->create_all<>();
    SchemaInspector inspector = backend->inspect();
    CHECK(inspector.table_names() == Names{"lines", "orders"});
    CHECK(inspector.has_table("orders"));
    CHECK_FALSE(inspector.has_table("order"));
    CHECK(inspector.columns("nothing").empty());
    const auto columns = inspector.columns("orders");
    REQUIRE(columns.size() == 5);
    CHECK(columns[0].name == "region");
    CHECK(columns[0].primary_key);
    CHECK_FALSE(columns[0].default_text.has_value());
    CHECK_FALSE(columns[2].nullable);
    CHECK(columns[2].default_text.has_value());
    CHECK(columns[3].nullable);
    CHECK(columns[4].default_text.has_value());
    CHECK(inspector.primary_key("orders").columns == Names{"region", "number"});
    CHECK_FALSE(inspector.columns("orders")[1].generated_key);
    CHECK(inspector.columns("lines")[0].generated_key);
    SchemaInspector moved = std::move(inspector);
    CHECK(moved.has_table("lines"));
    CHECK_THROWS_AS(static_cast<void>(moved.reflect("nothing")), ArgumentError);
}

TEST_CASE("B27 order of columns, direction and actions are reflected as they were made; KEY-10") {
    Backend backend;
    backend->add(orders_with_key_for_lines());
    backend->add(lines());
    backend->create_all<>();
    SchemaInspector inspector = backend->inspect();
    const auto keys = inspector.foreign_keys("lines");
    REQUIRE(keys.size() == 2);
    const ForeignKey* key = named(keys, "fk_lines_order");
    REQUIRE(key != nullptr);
    CHECK(key->columns == Names{"no", "region"});
    CHECK(key->target_table == "orders");
    CHECK(key->target_columns == Names{"number", "region"});
    CHECK(key->on_delete == ReferentialAction::Cascade);
    CHECK(key->on_update == ReferentialAction::SetNull);
    CHECK(key->deferrable == Deferrable::No);
    const ForeignKey* self = named(keys, "fk_lines_parent_id_lines");
    REQUIRE(self != nullptr);
    CHECK(self->target_table == "lines");
    CHECK(self->target_columns == Names{"id"});
    CHECK(self->on_delete == ReferentialAction::NoAction);
    const auto uniques = inspector.unique_constraints("lines");
    REQUIRE(named(uniques, "uq_back_to_front") != nullptr);
    CHECK(named(uniques, "uq_back_to_front")->columns == Names{"region", "no"});
    const auto indexes = inspector.indexes("lines");
    REQUIRE(named(indexes, "ix_mixed") != nullptr);
    CHECK(named(indexes, "ix_mixed")->columns == Names{"no", "region", "id"});
    CHECK_FALSE(named(indexes, "ix_mixed")->unique);
    CHECK((named(indexes, "ix_mixed")->descending == Names{"region"}) ==
          backend.can().descending_indexes);
    for (const auto& index : indexes) CHECK(index.where == nullptr);
    CHECK(backend->verify().empty());
}

TEST_CASE("B27 the condition of a partial index is reflected, and keeps rows apart") {
    Backend backend;
    Table jobs("jobs", Column("id", BigInteger()).primary_key(), Column("state", Integer()),
               Column("slot", Integer()));
    jobs.add(Index{.name = "one_running",
                   .columns = {"slot"},
                   .unique = true,
                   .where = ast::binary(ast::Operator::Equal, ast::column("", "state", Integer()),
                                        ast::bind(-1))});
    backend->add(jobs);
    if (!backend.can().partial_indexes) {
        CHECK_THROWS_AS(backend->create_all<>(), UnsupportedError);
        return; // none here, so it says so
    }
    backend->create_all<>();
    const auto indexes = backend->inspect().indexes("jobs");
    REQUIRE(indexes.size() == 1);
    CHECK(indexes[0].columns == Names{"slot"});
    CHECK(indexes[0].unique);
    CHECK(indexes[0].where != nullptr);
    CHECK(backend->verify().empty());
    // Another partial index on the same column, and one that keeps nothing apart, are differences.
    const auto add_index = [&backend](const char* name, const char* kind, int state) {
        backend.run(fmt::format("CREATE {} {} ON jobs (slot) WHERE state = {}", kind, name, state));
    };
    add_index("one_waiting", "UNIQUE INDEX", -2);
    CHECK(backend->verify().size() == 1);
    backend.run("DROP INDEX one_waiting");
    backend.run("DROP INDEX one_running");
    add_index("one_running", "INDEX", -1);
    CHECK(backend->verify().size() == 2);
    backend.run("DROP INDEX one_running");
    add_index("one_running", "UNIQUE INDEX", -1);
    CHECK(backend->verify().empty());
    backend.run("INSERT INTO jobs (state, slot) VALUES (-1, 5), (2, 5), (3, 5)");
    CHECK_THROWS_AS(backend.run("INSERT INTO jobs (state, slot) VALUES (-1, 5)"), UniqueViolation);
}

TEST_CASE("MOD-21 comments of tables and columns come back with every character (B28)") {
    Backend backend;
    Table table("spoken", Column("id", Integer()).primary_key().comment("plain"),
                Column("a", String(20)).comment(difficult).nullable(false).server_default("x"));
    table.comment = difficult;
    backend->add(table);
    backend->create_all<>();
    if (!backend.can().comments) {
        CHECK(backend->inspect().comment("spoken").empty());
        CHECK(backend->inspect().columns("spoken").at(0).comment.empty());
        CHECK(backend->verify().empty());
        test::cannot("MOD-21", "this database keeps no comments");
        return;
    }
    SchemaInspector inspector = backend->inspect();
    CHECK(inspector.comment("spoken") == difficult);
    const auto columns = inspector.columns("spoken");
    CHECK(columns.at(0).comment == "plain");
    CHECK(columns.at(1).comment == difficult);
    CHECK(backend->verify().empty());
}

namespace {

enum class Word { plain, with_underscore };

struct Defaulted {
    std::int64_t id{};
    std::string text;
    std::int64_t low{};
    double ratio{};
    Decimal money;
    bool flag{};
    Word word{};
};
void describe(Mapping<Defaulted>& d) {
    d.column<&Defaulted::id>().primary_key();
    d.column<&Defaulted::text>(String(80)).server_default(difficult);
    d.column<&Defaulted::low>().server_default(std::numeric_limits<std::int64_t>::min());
    d.column<&Defaulted::ratio>().server_default(-0.25);
    d.column<&Defaulted::money>(Numeric(8, 2)).server_default(Decimal("-19.99"));
    d.column<&Defaulted::flag>().server_default(true);
    d.column<&Defaulted::word>().server_default("with_underscore");
    d.check(col(&Defaulted::low) >= std::numeric_limits<std::int64_t>::min(), "low_enough");
    d.check(col(&Defaulted::text) != difficult + "!", "not_that_text");
}

void check_defaults(Backend& backend) {
    backend.run("INSERT INTO " + backend.quoted("defaulted") + " (" + backend.quoted("id") +
                ") VALUES (7)");
    Session session = backend->session();
    const auto row = session.get<Defaulted>(7);
    REQUIRE(row);
    CHECK(row->text == difficult);
    CHECK(row->low == std::numeric_limits<std::int64_t>::min());
    CHECK(row->ratio == -0.25);
    CHECK(row->money == Decimal("-19.99"));
    CHECK(row->flag);
    CHECK(row->word == Word::with_underscore);
}

} // namespace

TEST_CASE("B28 A02 defaults with every character and the least integer are kept, and survive being "
          "reflected and made again") {
    Backend backend;
    backend->create_all<Defaulted>();
    check_defaults(backend);
    CHECK(backend->verify().empty());
    const auto statements = backend->inspect().to_sql();
    backend->drop_all<>();
    for (const auto& statement : statements) {
        CAPTURE(statement);
        backend.run(statement);
    }
    check_defaults(backend);
    CHECK(backend->verify().empty());
    Session session = backend->session();
    session.get<Defaulted>(7)->text = difficult + "!";
    if (backend.can().check_constraints) CHECK_THROWS_AS(session.commit(), CheckViolation);
}

TEST_CASE("a check on a column with a quote in its name survives being reflected and made again") {
    Backend backend;
    const auto text = ast::column("", "it's", String(40), false);
    Table table(
        "quoted", Column("id", BigInteger()).primary_key(), Column("it's", String(40)),
        CheckConstraint{"ck'1",
                        ast::binary(ast::Operator::NotEqual, text, ast::bind(Value("a\\'b")))},
        CheckConstraint{"ck2", ast::like(text, ast::bind(Value("%x\\y%")), 0, false, true)});
    backend->add(table);
    backend->create_all<>();
    for (const auto& difference : backend->verify()) FAIL_CHECK(difference.text());
    const auto statements = backend->inspect().to_sql();
    backend->drop_all<>();
    for (const auto& statement : statements) {
        CAPTURE(statement);
        CHECK_NOTHROW(backend.run(statement));
    }
    for (const auto& difference : backend->verify()) FAIL_CHECK(difference.text());
    CHECK(backend->inspect().to_sql() == statements);
}

TEST_CASE("DDL-07 the live schema is readable text that makes the same schema again") {
    Backend backend;
    Table all = orders_with_key_for_lines();
    all.comment = "what is to be delivered";
    all.add(CheckConstraint{"total_sensible", ast::text("number > -100", Boolean())});
    backend->add(all);
    backend->add(lines());
    backend->create_all<>();
    const auto first = backend->inspect().to_sql();
    std::string joined;
    for (const auto& statement : first) joined += statement + ";\n";
    CAPTURE(joined);
    CHECK(first.front().starts_with("CREATE TABLE " + backend.quoted("orders")));
    for (const char* name : {"lines", "region", "uq_back_to_front", "ix_mixed", "fk_lines_order"})
        CHECK(joined.find(name) != std::string::npos);
    CHECK(joined.find("CREATE TABLE " + backend.quoted("lines")) != std::string::npos);
    backend->drop_all<>();
    CHECK(backend->inspect().table_names().empty());
    for (const auto& statement : first) backend.run(statement);
    CHECK(backend->inspect().to_sql() == first);
    for (const auto& difference : backend->verify()) FAIL_CHECK(difference.text());
    CHECK(backend->inspect().table_sql("orders").front() == first.front());
}

TEST_CASE("DDL-04 a reflected table is a Table that another database can make") {
    Backend backend;
    backend->add(orders());
    backend->create_all<>();
    const Table table = backend->inspect().reflect("orders");
    CHECK(table.primary_key().size() == 2);
    CHECK(table.column("total").accepts_null());
    CHECK_FALSE(table.column("state").accepts_null());
    CHECK(table.autoincrement_column() == nullptr);
    backend->drop_all<>();
    Database other(backend.config());
    other.add(table);
    other.create_all<>();
    for (const auto& difference : backend->verify()) FAIL_CHECK(difference.text());
}

TEST_CASE("a key whose columns stand in another order is reflected and made in that order") {
    Backend backend;
    Table table("turned", Column("a", Integer()).primary_key(),
                Column("b", Integer()).primary_key());
    table.primary_key_order = {"b", "a"};
    backend->add(table);
    backend->create_all<>();
    CHECK(backend->inspect().primary_key("turned").columns == Names{"b", "a"});
    CHECK(backend->inspect().reflect("turned").primary_key_order == Names{"b", "a"});
    CHECK(backend->verify().empty());
    Table wrong("wrong", Column("a", Integer()).primary_key());
    wrong.primary_key_order = {"b"};
    CHECK_THROWS_AS(backend->add(wrong), MappingError);
}

TEST_CASE("a table with types and computed columns of its own is told as it is, and made again") {
    Backend backend;
    const std::string sql =
        "CREATE TABLE foreign_one (id INTEGER PRIMARY KEY, code CHAR(7) DEFAULT 'x', small "
        "DECIMAL(5, 1), ratio DOUBLE PRECISION";
    try {
        backend.run(sql + ", twice INTEGER GENERATED ALWAYS AS (id * 2) STORED)");
    } catch (const DatabaseError&) {
        backend.run(sql + ')'); // a version that computes no columns
    }
    SchemaInspector inspector = backend->inspect();
    const auto columns = inspector.columns("foreign_one");
    CHECK(columns.at(1).type == String(7));
    CHECK(columns.at(2).type.precision == 5);
    CHECK(columns.at(2).type.scale == 1);
    const auto statements = inspector.to_sql();
    CAPTURE(statements.front());
    MetaData reflected = inspector.reflect_all();
    backend.run("DROP TABLE foreign_one");
    for (const auto& statement : statements) backend.run(statement);
    CHECK(inspector.to_sql() == statements);
    const auto again = inspector.columns("foreign_one");
    REQUIRE(again.size() == columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        CHECK(again[i].native_type == columns[i].native_type);
        CHECK(again[i].computed == columns[i].computed);
    }
    for (const auto& difference : verify(reflected, inspector)) FAIL_CHECK(difference.text());
    if (columns.size() > 4) {
        backend.run("INSERT INTO foreign_one (id, small) VALUES (21, 1.5)");
        CHECK(backend.rows("SELECT twice FROM foreign_one").at(0).at(0) == Value(42));
    }
}

TEST_CASE("tables in a schema of their own are made, referred to, verified and dropped there") {
    Backend backend;
    try {
        backend.run("CREATE SCHEMA mercator_other");
    } catch (const DatabaseError&) {
        test::skip("this user makes no schemas here");
        return;
    }
    Table far("far", key(), Column("word", String(9)).unique().index());
    far.schema = "mercator_other";
    Table near("near", key(), Column("far_id", BigInteger()).references("mercator_other.far.id"));
    backend->add(near);
    backend->add(far);
    CHECK(backend->metadata().schema_names() == Names{"mercator_other"});
    backend->create_all<>();
    backend->create_all<>();
    CHECK(differences(backend) == "");
    CHECK(backend->inspect().table_names() == Names{"near"});
    CHECK(backend->inspect().table_names("mercator_other") == Names{"far"});
    CHECK(backend->inspect().has_table({"far", "mercator_other"}));
    CHECK_FALSE(backend->inspect().has_table("far"));
    const auto schemas = backend->inspect().schema_names();
    CHECK(std::find(schemas.begin(), schemas.end(), "mercator_other") != schemas.end());
    CHECK(backend->inspect().foreign_keys("near").at(0).target_schema == "mercator_other");
    CHECK_THROWS_AS(backend.run("INSERT INTO near (id, far_id) VALUES (1, 1)"),
                    ForeignKeyViolation);
    backend->drop_all<>();
    CHECK(backend->inspect().table_names("mercator_other").empty());
    backend.run("DROP SCHEMA mercator_other");
}
