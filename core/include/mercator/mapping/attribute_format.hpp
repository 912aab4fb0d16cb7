// SPDX-License-Identifier: MIT
#pragma once

/// An Attribute<T> in {fmt}, printed like its T. Not part of mercator.hpp, which needs no {fmt}.

#include <mercator/mapping/attribute.hpp>

#include <fmt/format.h>

template <class T, class Char>
struct fmt::formatter<mercator::Attribute<T>, Char>
    : fmt::formatter<typename mercator::Attribute<T>::value_type, Char> {
    template <class Context>
    auto format(const mercator::Attribute<T>& attribute, Context& context) const {
        return fmt::formatter<typename mercator::Attribute<T>::value_type, Char>::format(
            attribute.get(), context);
    }
};
