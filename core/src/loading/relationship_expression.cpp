// SPDX-License-Identifier: MIT
#include <mercator/loading/relationship_expression.hpp>

#include "class_tables.hpp"
#include "correlated_select.hpp"
#include "related_select.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/implied_join.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/loading/select_builder.hpp>
#include <mercator/loading/statement.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace mercator {

namespace {

using Object = RelationshipInStatement::Object;
using TablePtr = RelationshipInStatement::TablePtr;

[[noreturn]] void refuse_without_key(const Relationship& relationship, const char* why) {
    throw StateError(fmt::format("{} cannot be compared with this {}, which has no row: {}",
                                 relationship.where, relationship.target->class_name(), why),
                     relationship.where);
}

/// Makes the key of an object that is to be inserted, as a query would.
void flush_new(InstanceState& state, const Graph& graph, const Relationship& relationship) {
    if (auto* context = static_cast<LoadContext*>(graph.client())) {
        ast::Select of_target;
        of_target.from.emplace_back(state.mapper->table_ref());
        context->autoflush(of_target);
    }
    if (state.status == ObjectStatus::Pending)
        refuse_without_key(relationship, "flush its session first");
}

/// The place of an object that has a key.
const std::byte* with_key(const Object& object, const Relationship& relationship) {
    void* const place = const_cast<void*>(object.get());
    const Graph* graph = Graph::of(std::const_pointer_cast<void>(object));
    if (graph == nullptr) {
        refuse_without_key(relationship, "no session knows it; add it with session.add(...) and "
                                         "use the handle that this returns");
    }
    InstanceState& state = state_of(place);
    if (state.status == ObjectStatus::Pending) flush_new(state, *graph, relationship);
    if (state.status == ObjectStatus::Transient)
        refuse_without_key(relationship, "it left its session without having been flushed");
    return state.object();
}

ast::ExpressionPtr nothing() {
    return ast::or_({});
}

/// NULL equals nothing.
ast::ExpressionPtr equals(ast::ExpressionPtr column, const Value& value) {
    if (value.is_null()) return nothing();
    return ast::binary(ast::Operator::Equal, std::move(column), ast::bind(value));
}

Value value_in(const std::byte* object, const Mapper& mapper, std::uint16_t column) {
    return load(mapper.columns()[column].field, object);
}

/// A column of the statement that must equal one of the object.
struct KeyPart {
    ast::ExpressionPtr column;
    std::uint16_t of_object = 0;
};

ast::ExpressionPtr equals_object(const std::vector<KeyPart>& key, const Mapper& mapper,
                                 const std::byte* object) {
    std::vector<ast::ExpressionPtr> conditions;
    for (const KeyPart& part : key)
        conditions.push_back(equals(part.column, value_in(object, mapper, part.of_object)));
    return ast::and_(std::move(conditions));
}

ast::ExpressionPtr equals_one_of(const std::vector<KeyPart>& key, const Mapper& mapper,
                                 const std::vector<const std::byte*>& objects) {
    if (objects.size() == 1) return equals_object(key, mapper, objects.front());
    if (key.size() != 1) {
        std::vector<ast::ExpressionPtr> choices;
        for (const std::byte* object : objects)
            choices.push_back(equals_object(key, mapper, object));
        return ast::or_(std::move(choices));
    }
    std::vector<Value> values;
    for (const std::byte* object : objects) {
        Value value = value_in(object, mapper, key.front().of_object);
        if (!value.is_null()) values.push_back(std::move(value));
    }
    return ast::in(key.front().column, std::move(values));
}

/// Are its rows known by what a table between says, without the target?
bool link_tells(const Relationship& relationship) {
    return relationship.direction == Direction::ManyToMany && relationship.is_simple;
}

} // namespace

ast::ExpressionPtr
RelationshipInStatement::exists(const std::vector<ast::ExpressionPtr>& conditions) const {
    if (also_.empty())
        return ast::exists(
            CorrelatedSelect(*relationship_, target_class(), owner_, conditions).finish());
    auto all = also_;
    all.insert(all.end(), conditions.begin(), conditions.end());
    return ast::exists(CorrelatedSelect(*relationship_, target_class(), owner_, all).finish());
}

const Mapper& RelationshipInStatement::target_class() const noexcept {
    return class_ == nullptr ? *relationship_->target : *class_;
}

RelationshipInStatement RelationshipInStatement::of_type(const Mapper& mapper) const {
    RelationshipInStatement narrower = *this;
    narrower.class_ = &mapper;
    return narrower;
}

