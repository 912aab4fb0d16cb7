// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace inventory {

/// Makes the tables anew and fills them: four categories, twelve products, one product in none.
void open_stockroom(mercator::Database& db);

/// More of a product has come. Throws mercator::NoResultFound for a name that is not there.
void receive(mercator::Session& session, const std::string& name, int count);

/// Products leave. False, and nothing has changed, when there are not so many.
bool hand_out(mercator::Session& session, const std::string& name, int count);

/// Moves a product to another category, which is made when there is none of that name.
void sort_into(mercator::Session& session, const std::string& product, const std::string& category);

/// Throws away what has expired before this day; returns how many products that were.
std::size_t discard_expired(mercator::Session& session, mercator::Date today);

[[nodiscard]] std::vector<std::shared_ptr<Product>> low_on_stock(mercator::Session& session,
                                                                 int fewer_than);

struct CategoryLine {
    std::string category;
    std::int64_t products;
    std::int64_t pieces;
    std::int64_t value; ///< in cents
    friend bool operator==(const CategoryLine&, const CategoryLine&) = default;
};

/// Each category's stock, by walking category.products.
[[nodiscard]] std::vector<CategoryLine> stock_by_walking(mercator::Session& session);
/// The same, added up by the database.
[[nodiscard]] std::vector<CategoryLine> stock_by_sql(mercator::Session& session);

} // namespace inventory
