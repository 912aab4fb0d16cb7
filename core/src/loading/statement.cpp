// SPDX-License-Identifier: MIT
#include <mercator/loading/statement.hpp>

#include "class_tables.hpp"
#include "concrete_rows.hpp"
#include "same_column.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/cache_key.hpp>
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

namespace {

/// Does each row of the table between have its target? Only then may an outer join go over it: else
/// it would give owners a row without a target beside those with one.
bool every_link_leads(const Relationship& relationship) {
    const Table& link = *relationship.secondary;
    return relationship.is_simple && relationship.through == std::nullopt &&
           std::none_of(relationship.target_links.begin(), relationship.target_links.end(),
                        [&](const auto& pair) { return link.columns[pair.link].accepts_null(); });
}

/// A relationship and what it ties together in a statement.
struct Tie {
    const Relationship& relationship;
    const Mapper&
        owner; ///< the class under `owner_table`: the relationship's, or one that inherits
    const TablePtr& owner_table;
    const Mapper& target;
    const TablePtr& target_table;

    [[nodiscard]] ast::ExpressionPtr in_names(const ast::ExpressionPtr& condition) const {
        return side_in_names(side_in_names(condition, Relationship::owner_side, owner, owner_table),
                             Relationship::target_side, target, target_table);
    }
    /// Over both sides; over a table between, that it has a row for them.
    [[nodiscard]] ast::ExpressionPtr condition() const {
        if (relationship.direction == Direction::ManyToMany) {
            return relationship_condition(relationship, names(owner, owner_table),
                                          names(target, target_table));
        }
        const bool plain = owner_table->alias.empty() && target_table->alias.empty() &&
                           relationship.join_condition && &owner == relationship.owner &&
                           &target == relationship.target && owner.parts().size() == 1 &&
                           target.parts().size() == 1;
        return plain ? relationship.join_condition : in_names(relationship.condition);
    }

private:
    static std::vector<std::string> names(const Mapper& mapper, const TablePtr& table) {
        std::vector<std::string> names;
        for (std::size_t part = 0; part < mapper.parts().size(); ++part) {
            names.push_back(mapper.parts().size() == 1
                                ? table->qualifier()
                                : part_table(mapper, table, mapper, part)->qualifier());
        }
        return names;
    }
};

void join_target(ast::Select& select, const Tie& tie, ast::JoinKind kind, ast::ExpressionPtr on) {
    if (has_concrete_classes(tie.target)) {
        select.joins.push_back(
            {kind, concrete_rows(tie.target, tie.target_table->qualifier()), std::move(on)});
    } else {
        join_class(select, kind, tie.target, tie.target_table, std::move(on));
    }
}

void join_over_link(ast::Select& select, const Tie& tie, ast::JoinKind kind) {
    const Relationship& relationship = tie.relationship;
    if (kind == ast::JoinKind::Left && !every_link_leads(relationship))
        return join_target(select, tie, kind, tie.condition());
    TablePtr link = relationship.secondary_ref;
    for (int number = 2;
         reads(select, link->qualifier()) || link->qualifier() == tie.target_table->qualifier();
         ++number) {
        auto other = std::make_shared<ast::TableRef>(*relationship.secondary_ref);
        other->alias = fmt::format("{}_{}", relationship.secondary_ref->qualifier(), number);
        link = std::move(other);
    }
    const auto over = [&](const ast::ExpressionPtr& condition) {
        return ast::requalify(tie.in_names(condition), std::string(Relationship::link_side),
                              link->qualifier());
    };
    select.joins.push_back({kind, link, over(relationship.condition)});
    join_target(select, tie, kind, over(relationship.secondary_condition));
}

} // namespace

void join_relationship(ast::Select& select, const Relationship& relationship, ast::JoinKind kind,
                       const TablePtr& owner, const TablePtr& target) {
    join_along(select, relationship, kind, owner, class_under(*relationship.target, *target),
               target);
}

