// SPDX-License-Identifier: MIT
#include <mercator/loading/statement.hpp>

#include <mercator/ast/build.hpp>
#include <mercator/ast/implied_join.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace mercator {

SelectDraft::SelectDraft() : select_(new ast::Select) {}

SelectDraft::SelectDraft(const SelectDraft& other) : select_(new ast::Select(*other.select_)) {}

SelectDraft& SelectDraft::operator=(const SelectDraft& other) {
    if (this != &other) select_.reset(new ast::Select(*other.select_));
    return *this;
}

void SelectDraft::Delete::operator()(ast::Select* select) const noexcept {
    delete select;
}

namespace {

using TablePtr = std::shared_ptr<const ast::TableRef>;

const std::string* qualifier_of(const ast::FromItem& item) {
    if (const auto* table = std::get_if<TablePtr>(&item)) return &(*table)->qualifier();
    return &std::get<std::shared_ptr<const ast::Subquery>>(item)->alias;
}

bool reads(const ast::Select& select, const std::string& qualifier) {
    const auto is_it = [&](const ast::FromItem& item) { return *qualifier_of(item) == qualifier; };
    return std::any_of(select.from.begin(), select.from.end(), is_it) ||
           std::any_of(select.joins.begin(), select.joins.end(),
                       [&](const auto& join) { return is_it(join.target); });
}

} // namespace

ast::ExpressionPtr relationship_condition(const Relationship& relationship,
                                          const std::string& owner, const std::string& target) {
    std::vector<ast::ExpressionPtr> conditions;
    for (const auto& [own, theirs] : relationship.pairs) {
        const auto& left = *relationship.owner->columns()[own].ref;
        const auto& right = *relationship.target->columns()[theirs].ref;
        conditions.push_back(ast::binary(
            ast::Operator::Equal, ast::column(owner, left.name, left.type, left.nullable),
            ast::column(target, right.name, right.type, right.nullable)));
    }
    return ast::and_(std::move(conditions));
}

void join_relationship(ast::Select& select, const Relationship& relationship, ast::JoinKind kind,
                       const TablePtr& owner, const TablePtr& target) {
    if (owner->qualifier() == target->qualifier()) {
        throw CompileError(
            fmt::format(
                "joining along {} uses table {} twice under one name; join to an alias, as in "
                "alias<{}>(\"other\")",
                relationship.where, target->name, relationship.target->class_name()),
            relationship.where);
    }
    if (select.from.empty()) select.from.emplace_back(owner);
    const bool plain = owner->alias.empty() && target->alias.empty() && relationship.join_condition;
    select.joins.push_back(
        {kind, target,
         plain ? relationship.join_condition
               : relationship_condition(relationship, owner->qualifier(), target->qualifier())});
}

namespace {

const Relationship& relationship_named(const Mapper& mapper, std::string_view name) {
    if (const Relationship* found = mapper.find_relationship(name)) return *found;
    std::vector<std::string_view> names;
    for (const auto& relationship : mapper.relationships()) names.push_back(relationship.member);
    throw MappingError(
        fmt::format("{} has no relationship \"{}\"; it has: {}", mapper.class_name(), name,
                    names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))),
        std::string(mapper.class_name()));
}

} // namespace

namespace {

bool is_same_column(const ast::Expression& a, const ast::Expression& b) {
    if (a.kind != ast::NodeKind::ColumnRef || b.kind != ast::NodeKind::ColumnRef) return false;
    const auto& left = static_cast<const ast::ColumnRef&>(a);
    const auto& right = static_cast<const ast::ColumnRef&>(b);
    return left.qualifier == right.qualifier && left.name == right.name;
}

/// Does the condition demand this equality, perhaps among others, whichever side is first?
bool demands(const ast::Expression& condition, const ast::Binary& equality) {
    if (condition.kind == ast::NodeKind::Logical) {
        const auto& logical = static_cast<const ast::Logical&>(condition);
        return logical.is_and &&
               std::any_of(logical.operands.begin(), logical.operands.end(),
                           [&](const auto& operand) { return demands(*operand, equality); });
    }
    if (condition.kind != ast::NodeKind::Binary) return false;
    const auto& binary = static_cast<const ast::Binary&>(condition);
    return binary.op == ast::Operator::Equal && ((is_same_column(*binary.left, *equality.left) &&
                                                  is_same_column(*binary.right, *equality.right)) ||
                                                 (is_same_column(*binary.left, *equality.right) &&
                                                  is_same_column(*binary.right, *equality.left)));
}

/// Has a join, from either side, tied the two tables together by this relationship?
bool is_joined_along(const ast::Select& select, const Relationship& step) {
    const auto condition = relationship_condition(step, step.owner->table_ref()->qualifier(),
                                                  step.target->table_ref()->qualifier());
    std::vector<const ast::Expression*> equalities{condition.get()};
    if (condition->kind == ast::NodeKind::Logical) {
        equalities.clear();
        for (const auto& operand : static_cast<const ast::Logical&>(*condition).operands)
            equalities.push_back(operand.get());
    }
    return std::any_of(select.joins.begin(), select.joins.end(), [&](const ast::Join& join) {
        return join.on != nullptr &&
               std::all_of(equalities.begin(), equalities.end(), [&](const auto* equality) {
                   return demands(*join.on, static_cast<const ast::Binary&>(*equality));
               });
    });
}

} // namespace

