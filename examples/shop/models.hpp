// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/attribute.hpp>
#include <mercator/mercator.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

/// The web shop's classes: plain structs, and one `describe` each that says how they are stored.
/// Nothing here knows which database that will be.
namespace shop {

using mercator::DateTime;
using mercator::Decimal;
using mercator::hybrid;
using mercator::Many;
using mercator::One;

struct Address;
struct CartItem;
struct Category;
struct Order;
struct OrderItem;
struct Product;

/// A mixin: no table of its own, its columns stand in the tables of the classes that include it.
struct Timestamps {
    DateTime created_at{};
    DateTime updated_at{};
};

struct User : Timestamps {
    std::int64_t id{};
    std::string username;
    mercator::Attribute<std::string> email; ///< tells of assignments; see rules.hpp
    std::string password_hash;              ///< never shown, not even in errors
    std::optional<std::string> first_name;
    std::optional<std::string> last_name;
    Many<Address> addresses;
    Many<CartItem> cart_items;
    Many<Order> orders;

    /// Where orders go when nothing else is said; empty for a customer without an address.
    [[nodiscard]] std::shared_ptr<Address> default_address() const;
};

struct Address {
    std::int64_t id{};
    std::int64_t user_id{};
    std::string street;
    std::string city;
    std::string state;
    std::string zip_code;
    std::string country;
    bool is_default{};
    One<User> user;
    Many<Order> orders;
};

/// A tree: a category without a parent is a root.
struct Category {
    std::int64_t id{};
    std::string name;
    std::optional<std::string> description;
    std::optional<std::int64_t> parent_id;
    One<Category> parent;
    Many<Category> children;
    Many<Product> products;

    /// "Electronics > Computers > Laptops", by walking up.
    [[nodiscard]] std::string path() const;
    /// Products here and in all categories below, by walking down.
    [[nodiscard]] std::size_t product_count() const;
};

/// The shop's own words for queries over products:
/// `session.query<Product>().in_stock().limit(5).all()`.
struct ProductQuery : mercator::Query<Product, ProductQuery> {
    [[nodiscard]] ProductQuery in_stock() const;
    [[nodiscard]] ProductQuery by_category(std::int64_t category_id) const;
};

struct Product : Timestamps {
    using query_type = ProductQuery;

    std::int64_t id{};
    std::string name;
    std::optional<std::string> description;
    Decimal price;
    int stock{};
    std::optional<std::int64_t> category_id;
    One<Category> category;
    Many<CartItem> cart_items;
    Many<OrderItem> order_items;
};

struct CartItem {
    std::int64_t id{};
    std::int64_t user_id{};
    std::int64_t product_id{};
    int quantity = 1;
    DateTime added_at{};
    One<User> user;
    One<Product> product;
};

enum class OrderStatus { Pending, Paid, Shipped, Delivered, Cancelled };

struct Order {
    std::int64_t id{};
    std::int64_t user_id{};
    std::int64_t address_id{};
    DateTime placed_at{};
    OrderStatus status = OrderStatus::Pending;
    Decimal shipping_fee;
    One<User> user;
    One<Address> address;
    Many<OrderItem> items;
};

/// One line of an order. It keeps the price of the day, whatever the product costs later.
struct OrderItem {
    std::int64_t id{};
    std::int64_t order_id{};
    std::int64_t product_id{};
    int quantity = 1;
    Decimal price;
    One<Order> order;
    One<Product> product;
};

// What follows from the columns: one formula each, for objects and for the database. total(*order)
// is a value, total() an expression for queries.

inline constexpr auto full_name = hybrid<User>([](auto e) {
    const auto first = e(&User::first_name).value_or("");
    const auto last = e(&User::last_name).value_or("");
    return if_else(first != "" && last != "", concat(first, " ", last), e(&User::username));
});
inline constexpr auto is_in_stock = hybrid<Product>([](auto e) { return e(&Product::stock) > 0; });
/// At today's price, for what is still in the cart.
inline constexpr auto cart_subtotal = hybrid<CartItem>([](auto e) {
    return e.required(&CartItem::product)(&Product::price) * e(&CartItem::quantity);
});
inline constexpr auto item_subtotal =
    hybrid<OrderItem>([](auto e) { return e(&OrderItem::price) * e(&OrderItem::quantity); });
inline constexpr auto subtotal = hybrid<Order>(
    [](auto e) { return sum(e(&Order::items), [](auto item) { return item(item_subtotal); }); });
inline constexpr auto total =
    hybrid<Order>([](auto e) { return e(subtotal) + e(&Order::shipping_fee); });
/// All that a customer has ordered.
inline constexpr auto spent = hybrid<User>(
    [](auto e) { return sum(e(&User::orders), [](auto order) { return order(total); }); });

void describe(mercator::Mapping<Timestamps>& stamps);
void describe(mercator::Mapping<User>& user);
void describe(mercator::Mapping<Address>& address);
void describe(mercator::Mapping<Category>& category);
void describe(mercator::Mapping<Product>& product);
void describe(mercator::Mapping<CartItem>& item);
void describe(mercator::Mapping<Order>& order);
void describe(mercator::Mapping<OrderItem>& item);

/// Makes all tables of the shop, after dropping those that exist.
void create_schema(mercator::Database& db);

} // namespace shop
