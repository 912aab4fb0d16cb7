// SPDX-License-Identifier: MIT
#include <mercator/schema/metadata.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace mercator;

namespace {

template <class... Items>
std::shared_ptr<const Table> completed(std::string name, Items&&... items) {
    auto table = std::make_shared<Table>(std::move(name), std::forward<Items>(items)...);
    table->complete();
    return table;
}

Column key() {
    return Column("id", Integer()).primary_key();
}

std::vector<std::string> names(const std::vector<const Table*>& tables) {
    std::vector<std::string> all;
    for (const Table* table : tables) all.push_back(table->name);
    return all;
}

} // namespace

TEST_CASE("DDL-01 referred tables come first, others in the order they were added") {
    MetaData metadata;
    metadata.add(completed("items", key(), Column("order_id", Integer()).references("orders.id"),
                           Column("product_id", Integer()).references("products.id")));
    metadata.add(completed("orders", key(), Column("user_id", Integer()).references("users.id")));
    metadata.add(completed("zebra", key()));
    metadata.add(completed("users", key()));
    metadata.add(completed("products", key()));
    metadata.check_references();
    const auto sorted = metadata.sorted();
    CHECK(names(sorted.tables) ==
          std::vector<std::string>{"zebra", "users", "orders", "products", "items"});
    CHECK(sorted.cyclic.empty());
}

TEST_CASE(
    "DDL-02 a cycle of tables is broken at one foreign key, a reference to itself is no cycle") {
    MetaData metadata;
    metadata.add(
        completed("departments", key(), Column("head_id", Integer()).references("employees.id")));
    metadata.add(completed("employees", key(),
                           Column("department_id", Integer()).references("departments.id"),
                           Column("manager_id", Integer()).references("employees.id")));
    const auto sorted = metadata.sorted();
    CHECK(names(sorted.tables) == std::vector<std::string>{"departments", "employees"});
    REQUIRE(sorted.cyclic.size() == 1);
    CHECK(sorted.cyclic[0].first->name == "departments");
    CHECK(sorted.cyclic[0].second->columns == std::vector<std::string>{"head_id"});
}

TEST_CASE("KEY-13 a foreign key to a missing table, a missing column or columns that are not "
          "unique is refused") {
    const auto refusal = [](std::shared_ptr<const Table> table) {
        MetaData metadata;
        metadata.add(completed("roles", key(), Column("name", String(64)),
                               Column("code", String(8)).unique(),
                               Column("slug", String(8)).unique().index()));
        metadata.add(std::move(table));
        try {
            metadata.check_references();
        } catch (const MappingError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const auto user = [](const std::string& target) {
        return completed("users", key(), Column("role", Integer()).references(target));
    };
    CHECK(refusal(user("rolls.id")).find("\"rolls\", which is not there") != std::string::npos);
    CHECK(refusal(user("roles.idd")).find("no such column; it has id, name, code, slug") !=
          std::string::npos);
    CHECK(refusal(user("roles.name")).find("make it the primary key or unique()") !=
          std::string::npos);
    CHECK(refusal(user("roles.id")).empty());
    CHECK(refusal(user("roles.code")).empty());
    CHECK(refusal(user("roles.slug")).empty());
    CHECK(refusal(completed("users", key(), Column("a", Integer()), Column("b", Integer()),
                            ForeignKey{{}, {"a", "b"}, "roles", {}}))
              .find("name the target columns") != std::string::npos);
    CHECK(refusal(
              completed("users", key(), Column("a", Integer()), ForeignKey{{}, {"a"}, "roles", {}}))
              .empty());
}

TEST_CASE("two tables of one name are refused, the same table twice is not") {
    MetaData metadata;
    const auto table = completed("users", key());
    metadata.add(table);
    metadata.add(table);
    CHECK(metadata.tables().size() == 1);
    CHECK(metadata.find("users") == table.get());
    CHECK(metadata.find("nobody") == nullptr);
    CHECK_THROWS_AS(metadata.add(completed("users", key())), MappingError);
}

TEST_CASE("DDL-08 tables come sorted by their references, and cycles are told table by table") {
    MetaData metadata;
    metadata.add(completed("lines", key(), Column("order_id", Integer()).references("orders.id")));
    metadata.add(completed("orders", key(), Column("user_id", Integer()).references("users.id"),
                           Column("previous_id", Integer()).references("orders.id")));
    metadata.add(completed("users", key()));
    CHECK(names(metadata.sorted_tables()) == std::vector<std::string>{"users", "orders", "lines"});
    CHECK(metadata.cycles().empty());

    metadata.add(completed("hens", key(), Column("egg_id", Integer()).references("eggs.id")));
    metadata.add(completed("nests", key(), Column("hen_id", Integer()).references("hens.id")));
    metadata.add(completed("eggs", key(), Column("nest_id", Integer()).references("nests.id")));
    const auto cycles = metadata.cycles();
    REQUIRE(cycles.size() == 1);
    auto round = names(cycles[0]);
    REQUIRE(round.size() == 3);
    std::rotate(round.begin(), std::find(round.begin(), round.end(), "hens"), round.end());
    CHECK(round == std::vector<std::string>{"hens", "eggs", "nests"}); // in the way of the keys
    CHECK(metadata.sorted_tables().size() == 6);
}

TEST_CASE("DDL-08 schemas are named once, and a reference can name one") {
    MetaData metadata;
    const auto in_schema = [](const char* schema, std::string name) {
        auto table = std::make_shared<Table>(std::move(name), key());
        table->schema = schema;
        table->complete();
        return table;
    };
    metadata.add(in_schema("shop", "orders"));
    metadata.add(in_schema("audit", "entries"));
    metadata.add(in_schema("shop", "users"));
    metadata.add(completed("notes", key(), Column("o", Integer()).references("shop.orders.id")));
    CHECK(metadata.schema_names() == std::vector<std::string>{"audit", "shop"});
    const ForeignKey& reference = metadata.find("notes")->foreign_keys[0];
    CHECK(reference.target_schema == "shop");
    CHECK(reference.target_table == "orders");
    CHECK_NOTHROW(metadata.check_references());
}

TEST_CASE(
    "KEY-12 a column without a type takes that of the column it references, over any number of "
    "tables and in any order") {
    MetaData metadata;
    metadata.add(completed("c", Column("b_code", SqlType()).references("b.a_code").primary_key()));
    metadata.add(completed("b", Column("a_code", SqlType()).references("a.code").primary_key()));
    CHECK(metadata.find("c")->column("b_code").type.kind == TypeKind::Unknown);
    CHECK_THROWS_AS(metadata.check_references(), MappingError);
    metadata.add(completed("a", Column("code", String(7)).primary_key()));
    CHECK(metadata.find("b")->column("a_code").type == String(7));
    CHECK(metadata.find("c")->column("b_code").type == String(7));
    CHECK_NOTHROW(metadata.check_references());
    metadata.add(completed("d", key(), Column("x", SqlType()).references("c.b_code")));
    CHECK(metadata.find("d")->column("x").type == String(7));
    metadata.add(completed("e", Column("f", SqlType()).references("e.f").primary_key()));
    CHECK_THROWS_WITH_AS(metadata.check_references(), doctest::Contains("give one of them a type"),
                         MappingError);
}
