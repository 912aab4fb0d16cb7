// SPDX-License-Identifier: MIT
#include "mapper_configuration.hpp"

#include "hierarchy_configuration.hpp"
#include "model_checks.hpp"

#include <mercator/mapping/criterion.hpp>
#include <mercator/mapping/registry.hpp>
#include <mercator/mapping/relationship_mapping.hpp>
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
        // Bases stand before the classes that inherit them.
        for (Mapper* mapper : mappers_) resolve_foreign_keys(*mapper);
        // A key may refer to a key that refers to a third.
        for (bool changed = true; changed;) {
            changed = false;
            for (Mapper* mapper : mappers_) {
                HierarchyConfiguration::follow_base(*mapper);
                changed = deduce_types(*mapper) || changed;
            }
        }
        for (Mapper* mapper : mappers_) complete_table(*mapper);
        for (Mapper* mapper : mappers_) HierarchyConfiguration::settle(*mapper);
        for (const Mapper* mapper : mappers_) check_targets(*mapper);
        for (const Mapper* mapper : mappers_) check_model(*mapper);
        configure_relationships();
        for (const Mapper* mapper : mappers_) HierarchyConfiguration::check(*mapper, mappers_);
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
        if (!mapper->criteria_.empty()) note_mapped_criteria(*mapper);
    }
    for (Mapper* mapper : mappers_) HierarchyConfiguration::enter(*mapper);
}

void MapperConfiguration::configure_relationships() {
    const auto for_each = [&](auto&& act) {
        for (Mapper* mapper : mappers_) {
            for (auto& relationship : mapper->own_relationships_) act(relationship);
        }
    };
    RelationshipConfiguration joins;
    for (Mapper* mapper : mappers_) make_backrefs(*mapper, joins);
    for (Mapper* mapper : mappers_) HierarchyConfiguration::list_relationships(*mapper);
    for_each([](Relationship& relationship) { find_named_side(relationship); });
    for_each([&](Relationship& relationship) { joins.resolve(relationship); });
    for_each([](Relationship& relationship) { link_reverse(relationship); });
    for_each([](const Relationship& relationship) { make_external_side(relationship); });
}

namespace {

std::string told(const Registry* registry) {
    return registry == nullptr ? "no registry" : fmt::format("the registry {}", registry->name());
}

void check_registries(const Relationship& relationship) {
    const Mapper& owner = *relationship.owner;
    const Mapper& target = *relationship.target;
    if (owner.registry() == target.registry()) return;
    throw MappingError(
        fmt::format("{} leads from {} to {}, a class of {}; classes that are related belong to one "
                    "registry, so give both the same, or keep the key alone in a column",
                    relationship.where, told(owner.registry()), target.object_type().full_name,
                    told(target.registry())),
        relationship.where);
}

} // namespace

namespace {

void refuse_without_table(const Relationship& relationship) {
    const Mapper& target = *relationship.target;
    if (!target.is_without_table()) return;
    refuse_relationship(
        relationship,
        fmt::format("refers to {0}, which is abstract: it has no table, so no row of it can be "
                    "referred to; make it a One or Many of a class that includes {0}, or map {0} "
                    "and let those classes say inherits<{0}>()",
                    target.class_name()));
}

} // namespace

void MapperConfiguration::collect() {
    for (Mapper* root : roots_) visit(root);
    for (std::size_t i = 0; i < mappers_.size(); ++i) {
        Mapper& mapper = *mappers_[i];
        for (auto& property : mapper.columns_) {
            if (property.target != nullptr) visit(property.target());
        }
        for (auto& key : mapper.composite_keys_) visit(key.target());
        for (auto& relationship : mapper.own_relationships_) {
            relationship.target = relationship.target_of(relationship.where);
            refuse_without_table(relationship);
            check_registries(relationship);
            visit(relationship.target);
        }
    }
}

void MapperConfiguration::visit(Mapper* mapper) {
    if (mapper->is_configured() ||
        std::find(mappers_.begin(), mappers_.end(), mapper) != mappers_.end())
        return;
    if (mapper->without_table_) {
        refuse_class(*mapper, "is abstract: it has no table, so it cannot be stored, queried or "
                              "referred to; use a class that includes it");
    }
    if (mapper->base_ != nullptr) visit(mapper->base_);
    mappers_.push_back(mapper);
    described_.emplace_back(mapper, mapper->own_relationships_.size());
}

void MapperConfiguration::resolve_foreign_keys(Mapper& mapper) {
    for (std::size_t i = mapper.first_own_column_; i < mapper.columns_.size(); ++i) {
        const ColumnProperty& property = mapper.columns_[i];
        if (property.target == nullptr) continue;
        const Mapper& target = *property.target();
        const auto referred = target.place_of(target.column_at(property.target_offset));
        ForeignKey key;
        Column& column = mapper.table_->columns[property.column];
        if (column.foreign_key)
            key = *column.foreign_key; // keeps the actions given before or after references()
        key.columns = {column.name};
        key.target_table = referred.table->name;
        key.target_columns = {referred.column->name};
        column.foreign_key = key;
    }
    for (auto& composite : mapper.composite_keys_) {
        const Mapper& target = *composite.target();
        ForeignKey key = composite.key;
        for (const auto offset : composite.target_offsets) {
            const auto referred = target.place_of(target.column_at(offset));
            key.target_table = referred.table->name;
            key.target_columns.push_back(referred.column->name);
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
        return &property.target()->column_at(property.target_offset).in_schema();
    }
    for (const auto& composite : mapper.composite_keys_) {
        const auto& names = composite.key.columns;
        const auto at = std::find(names.begin(), names.end(), property.in_schema().name);
        if (at == names.end()) continue;
        const Mapper& target = *composite.target();
        const auto offset = composite.target_offsets[static_cast<std::size_t>(at - names.begin())];
        return &target.column_at(offset).in_schema();
    }
    const auto& key = property.in_schema().foreign_key;
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
    for (std::size_t i = mapper.first_own_column_; i < mapper.columns_.size(); ++i) {
        ColumnProperty& property = mapper.columns_[i];
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
        const Column& column = property.in_schema();
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
        if (mapper.columns_[i].in_schema().is_primary_key) {
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
        const ColumnProperty& referred = target.column_at(property.target_offset);
        const Table& table = *referred.table;
        const Column& column = referred.in_schema();
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
    const Column* generated = mapper.parts_.front().table->autoincrement_column();
    for (std::size_t i = 0; i < mapper.columns_.size(); ++i) {
        auto& property = mapper.columns_[i];
        property.generated =
            generated != nullptr && &property.in_schema() == generated && !property.apply_default;
        if (property.generated) mapper.generated_key_ = static_cast<int>(i);
    }
    const auto& first = mapper.columns_[mapper.primary_key_.front()].field;
    mapper.integer_key_ = mapper.primary_key_.size() == 1 && !first.optional &&
                          first.kind >= FieldKind::Int8 && first.kind <= FieldKind::UInt64;
}

void MapperConfiguration::undo() {
    for (auto& [mapper, count] : described_) {
        while (mapper->own_relationships_.size() > count) mapper->own_relationships_.pop_back();
        HierarchyConfiguration::list_relationships(*mapper);
        mapper->external_.clear();
        for (auto& relationship : mapper->own_relationships_) relationship.reverse = nullptr;
    }
}

} // namespace mercator
