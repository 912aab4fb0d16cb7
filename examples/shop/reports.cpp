// SPDX-License-Identifier: MIT
#include "reports.hpp"

#include "text_table.hpp"

#include <mercator/session/check_hybrid.hpp>

#include <fmt/core.h>

namespace shop {

using mercator::col;
using mercator::select;
using mercator::Session;
namespace func = mercator::func;

namespace {

std::string money(const std::optional<Decimal>& amount) {
    return amount.value_or(Decimal()).round(2).to_string();
}

std::string shown(std::int64_t number) {
    return std::to_string(number);
}

void add_branch(TextTable& table, const Category& category, const std::string& indent) {
    const auto cheapest =
        category.products.query().in_stock().order_by(col(&Product::price)).first();
    table.add({indent + category.name, std::to_string(category.product_count()),
               cheapest ? fmt::format("{} for {}", cheapest->name, money(cheapest->price)) : ""});
    for (const auto& child : category.children) add_branch(table, *child, indent + "  ");
}

} // namespace

void print_category_tree(Session& session) {
    TextTable table({"category", ">products", "cheapest in stock"});
    const auto roots = session.query<Category>().where(col(&Category::parent_id).is_null());
    for (const auto& root : roots.order_by(col(&Category::name)).all())
        add_branch(table, *root, "");
    table.print();
}

void print_top_products(Session& session) {
    const auto sold = func::sum(col(&OrderItem::quantity));
    const auto sales = func::sum(item_subtotal());
    TextTable table({"product", "category", ">sold", ">sales"});
    const auto rows = session.execute(
        select(col(&Product::name), col(&Category::name).label("category"), sold, sales)
            .join<&Product::category>()
            .join<&Product::order_items>()
            .group_by(col(&Product::name), col(&Category::name))
            .order_by(sales.desc(), col(&Product::name))
            .limit(8));
    for (const auto& [name, category, number, amount] : rows) {
        table.add({name, category, shown(number.value_or(0)), money(amount)});
    }
    table.print();
}

void print_sales_by_category(Session& session) {
    const auto sales = func::sum(item_subtotal());
    TextTable table({"category", ">orders", ">sales"});
    const auto rows = session.execute(
        select(col(&Category::name), func::count_distinct(col(&OrderItem::order_id)), sales)
            .join<&Category::products>()
            .join<&Product::order_items>()
            .group_by(col(&Category::name))
            .having(func::count(col(&OrderItem::id)) >= 5)
            .order_by(sales.desc(), col(&Category::name)));
    for (const auto& [name, orders, amount] : rows) table.add({name, shown(orders), money(amount)});
    table.print();
}

void print_largest_orders(Session& session) {
    TextTable table({"order", "customer", ">lines", ">shipping", ">total"});
    for (const auto& order :
         session.query<Order>()
             .where(total() >= 3000)
             .order_by(total().desc(), col(&Order::id))
             .options(mercator::joined<&Order::user>(), mercator::selectin<&Order::items>())
             .all()) {
        table.add({shown(order->id), full_name(*order->user), std::to_string(order->items.size()),
                   money(order->shipping_fee), money(total(*order))});
    }
    table.print();
}

void print_waiting(Session& session) {
    TextTable table({"customer", "product", ">pieces", ">worth"});
    for (const auto& item :
         session.query<CartItem>()
             .where(cart_subtotal() >= 100)
             .order_by(cart_subtotal().desc())
             .options(mercator::joined<&CartItem::user>(), mercator::joined<&CartItem::product>())
             .all()) {
        table.add({full_name(*item->user), item->product->name, std::to_string(item->quantity),
                   money(cart_subtotal(*item))});
    }
    table.print();
}

void print_customers(Session& session) {
    TextTable table({"customer", "home", ">orders", "last order", "status", ">spent"});
    for (const auto& user :
         session.query<User>()
             .order_by(col(&User::username))
             .options(mercator::selectin<&User::addresses>(),
                      mercator::selectin<&User::orders>().then(mercator::selectin<&Order::items>()))
             .all()) {
        std::shared_ptr<Order> last;
        for (const auto& order : user->orders) {
            if (!last || order->placed_at > last->placed_at) last = order;
        }
        const auto home = user->default_address();
        table.add({full_name(*user), home ? home->city + ", " + home->country : "",
                   std::to_string(user->orders.size()),
                   last ? mercator::to_string(last->placed_at).substr(0, 10) : "",
                   last ? std::string(mercator::enum_name(last->status)) : "",
                   money(spent(*user))});
    }
    table.print();
}

std::size_t compare_hybrids(Session& session) {
    using mercator::check_hybrid;
    return check_hybrid<full_name>(session) + check_hybrid<is_in_stock>(session) +
           check_hybrid<cart_subtotal>(session) + check_hybrid<item_subtotal>(session) +
           check_hybrid<subtotal>(session) + check_hybrid<total>(session) +
           check_hybrid<spent>(session);
}

Decimal total_by_sql(Session& session) {
    return session.scalar(select(func::sum(total()))).value_or(Decimal());
}

Decimal total_by_objects(Session& session) {
    Decimal sum;
    for (const auto& order :
         session.query<Order>().options(mercator::selectin<&Order::items>()).all())
        sum += total(*order);
    return sum;
}

} // namespace shop
