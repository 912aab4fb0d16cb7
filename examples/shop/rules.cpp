// SPDX-License-Identifier: MIT
#include "rules.hpp"

#include <stdexcept>

namespace shop {

namespace {

void lower_letters(std::string& text) {
    for (char& letter : text) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
}

bool is_final(OrderStatus status) {
    return status == OrderStatus::Delivered || status == OrderStatus::Cancelled;
}

} // namespace

void OrderRules::before_insert(Order& order) const {
    if (order.address && order.address->user != order.user)
        throw std::invalid_argument("an order goes to an address of its customer");
}

void OrderRules::before_update(mercator::Session& session,
                               const std::shared_ptr<Order>& order) const {
    const auto was = session.history(order, &Order::status).deleted;
    if (!was.empty() && is_final(was.front()))
        throw std::invalid_argument("a delivered or cancelled order keeps its status");
}

void set_rules(mercator::Database& db) {
    // Also told of the address that a new user brings along.
    db.on<User>().set<&User::email>([](User&, std::string& value, const std::string&) {
        if (value.find('@') == std::string::npos)
            throw mercator::ValidationError("an email address has an @");
        lower_letters(value);
    });
    db.observe<Order>(OrderRules());
}

} // namespace shop
