// SPDX-License-Identifier: MIT
#include <mercator/session/check_hybrid.hpp>

#include <mercator/ast/build.hpp>

#include <fmt/format.h>

#include <utility>

namespace mercator {

HybridMismatch::HybridMismatch(std::string hybrid, std::string row, std::string in_memory,
                               std::string in_database) :
    MappingError(fmt::format("the hybrid {} of {} is {} in memory and {} in the database; make its "
                             "formulas say the same",
                             hybrid, row, in_memory, in_database),
                 hybrid),
    hybrid_(std::move(hybrid)),
    row_(std::move(row)),
    in_memory_(std::move(in_memory)),
    in_database_(std::move(in_database)) {}

HybridMismatch::~HybridMismatch() = default;

void throw_hybrid_mismatch(std::string_view hybrid, const Mapper& mapper, const void* object,
                           const Value& in_memory, const Value& in_database) {
    std::string key;
    for (const auto index : mapper.primary_key()) {
        const ColumnProperty& property = mapper.columns()[index];
        const Value value = load(property.field, static_cast<const std::byte*>(object));
        key += fmt::format("{}{}={}", key.empty() ? "" : ", ", property.member, display(value));
    }
    throw HybridMismatch(std::string(hybrid), fmt::format("{}({})", mapper.class_name(), key),
                         display(in_memory), display(in_database));
}

std::string hybrid_name_in(std::string_view function) {
    constexpr std::string_view parameter = "hybrid = ";
    const std::size_t begin = function.find(parameter);
    if (begin == std::string_view::npos) return "hybrid";
    std::string_view name = function.substr(begin + parameter.size());
    name = name.substr(0, name.find_first_of(";]"));
    while (!name.empty() && (name.front() == '&' || name.front() == '(')) name.remove_prefix(1);
    while (!name.empty() && name.back() == ')') name.remove_suffix(1);
    return std::string(name);
}

std::vector<ast::ExpressionPtr> key_order(const Mapper& mapper) {
    std::vector<ast::ExpressionPtr> terms;
    for (const auto index : mapper.primary_key())
        terms.push_back(ast::order(mapper.columns()[index].ref));
    return terms;
}

} // namespace mercator
