// SPDX-License-Identifier: MIT
#include "mapper_configuration.hpp"

#include "model_checks.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

namespace {

/// The node of a column whose type may have been found out only now.
std::shared_ptr<const ast::ColumnRef> settled_ref(const ColumnProperty& property) {
    if (property.ref->type == property.field.type) return property.ref;
    auto ref = std::make_shared<ast::ColumnRef>(*property.ref);
    ref->type = property.field.type;
    return ref;
}

} // namespace

void MapperConfiguration::run() {
    collect();
    try {
        for (Mapper* mapper : mappers_) resolve_foreign_keys(*mapper);
        // A key may refer to a key that refers to a third.
        for (bool changed = true; changed;) {
            changed = false;
            for (Mapper* mapper : mappers_) changed = deduce_types(*mapper) || changed;
        }
        for (Mapper* mapper : mappers_) complete_table(*mapper);
        for (const Mapper* mapper : mappers_) check_targets(*mapper);
        for (const Mapper* mapper : mappers_) check_model(*mapper);
        configure_relationships();
    } catch (...) {
        undo();
        throw;
    }
    for (Mapper* mapper : mappers_) {
        mapper->fields_.clear();
        mapper->refs_.clear();
        mapper->offsets_.clear();
        for (const auto& property : mapper->columns_) {
            mapper->fields_.push_back(property.field);
            mapper->refs_.push_back(settled_ref(property));
            mapper->offsets_.push_back(property.member_place());
        }
        mapper->configured_.store(true, std::memory_order_release);
    }
}

void MapperConfiguration::configure_relationships() {
    const auto for_each = [&](auto&& act) {
        for (Mapper* mapper : mappers_) {
            for (auto& relationship : mapper->relationships_) act(relationship);
        }
    };
    RelationshipConfiguration joins;
    for (Mapper* mapper : mappers_) make_backrefs(*mapper, joins);
    for_each([](Relationship& relationship) { find_named_side(relationship); });
    for_each([&](Relationship& relationship) { joins.resolve(relationship); });
    for_each([](Relationship& relationship) { link_reverse(relationship); });
    for_each([](const Relationship& relationship) { make_external_side(relationship); });
}

void MapperConfiguration::collect() {
    for (Mapper* root : roots_) visit(root);
    for (std::size_t i = 0; i < mappers_.size(); ++i) {
        Mapper& mapper = *mappers_[i];
        for (auto& property : mapper.columns_) {
            if (property.target != nullptr) visit(property.target());
        }
        for (auto& key : mapper.composite_keys_) visit(key.target());
        for (auto& relationship : mapper.relationships_) {
            relationship.target = relationship.target_of(relationship.where);
            visit(relationship.target);
        }
    }
}

void MapperConfiguration::visit(Mapper* mapper) {
    if (mapper->is_configured() ||
        std::find(mappers_.begin(), mappers_.end(), mapper) != mappers_.end())
        return;
    mappers_.push_back(mapper);
    described_.emplace_back(mapper, mapper->relationships_.size());
}

void MapperConfiguration::resolve_foreign_keys(Mapper& mapper) {
    for (auto& property : mapper.columns_) {
        if (property.target == nullptr) continue;
        const Mapper& target = *property.target();
        const ColumnProperty& referred = target.column_at(property.target_offset);
        ForeignKey key;
        Column& column = mapper.table_->columns[property.column];
        if (column.foreign_key)
            key = *column.foreign_key; // keeps the actions given before or after references()
        key.columns = {column.name};
        key.target_table = target.table_->name;
        key.target_columns = {target.table_->columns[referred.column].name};
        column.foreign_key = key;
    }
    for (auto& composite : mapper.composite_keys_) {
        const Mapper& target = *composite.target();
        ForeignKey key = composite.key;
        key.target_table = target.table_->name;
        for (const auto offset : composite.target_offsets) {
            key.target_columns.push_back(
                target.table_->columns[target.column_at(offset).column].name);
        }
        const bool known =
            std::any_of(mapper.table_->foreign_keys.begin(), mapper.table_->foreign_keys.end(),
                        [&](const ForeignKey& other) { return other.columns == key.columns; });
        if (!known) mapper.table_->foreign_keys.push_back(std::move(key));
    }
}

/// What the column's foreign key refers to, as far as it is known yet; nullptr for none.
const Column* MapperConfiguration::referred_column(const Mapper& mapper,
                                                   const ColumnProperty& property) const {
    if (property.target != nullptr) {
        const Mapper& target = *property.target();
        return &target.table().columns[target.column_at(property.target_offset).column];
    }
    for (const auto& composite : mapper.composite_keys_) {
        const auto& names = composite.key.columns;
        const auto at =
            std::find(names.begin(), names.end(), mapper.table_->columns[property.column].name);
        if (at == names.end()) continue;
        const Mapper& target = *composite.target();
        const auto offset = composite.target_offsets[static_cast<std::size_t>(at - names.begin())];
        return &target.table().columns[target.column_at(offset).column];
    }
    const auto& key = mapper.table_->columns[property.column].foreign_key;
    for (const Mapper* other : mappers_) {
        if (key && key->target_columns.size() == 1 && other->table().name == key->target_table)
            return other->table().find_column(key->target_columns.front());
    }
    return nullptr;
}

