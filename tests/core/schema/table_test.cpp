// SPDX-License-Identifier: MIT
#include <mercator/ast/build.hpp>
#include <mercator/schema/naming_convention.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

using namespace mercator;

namespace {

template <class... Items>
Table completed(std::string name, Items&&... items) {
    Table table(std::move(name), std::forward<Items>(items)...);
    table.complete();
    return table;
}

} // namespace

TEST_CASE("KEY-10 completing a table lists and names the marks of its columns, once") {
    Table table(
        "users", Column("id", Integer()).primary_key(), Column("email", String(64)).unique(),
        Column("city", String(64)).index(), Column("nick", String(64)).unique().index(),
        Column("role_id", Integer()).references("roles.id").on_delete(ReferentialAction::SetNull),
        CheckConstraint{{}, ast::is_null(ast::column("", "city", String(64)), true)});
    table.complete();
    table.complete();
    REQUIRE(table.uniques.size() == 1);
    CHECK(table.uniques[0].name == "uq_users_email");
    REQUIRE(table.indexes.size() == 2);
    CHECK(table.indexes[0].name == "ix_users_city");
    CHECK_FALSE(table.indexes[0].unique);
    CHECK(table.indexes[1].name == "ix_users_nick");
    CHECK(table.indexes[1].unique);
    REQUIRE(table.foreign_keys.size() == 1);
    CHECK(table.foreign_keys[0].name == "fk_users_role_id_roles");
    CHECK(table.foreign_keys[0].target_columns == std::vector<std::string>{"id"});
    CHECK(table.foreign_keys[0].on_delete == ReferentialAction::SetNull);
    CHECK(table.checks[0].name == "ck_users_1");
}

TEST_CASE("KEY-10 a long name is cut to 60 bytes and stays distinct") {
    const std::string table(80, 't');
    const auto one = schema::index_name(table, {"a"});
    const auto two = schema::index_name(table, {"b"});
    CHECK(one.size() == 60);
    CHECK(one != two);
    CHECK(one == schema::index_name(table, {"a"}));
    CHECK(one.starts_with("ix_ttt"));
    CHECK(schema::primary_key_name("users") == "pk_users");
    std::string letters;
    for (int i = 0; i < 40; ++i) letters += "\xC3\xA9";
    const auto cut = schema::primary_key_name(letters);
    const auto hash_at = cut.rfind('_');
    CHECK(cut.size() <= 60);
    CHECK((hash_at - 3) % 2 == 0); // whole letters between "pk_" and the hash
}

TEST_CASE("the key that the database makes") {
    CHECK(completed("a", Column("id", Integer()).primary_key()).autoincrement_column() != nullptr);
    CHECK(completed("a", Column("id", String(8)).primary_key()).autoincrement_column() == nullptr);
    CHECK(completed("a", Column("id", Integer()).primary_key().autoincrement(false))
              .autoincrement_column() == nullptr);
    CHECK(completed("a", Column("id", Integer()).primary_key().references("b.id"))
              .autoincrement_column() == nullptr);
    CHECK(completed("a", Column("id", Integer()).primary_key().server_default(1))
              .autoincrement_column() == nullptr);
    CHECK(
        completed("a", Column("id", Integer()).primary_key().default_(1)).autoincrement_column() ==
        nullptr);
    const auto composite =
        completed("a", Column("x", Integer()).primary_key(), Column("y", Integer()).primary_key());
    CHECK(composite.autoincrement_column() == nullptr);
    CHECK(composite.primary_key().size() == 2);
    const auto chosen = completed("a", Column("x", Integer()).primary_key(),
                                  Column("y", Integer()).primary_key().autoincrement());
    REQUIRE(chosen.autoincrement_column() != nullptr);
    CHECK(chosen.autoincrement_column()->name == "y");
}

