// SPDX-License-Identifier: MIT
// 500 tables of 200 columns that no class describes: made in a loop, created, written and read.
#include <mercator/mercator.hpp>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace {

namespace ast = mercator::ast;
using mercator::Column;
using mercator::Table;
using mercator::Value;

constexpr int tables = 500;
constexpr int columns = 200;

Table make_table(int number) {
    Table table("table_" + std::to_string(number));
    table.add(Column("id", mercator::BigInteger()).primary_key());
    for (int c = 1; c < columns; ++c) {
        const std::string name = "column_" + std::to_string(c);
        table.add(Column(name, c % 2 == 0 ? mercator::BigInteger() : mercator::String(80)));
    }
    if (number > 0) table.columns[2].references("table_" + std::to_string(number - 1) + ".id");
    return table;
}

Value value_of(int number, std::size_t column) {
    if (column == 0) return Value(1);
    if (column == 2) return number == 0 ? Value() : Value(1); // refers to the table before
    if (column % 2 == 0) return Value(number * columns + static_cast<int>(column));
    return Value("text " + std::to_string(number) + " " + std::to_string(column));
}

void write_row(mercator::Connection& connection, const Table& table, int number) {
    ast::Insert insert;
    insert.table = std::make_shared<ast::TableRef>(ast::TableRef{table.schema, table.name, {}});
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        insert.columns.push_back({table.columns[c].name, table.columns[c].type});
        insert.values.push_back(ast::bind(value_of(number, c), table.columns[c].type));
    }
    connection.execute(insert);
}

bool keeps_row(mercator::Connection& connection, const Table& table, int number) {
    ast::Select select;
    select.from.emplace_back(
        std::make_shared<ast::TableRef>(ast::TableRef{table.schema, table.name, {}}));
    for (const Column& column : table.columns) {
        select.columns.push_back(std::make_shared<ast::ColumnRef>(
            table.name, column.name, column.type, column.accepts_null()));
    }
    const auto rows = connection.fetch_all(select);
    if (rows.size() != 1 || rows[0].size() != columns) return false;
    for (std::size_t c = 0; c < rows[0].size(); ++c)
        if (rows[0][c] != value_of(number, c)) return false;
    return true;
}

} // namespace

int main() {
    mercator::Database db{mercator::Config{.uri = "sqlite://"}};
    for (int number = 0; number < tables; ++number) db.add(make_table(number));
    db.create_all<>();

    auto connection = db.engine().connect();
    mercator::Transaction transaction(connection);
    int kept = 0;
    for (int number = 0; number < tables; ++number) {
        const Table table = make_table(number);
        write_row(connection, table, number);
        kept += keeps_row(connection, table, number) ? 1 : 0;
    }
    transaction.commit();
    std::printf("%d of %d tables kept their row\n", kept, tables);
    return kept == tables ? 0 : 1;
}
