// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mercator.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// A stockroom: each model is a struct that stands for a table, each member a column.
namespace inventory {

struct Product;

struct Category {
    std::int64_t id{};
    std::string name;
    /// Described by the product's relationship alone, by its backref.
    mercator::Many<Product> products;
};

struct Product {
    std::int64_t product_id{};
    std::string name;
    int quantity{};
    int price{}; ///< in cents
    std::optional<mercator::Date> expiry_date;
    std::optional<std::int64_t> category_id;
    mercator::One<Category> category;

    [[nodiscard]] std::int64_t value() const { return std::int64_t{price} * quantity; }
};

void describe(mercator::Mapping<Category>& category);
void describe(mercator::Mapping<Product>& product);

} // namespace inventory