void join_path(ast::Select& select, const Mapper& from, std::string_view path, ast::JoinKind kind) {
    const Mapper* owner = &from;
    while (true) {
        const std::size_t dot = path.find('.');
        const Relationship& step = relationship_named(*owner, path.substr(0, dot));
        const auto& target = step.target->table_ref();
        if (step.target == owner || !reads(select, target->qualifier())) {
            join_relationship(select, step, kind, owner->table_ref(), target);
        } else if (!is_joined_along(select, step)) {
            throw CompileError(
                fmt::format("joining along {} uses table {} again, which the query reads in "
                            "another way; join to an alias, as in alias<{}>(\"other\")",
                            step.where, target->name, step.target->class_name()),
                step.where);
        }
        if (dot == std::string_view::npos) return;
        owner = step.target;
        path.remove_prefix(dot + 1);
    }
}

namespace {

/// A foreign key of `child` that refers to `parent`, as the condition that joins the two.
struct JoinChoice {
    ast::ExpressionPtr condition;
    std::string columns;
};

void add_choices(const Mapper& child, const std::string& child_name, const Mapper& parent,
                 const std::string& parent_name, std::vector<JoinChoice>& choices) {
    for (const ForeignKey& key : child.table().foreign_keys) {
        if (key.target_table != parent.table().name) continue;
        std::vector<std::string> targets = key.target_columns;
        if (targets.empty()) {
            for (const Column* column : parent.table().primary_key())
                targets.push_back(column->name);
        }
        std::vector<ast::ExpressionPtr> conditions;
        for (std::size_t i = 0; i < key.columns.size(); ++i) {
            const Column& from = child.table().column(key.columns[i]);
            const Column& to = parent.table().column(targets.at(i));
            conditions.push_back(
                ast::binary(ast::Operator::Equal,
                            ast::column(child_name, from.name, from.type, from.accepts_null()),
                            ast::column(parent_name, to.name, to.type, to.accepts_null())));
        }
        choices.push_back({ast::and_(std::move(conditions)),
                           fmt::format("{}.{}", child_name, fmt::join(key.columns, "+"))});
    }
}

} // namespace

void join_by_foreign_key(ast::Select& select, const Mapper& target, ast::JoinKind kind) {
    std::vector<JoinChoice> choices;
    const std::string& joined = target.table_ref()->qualifier();
    const auto consider = [&](const ast::FromItem& item) {
        const auto* table = std::get_if<TablePtr>(&item);
        const Mapper* there = table == nullptr ? nullptr : mapper_of_table(**table);
        if (there == nullptr) return;
        add_choices(target, joined, *there, (*table)->qualifier(), choices);
        if (there != &target) add_choices(*there, (*table)->qualifier(), target, joined, choices);
    };
    for (const auto& item : select.from) consider(item);
    for (const auto& join : select.joins) consider(join.target);
    if (choices.size() == 1) {
        select.joins.push_back({kind, target.table_ref(), choices.front().condition});
        return;
    }
    const std::string name(target.class_name());
    if (choices.empty()) {
        throw CompileError(
            fmt::format(
                "no foreign key joins {} with what this statement reads; give join() a condition",
                name),
            name);
    }
    std::vector<std::string> columns;
    for (const auto& choice : choices) columns.push_back(choice.columns);
    throw CompileError(
        fmt::format("{} can be joined by several foreign keys ({}); name a relationship, as in "
                    "join<&Class::member>(), or give join() a condition",
                    name, fmt::join(columns, ", ")),
        name);
}

void infer_from(ast::Select& select) {
    if (!select.from.empty()) return;
    TablePtr first;
    const auto take = [&](const ast::Expression& expression) {
        if (first || expression.kind != ast::NodeKind::ColumnRef) return;
        const auto& table = static_cast<const ast::ColumnRef&>(expression).table;
        if (table && !reads(select, table->qualifier())) first = ast::start_of_path(table);
    };
    const auto look_in = [&](const std::vector<ast::ExpressionPtr>& expressions) {
        for (auto expression = expressions.begin(); !first && expression != expressions.end();
             ++expression) {
            ast::traverse(*expression, take);
        }
    };
    look_in(select.columns);
    look_in(select.where);
    if (first) select.from.emplace_back(first);
}

ast::Select count_of(const ast::Select& select) {
    ast::Select outer;
    auto count = ast::function(ast::FunctionId::CountStar, {}, BigInteger(), false);
    const bool plain =
        !select.distinct && select.group_by.empty() && !select.limit && !select.offset;
    if (plain) {
        outer = select;
        outer.order_by.clear();
        outer.columns = {std::move(count)};
        return outer;
    }
    auto inner = std::make_shared<ast::Select>(select);
    auto subquery = std::make_shared<ast::Subquery>();
    subquery->select = std::move(inner);
    subquery->alias = "counted";
    outer.from.emplace_back(std::shared_ptr<const ast::Subquery>(std::move(subquery)));
    outer.columns = {std::move(count)};
    return outer;
}

ast::ExpressionPtr row_count(std::int64_t count, std::string_view clause) {
    if (count < 0)
        throw ArgumentError(fmt::format("{} must not be negative", clause), std::string(clause));
    return ast::bind(Value(count), BigInteger());
}

} // namespace mercator