RelationshipInStatement
RelationshipInStatement::narrowed(const std::vector<ast::ExpressionPtr>& conditions) const {
    RelationshipInStatement narrower = *this;
    narrower.also_.insert(narrower.also_.end(), conditions.begin(), conditions.end());
    return narrower;
}

void join_related(ast::Select& select, const RelationshipInStatement& related, ast::JoinKind kind) {
    const Mapper& target = related.target_class();
    join_along(select, related.relationship(), kind, related.owner(), target, target.table_ref());
    for (const auto& condition : related.conditions()) narrow_last_join(select, condition);
}

/// Does the owner's row tell by itself what it is related to?
bool RelationshipInStatement::by_foreign_key() const {
    return class_ == nullptr && also_.empty() && relationship_->direction == Direction::ManyToOne &&
           relationship_->limit == 0 && goes_by_columns(*relationship_) &&
           std::all_of(relationship_->discriminators.begin(), relationship_->discriminators.end(),
                       [](const auto& kind_of) { return kind_of.on_owner; });
}

ast::ExpressionPtr RelationshipInStatement::owner_column(std::uint16_t index) const {
    const Mapper& owner = class_under(*relationship_->owner, *owner_);
    const auto& plain = owner.columns()[index].ref;
    return owner_ == owner.table_ref() ? plain : class_column(owner, owner_, *plain);
}

/// What each says that the owner's row refers to nothing: one NULL is enough, or another kind.
std::vector<ast::ExpressionPtr> RelationshipInStatement::missing() const {
    std::vector<ast::ExpressionPtr> signs;
    for (const auto& [own, theirs] : relationship_->pairs) {
        if (relationship_->owner->columns()[own].ref->nullable)
            signs.push_back(ast::is_null(owner_column(own)));
    }
    // A key that is never NULL is so where an outer join has no owner.
    if (signs.empty())
        signs.push_back(ast::is_null(owner_column(relationship_->pairs.front().first)));
    for (const auto& kind_of : relationship_->discriminators) {
        signs.push_back(ast::binary(ast::Operator::NotEqual, owner_column(kind_of.column),
                                    ast::bind(kind_of.value)));
        if (relationship_->owner->columns()[kind_of.column].ref->nullable)
            signs.push_back(ast::is_null(owner_column(kind_of.column)));
    }
    return signs;
}

ast::ExpressionPtr RelationshipInStatement::is_empty() const {
    if (by_foreign_key()) return ast::or_(missing());
    return ast::exists(CorrelatedSelect(*relationship_, target_class(), owner_, {}).finish(), true);
}

ast::ExpressionPtr RelationshipInStatement::is_not_empty() const {
    if (!by_foreign_key()) return exists({});
    std::vector<ast::ExpressionPtr> signs;
    for (const auto& [own, theirs] : relationship_->pairs)
        signs.push_back(ast::is_null(owner_column(own), true));
    for (const auto& kind_of : relationship_->discriminators)
        signs.push_back(equals(owner_column(kind_of.column), kind_of.value));
    return ast::and_(std::move(signs));
}

ast::ExpressionPtr RelationshipInStatement::holds(const Object& object) const {
    return holds_one_of({object});
}

ast::ExpressionPtr RelationshipInStatement::lacks(const Object& object) const {
    if (!by_foreign_key()) return ast::not_(holds(object));
    // Written out, since a NULL is neither equal nor unequal.
    auto others = missing();
    const std::byte* place = with_key(object, *relationship_);
    for (const auto& [own, theirs] : relationship_->pairs) {
        const Value value = value_in(place, *relationship_->target, theirs);
        if (value.is_null()) return ast::and_({});
        others.push_back(ast::binary(ast::Operator::NotEqual, owner_column(own), ast::bind(value)));
    }
    return ast::or_(std::move(others));
}

ast::ExpressionPtr RelationshipInStatement::holds_one_of(const std::vector<Object>& objects) const {
    const Relationship& relationship = *relationship_;
    const Mapper& mapper = *relationship.target;
    std::vector<const std::byte*> places;
    for (const Object& object : objects) {
        if (object != nullptr) places.push_back(with_key(object, relationship));
    }
    if (places.empty()) return nothing();
    std::vector<KeyPart> key;
    if (by_foreign_key()) {
        for (const auto& [own, theirs] : relationship.pairs)
            key.push_back({owner_column(own), theirs});
        std::vector<ast::ExpressionPtr> conditions{equals_one_of(key, mapper, places)};
        for (const auto& kind_of : relationship.discriminators)
            conditions.push_back(equals(owner_column(kind_of.column), kind_of.value));
        return ast::and_(std::move(conditions));
    }
    CorrelatedSelect rows(relationship, owner_, {});
    if (link_tells(relationship)) {
        rows.read_link_alone();
        for (const auto& pair : relationship.target_links)
            key.push_back({rows.link_column(pair.link), pair.column});
    } else {
        for (const auto column : mapper.primary_key())
            key.push_back({rows.target_column(column), column});
    }
    rows.where(equals_one_of(key, mapper, places));
    return ast::exists(std::move(rows).finish());
}

