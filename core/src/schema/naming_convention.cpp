// SPDX-License-Identifier: MIT
#include <mercator/schema/naming_convention.hpp>

#include <fmt/format.h>

#include <cstdint>

namespace mercator::schema {
namespace {

constexpr std::size_t longest_name = 60;

/// FNV-1a: the same on every machine, which std::hash does not promise.
std::uint32_t hash(std::string_view text) noexcept {
    std::uint32_t value = 2166136261U;
    for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 16777619U;
    return value;
}

std::string fitted(std::string name) {
    if (name.size() <= longest_name) return name;
    const std::string ending = fmt::format("_{:08x}", hash(name));
    std::size_t size = longest_name - ending.size();
    const auto continues_letter = [&name](std::size_t i) {
        return (static_cast<unsigned char>(name[i]) & 0xC0U) == 0x80U;
    };
    while (size > 0 && continues_letter(size)) --size; // no half of a UTF-8 letter
    name.resize(size);
    return name + ending;
}

std::string joined(std::string_view prefix, std::string_view table,
                   const std::vector<std::string>& columns) {
    return fmt::format("{}_{}_{}", prefix, table, fmt::join(columns, "_"));
}

} // namespace

std::string primary_key_name(std::string_view table) {
    return fitted(fmt::format("pk_{}", table));
}

std::string unique_name(std::string_view table, const std::vector<std::string>& columns) {
    return fitted(joined("uq", table, columns));
}

std::string index_name(std::string_view table, const std::vector<std::string>& columns) {
    return fitted(joined("ix", table, columns));
}

std::string foreign_key_name(std::string_view table, const std::vector<std::string>& columns,
                             std::string_view target_table) {
    return fitted(fmt::format("{}_{}", joined("fk", table, columns), target_table));
}

std::string check_name(std::string_view table, std::size_t number) {
    return fitted(fmt::format("ck_{}_{}", table, number));
}

} // namespace mercator::schema