TEST_CASE("a wrong table is refused with its name and the way out") {
    CHECK_THROWS_AS((void)completed(""), MappingError);
    CHECK_THROWS_AS((void)completed("empty"), MappingError);
    CHECK_THROWS_AS((void)completed("t", Column("a", Integer()), Column("a", Integer())),
                    MappingError);
    CHECK_THROWS_AS((void)completed("t", Column("a", SqlType())), MappingError);
    CHECK_THROWS_AS((void)completed("t", Column("a", Integer()).primary_key().nullable()),
                    MappingError);
    CHECK_THROWS_AS((void)completed("t", Column("a", Integer()), UniqueConstraint{{}, {"b"}}),
                    MappingError);
    CHECK_THROWS_AS((void)completed("t", Column("a", Integer()), Index{{}, {}}), MappingError);
    CHECK_THROWS_AS(
        (void)completed("t", Column("a", Integer()), ForeignKey{{}, {"a"}, "b", {"x", "y"}}),
        MappingError);
    CHECK_THROWS_AS((void)completed("t", Column("a", String(9)).primary_key().autoincrement()),
                    MappingError);
    CHECK_THROWS_AS((void)completed("t", Column("a", Integer()), Index{"i", {"a"}},
                                    UniqueConstraint{"i", {"a"}}),
                    MappingError);
    const auto positive =
        ast::binary(ast::Operator::Greater, ast::column("", "b", Integer(), false), ast::bind(0));
    CHECK_THROWS_AS((void)completed("t", Column("a", Integer()), CheckConstraint{"c", positive}),
                    MappingError);
    CHECK_THROWS_AS(
        (void)completed("t", Column("a", Integer()), Index{.columns = {"a"}, .where = positive}),
        MappingError);
    CHECK_THROWS_AS((void)Column("a", Integer()).references("roles"), MappingError);
    CHECK_THROWS_AS((void)Column("a", Integer()).on_delete(ReferentialAction::Cascade),
                    MappingError);
    const Table table("users", Column("id", Integer()));
    CHECK_THROWS_WITH_AS((void)table.column("idd"), doctest::Contains("it has id"), MappingError);
}

TEST_CASE("KEY-02 a mark for an index on the whole key adds nothing, on a part of it it does") {
    const auto single = completed("a", Column("id", Integer()).primary_key().index().unique());
    CHECK(single.indexes.empty());
    CHECK(single.uniques.empty());
    const auto pair = completed("a", Column("x", Integer()).primary_key(),
                                Column("y", Integer()).primary_key().index());
    REQUIRE(pair.indexes.size() == 1);
    CHECK(pair.indexes[0].columns == std::vector<std::string>{"y"});
}

TEST_CASE("a unique constraint is found whatever the order of its columns, a partial one is none") {
    const auto table = completed("t", Column("id", Integer()).primary_key(), Column("a", Integer()),
                                 Column("b", Integer()).unique(), UniqueConstraint{{}, {"a", "b"}},
                                 Index{.columns = {"a"},
                                       .unique = true,
                                       .where = ast::is_null(ast::column("", "b", Integer()))});
    CHECK(table.has_unique({"id"}));
    CHECK(table.has_unique({"b"}));
    CHECK(table.has_unique({"b", "a"}));
    CHECK_FALSE(table.has_unique({"a"}));
    CHECK_FALSE(table.has_unique({"id", "a"}));
}

TEST_CASE("KEY-17 options are kept by name, and one without a dialect is refused") {
    Table table("t", Column("id", Integer()).primary_key());
    table.option("mysql_engine", "MyISAM").option("sqlite_strict").option("mysql_engine", "InnoDB");
    CHECK(table.options == std::vector<std::pair<std::string, std::string>>{
                               {"mysql_engine", "InnoDB"}, {"sqlite_strict", "true"}});
    CHECK_NOTHROW(table.complete());
    table.option("engine", "InnoDB");
    CHECK_THROWS_WITH_AS(table.complete(), doctest::Contains("\"engine\""), MappingError);
}

TEST_CASE("an index sorts none but its own columns") {
    CHECK_THROWS_WITH_AS((void)completed("t", Column("a", Integer()), Column("b", Integer()),
                                         Index{.columns = {"a"}, .descending = {"b"}}),
                         doctest::Contains("\"b\""), MappingError);
}
