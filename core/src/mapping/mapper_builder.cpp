// SPDX-License-Identifier: MIT
#include <mercator/mapping/mapper_builder.hpp>

#include "hierarchy_configuration.hpp"

#include <mercator/ast/traverse.hpp>
#include <mercator/mapping/member_name.hpp>
#include <mercator/mapping/registry.hpp>
#include <mercator/mapping/relationship_mapping.hpp>
#include <mercator/mapping/version_rule.hpp>
#include <mercator/support/error.hpp>
#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <limits>

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
    mapper_.is_named_ = true;
    point_to_table();
}

void MapperBuilder::point_to_table() {
    auto table = std::make_shared<ast::TableRef>(
        ast::TableRef{mapper_.table_->schema, mapper_.table_->name, {}});
    mapper_.table_ref_ = table;
    for (std::size_t i = mapper_.first_own_column_; i < mapper_.columns_.size(); ++i)
        point_to(mapper_.columns_[i], table, column_of(mapper_.columns_[i]));
}

namespace {

/// The column says another type than the member's: what the values need stays, what the other type
/// is called goes.
const TypeRules* rules_of_override(const SqlType& member, const SqlType& column) {
    if (member.rules == nullptr) return column.rules;
    TypeRules rules = *member.rules;
    rules.native = {};
    rules.is_enum_type = false;
    rules.variants = nullptr;
    rules.variant_count = 0;
    return merged(kept(rules), column.rules);
}

} // namespace

ColumnProperty& MapperBuilder::add_member(const char* function, std::uint32_t offset,
                                          const MemberFacts& facts, const SqlType* type) {
    if (ColumnProperty* included = find_included(offset)) return described_anew(*included, type);
    return add_column(member_name_in(function), offset, facts, type ? *type : SqlType());
}

ColumnProperty* MapperBuilder::find_included(std::uint32_t offset) noexcept {
    const auto found = std::find_if(
        mapper_.columns_.begin(), mapper_.columns_.end(), [&](const ColumnProperty& property) {
            return property.included && property.member_place() == offset;
        });
    return found == mapper_.columns_.end() ? nullptr : &*found;
}

/// The class has the last word on what a mixin gave it.
ColumnProperty& MapperBuilder::described_anew(ColumnProperty& property, const SqlType* type) {
    property.included = false; // a second time would be a slip of the pen
    if (type == nullptr) return property;
    Column& column = column_of(property);
    const TypeRules* rules = rules_of_override(property.field.type, *type);
    column.type = *type;
    column.type.rules = rules;
    property.field.type = column.type;
    point_to(property, mapper_.table_ref_, column);
    return property;
}