/// A text without a limit cannot hold more than the one it refers to, and some databases take no
/// key without a limit.
bool MapperConfiguration::deduce_types(Mapper& mapper) {
    bool changed = false;
    for (auto& property : mapper.columns_) {
        Column& column = mapper.table_->columns[property.column];
        if (column.type.kind != TypeKind::Text || column.type.length != 0) continue;
        const Column* target = referred_column(mapper, property);
        if (target == nullptr || target->type.length == 0 || !target->type.is_text()) continue;
        const bool sensitive = column.type.sensitive;
        column.type = target->type;
        column.type.sensitive = sensitive;
        // Not property.ref: another thread may be at making an expression of it, without a lock.
        property.field.type = column.type;
        changed = true;
    }
    return changed;
}

void MapperConfiguration::complete_table(Mapper& mapper) {
    if (mapper.columns_.empty()) {
        throw MappingError(
            fmt::format(
                "{} maps no column; add mapping.column<&{}::member>() to its describe function",
                mapper.class_name(), mapper.class_name()),
            std::string(mapper.class_name()));
    }
    for (const auto& property : mapper.columns_) {
        const Column& column = mapper.table_->columns[property.column];
        if (column.is_primary_key && column.is_nullable.value_or(false)) {
            throw MappingError(
                fmt::format(
                    "{} is part of the primary key and nullable; remove nullable() or make the "
                    "member something else than std::optional",
                    property.where),
                property.where);
        }
    }
    try {
        mapper.table_->complete();
    } catch (const MappingError& error) {
        throw mapper.in_terms_of_class(error);
    }
    mapper.primary_key_.clear();
    for (std::size_t i = 0; i < mapper.columns_.size(); ++i) {
        if (mapper.table_->columns[mapper.columns_[i].column].is_primary_key) {
            mapper.primary_key_.push_back(static_cast<std::uint16_t>(i));
        }
    }
    if (mapper.primary_key_.empty()) {
        throw MappingError(
            fmt::format(
                "{} has no primary key, so its rows cannot be told apart; mark a column with "
                ".primary_key()",
                mapper.class_name()),
            std::string(mapper.class_name()));
    }
    find_generated_key(mapper);
}

/// A database refuses a foreign key to a column of which several rows may hold the same value.
void MapperConfiguration::check_targets(const Mapper& mapper) {
    const auto is_alone = [](const std::vector<std::string>& columns, const std::string& name) {
        return columns.size() == 1 && columns.front() == name;
    };
    for (const auto& property : mapper.columns_) {
        if (property.target == nullptr) continue;
        const Mapper& target = *property.target();
        const Table& table = target.table();
        const ColumnProperty& referred = target.column_at(property.target_offset);
        const Column& column = table.columns[referred.column];
        const bool is_unique =
            column.is_unique || (column.is_primary_key && table.primary_key().size() == 1) ||
            std::any_of(table.uniques.begin(), table.uniques.end(),
                        [&](const UniqueConstraint& unique) {
                            return is_alone(unique.columns, column.name);
                        }) ||
            std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Index& index) {
                return index.unique && is_alone(index.columns, column.name);
            });
        if (is_unique) continue;
        throw MappingError(
            fmt::format(
                "{} references {}, which is not unique by itself; mark that with .unique(), "
                "reference "
                "the primary key, or describe a foreign_key(...) over all columns of the key",
                property.where, referred.where),
            property.where);
    }
}

void MapperConfiguration::find_generated_key(Mapper& mapper) {
    mapper.generated_key_ = -1;
    const Column* generated = mapper.table_->autoincrement_column();
    for (std::size_t i = 0; i < mapper.columns_.size(); ++i) {
        auto& property = mapper.columns_[i];
        property.generated = generated != nullptr &&
                             &mapper.table_->columns[property.column] == generated &&
                             !property.apply_default;
        if (property.generated) mapper.generated_key_ = static_cast<int>(i);
    }
    const auto& first = mapper.columns_[mapper.primary_key_.front()].field;
    mapper.integer_key_ = mapper.primary_key_.size() == 1 && !first.optional &&
                          first.kind >= FieldKind::Int8 && first.kind <= FieldKind::UInt64;
}

void MapperConfiguration::undo() {
    for (auto& [mapper, count] : described_) {
        while (mapper->relationships_.size() > count) mapper->relationships_.pop_back();
        mapper->external_.clear();
        for (auto& relationship : mapper->relationships_) relationship.reverse = nullptr;
    }
}

} // namespace mercator
