// SPDX-License-Identifier: MIT
// The page on the schema, as a program.
#include <mercator/mercator.hpp>

#include <fmt/format.h>

namespace {

struct Customer {
    std::int64_t id{};
    std::string name;
};
void describe(mercator::Mapping<Customer>& customer) {
    customer.table("customers");
    customer.column<&Customer::id>().primary_key();
    customer.column<&Customer::name>(mercator::String(80));
}

struct Order {
    std::int64_t id{};
    std::string code;
    std::int64_t customer_id{};
    int number{};
    std::string status;
    mercator::DateTime created_at{};
    mercator::Decimal total;
};

void describe(mercator::Mapping<Order>& order) {
    order.table("orders").comment("what was bought");
    order.column<&Order::id>().primary_key();
    order.column<&Order::code>(mercator::String(20)).unique().comment("on the invoice");
    order.column<&Order::customer_id>().references<&Customer::id>().on_delete(
        mercator::ReferentialAction::Cascade);
    order.column<&Order::number>();
    order.column<&Order::status>(mercator::String(20)).server_default("new");
    order.column<&Order::created_at>();
    order.column<&Order::total>(mercator::Numeric(10, 2));
    order.check(mercator::col(&Order::total) >= 0, "never_negative");
    order.unique<&Order::customer_id, &Order::number>("one_number_each");
    order.index<&Order::status, &Order::created_at>();
    order.index<&Order::created_at>(mercator::Index{
        .descending = {"created_at"}, .where = mercator::col(&Order::status) == "new"});
    order.option("mysql_row_format", "DYNAMIC").option("sqlite_strict");
}

int run() {
    mercator::Database db("sqlite:///schema.db");
    db.set_naming_convention({.unique = "{table_name}_{column_0_N_name}_key",
                              .check = "chk_{table_name}_{constraint_name}"});
    db.create_all<Order, Customer>();

    mercator::SchemaInspector there = db.inspect(); // or mercator::inspect(engine)
    if (there.has_table("orders")) {
        for (const auto& column : there.columns("orders"))
            fmt::print("{} {}\n", column.name, column.native_type);
    }
    mercator::Table table = there.reflect("orders"); // can be made again, here or elsewhere
    for (const auto& statement : there.to_sql()) fmt::print("{};\n", statement);

    const auto differences = db.verify<Order, Customer>();
    for (const auto& difference : differences) fmt::print("{}\n", difference.text());
    return differences.empty() && table.columns.size() == 7 ? 0 : 1;
}

} // namespace

int main() {
    return run();
}
