// SPDX-License-Identifier: MIT
#include "models.hpp"

namespace inventory {

using mercator::col;

void describe(mercator::Mapping<Category>& category) {
    category.table("categories");
    category.column<&Category::id>().primary_key();
    category.column<&Category::name>(mercator::String(60)).unique();
}

void describe(mercator::Mapping<Product>& product) {
    product.table("products");
    product.column<&Product::product_id>().primary_key();
    product.column<&Product::name>(mercator::String(100)).index();
    product.column<&Product::quantity>().server_default(0);
    product.column<&Product::price>();
    product.column<&Product::expiry_date>();
    product.column<&Product::category_id>().references<&Category::id>().index();
    product.check(col(&Product::quantity) >= 0, "no_less_than_nothing");
    // The only place that speaks of the relationship: category.products comes with it, and has
    // options of its own.
    product.relationship<&Product::category>().backref<&Category::products>([](auto& products) {
        products.lazy(mercator::Lazy::batch).template order_by<&Product::name>();
    });
}

} // namespace inventory
