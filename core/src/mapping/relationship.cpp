// SPDX-License-Identifier: MIT
#include <mercator/mapping/relationship.hpp>

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>

namespace mercator {

namespace {

/// A name for the table between that is neither of the two.
std::string link_name(const ast::TableRef& link, const std::string& owner,
                      const std::string& target) {
    std::string name = link.qualifier();
    while (name == owner || name == target) name += "_link";
    return name;
}

} // namespace

ast::ExpressionPtr relationship_condition(const Relationship& relationship,
                                          const std::string& owner, const std::string& target) {
    const std::string own(Relationship::owner_side);
    const std::string theirs(Relationship::target_side);
    if (relationship.direction != Direction::ManyToMany)
        return ast::requalify(ast::requalify(relationship.condition, own, owner), theirs, target);
    const std::string between(Relationship::link_side);
    const std::string name = link_name(*relationship.secondary_ref, owner, target);
    auto link = std::make_shared<ast::TableRef>(*relationship.secondary_ref);
    if (link->qualifier() != name) link->alias = name;
    auto select = std::make_shared<ast::Select>();
    select->from.emplace_back(std::shared_ptr<const ast::TableRef>(std::move(link)));
    // The link first: a side may be given the name of another relationship's link.
    const auto named = [&](const ast::ExpressionPtr& condition, const std::string& side,
                           const std::string& as) {
        return ast::requalify(ast::requalify(condition, between, name), side, as);
    };
    select->where = {named(relationship.condition, own, owner),
                     named(relationship.secondary_condition, theirs, target)};
    return ast::exists(std::move(select));
}

} // namespace mercator
