// SPDX-License-Identifier: MIT
#include "checkout.hpp"

#include "catalogue.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace shop {

namespace {

Decimal shipping_fee_for(const Decimal& goods) {
    return goods < Decimal("100") ? Decimal("4.90") : Decimal("0.00");
}

OrderStatus status_of_age(std::uint32_t days) {
    constexpr std::array statuses{OrderStatus::Pending, OrderStatus::Paid, OrderStatus::Shipped};
    return days < statuses.size() ? statuses[days] : OrderStatus::Delivered;
}

} // namespace

void add_to_cart(mercator::Session& session, const std::shared_ptr<User>& user,
                 const std::shared_ptr<Product>& product, int quantity) {
    for (const auto& item : user->cart_items) {
        if (item->product == product) {
            item->quantity += quantity;
            return;
        }
    }
    auto item = session.add(CartItem{.quantity = quantity});
    item->product = product;
    user->cart_items.add(item);
}

std::shared_ptr<Order> check_out(mercator::Session& session, const std::shared_ptr<User>& user) {
    auto order = session.add(Order{.user = user, .address = user->default_address()});
    for (const auto& item : user->cart_items) {
        auto line =
            session.add(OrderItem{.quantity = item->quantity, .price = item->product->price});
        line->product = item->product;
        order->items.add(line);
        item->product->stock -= item->quantity;
        session.delete_(item);
    }
    order->shipping_fee = shipping_fee_for(subtotal(*order));
    return order;
}

void place_orders(mercator::Session& session, const std::vector<std::shared_ptr<User>>& users) {
    constexpr std::uint32_t orders = 48;
    const DateTime first_day = std::chrono::sys_days{std::chrono::year{2024} / 3 / 1};
    const auto goods =
        session.query<Product>().in_stock().order_by(mercator::col(&Product::id)).all();
    Dice dice(1595);
    for (std::uint32_t number = 0; number < orders; ++number) {
        const auto& user = users[dice.roll(static_cast<std::uint32_t>(users.size()))];
        for (auto lines = 1 + dice.roll(5); lines > 0; --lines) {
            const auto& product = goods[dice.roll(static_cast<std::uint32_t>(goods.size()))];
            add_to_cart(session, user, product, 1 + static_cast<int>(dice.roll(3)));
        }
        session.commit(); // the cart is stored, as if the customer came back later
        auto order = check_out(session, user);
        order->placed_at = first_day + std::chrono::hours(24 * number + 9);
        order->status = status_of_age(orders - 1 - number);
        session.commit();
    }
}

void leave_in_carts(mercator::Session& session, const std::vector<std::shared_ptr<User>>& users) {
    const auto put = [&](const char* product, int quantity, const std::shared_ptr<User>& user) {
        add_to_cart(session, user,
                    session.query<Product>().where(mercator::col(&Product::name) == product).one(),
                    quantity);
    };
    put("Ekholm Tent", 1, users[0]);
    put("Cinder Ink", 2, users[0]);
    put("Borealis Globe 40", 3, users[1]);
    put("Fjord Notebook", 12, users[2]);
    session.commit();
}

} // namespace shop
