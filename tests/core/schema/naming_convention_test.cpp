// SPDX-License-Identifier: MIT
#include <mercator/ast/build.hpp>
#include <mercator/schema/metadata.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

using namespace mercator;

namespace {

std::shared_ptr<const Table> sample() {
    auto table = std::make_shared<Table>(
        "orders", Column("id", Integer()).primary_key(), Column("a", Integer()).index(),
        Column("b", Integer()).references("users.id"), UniqueConstraint{{}, {"a", "b"}},
        UniqueConstraint{"given", {"b"}}, CheckConstraint{{}, ast::text("a > 0", Boolean())},
        CheckConstraint{"positive", ast::text("b > 0", Boolean())});
    table->complete();
    return table;
}

std::shared_ptr<const Table> named_by(NamingConvention convention) {
    MetaData metadata(std::move(convention));
    metadata.add(sample());
    return metadata.tables().front();
}

std::string refusal(const NamingConvention& convention) {
    try {
        convention.validate();
        return {};
    } catch (const ArgumentError& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("KEY-24 without a convention of one's own the default one names what has no name") {
    const auto table = named_by({});
    CHECK(table->primary_key_name == "pk_orders");
    CHECK(table->indexes[0].name == "ix_orders_a");
    CHECK(table->foreign_keys[0].name == "fk_orders_b_users");
    CHECK(table->uniques[0].name == "uq_orders_a_b");
    CHECK(table->uniques[1].name == "given");
    CHECK(table->checks[0].name == "ck_orders_1");
    CHECK(table->checks[1].name == "positive");
}

TEST_CASE("KEY-24 every token is replaced, and given names are kept") {
    const auto table =
        named_by({.primary_key = "{table_name}_{column_0_name}_pk",
                  .unique = "u_{column_0_name}_{column_1_name}",
                  .index = "i_{column_0_N_name}",
                  .foreign_key =
                      "{table_name}_{column_0_name}_{referred_table_name}_{referred_column_0_name}",
                  .check = "c{number}"});
    CHECK(table->primary_key_name == "orders_id_pk");
    CHECK(table->indexes[0].name == "i_a");
    CHECK(table->foreign_keys[0].name == "orders_b_users_id");
    CHECK(table->uniques[0].name == "u_a_b");
    CHECK(table->uniques[1].name == "given");
    CHECK(table->checks[0].name == "c1");
    CHECK(table->checks[1].name == "positive");
}

TEST_CASE("KEY-24 a pattern with the given name is applied to given names too") {
    const auto table = named_by({.unique = "uq_{table_name}_{constraint_name}{column_0_name}",
                                 .check = "ck_{table_name}_{constraint_name}"});
    CHECK(table->uniques[0].name == "uq_orders_a");
    CHECK(table->uniques[1].name == "uq_orders_givenb");
    CHECK(table->checks[0].name == "ck_orders_1");
    CHECK(table->checks[1].name == "ck_orders_positive");
    CHECK(sample()->checks[1].name == "positive"); // what others share is left alone
}

TEST_CASE("KEY-24 a name longer than the limit ends in a hash of the whole, the same every time") {
    const auto convention = NamingConvention{.longest_name = 20};
    const auto table = named_by(convention);
    CHECK(table->foreign_keys[0].name.size() == 17);
    CHECK(named_by({.foreign_key = "a_foreign_key_called_{column_0_name}", .longest_name = 20})
              ->foreign_keys[0]
              .name == "a_foreign_k_d224ea70");
    const auto other =
        named_by({.foreign_key = "a_foreign_key_called_{table_name}", .longest_name = 20});
    CHECK(other->foreign_keys[0].name.size() == 20);
    CHECK(other->foreign_keys[0].name.starts_with("a_foreign_k_"));
    CHECK(other->foreign_keys[0].name != "a_foreign_k_d224ea70");
}

TEST_CASE("KEY-24 an unknown token, or one that the kind does not have, is refused by name") {
    CHECK(refusal({}).empty());
    CHECK(refusal({.unique = "{tabel_name}"}).find("tabel_name") != std::string::npos);
    CHECK(refusal({.index = "{referred_table_name}"}).find("referred_table_name") !=
          std::string::npos);
    CHECK(refusal({.check = "{column_0_name}"}).find("column_0_name") != std::string::npos);
    CHECK(refusal({.primary_key = "pk_{table_name"}).find("brace") != std::string::npos);
    CHECK(refusal({.longest_name = 3}).find("16 bytes") != std::string::npos);
    CHECK_THROWS_AS(MetaData(NamingConvention{.unique = "{x}"}), ArgumentError);
}
