// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

namespace shop {

/// Rules that no CHECK can say, since they compare rows with others or with what they were. They
/// refuse before anything is sent; a session throws a mercator::ListenerError then.
struct OrderRules {
    /// Goods go to an address of the customer's own.
    void before_insert(Order& order) const;
    /// What was delivered or cancelled stays so.
    void before_update(mercator::Session& session, const std::shared_ptr<Order>& order) const;
};

/// Listens to all sessions that this database makes from now on: keeps the OrderRules, and email
/// addresses in small letters, from the moment when they are assigned. What cannot be an address is
/// refused there by a mercator::ValidationError, and the old one stays.
void set_rules(mercator::Database& db);

} // namespace shop