void join_along(ast::Select& select, const Relationship& relationship, ast::JoinKind kind,
                const TablePtr& owner, const Mapper& target_class, const TablePtr& target) {
    if (relationship.limit != 0) {
        throw CompileError(
            fmt::format("{} is the first {} of each owner, which a join cannot tell; load it, or "
                        "join a relationship without limit()",
                        relationship.where, relationship.limit),
            relationship.where);
    }
    if (owner->qualifier() == target->qualifier()) {
        throw CompileError(
            fmt::format(
                "joining along {} uses table {} twice under one name; join to an alias, as in "
                "alias<{}>(\"other\")",
                relationship.where, target->name, relationship.target->class_name()),
            relationship.where);
    }
    const Tie tie{relationship, class_under(*relationship.owner, *owner), owner, target_class,
                  target};
    if (select.from.empty()) read_tables_as(select, tie.owner, owner);
    if (relationship.direction == Direction::ManyToMany) return join_over_link(select, tie, kind);
    join_target(select, tie, kind, tie.condition());
}

void narrow_last_join(ast::Select& select, const ast::ExpressionPtr& condition) {
    ast::Join& join = select.joins.back();
    join.on = ast::and_({join.on, condition});
}

void join_on(ast::Select& select, const Mapper& target, const TablePtr& table, ast::JoinKind kind,
             const ast::ExpressionPtr& on) {
    if (has_concrete_classes(target)) {
        select.joins.push_back({kind, concrete_rows(target, table->qualifier()), on});
    } else {
        join_class(select, kind, target, table, on);
    }
}

