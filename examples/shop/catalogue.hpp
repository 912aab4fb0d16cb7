// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace shop {

/// Numbers that look random and are the same on every machine and in every run.
class Dice {
public:
    explicit Dice(std::uint32_t seed) : state_(seed) {}
    /// From 0 to `sides` - 1.
    [[nodiscard]] std::uint32_t roll(std::uint32_t sides);

private:
    std::uint32_t state_;
};

/// Adds the categories and their products, 390 of them, a few sold out. Writes nothing by itself.
void add_catalogue(mercator::Session& session);

/// Adds the customers with their addresses.
[[nodiscard]] std::vector<std::shared_ptr<User>> add_customers(mercator::Session& session);

} // namespace shop
