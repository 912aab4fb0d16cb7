// SPDX-License-Identifier: MIT
#include "catalogue.hpp"
#include "checkout.hpp"
#include "mistakes.hpp"
#include "reports.hpp"
#include "rules.hpp"
#include "text_table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace shop;

/// Echoed SQL goes where the program's own output goes, so that both stay in order.
class EchoToOutput : public mercator::LogSink {
public:
    void write(mercator::LogLevel level, std::string_view message) override {
        std::FILE* out = level < mercator::LogLevel::Warning ? stdout : stderr;
        while (!message.empty()) {
            const auto line = message.substr(0, message.find('\n'));
            fmt::print(out, "    | {}\n", line);
            message.remove_prefix(std::min(message.size(), line.size() + 1));
        }
    }
};

void open_shop(mercator::Database& db) {
    print_heading("A new shop: tables, catalogue, customers, orders");
    create_schema(db);
    set_rules(db);
    auto session = db.session();
    add_catalogue(session);
    const auto users = add_customers(session);
    session.commit();
    place_orders(session, users);
    leave_in_carts(session, users);
    fmt::print("{} products in {} categories, {} customers, {} orders\n",
               session.query<Product>().count(), session.query<Category>().count(), users.size(),
               session.query<Order>().count());
}

void make_mistakes(mercator::Database& db) {
    print_heading("Mistakes, and how they end");
    auto session = db.session();
    const auto newcomer = register_newcomer(session);
    order_wrongly(session, newcomer);
    reopen_delivered(session);
}

void print_reports(mercator::Session& session) {
    print_heading("The catalogue");
    print_category_tree(session);
    print_heading("What sells best");
    print_top_products(session);
    print_heading("Sales by category, where five lines or more were sold");
    print_sales_by_category(session);
    print_heading("Orders of 3000 and more");
    print_largest_orders(session);
    print_heading("Waiting in carts, for 100 and more");
    print_waiting(session);
    print_heading("Customers");
    print_customers(session);
}

/// True if the database and the objects agree on the total.
bool close_the_books(mercator::Session& session) {
    fmt::print("\n{} computed values agree in memory and in the database\n",
               compare_hybrids(session));
    const auto by_sql = total_by_sql(session);
    const auto by_objects = total_by_objects(session);
    if (by_sql != by_objects) {
        fmt::print(stderr, "shop: the database says {}, the objects say {}\n", by_sql.to_string(),
                   by_objects.to_string());
        return false;
    }
    fmt::print("shop: {} orders, total {}\n", session.query<Order>().count(),
               by_sql.round(2).to_string());
    return true;
}

int run(const mercator::Config& config) {
    mercator::Database db(config);
    open_shop(db);
    make_mistakes(db);
    auto session = db.session(); // a fresh one: everything below comes from the database
    print_reports(session);
    return close_the_books(session) ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    std::string uri = "sqlite:///shop.db";
    bool echo = false;
    CLI::App app{
        "A web shop on any database. Drops its tables (users, addresses, categories, products,\n"
        "cart_items, orders, order_items) in the database it is given, and makes them anew."};
    app.add_option("--uri", uri,
                   "sqlite:///file, postgresql://… or mysql://user:password@host/database")
        ->envname("MERCATOR_URI")
        ->capture_default_str();
    app.add_flag("--echo", echo, "show the SQL");
    CLI11_PARSE(app, argc, argv);
    try {
        mercator::Config config{.uri = uri};
        if (echo) {
            config.echo = mercator::Echo::Statements;
            config.log = std::make_shared<EchoToOutput>();
        }
        return run(config);
    } catch (const mercator::Error& error) {
        std::fflush(stdout);
        fmt::print(stderr, "shop: {}\n", error.what());
        return 2;
    }
}
