// SPDX-License-Identifier: MIT
#include "fitted_name.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace mercator {

namespace {

/// FNV-1a, which does not change as std::hash may.
std::uint32_t hash(std::string_view text) noexcept {
    std::uint32_t value = 2166136261U;
    for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 16777619U;
    return value;
}

bool continues_letter(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

} // namespace

std::string fitted_name(std::string_view name, std::size_t longest) {
    if (name.size() <= longest) return std::string(name);
    const std::string ending = fmt::format("_{:08x}", hash(name));
    std::size_t size = longest > ending.size() ? longest - ending.size() : 0;
    while (size > 0 && continues_letter(name[size])) --size;
    return std::string(name.substr(0, size)) + ending;
}

} // namespace mercator
