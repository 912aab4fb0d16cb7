// SPDX-License-Identifier: MIT
#include "models.hpp"

namespace shop {

using mercator::col;
using mercator::Mapping;
using mercator::Numeric;
using mercator::String;
using mercator::utc_now;

void describe(Mapping<Timestamps>& stamps) {
    stamps.column<&Timestamps::created_at>().default_factory(utc_now);
    stamps.column<&Timestamps::updated_at>().default_factory(utc_now).on_update(utc_now);
}

void describe(Mapping<User>& user) {
    user.table("users").include<Timestamps>();
    user.column<&User::id>().primary_key();
    user.column<&User::username>(String(50)).unique();
    user.column<&User::email>(String(100)).unique();
    user.column<&User::password_hash>(String(128)).sensitive();
    user.column<&User::first_name>(String(50));
    user.column<&User::last_name>(String(50));
    user.relationship<&User::addresses>().back_populates<&Address::user>();
    user.relationship<&User::cart_items>().back_populates<&CartItem::user>();
    user.relationship<&User::orders>().back_populates<&Order::user>();
}

void describe(Mapping<Address>& address) {
    address.table("addresses");
    address.column<&Address::id>().primary_key();
    address.column<&Address::user_id>().references<&User::id>().index();
    address.column<&Address::street>(String(100));
    address.column<&Address::city>(String(50));
    address.column<&Address::state>(String(20));
    address.column<&Address::zip_code>(String(10));
    address.column<&Address::country>(String(50));
    address.column<&Address::is_default>();
    address.relationship<&Address::user>().back_populates<&User::addresses>();
    address.relationship<&Address::orders>().back_populates<&Order::address>();
}

void describe(Mapping<Category>& category) {
    category.table("categories");
    category.column<&Category::id>().primary_key();
    category.column<&Category::name>(String(50)).unique();
    category.column<&Category::description>();
    category.column<&Category::parent_id>().references<&Category::id>().index();
    category.relationship<&Category::children>()
        .backref<&Category::parent>()
        .remote_side<&Category::id>();
    category.relationship<&Category::products>().back_populates<&Product::category>();
}

void describe(Mapping<Product>& product) {
    product.table("products").include<Timestamps>();
    product.column<&Product::id>().primary_key();
    product.column<&Product::name>(String(100)).index();
    product.column<&Product::description>();
    product.column<&Product::price>(Numeric(10, 2));
    product.column<&Product::stock>().server_default(0);
    product.column<&Product::category_id>().references<&Category::id>().index();
    product.check(col(&Product::price) > 0, "check_positive_price");
    product.check(col(&Product::stock) >= 0, "check_stock_not_negative");
    product.relationship<&Product::category>().back_populates<&Category::products>();
    product.relationship<&Product::cart_items>().back_populates<&CartItem::product>();
    product.relationship<&Product::order_items>().back_populates<&OrderItem::product>();
}

void describe(Mapping<CartItem>& item) {
    item.table("cart_items");
    item.column<&CartItem::id>().primary_key();
    item.column<&CartItem::user_id>().references<&User::id>();
    item.column<&CartItem::product_id>().references<&Product::id>().index();
    item.column<&CartItem::quantity>();
    item.column<&CartItem::added_at>().default_factory(utc_now);
    item.check(col(&CartItem::quantity) > 0, "check_positive_quantity");
    item.unique<&CartItem::user_id, &CartItem::product_id>("one_line_per_product_in_cart");
    item.relationship<&CartItem::user>().back_populates<&User::cart_items>();
    item.relationship<&CartItem::product>().back_populates<&Product::cart_items>();
}

void describe(Mapping<Order>& order) {
    order.table("orders");
    order.column<&Order::id>().primary_key();
    order.column<&Order::user_id>().references<&User::id>().index();
    order.column<&Order::address_id>().references<&Address::id>().index();
    order.column<&Order::placed_at>().default_factory(utc_now).index();
    order.column<&Order::status>();
    order.column<&Order::shipping_fee>(Numeric(10, 2));
    order.check(col(&Order::shipping_fee) >= 0, "check_shipping_fee");
    order.relationship<&Order::user>().back_populates<&User::orders>();
    order.relationship<&Order::address>().back_populates<&Address::orders>();
    order.relationship<&Order::items>().back_populates<&OrderItem::order>().cascade_delete();
}

void describe(Mapping<OrderItem>& item) {
    item.table("order_items");
    item.column<&OrderItem::id>().primary_key();
    item.column<&OrderItem::order_id>().references<&Order::id>();
    item.column<&OrderItem::product_id>().references<&Product::id>().index();
    item.column<&OrderItem::quantity>();
    item.column<&OrderItem::price>(Numeric(10, 2));
    item.check(col(&OrderItem::quantity) > 0, "check_order_quantity");
    item.check(col(&OrderItem::price) > 0, "check_order_price");
    item.unique<&OrderItem::order_id, &OrderItem::product_id>("one_line_per_product_in_order");
    item.relationship<&OrderItem::order>().back_populates<&Order::items>();
    item.relationship<&OrderItem::product>().back_populates<&Product::order_items>();
}

void create_schema(mercator::Database& db) {
    db.drop_all<User, Address, Category, Product, CartItem, Order, OrderItem>();
    db.create_all<User, Address, Category, Product, CartItem, Order, OrderItem>();
}

std::shared_ptr<Address> User::default_address() const {
    std::shared_ptr<Address> chosen;
    for (const auto& address : addresses) {
        if (!chosen || (address->is_default && !chosen->is_default)) chosen = address;
    }
    return chosen;
}

std::string Category::path() const {
    return parent ? parent->path() + " > " + name : name;
}

std::size_t Category::product_count() const {
    std::size_t count = products.size();
    for (const auto& child : children) count += child->product_count();
    return count;
}

ProductQuery ProductQuery::in_stock() const {
    return where(is_in_stock());
}

ProductQuery ProductQuery::by_category(std::int64_t category_id) const {
    return where(col(&Product::category_id) == category_id);
}

} // namespace shop
