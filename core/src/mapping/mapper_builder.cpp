// SPDX-License-Identifier: MIT
#include <mercator/mapping/mapper_builder.hpp>

#include <mercator/ast/traverse.hpp>
#include <mercator/mapping/member_name.hpp>
#include <mercator/mapping/relationship_mapping.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

namespace {

void point_to(ColumnProperty& property, const std::shared_ptr<const ast::TableRef>& table,
              const Column& column) {
    auto ref = std::make_shared<ast::ColumnRef>(table->qualifier(), column.name, column.type,
                                                property.field.optional);
    ref->table = table;
    property.ref = std::move(ref);
    property.field.where = property.where;
    property.field.type = column.type;
}

} // namespace

void MapperBuilder::set_table(std::string name) {
    if (name.empty()) {
        throw MappingError(
            fmt::format("{} is mapped to a table without a name", mapper_.class_name()),
            std::string(mapper_.class_name()));
    }
    mapper_.table_->name = std::move(name);
    point_to_table();
}

void MapperBuilder::point_to_table() {
    auto table = std::make_shared<ast::TableRef>(
        ast::TableRef{mapper_.table_->schema, mapper_.table_->name, {}});
    mapper_.table_ref_ = table;
    for (auto& property : mapper_.columns_)
        point_to(property, table, mapper_.table_->columns[property.column]);
}

ColumnProperty& MapperBuilder::add_member(const char* function, std::uint32_t offset,
                                          const MemberFacts& facts, const SqlType* type) {
    return add_column(member_name_in(function), offset, facts, type ? *type : SqlType());
}

ColumnProperty& MapperBuilder::add_column(std::string_view member, std::uint32_t offset,
                                          const MemberFacts& facts, SqlType type,
                                          const Accessor* accessor) {
    Field field;
    field.offset = offset;
    field.kind = facts.kind;
    field.optional = facts.optional;
    field.type = type.kind == TypeKind::Unknown ? facts.type : type;
    if (facts.type.kind == TypeKind::Enum) field.type.labels = facts.type.labels;
    field.codec = facts.codec;
    ColumnProperty& property = add_column(member, field, accessor);
    property.size = facts.size;
    property.alignment = facts.alignment;
    property.is_unset = facts.is_initial;
    property.make_unset = facts.make_initial;
    return property;
}

ColumnProperty& MapperBuilder::add_column(std::string_view member, const Field& field,
                                          const Accessor* accessor) {
    if (!mapper_.table_ref_) point_to_table();
    for (const auto& other : mapper_.columns_) {
        const bool same_place = accessor == nullptr && other.member_place() == field.offset;
        const bool same_name =
            (accessor != nullptr || other.accessor != nullptr) && other.member == member;
        if (same_place || same_name) {
            throw MappingError(
                fmt::format("{} is mapped twice; describe each member once", other.where),
                other.where);
        }
    }
    Column column(std::string(member), field.type);
    column.is_nullable = field.optional;
    mapper_.table_->columns.push_back(std::move(column));

    ColumnProperty& property = mapper_.columns_.emplace_back();
    property.member = std::string(member);
    property.where = fmt::format("{}.{}", mapper_.class_name(), member);
    property.field = field;
    property.accessor = accessor;
    property.column = mapper_.table_->columns.size() - 1;
    point_to(property, mapper_.table_ref_, mapper_.table_->columns.back());
    return property;
}

ColumnProperty& MapperBuilder::make_deferrable(ColumnProperty& property,
                                               std::uint32_t link_offset) {
    if (link_offset == 0) return property;
    property.link_offset = link_offset;
    // The property of the column that was added last.
    mapper_.deferrable_columns_.push_back(static_cast<std::uint16_t>(mapper_.columns_.size() - 1));
    return property;
}

std::shared_ptr<Relationship> described_backref(std::string_view member, std::uint32_t offset,
                                                bool is_collection) {
    auto side = std::make_shared<Relationship>();
    side->member = std::string(member);
    side->offset = offset;
    side->is_collection = is_collection;
    return side;
}

void refuse_relationship(const Relationship& relationship, std::string_view why) {
    const std::string& where = relationship.where.empty() ? relationship.member : relationship.where;
    throw MappingError(fmt::format("{} {}", where, why), where);
}

Relationship& MapperBuilder::add_relationship(std::string_view member, std::uint32_t offset,
                                              bool is_collection,
                                              Mapper* (*target)(const std::string& where)) {
    for (const auto& other : mapper_.relationships_) {
        if (other.offset == offset) {
            throw MappingError(
                fmt::format("{} is described twice; describe each relationship once", other.where),
                other.where);
        }
    }
    Relationship& relationship = mapper_.relationships_.emplace_back();
    relationship.member = std::string(member);
    relationship.where = fmt::format("{}.{}", mapper_.class_name(), member);
    relationship.offset = offset;
    relationship.index = static_cast<std::uint16_t>(mapper_.relationships_.size() - 1);
    relationship.is_collection = is_collection;
    relationship.owner = &mapper_;
    relationship.target_of = target;
    return relationship;
}

