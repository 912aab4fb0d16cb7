// SPDX-License-Identifier: MIT
#include "mistakes.hpp"

#include "checkout.hpp"

#include <mercator/mapping/attribute_format.hpp>

#include <fmt/core.h>

namespace shop {

using mercator::col;
using mercator::Session;

std::shared_ptr<User> register_newcomer(Session& session) {
    auto newcomer = session.add(User{.username = "newcomer",
                                     .email = "Customer01@Example.org",
                                     .password_hash = "$2b$12$of-newcomer"});
    newcomer->addresses.add(session.add(Address{.street = "1 Prime Meridian",
                                                .city = "Greenwich",
                                                .state = "England",
                                                .zip_code = "SE10",
                                                .country = "United Kingdom"}));
    try {
        session.commit();
    } catch (const mercator::UniqueViolation& error) {
        fmt::print("UniqueViolation: {}\n", error.what());
    }
    try {
        newcomer->email = "newcomer at example.org"; // not even assigned
    } catch (const mercator::ValidationError& error) {
        fmt::print("ValidationError: {}; it is still {}\n", error.what(), newcomer->email);
    }
    newcomer->email = "Newcomer@Example.org";
    session.commit(); // nothing was lost: customer and address are written now
    fmt::print("  mended: {} has number {} and {} address\n\n", newcomer->email, newcomer->id,
               newcomer->addresses.size());
    return newcomer;
}

void order_wrongly(Session& session, const std::shared_ptr<User>& customer) {
    auto globe = session.query<Product>().where(col(&Product::name) == "Atlas Globe 30").one();
    add_to_cart(session, customer, globe, 2);
    auto order = check_out(session, customer);
    order->address = session.query<Address>().where(col(&Address::city) == "Paris").one();
    try {
        session.commit();
    } catch (const mercator::ListenerError& error) {
        fmt::print("ListenerError: {}\n", error.what());
        order->address = customer->default_address();
    }
    globe->price = -globe->price;
    try {
        session.commit();
        fmt::print("no CheckViolation: this server reads CHECK and does not enforce it\n");
    } catch (const mercator::CheckViolation& error) {
        fmt::print("CheckViolation: {}\n", error.what());
    }
    globe->price = -globe->price;
    session.commit(); // the order that was in the same transaction is kept, too
    fmt::print("  mended: order {} of {} for {}\n\n", order->id, full_name(*order->user),
               total(*order).to_string());
}

void reopen_delivered(Session& session) {
    auto order = session.query<Order>()
                     .where(col(&Order::status) == OrderStatus::Delivered)
                     .order_by(col(&Order::id))
                     .limit(1)
                     .one();
    order->status = OrderStatus::Pending;
    try {
        session.commit();
    } catch (const mercator::ListenerError& error) {
        fmt::print("ListenerError: {}\n", error.what());
        session.rollback(); // the object, too, is as it was
    }
    fmt::print("  order {} is {}\n", order->id, mercator::enum_name(order->status));
}

} // namespace shop
