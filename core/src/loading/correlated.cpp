// SPDX-License-Identifier: MIT
#include <mercator/loading/correlated.hpp>

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

namespace {

using TablePtr = std::shared_ptr<const ast::TableRef>;

/// A table inside the subquery: under its own name, unless the owner outside has that one.
TablePtr inside(const TablePtr& table, const TablePtr& owner, const char* suffix) {
    if (table->qualifier() != owner->qualifier()) return table;
    auto other = std::make_shared<ast::TableRef>(*table);
    other->alias = table->name.substr(0, 40) + suffix;
    return other;
}

/// Puts a condition of the mapping, or of the user, into the names of the subquery.
class Names {
public:
    explicit Names(const Relationship& relationship) :
        relationship_(relationship),
        owner_(relationship.owner->table_ref()),
        target_(inside(relationship.target->table_ref(), owner_, "_related")) {
        if (relationship.secondary_ref != nullptr)
            link_ = inside(relationship.secondary_ref, owner_, "_between");
    }

    [[nodiscard]] const TablePtr& target() const noexcept { return target_; }
    [[nodiscard]] const TablePtr& link() const noexcept { return link_; }
    /// The user's: over the target's table under its own name.
    [[nodiscard]] ast::ExpressionPtr of_user(const ast::ExpressionPtr& expression) const {
        const std::string& own = relationship_.target->table_ref()->qualifier();
        if (own == target_->qualifier()) return expression;
        return ast::requalify(expression, own, target_->qualifier());
    }
    [[nodiscard]] ast::ExpressionPtr of_mapping(const ast::ExpressionPtr& expression) const {
        auto named =
            ast::requalify(expression, std::string(Relationship::owner_side), owner_->qualifier());
        named = ast::requalify(named, std::string(Relationship::target_side), target_->qualifier());
        if (link_ == nullptr) return named;
        return ast::requalify(named, std::string(Relationship::link_side), link_->qualifier());
    }
    [[nodiscard]] ast::ExpressionPtr equal(const Relationship::Discriminator& kind_of) const {
        const Mapper& side = kind_of.on_owner ? *relationship_.owner : *relationship_.target;
        const auto& property = side.columns()[kind_of.column];
        const ast::ColumnRef& ref = *property.ref;
        const std::string& table = (kind_of.on_owner ? owner_ : target_)->qualifier();
        return ast::binary(ast::Operator::Equal,
                           ast::column(table, ref.name, ref.type, ref.nullable),
                           ast::bind(kind_of.value, property.field.type));
    }

private:
    const Relationship& relationship_;
    TablePtr owner_;
    TablePtr target_;
    TablePtr link_; ///< empty without a table between
};

} // namespace

ast::ExpressionPtr related_value(const Relationship& relationship,
                                 const ast::ExpressionPtr& function,
                                 const std::vector<ast::ExpressionPtr>& conditions) {
    const Names names(relationship);
    auto select = std::make_shared<ast::Select>();
    select->columns = {names.of_user(function)};
    select->from.emplace_back(names.target());
    if (names.link() != nullptr) {
        select->joins.push_back({ast::JoinKind::Inner, names.link(),
                                 names.of_mapping(relationship.secondary_condition)});
    }
    select->where.push_back(names.of_mapping(relationship.condition));
    for (const auto& kind_of : relationship.discriminators)
        select->where.push_back(names.equal(kind_of));
    for (const auto& condition : conditions) select->where.push_back(names.of_user(condition));
    return std::make_shared<ast::ScalarSubquery>(std::move(select), function->type);
}

std::shared_ptr<const LoadNode> expression_node(const Mapper& mapper, Field field,
                                                ast::ExpressionPtr expression) {
    for (const auto& property : mapper.columns()) {
        if (property.member_place() != field.offset) continue;
        throw ArgumentError(fmt::format("{} is a column, so an expression cannot be loaded into "
                                        "it; add a member that is not mapped",
                                        property.where),
                            property.where);
    }
    field.where = mapper.class_name();
    auto node = std::make_shared<LoadNode>();
    node->mapper = &mapper;
    node->expressions.push_back({field, std::move(expression)});
    return node;
}

} // namespace mercator
