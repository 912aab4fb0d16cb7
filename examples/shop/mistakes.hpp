// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

namespace shop {

// Bad input, refused by the shop's rules or by the database, each with an error of its own class.
// Each function prints the error, mends its cause, and goes on with the same session.

/// Two people with one email address, and an address that is none. The new customer is kept.
[[nodiscard]] std::shared_ptr<User> register_newcomer(mercator::Session& session);

/// An order to somebody else's address, then a price that cannot be. The order is kept.
void order_wrongly(mercator::Session& session, const std::shared_ptr<User>& customer);

/// What was delivered is called pending again; it stays delivered.
void reopen_delivered(mercator::Session& session);

} // namespace shop
