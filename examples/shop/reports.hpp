// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

namespace shop {

void print_category_tree(mercator::Session& session);
void print_top_products(mercator::Session& session);
void print_sales_by_category(mercator::Session& session);
void print_customers(mercator::Session& session);

/// All orders' lines and shipping, added up by the database.
[[nodiscard]] Decimal total_by_sql(mercator::Session& session);
/// The same, by loading the orders and adding up their objects.
[[nodiscard]] Decimal total_by_objects(mercator::Session& session);

} // namespace shop
