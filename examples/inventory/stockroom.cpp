// SPDX-License-Identifier: MIT
#include "stockroom.hpp"

#include <chrono>
#include <optional>

namespace inventory {

using mercator::col;
using namespace std::chrono;

namespace {

mercator::Date day(int y, unsigned m, unsigned d) {
    return mercator::Date(year(y) / month(m) / std::chrono::day(d));
}

std::shared_ptr<Product> product_named(mercator::Session& session, const std::string& name) {
    return session.query<Product>().where(col(&Product::name) == name).one();
}

} // namespace

void open_stockroom(mercator::Database& db) {
    db.drop_all<Category, Product>();
    db.create_all<Category, Product>();
    auto session = db.session();
    const auto dairy = session.add(Category{.name = "Dairy"});
    dairy->products = {
        session.add(
            Product{.name = "Milk", .quantity = 40, .price = 109, .expiry_date = day(2026, 3, 1)}),
        session.add(Product{
            .name = "Butter", .quantity = 12, .price = 249, .expiry_date = day(2026, 4, 15)}),
        session.add(Product{
            .name = "Yoghurt", .quantity = 3, .price = 79, .expiry_date = day(2026, 2, 10)})};
    const auto bakery = session.add(Category{.name = "Bakery"});
    bakery->products = {
        session.add(Product{
            .name = "Rye bread", .quantity = 8, .price = 320, .expiry_date = day(2026, 2, 12)}),
        session.add(
            Product{.name = "Rusk", .quantity = 25, .price = 150, .expiry_date = day(2027, 1, 1)})};
    const auto household = session.add(Category{.name = "Household"});
    for (const char* name : {"Candles", "Matches", "Soap", "String"}) {
        auto product = session.add(Product{.name = name, .quantity = 10, .price = 199});
        product->category = household; // household->products has it now, too
    }
    session.add(Category{.name = "Garden"});
    session.add(Product{.name = "Umbrella", .quantity = 1, .price = 1'500});
    session.commit();
}

void receive(mercator::Session& session, const std::string& name, int count) {
    product_named(session, name)->quantity += count;
    session.commit();
}

bool hand_out(mercator::Session& session, const std::string& name, int count) {
    const auto product = product_named(session, name);
    if (product->quantity < count) return false;
    product->quantity -= count;
    session.commit();
    return true;
}

void sort_into(mercator::Session& session, const std::string& product,
               const std::string& category) {
    auto found = session.query<Category>().where(col(&Category::name) == category).one_or_none();
    if (!found) found = session.add(Category{.name = category});
    found->products.add(product_named(session, product));
    session.commit();
}

std::size_t discard_expired(mercator::Session& session, mercator::Date today) {
    const auto expired = session.query<Product>().where(col(&Product::expiry_date) < today).all();
    for (const auto& product : expired) session.delete_(product);
    session.commit();
    return expired.size();
}

std::vector<std::shared_ptr<Product>> low_on_stock(mercator::Session& session, int fewer_than) {
    return session.query<Product>()
        .where(col(&Product::quantity) < fewer_than)
        .order_by(col(&Product::name))
        .options(mercator::joined<&Product::category>())
        .all();
}

std::vector<CategoryLine> stock_by_walking(mercator::Session& session) {
    std::vector<CategoryLine> lines;
    for (const auto& category : session.query<Category>().order_by(col(&Category::name)).all()) {
        CategoryLine line{category->name, 0, 0, 0};
        for (const auto& product : category->products) {
            ++line.products;
            line.pieces += product->quantity;
            line.value += product->value();
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<CategoryLine> stock_by_sql(mercator::Session& session) {
    const auto rows = session.execute(
        select(col(&Category::name), mercator::func::count(col(&Product::product_id)),
               mercator::func::sum(col(&Product::quantity)),
               mercator::func::sum(col(&Product::quantity) * col(&Product::price)))
            .left_join<&Category::products>()
            .group_by(col(&Category::name))
            .order_by(col(&Category::name)));
    std::vector<CategoryLine> lines;
    for (const auto& [name, products, pieces, value] : rows)
        lines.push_back({name, products, pieces.value_or(0), value.value_or(0)});
    return lines;
}

} // namespace inventory