namespace {

/// The condition between both sides; over a table between, that it has a row for them.
ast::ExpressionPtr whole_condition(const Relationship& relationship) {
    const auto names = [](std::string_view side, const Mapper& mapper) {
        std::vector<std::string> parts;
        for (std::size_t part = 0; part < mapper.parts().size(); ++part)
            parts.push_back(side_name(side, part));
        return parts;
    };
    return relationship_condition(relationship,
                                  names(Relationship::owner_side, *relationship.owner),
                                  names(Relationship::target_side, *relationship.target));
}

/// The same table without the join that leads to it: what stands in that join must not refer to it.
TablePtr plain(const ast::TableRef& table) {
    auto copy = std::make_shared<ast::TableRef>(table);
    copy->implied = nullptr;
    return copy;
}

ast::ExpressionPtr without_tables(const ast::ExpressionPtr& condition) {
    return ast::replace_columns(condition, [](const ast::ColumnRef& column) {
        return ast::column(column.qualifier, column.name, column.type, column.nullable);
    });
}

} // namespace

TablePtr RelationshipInStatement::target() const {
    const Relationship& relationship = *relationship_;
    if (relationship.limit != 0) {
        throw CompileError(
            fmt::format("a path cannot lead over {}, which is the first {} of several rows",
                        relationship.where, relationship.limit),
            relationship.where);
    }
    const bool keeps_owner =
        !relationship.required ||
        (owner_->implied != nullptr && owner_->implied->kind == ast::JoinKind::Left);
    const Mapper& target = target_class();
    const Mapper& owner = class_under(*relationship.owner, *owner_);
    auto table = std::make_shared<ast::TableRef>(*target.table_ref());
    table->alias = ast::path_alias(owner_->qualifier(), relationship.member);
    table->implied = nullptr;
    auto join = std::make_shared<ast::ImpliedJoin>();
    join->owner = owner_;
    join->kind = keeps_owner ? ast::JoinKind::Left : ast::JoinKind::Inner;
    join->on = target.parts().size() == 1 && owner.parts().size() == 1
                   ? relationship_condition(relationship, owner_->qualifier(), table->alias)
                   : side_in_names(side_in_names(whole_condition(relationship),
                                                 Relationship::target_side, target, plain(*table)),
                                   Relationship::owner_side, owner, owner_);
    if (const auto condition = class_condition(target, plain(*table)))
        join->on = ast::and_({join->on, without_tables(condition)});
    table->implied = std::move(join);
    return table;
}

ast::ExpressionPtr column_on_path(const TablePtr& table, const Mapper& mapper,
                                  const ColumnProperty& property) {
    const auto column = class_column(mapper, table, *property.ref);
    const auto& found = static_cast<const ast::ColumnRef&>(*column);
    auto ref =
        std::make_shared<ast::ColumnRef>(found.qualifier, found.name, property.field.type, true);
    ref->table = found.table;
    return ref;
}

namespace {

const Relationship& step_named(const Mapper& mapper, std::string_view name) {
    const Relationship* found = mapper.find_relationship(name);
    if (found != nullptr && !found->is_collection) return *found;
    std::vector<std::string_view> names;
    for (const auto& relationship : mapper.relationships()) {
        if (!relationship.is_collection) names.push_back(relationship.member);
    }
    throw MappingError(
        found != nullptr
            ? fmt::format("a path cannot lead over {}, which is a collection; ask any() of it, or "
                          "join it",
                          found->where)
            : fmt::format("{} has no relationship to one object of the name asked for; it has: {}",
                          mapper.class_name(),
                          names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))),
        std::string(mapper.class_name()));
}

} // namespace

ast::ExpressionPtr column_by_path(const Mapper& from, std::string_view names) {
    const Mapper* mapper = &from;
    TablePtr table = from.table_ref();
    for (auto dot = names.find('.'); dot != std::string_view::npos; dot = names.find('.')) {
        const Relationship& step = step_named(*mapper, names.substr(0, dot));
        table = RelationshipInStatement(step, table).target();
        mapper = step.target;
        names.remove_prefix(dot + 1);
    }
    const auto plain = column_by_name(*mapper, names);
    if (mapper == &from && table == from.table_ref()) return plain;
    return column_on_path(table, *mapper, *mapper->find_column(names));
}

} // namespace mercator
