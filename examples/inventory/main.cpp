// SPDX-License-Identifier: MIT
// inventory [--uri URI] [--echo]: a stockroom of products in categories.
#include "stockroom.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace {

using namespace inventory;

void print_stock(mercator::Session& session) {
    fmt::print("\n{:<12} {:>9} {:>7} {:>10}\n", "category", "products", "pieces", "value");
    for (const auto& line : stock_by_walking(session)) {
        fmt::print("{:<12} {:>9} {:>7} {:>7}.{:02}\n", line.category, line.products, line.pieces,
                   line.value / 100, line.value % 100);
    }
}

void work(mercator::Session& session) {
    using namespace std::chrono;
    receive(session, "Butter", 24);
    fmt::print("\n24 more butter has come.\n");
    for (const int count : {5, 50}) {
        fmt::print("{} loaves of rye bread: {}\n", count,
                   hand_out(session, "Rye bread", count) ? "handed out" : "there are not so many");
    }
    sort_into(session, "Umbrella", "Outdoor");
    const auto today = mercator::Date(year(2026) / February / day(11));
    fmt::print("{} product had expired and was thrown away.\n", discard_expired(session, today));
    for (const auto& product : low_on_stock(session, 5)) {
        fmt::print("Low: {} ({}), {} left\n", product->name,
                   product->category ? product->category->name : "in no category",
                   product->quantity);
    }
}

int run(const mercator::Config& config) {
    mercator::Database db(config);
    open_stockroom(db);
    auto session = db.session();
    print_stock(session);
    work(session);
    session.close();
    auto fresh = db.session(); // from the database, not from memory
    print_stock(fresh);
    if (stock_by_walking(fresh) != stock_by_sql(fresh)) {
        fmt::print(stderr, "inventory: objects and database disagree\n");
        return 1;
    }
    fmt::print("inventory: objects and database agree\n");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    std::string uri = "sqlite:///inventory.db";
    bool echo = false;
    CLI::App app{"A stockroom on any database. Drops its tables (categories, products) in the\n"
                 "database it is given, and makes them anew."};
    app.add_option("--uri", uri,
                   "sqlite:///file, postgresql://… or mysql://user:password@host/database")
        ->envname("MERCATOR_URI")
        ->capture_default_str();
    app.add_flag("--echo", echo, "show the SQL");
    CLI11_PARSE(app, argc, argv);
    try {
        mercator::Config config{.uri = uri};
        if (echo) config.echo = mercator::Echo::Statements;
        return run(config);
    } catch (const mercator::Error& error) {
        std::fflush(stdout);
        fmt::print(stderr, "inventory: {}\n", error.what());
        return 2;
    }
}