void MapperBuilder::add_check(const ast::ExpressionPtr& condition, std::string name) {
    mapper_.table_->checks.push_back(CheckConstraint{std::move(name), ast::to_ddl(condition)});
}

namespace {

std::vector<std::string> column_names(Mapper& mapper, const std::vector<std::uint32_t>& offsets) {
    std::vector<std::string> names;
    names.reserve(offsets.size());
    for (const auto offset : offsets)
        names.push_back(mapper.table().columns[mapper.column_at(offset).column].name);
    return names;
}

} // namespace

void MapperBuilder::add_unique(const std::vector<std::uint32_t>& offsets, std::string name) {
    mapper_.table_->uniques.push_back(
        UniqueConstraint{std::move(name), column_names(mapper_, offsets)});
}

void MapperBuilder::add_index(const std::vector<std::uint32_t>& offsets, Index index) {
    index.columns = column_names(mapper_, offsets);
    if (index.where != nullptr) index.where = ast::to_ddl(index.where);
    mapper_.table_->indexes.push_back(std::move(index));
}

void MapperBuilder::set_option(std::string name, std::string value) {
    mapper_.table_->option(std::move(name), std::move(value));
}

void MapperBuilder::add_foreign_key(const std::vector<std::uint32_t>& offsets, Mapper* (*target)(),
                                    std::vector<std::uint32_t> target_offsets, ForeignKey rules) {
    ForeignKey key = std::move(rules);
    key.target_columns.clear();
    key.columns = column_names(mapper_, offsets);
    mapper_.composite_keys_.push_back({std::move(key), target, std::move(target_offsets)});
}

void MapperBuilder::set_comment(std::string comment) {
    mapper_.table_->comment = std::move(comment);
}

void MapperBuilder::rename_column(ColumnProperty& property, std::string name) {
    Column& column = column_of(property);
    column.name = std::move(name);
    point_to(property, mapper_.table_ref_, column);
}

void MapperBuilder::set_sensitive(ColumnProperty& property) {
    Column& column = column_of(property);
    column.type.sensitive = true;
    point_to(property, mapper_.table_ref_, column);
}

void MapperBuilder::mark_primary_key(const ColumnProperty& property) {
    Column& column = column_of(property);
    if (mapper_.key_is_whole_ || column.is_primary_key) {
        throw MappingError(
            fmt::format("{} has two primary keys: {} is declared as one where one is declared "
                        "already; mark each column of the key once, or name them all in one "
                        "primary_key<...>()",
                        mapper_.class_name(), property.where),
            property.where);
    }
    column.primary_key();
}

void MapperBuilder::set_primary_key(const std::vector<std::uint32_t>& offsets) {
    std::size_t last = 0;
    for (const auto offset : offsets) {
        const ColumnProperty& property = mapper_.column_at(offset);
        if (property.column < last) {
            throw MappingError(
                fmt::format("{} stands in primary_key<...>() behind a member that is described "
                            "after it; a key has the order of its columns, so name them in that "
                            "order",
                            property.where),
                property.where);
        }
        last = property.column;
        mark_primary_key(property);
    }
    for (const auto& property : mapper_.columns_) {
        const bool named =
            std::find(offsets.begin(), offsets.end(), property.member_place()) != offsets.end();
        if (column_of(property).is_primary_key && !named) {
            throw MappingError(
                fmt::format("{} has two primary keys: {} is marked and does not stand in "
                            "primary_key<...>(); mark each column of the key once, or name them "
                            "all there",
                            mapper_.class_name(), property.where),
                property.where);
        }
    }
    mapper_.key_is_whole_ = true;
}

void MapperBuilder::refuse_default(const ColumnProperty& property) const {
    throw MappingError(fmt::format("{} has a default that is out of its range; give it a value "
                                   "that the member can hold, or use a wider type",
                                   property.where),
                       property.where);
}

Column& MapperBuilder::column_of(const ColumnProperty& property) {
    return mapper_.table_->columns[property.column];
}

void MapperBuilder::include(const ObjectType& mixin_type, void (*describe)(Mapper&),
                            std::uint32_t base_offset) {
    Mapper mixin(mixin_type);
    describe(mixin);
    for (const auto& theirs : mixin.columns()) {
        Field field = theirs.field;
        field.offset += base_offset;
        ColumnProperty& ours = add_column(theirs.member, field, theirs.accessor);
        ours.size = theirs.size;
        ours.alignment = theirs.alignment;
        ours.is_unset = theirs.is_unset;
        ours.make_unset = theirs.make_unset;
        ours.apply_default = theirs.apply_default;
        ours.apply_on_update = theirs.apply_on_update;
        ours.server_default = theirs.server_default;
        make_deferrable(ours, theirs.link_offset);
        ours.deferred = theirs.deferred;
        ours.deferred_raise = theirs.deferred_raise;
        ours.deferred_group = theirs.deferred_group;
        ours.target = theirs.target;
        ours.target_offset = theirs.target_offset;
        ours.target_text = theirs.target_text;
        column_of(ours) = mixin.table().columns[theirs.column];
        point_to(ours, mapper_.table_ref_, column_of(ours));
    }
    for (const auto& check : mixin.table().checks) mapper_.table_->checks.push_back(check);
}

} // namespace mercator