void read_from(ast::Select& select, const Mapper& mapper, const TablePtr& table) {
    select.from.clear();
    if (has_concrete_classes(mapper)) {
        select.from.push_back(concrete_rows(mapper, table->qualifier()));
        return;
    }
    read_tables_as(select, mapper, table);
    if (auto condition = class_condition(mapper, table))
        select.where.push_back(std::move(condition));
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

bool is_same_structure(const ast::ExpressionPtr& a, const ast::ExpressionPtr& b) {
    ast::Select left;
    ast::Select right;
    left.where = {a};
    right.where = {b};
    ast::CacheKey of_left;
    ast::CacheKey of_right;
    ast::append_cache_key(left, of_left);
    ast::append_cache_key(right, of_right);
    return of_left.bytes == of_right.bytes &&
           std::equal(of_left.binds.begin(), of_left.binds.end(), of_right.binds.begin(),
                      of_right.binds.end(),
                      [](const auto* x, const auto* y) { return x->value == y->value; });
}

/// The same condition; an equality of columns has no first side.
bool is_same(const ast::ExpressionPtr& a, const ast::ExpressionPtr& b) {
    if (a->kind != ast::NodeKind::Binary || b->kind != ast::NodeKind::Binary)
        return is_same_structure(a, b);
    const auto& left = static_cast<const ast::Binary&>(*a);
    const auto& right = static_cast<const ast::Binary&>(*b);
    const bool is_equality = left.op == ast::Operator::Equal && right.op == ast::Operator::Equal;
    return (is_equality && ((is_same_column(*left.left, *right.left) &&
                             is_same_column(*left.right, *right.right)) ||
                            (is_same_column(*left.left, *right.right) &&
                             is_same_column(*left.right, *right.left)))) ||
           is_same_structure(a, b);
}

/// Does the condition demand this one, perhaps among others?
bool demands(const ast::ExpressionPtr& condition, const ast::ExpressionPtr& wanted) {
    if (wanted->kind == ast::NodeKind::Logical &&
        static_cast<const ast::Logical&>(*wanted).is_and) {
        const auto& parts = static_cast<const ast::Logical&>(*wanted).operands;
        return std::all_of(parts.begin(), parts.end(),
                           [&](const auto& part) { return demands(condition, part); });
    }
    if (condition->kind == ast::NodeKind::Logical &&
        static_cast<const ast::Logical&>(*condition).is_and) {
        const auto& parts = static_cast<const ast::Logical&>(*condition).operands;
        return std::any_of(parts.begin(), parts.end(),
                           [&](const auto& part) { return demands(part, wanted); });
    }
    return is_same(condition, wanted);
}

/// Has a join, from either side, tied the two tables together by this relationship?
bool is_joined_along(const ast::Select& select, const Relationship& step) {
    const Tie tie{step, *step.owner, step.owner->table_ref(), *step.target,
                  step.target->table_ref()};
    const auto is_joined_by = [&](const ast::ExpressionPtr& wanted) {
        return std::any_of(select.joins.begin(), select.joins.end(), [&](const ast::Join& join) {
            return join.on != nullptr && demands(join.on, wanted);
        });
    };
    if (is_joined_by(tie.condition())) return true;
    if (step.direction != Direction::ManyToMany) return false;
    const auto over_link = [&](const ast::ExpressionPtr& condition) {
        return ast::requalify(tie.in_names(condition), std::string(Relationship::link_side),
                              step.secondary_ref->qualifier());
    };
    return is_joined_by(over_link(step.condition)) &&
           is_joined_by(over_link(step.secondary_condition));
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
        join_class(select, kind, target, target.table_ref(), choices.front().condition);
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

namespace {

/// Does the table hold a part of the objects of a class of joined-table inheritance? It has its own
/// name then, and a way to the part before.
bool is_part(const ast::TableRef& table) {
    return table.implied != nullptr && table.alias.empty();
}

/// Where the path begins that relationships make: at a table of a class.
const TablePtr& start_of_paths(const TablePtr& table) {
    const TablePtr* start = &table;
    while ((*start)->implied != nullptr && !is_part(**start)) start = &(*start)->implied->owner;
    return *start;
}

/// A part of a class comes with those before it: only rows of that class.
void read_path(ast::Select& select, const TablePtr& table) {
    if (!is_part(*table)) {
        select.from.emplace_back(table);
        return;
    }
    read_path(select, table->implied->owner);
    select.joins.push_back({ast::JoinKind::Inner, table, table->implied->on});
}

} // namespace

namespace {

using Scopes = std::vector<const ast::Select*>;

const ast::Select* subquery_of(const ast::Expression& expression) {
    switch (expression.kind) {
    case ast::NodeKind::ScalarSubquery:
        return static_cast<const ast::ScalarSubquery&>(expression).select.get();
    case ast::NodeKind::Exists:
        return static_cast<const ast::Exists&>(expression).select.get();
    case ast::NodeKind::InSubquery:
        return static_cast<const ast::InSubquery&>(expression).select.get();
    default:
        return nullptr;
    }
}

/// The table that subqueries of the expression mean without reading it: that of the statement
/// around them.
TablePtr table_around(const ast::ExpressionPtr& expression, const Scopes& scopes) {
    TablePtr found;
    ast::traverse(expression, [&](const ast::Expression& node) {
        if (found) return;
        if (node.kind == ast::NodeKind::ColumnRef && !scopes.empty()) {
            const auto& table = static_cast<const ast::ColumnRef&>(node).table;
            if (table == nullptr) return;
            const TablePtr start = start_of_paths(table);
            const bool is_read =
                std::any_of(scopes.begin(), scopes.end(), [&](const ast::Select* scope) {
                    return reads(*scope, start->qualifier());
                });
            if (!is_read) found = start;
        } else if (const ast::Select* subquery = subquery_of(node)) {
            Scopes inside = scopes;
            inside.push_back(subquery);
            for (const auto* part : {&subquery->columns, &subquery->where}) {
                for (const auto& term : *part) {
                    if (!found) found = table_around(term, inside);
                }
            }
        }
    });
    return found;
}

} // namespace

void infer_from(ast::Select& select) {
    if (!select.from.empty()) return;
    TablePtr first;
    const auto take = [&](const ast::Expression& expression) {
        if (first || expression.kind != ast::NodeKind::ColumnRef) return;
        const auto& table = static_cast<const ast::ColumnRef&>(expression).table;
        if (table && !reads(select, table->qualifier())) first = start_of_paths(table);
    };
    const auto look_in = [&](const std::vector<ast::ExpressionPtr>& expressions) {
        for (auto expression = expressions.begin(); !first && expression != expressions.end();
             ++expression) {
            ast::traverse(*expression, take);
        }
    };
    look_in(select.columns);
    look_in(select.where);
    for (auto column = select.columns.begin(); !first && column != select.columns.end(); ++column)
        first = table_around(*column, {});
    if (first) read_path(select, first);
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
