// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

#include <memory>
#include <vector>

namespace shop {

/// Puts a product into the customer's cart; the same product again raises the quantity of its line.
void add_to_cart(mercator::Session& session, const std::shared_ptr<User>& user,
                 const std::shared_ptr<Product>& product, int quantity);

/// Turns the customer's cart into an order at today's prices, takes the goods from stock and
/// empties the cart. Nothing is written before the session's next flush; `check_stock_not_negative`
/// then refuses to sell what is not there.
[[nodiscard]] std::shared_ptr<Order> check_out(mercator::Session& session,
                                               const std::shared_ptr<User>& user);

/// Customers who have not made up their minds: three carts that are filled and left there.
void leave_in_carts(mercator::Session& session, const std::vector<std::shared_ptr<User>>& users);

/// Four dozen orders of all customers, one transaction each.
void place_orders(mercator::Session& session, const std::vector<std::shared_ptr<User>>& users);

} // namespace shop