ColumnProperty& MapperBuilder::add_column(std::string_view member, std::uint32_t offset,
                                          const MemberFacts& facts, SqlType type,
                                          const Accessor* accessor) {
    Field field;
    field.offset = offset;
    field.kind = facts.kind;
    field.optional = facts.optional;
    field.type = type.kind == TypeKind::Unknown ? facts.type : type;
    if (type.kind != TypeKind::Unknown) field.type.rules = rules_of_override(facts.type, type);
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
    property.table = mapper_.table_.get();
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

void MapperBuilder::make_attribute(ColumnProperty& property, std::uint32_t link_offset) {
    if (link_offset == 0) return;
    property.attribute_offset = link_offset;
    mapper_.attribute_columns_.push_back(static_cast<std::uint16_t>(mapper_.columns_.size() - 1));
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
    const std::string& where =
        relationship.where.empty() ? relationship.member : relationship.where;
    throw MappingError(fmt::format("{} {}", where, why), where);
}

Relationship& MapperBuilder::add_relationship(std::string_view member, std::uint32_t offset,
                                              bool is_collection,
                                              Mapper* (*target)(const std::string& where)) {
    for (const auto& other : mapper_.relationships()) {
        if (other.offset == offset) {
            throw MappingError(
                fmt::format("{} is described twice; describe each relationship once", other.where),
                other.where);
        }
    }
    Relationship& relationship = mapper_.own_relationships_.emplace_back();
    mapper_.relationships_.items_.push_back(&relationship);
    relationship.member = std::string(member);
    relationship.where = fmt::format("{}.{}", mapper_.class_name(), member);
    relationship.offset = offset;
    relationship.index = static_cast<std::uint16_t>(mapper_.relationships().size() - 1);
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
    for (const auto offset : offsets) names.push_back(mapper.column_at(offset).in_schema().name);
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

void MapperBuilder::set_computed(ColumnProperty& property, ast::ExpressionPtr expression,
                                 Computed when) {
    column_of(property).computed(std::move(expression), when);
    property.computed = true;
    mapper_.computed_columns_ = true;
}

ExpressionProperty& MapperBuilder::add_expression(const char* function, std::uint32_t offset,
                                                  const MemberFacts& facts,
                                                  std::function<ast::ExpressionPtr()> make) {
    ExpressionProperty property;
    property.member = std::string(member_name_in(function));
    property.where = fmt::format("{}.{}", mapper_.class_name(), property.member);
    for (const auto& other : mapper_.columns_) {
        if (other.member_place() != offset) continue;
        throw MappingError(fmt::format("{} is a column, so it cannot be a column_property as well",
                                       property.where),
                           property.where);
    }
    property.field.offset = offset;
    property.field.kind = facts.kind;
    property.field.optional = facts.optional;
    property.field.codec = facts.codec;
    property.make = std::move(make);
    return mapper_.expressions_.emplace_back(std::move(property));
}

void MapperBuilder::set_comment(std::string comment) {
    mapper_.table_->comment = std::move(comment);
}

void MapperBuilder::set_registry(const Registry& registry) {
    mapper_.registry_ = &registry;
    if (mapper_.is_named_ || !registry.table_naming()) return;
    set_table(registry.table_naming()(mapper_.class_name()));
    mapper_.is_named_ = false; // the description may still say otherwise
}

void MapperBuilder::set_bind_key(std::string key) {
    mapper_.table_->bind_key = std::move(key);
}

void MapperBuilder::set_read_only() {
    mapper_.read_only_ = true;
}

void MapperBuilder::set_read_only(ColumnProperty& property) {
    property.read_only = true;
    mapper_.read_only_columns_ = true;
}

void MapperBuilder::set_info(std::string key, Value value) {
    mapper_.table_->info.set(std::move(key), std::move(value));
}

void MapperBuilder::add_synonym(const ColumnProperty& property, std::string name) {
    const auto& columns = mapper_.columns_;
    const auto place = std::find_if(columns.begin(), columns.end(),
                                    [&](const auto& other) { return &other == &property; });
    mapper_.synonyms_.push_back(
        {std::move(name), static_cast<std::uint16_t>(place - columns.begin())});
}

void MapperBuilder::add_validator(ColumnProperty& property,
                                  std::function<void(void* member)> validate) {
    mapper_.looks_at_values_ = true;
    if (!property.validate) {
        property.validate = std::move(validate);
        return;
    }
    property.validate = [first = std::move(property.validate),
                         then = std::move(validate)](void* member) {
        first(member);
        then(member);
    };
}

void MapperBuilder::put_into_form(ColumnProperty& property,
                                  std::function<void(void* member)> change) {
    mapper_.looks_at_values_ = true;
    property.put_into_form = std::move(change);
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

namespace {

[[noreturn]] void refuse_converted_key(const ColumnProperty& property) {
    throw MappingError(fmt::format("{} is a primary key, and convert<...>() is not for keys: give "
                                   "the member a type with a TypeDecorator",
                                   property.where),
                       property.where);
}

} // namespace

void MapperBuilder::set_type(ColumnProperty& property, const SqlType& type) {
    Column& column = column_of(property);
    column.type = type;
    point_to(property, mapper_.table_ref_, column);
}

void MapperBuilder::set_sql_around(ColumnProperty& property, std::string_view read,
                                   std::string_view write) {
    const std::string_view sql = read.empty() ? write : read;
    if (sql.find("{}") == sql.npos) {
        throw MappingError(fmt::format("the SQL around {} has no {{}} where the column or the "
                                       "value stands: \"{}\"",
                                       property.where, sql),
                           property.where);
    }
    TypeRules rules;
    rules.read_sql = read;
    rules.write_sql = write;
    SqlType type = column_of(property).type;
    type.rules = merged(type.rules, kept(rules));
    set_type(property, type);
}

void MapperBuilder::set_conversion(ColumnProperty& property, const FieldCodec& codec,
                                   const ColumnConversion& conversion, const SqlType& plain,
                                   const SqlType& stored) {
    if (property.accessor != nullptr) {
        throw MappingError(
            fmt::format("{} is a pair of functions, which convert by themselves", property.where),
            property.where);
    }
    if (column_of(property).is_primary_key) refuse_converted_key(property);
    SqlType type = column_of(property).type;
    const bool sensitive = type.sensitive;
    type.sensitive = false;
    if (type == plain) type = stored;
    type.sensitive = sensitive;
    TypeRules rules;
    rules.conversion = &conversion;
    type.rules = merged(type.rules, kept(rules));
    property.field.kind = FieldKind::Codec;
    property.field.codec = &codec;
    set_type(property, type);
}

namespace {

/// The number after; a counter that has come to its end begins anew.
Value next_number(const Field& field, const Value& before) {
    alignas(std::int64_t) std::byte room[sizeof(std::int64_t)] = {};
    Field alone = field;
    alone.offset = 0;
    if (!before.is_null()) store(alone, room, before);
    const bool wraps = visit_field_type(field.kind, [&](auto type) {
        using Number = typename decltype(type)::type;
        if constexpr (std::integral<Number> && !std::same_as<Number, bool>) {
            auto& number = *reinterpret_cast<Number*>(room);
            const bool last = number == std::numeric_limits<Number>::max();
            if (!last) ++number;
            return last;
        } else {
            return false;
        }
    });
    return wraps ? Value(1) : load(alone, room);
}

} // namespace

void MapperBuilder::set_version(std::uint32_t offset,
                                std::function<Value(const Value& before)> next, bool counts) {
    auto& columns = mapper_.columns_;
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& property) {
        return property.member_place() == offset;
    });
    ColumnProperty& property = *found; // described just before
    if (mapper_.version_ != nullptr) {
        throw MappingError(fmt::format("{} has two versions; {} is named where {} is one already",
                                       mapper_.class_name(), property.where,
                                       columns[mapper_.version_->column].where),
                           property.where);
    }
    auto rule = std::make_shared<VersionRule>();
    rule->column = static_cast<std::uint16_t>(found - columns.begin());
    rule->next = std::move(next);
    Field alone = property.field;
    alone.offset = 0;
    if (counts) rule->next = [alone](const Value& before) { return next_number(alone, before); };
    if (rule->is_made_by_server()) {
        property.server_default = true;
    } else {
        property.apply_default = [first = rule->next, alone](void* member) {
            store(alone, static_cast<std::byte*>(member), first(Value()));
        };
    }
    mapper_.version_ = std::move(rule);
}

void MapperBuilder::set_system_column(std::uint32_t offset, std::string name) {
    auto& columns = mapper_.columns_;
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& property) {
        return property.member_place() == offset;
    });
    rename_column(*found, std::move(name));
    column_of(*found).is_system = true;
}

