// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/represent.hpp>

#include <fmt/format.h>

#include <type_traits>

/// fmt prints objects of mapped classes as `mercator::to_string` does: fmt::format("{}", user).
/// Not part of mercator.hpp, since it needs fmt.
template <class T>
struct fmt::formatter<T, char, std::enable_if_t<mercator::Described<T>>>
    : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(const T& object, Context& context) const {
        return fmt::formatter<std::string_view>::format(mercator::to_string(object), context);
    }
};
