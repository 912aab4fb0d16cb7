// SPDX-License-Identifier: MIT
#include <mercator/loading/column_option.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <string>

namespace mercator {

namespace {

const ExpressionProperty* expression_at(const Mapper& mapper, std::uint32_t offset) {
    for (const Mapper* part = &mapper; part != nullptr; part = part->base()) {
        for (const ExpressionProperty& expression : part->expressions()) {
            if (expression.field.offset == offset) return &expression;
        }
    }
    return nullptr;
}

} // namespace

std::shared_ptr<const LoadNode> column_wishes(const Mapper& mapper,
                                              const std::vector<std::uint32_t>& offsets,
                                              ColumnWish::Kind kind, bool only) {
    auto node = std::make_shared<LoadNode>();
    node->mapper = &mapper;
    node->only_named_columns = only;
    for (const auto offset : offsets) {
        if (const ExpressionProperty* expression = expression_at(mapper, offset)) {
            node->expression_choices.push_back({expression, kind == ColumnWish::Kind::Load});
        } else {
            node->columns.push_back({&mapper.column_at(offset), kind});
        }
    }
    return node;
}

std::shared_ptr<const LoadNode> group_wishes(const Mapper& mapper, std::string_view group) {
    auto node = std::make_shared<LoadNode>();
    node->mapper = &mapper;
    std::set<std::string> groups;
    for (const ColumnProperty& property : mapper.columns()) {
        if (!property.deferred_group.empty()) groups.insert(property.deferred_group);
        if (property.deferred_group == group)
            node->columns.push_back({&property, ColumnWish::Kind::Load});
    }
    if (group.empty() || !groups.contains(std::string(group))) {
        throw ArgumentError(
            fmt::format("{} has no group of deferred columns \"{}\"; it has: {}",
                        mapper.class_name(), group,
                        groups.empty() ? "none" : fmt::format("{}", fmt::join(groups, ", "))),
            std::string(mapper.class_name()));
    }
    return node;
}

} // namespace mercator
