// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

namespace shop {

void print_category_tree(mercator::Session& session);
void print_top_products(mercator::Session& session);
void print_sales_by_category(mercator::Session& session);
void print_largest_orders(mercator::Session& session);
void print_waiting(mercator::Session& session);
void print_customers(mercator::Session& session);

/// Compares every hybrid of the shop in memory and in SQL, on the first hundred rows of its table;
/// returns how many values it has compared. Throws mercator::HybridMismatch.
[[nodiscard]] std::size_t compare_hybrids(mercator::Session& session);

/// The totals of all orders, computed and added up by the database.
[[nodiscard]] Decimal total_by_sql(mercator::Session& session);
/// The same, by loading the orders and adding up their objects.
[[nodiscard]] Decimal total_by_objects(mercator::Session& session);

} // namespace shop
