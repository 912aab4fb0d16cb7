// SPDX-License-Identifier: MIT
#include <mercator/mapping/relationship.hpp>

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/mapping/mapper.hpp>

#include <algorithm>

namespace mercator {

namespace {

/// A name for the table between that none of theirs is.
std::string link_name(const ast::TableRef& link, const std::vector<std::string>& owner,
                      const std::vector<std::string>& target) {
    std::string name = link.qualifier();
    const auto is_taken = [&](const std::vector<std::string>& names) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    while (is_taken(owner) || is_taken(target)) name += "_link";
    return name;
}

/// The columns of a side under the names of its tables.
ast::ExpressionPtr renamed(ast::ExpressionPtr condition, std::string_view side,
                           const std::vector<std::string>& names) {
    for (std::size_t part = 0; part < names.size(); ++part)
        condition = ast::requalify(condition, side_name(side, part), names[part]);
    return condition;
}

} // namespace

std::string side_name(std::string_view side, std::size_t part) {
    std::string name(side);
    if (part != 0) name.insert(name.size() - 1, ":" + std::to_string(part));
    return name;
}

ast::ExpressionPtr relationship_condition(const Relationship& relationship,
                                          const std::string& owner, const std::string& target) {
    return relationship_condition(
        relationship, std::vector<std::string>(relationship.owner->parts().size(), owner),
        std::vector<std::string>(relationship.target->parts().size(), target));
}

ast::ExpressionPtr relationship_condition(const Relationship& relationship,
                                          const std::vector<std::string>& owner,
                                          const std::vector<std::string>& target) {
    if (relationship.direction != Direction::ManyToMany)
        return renamed(renamed(relationship.condition, Relationship::owner_side, owner),
                       Relationship::target_side, target);
    const std::string between(Relationship::link_side);
    const std::string name = link_name(*relationship.secondary_ref, owner, target);
    auto link = std::make_shared<ast::TableRef>(*relationship.secondary_ref);
    if (link->qualifier() != name) link->alias = name;
    auto select = std::make_shared<ast::Select>();
    select->from.emplace_back(std::shared_ptr<const ast::TableRef>(std::move(link)));
    // The link first: a side may be given the name of another relationship's link.
    const auto named = [&](const ast::ExpressionPtr& condition, std::string_view side,
                           const std::vector<std::string>& as) {
        return renamed(ast::requalify(condition, between, name), side, as);
    };
    select->where = {named(relationship.condition, Relationship::owner_side, owner),
                     named(relationship.secondary_condition, Relationship::target_side, target)};
    return ast::exists(std::move(select));
}

} // namespace mercator