void MapperBuilder::mark_primary_key(const ColumnProperty& property) {
    if (property.table != mapper_.table_.get()) {
        refuse_class(mapper_, fmt::format("has the key of {}; leave primary_key<...>() out",
                                          mapper_.base()->class_name()));
    }
    Column& column = column_of(property);
    const TypeRules* rules = column.type.rules;
    if (rules != nullptr && rules->conversion != nullptr) refuse_converted_key(property);
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
    for (std::size_t i = mapper_.first_own_column_; i < mapper_.columns_.size(); ++i) {
        const ColumnProperty& property = mapper_.columns_[i];
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

void MapperBuilder::set_base(Mapper& base, std::uint32_t base_offset) {
    HierarchyConfiguration::begin(mapper_, base, base_offset);
}

void MapperBuilder::set_concrete() {
    mapper_.concrete_ = true;
}

void MapperBuilder::set_key_names(std::vector<std::string> names, ForeignKey rules) {
    mapper_.key_names_ = std::move(names);
    mapper_.key_rules_ = std::move(rules);
}

void MapperBuilder::set_discriminator(std::uint32_t offset) {
    mapper_.discriminator_offset_ = offset;
}

void MapperBuilder::set_discriminator(std::function<ast::ExpressionPtr()> expression) {
    mapper_.discriminator_expression_ = std::move(expression);
}

void MapperBuilder::set_identity(Value identity) {
    mapper_.identity_ = std::move(identity);
}

void MapperBuilder::set_abstract() {
    mapper_.abstract_ = true;
}

void MapperBuilder::set_without_table() {
    mapper_.without_table_ = true;
}

void MapperBuilder::set_polymorphic_load(PolymorphicLoad load) {
    mapper_.polymorphic_load_ = load;
}

void MapperBuilder::set_fallback() {
    mapper_.fallback_ = true;
}

} // namespace mercator
