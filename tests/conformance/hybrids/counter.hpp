// SPDX-License-Identifier: MIT
#pragma once

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// A small shop with every kind of hybrid: of members alone, across a relationship, over a
/// collection, and of other hybrids.
namespace counter {

using mercator::Decimal;
using mercator::hybrid;

struct CartItem;
struct Order;

struct User {
    std::int64_t id{};
    std::string username;
    std::optional<std::string> first_name;
    std::optional<std::string> last_name;
    mercator::Many<CartItem> cart;
    mercator::Many<Order> orders;
};
struct Product {
    std::int64_t id{};
    std::string name;
    Decimal price;
    int stock{};
    std::optional<std::int64_t> successor_id;
    mercator::One<Product> successor;
    mercator::Many<Product> predecessors;
};
struct CartItem {
    std::int64_t id{};
    std::int64_t user_id{};
    std::int64_t product_id{};
    int quantity = 1;
    mercator::One<User> user;
    mercator::One<Product> product;
};
struct OrderItem;
struct Order {
    std::int64_t id{};
    std::int64_t user_id{};
    Decimal shipping_fee;
    mercator::One<User> user;
    mercator::Many<OrderItem> items;
};
struct OrderItem {
    std::int64_t id{};
    std::int64_t order_id{};
    std::int64_t product_id{};
    int quantity{};
    Decimal price;
    mercator::One<Order> order;
    mercator::One<Product> product;
};

inline void describe(mercator::Mapping<User>& user) {
    user.table("users");
    user.column<&User::id>().primary_key();
    user.column<&User::username>(mercator::String(50));
    user.column<&User::first_name>(mercator::String(50));
    user.column<&User::last_name>(mercator::String(50));
    user.relationship<&User::cart>().back_populates<&CartItem::user>();
    user.relationship<&User::orders>().back_populates<&Order::user>();
}
inline void describe(mercator::Mapping<Product>& product) {
    product.table("products");
    product.column<&Product::id>().primary_key();
    product.column<&Product::name>(mercator::String(100));
    product.column<&Product::price>(mercator::Numeric(10, 2));
    product.column<&Product::stock>();
    product.column<&Product::successor_id>().references<&Product::id>();
    product.relationship<&Product::successor>().back_populates<&Product::predecessors>();
    product.relationship<&Product::predecessors>().back_populates<&Product::successor>();
}
inline void describe(mercator::Mapping<CartItem>& item) {
    item.table("cart_items");
    item.column<&CartItem::id>().primary_key();
    item.column<&CartItem::user_id>().references<&User::id>();
    item.column<&CartItem::product_id>().references<&Product::id>();
    item.column<&CartItem::quantity>();
    item.relationship<&CartItem::user>().back_populates<&User::cart>();
    item.relationship<&CartItem::product>();
}
inline void describe(mercator::Mapping<Order>& order) {
    order.table("orders");
    order.column<&Order::id>().primary_key();
    order.column<&Order::user_id>().references<&User::id>();
    order.column<&Order::shipping_fee>(mercator::Numeric(10, 2));
    order.relationship<&Order::user>().back_populates<&User::orders>();
    order.relationship<&Order::items>().back_populates<&OrderItem::order>();
}
inline void describe(mercator::Mapping<OrderItem>& item) {
    item.table("order_items");
    item.column<&OrderItem::id>().primary_key();
    item.column<&OrderItem::order_id>().references<&Order::id>();
    item.column<&OrderItem::product_id>().references<&Product::id>();
    item.column<&OrderItem::quantity>();
    item.column<&OrderItem::price>(mercator::Numeric(10, 2));
    item.relationship<&OrderItem::order>().back_populates<&Order::items>();
    item.relationship<&OrderItem::product>();
}

inline constexpr auto full_name = hybrid<User>([](auto e) {
    const auto first = e(&User::first_name).value_or("");
    const auto last = e(&User::last_name).value_or("");
    return if_else(first != "" && last != "", concat(first, " ", last), e(&User::username));
});
inline constexpr auto is_in_stock = hybrid<Product>([](auto e) { return e(&Product::stock) > 0; });
inline constexpr auto cart_subtotal = hybrid<CartItem>([](auto e) {
    return e.required(&CartItem::product)(&Product::price) * e(&CartItem::quantity);
});
inline constexpr auto item_subtotal =
    hybrid<OrderItem>([](auto e) { return e(&OrderItem::price) * e(&OrderItem::quantity); });
inline constexpr auto order_subtotal = hybrid<Order>(
    [](auto e) { return sum(e(&Order::items), [](auto i) { return i(item_subtotal); }); });
inline constexpr auto order_total =
    hybrid<Order>([](auto e) { return e(order_subtotal) + e(&Order::shipping_fee); });

/// Ada has names, a cart and two orders, one of them empty; Bob has one name and nothing else.
struct Counter : mercator::test::Backend {
    Counter() {
        database().create_all<User, Product, CartItem, Order, OrderItem>();
        auto session = database().session();
        const auto ada =
            session.add(User{.username = "ada", .first_name = "Ada", .last_name = "Lovelace"});
        session.add(User{.username = "bob", .first_name = "Bob"});
        const auto lamp =
            session.add(Product{.name = "lamp", .price = Decimal("19.99"), .stock = 3});
        const auto old_lamp = session.add(Product{.name = "old lamp", .price = Decimal(5)});
        old_lamp->successor = lamp;
        session.add(CartItem{.quantity = 3, .user = ada, .product = lamp});
        session.add(CartItem{.quantity = 2, .user = ada, .product = old_lamp});
        const auto full = session.add(Order{.shipping_fee = Decimal("4.90"), .user = ada});
        session.add(Order{.shipping_fee = Decimal("1.10"), .user = ada});
        session.add(
            OrderItem{.quantity = 3, .price = Decimal("18.50"), .order = full, .product = lamp});
        session.add(
            OrderItem{.quantity = 1, .price = Decimal("0.07"), .order = full, .product = old_lamp});
        session.commit();
    }
};

} // namespace counter
