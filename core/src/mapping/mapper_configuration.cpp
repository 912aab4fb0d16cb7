// SPDX-License-Identifier: MIT
#include "mapper_configuration.hpp"

#include "model_checks.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

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
        for (Mapper* mapper : mappers_) make_backrefs(*mapper);
        for (Mapper* mapper : mappers_) {
            for (auto& relationship : mapper->relationships_) resolve(relationship);
        }
        for (Mapper* mapper : mappers_) {
            for (auto& relationship : mapper->relationships_) find_named_side(relationship);
        }
        for (Mapper* mapper : mappers_) {
            for (auto& relationship : mapper->relationships_) link_reverse(relationship);
        }
        for (Mapper* mapper : mappers_) {
            for (const auto& relationship : mapper->relationships_)
                make_external_side(relationship);
        }
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

void MapperConfiguration::make_backrefs(Mapper& mapper) {
    for (std::size_t i = 0; i < mapper.relationships_.size(); ++i) {
        Relationship& relationship = mapper.relationships_[i];
        if (relationship.backref == nullptr) continue;
        Mapper& target = *relationship.target;
        if (target.is_configured()) {
            throw MappingError(
                fmt::format("{} gives {} a backref, but {} was already in use before {} was known; "
                            "name both "
                            "classes when the database is set up, as in db.map<{}, {}>()",
                            relationship.where, target.class_name(), target.class_name(),
                            mapper.class_name(), mapper.class_name(), target.class_name()),
                relationship.where);
        }
        if (target.find_relationship(relationship.backref->member) != nullptr) {
            throw MappingError(
                fmt::format("{} makes the backref {}.{}, which describes itself as well; use "
                            "back_populates on both sides or describe only one",
                            relationship.where, target.class_name(), relationship.backref->member),
                relationship.where);
        }
        Relationship reverse = *relationship.backref;
        reverse.where = fmt::format("{}.{}", target.class_name(), reverse.member);
        reverse.index = static_cast<std::uint16_t>(target.relationships_.size());
        reverse.owner = &target;
        reverse.target = &mapper;
        reverse.foreign_key_offsets = relationship.foreign_key_offsets;
        reverse.foreign_key_on_target = !relationship.foreign_key_on_target;
        reverse.has_back_populates = true;
        reverse.back_populates_member = relationship.member;
        reverse.back_populates_offset = relationship.offset;
        target.relationships_.push_back(std::move(reverse));
        Relationship& forward = mapper.relationships_[i];
        forward.has_back_populates = true;
        forward.back_populates_member = forward.backref->member;
        forward.back_populates_offset = forward.backref->offset;
    }
}

std::vector<MapperConfiguration::Candidate>
MapperConfiguration::candidates(const Relationship& relationship) {
    const auto chosen = [&](const Mapper& side, const ForeignKey& key) {
        if (relationship.foreign_key_offsets.empty()) return true;
        std::vector<std::string> names;
        for (const auto offset : relationship.foreign_key_offsets) {
            names.push_back(side.table().columns[side.column_at(offset).column].name);
        }
        return key.columns == names;
    };
    std::vector<Candidate> found;
    const Mapper& owner = *relationship.owner;
    const Mapper& target = *relationship.target;
    const bool self = &owner == &target;
    if (!relationship.is_collection) {
        for (const auto& key : owner.table().foreign_keys) {
            if (key.target_table == target.table().name && chosen(owner, key))
                found.push_back({&key, false});
        }
        if (!found.empty() || self) return found;
    }
    for (const auto& key : target.table().foreign_keys) {
        if (key.target_table == owner.table().name && chosen(target, key))
            found.push_back({&key, true});
    }
    return found;
}

void MapperConfiguration::resolve(Relationship& relationship) {
    const auto found = candidates(relationship);
    const Mapper& owner = *relationship.owner;
    const Mapper& target = *relationship.target;
    if (found.empty()) {
        throw MappingError(
            fmt::format(
                "{} has no foreign key to go by: there is none between table {} and table {}; add "
                ".references<&{}::...>() to a column of {}",
                relationship.where, owner.table().name, target.table().name,
                relationship.is_collection ? owner.class_name() : target.class_name(),
                relationship.is_collection ? target.class_name() : owner.class_name()),
            relationship.where);
    }
    if (found.size() > 1) {
        std::vector<std::string> choices;
        for (const auto& candidate : found)
            choices.push_back(fmt::format("{}", fmt::join(candidate.key->columns, "+")));
        throw MappingError(
            fmt::format(
                "{} is ambiguous: several foreign keys join {} and {} (by {}); choose one with "
                ".foreign_key<&Class::member>()",
                relationship.where, owner.table().name, target.table().name,
                fmt::join(choices, ", ")),
            relationship.where);
    }
    connect(relationship, found.front());
}

void MapperConfiguration::connect(Relationship& relationship, const Candidate& candidate) {
    const Mapper& owner = *relationship.owner;
    const Mapper& target = *relationship.target;
    const Mapper& child = candidate.on_target ? target : owner;
    const Mapper& parent = candidate.on_target ? owner : target;
    const auto index_of = [&](const Mapper& mapper, const std::string& column) {
        for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
            if (mapper.table().columns[mapper.columns()[i].column].name == column)
                return static_cast<std::uint16_t>(i);
        }
        throw MappingError(
            fmt::format("{} goes by column {} of table {}, which no member of {} is mapped to",
                        relationship.where, column, mapper.table().name, mapper.class_name()),
            relationship.where);
    };
    std::vector<std::string> parent_columns = candidate.key->target_columns;
    if (parent_columns.empty()) {
        for (const Column* column : parent.table().primary_key())
            parent_columns.push_back(column->name);
    }
    relationship.direction = candidate.on_target ? Direction::OneToMany : Direction::ManyToOne;
    relationship.pairs.clear();
    std::vector<ast::ExpressionPtr> conditions;
    bool required = true;
    for (std::size_t i = 0; i < candidate.key->columns.size(); ++i) {
        const auto child_index = index_of(child, candidate.key->columns[i]);
        const auto parent_index = index_of(parent, parent_columns.at(i));
        relationship.pairs.emplace_back(candidate.on_target ? parent_index : child_index,
                                        candidate.on_target ? child_index : parent_index);
        conditions.push_back(ast::binary(ast::Operator::Equal,
                                         owner.columns()[relationship.pairs.back().first].ref,
                                         target.columns()[relationship.pairs.back().second].ref));
        required = required && !child.columns()[child_index].field.optional;
    }
    relationship.join_condition = &owner == &target ? nullptr : ast::and_(std::move(conditions));
    if (has(relationship.cascade, Cascade::delete_) && relationship.direction == Direction::ManyToOne) {
        throw MappingError(
            fmt::format(
                "{} refers to its parent, so cascade_delete() would delete the parent with a "
                "child; put it on the other side, or remove it",
                relationship.where),
            relationship.where);
    }
    relationship.required = required && relationship.direction == Direction::ManyToOne;
}

void MapperConfiguration::find_named_side(Relationship& relationship) {
    if (!relationship.has_back_populates ||
        relationship.back_populates_offset != ColumnProperty::no_member)
        return;
    if (const auto* side =
            relationship.target->find_relationship(relationship.back_populates_member))
        relationship.back_populates_offset = side->offset;
}

void MapperConfiguration::link_reverse(Relationship& relationship) {
    if (!relationship.has_back_populates) return;
    Relationship* reverse = nullptr;
    for (auto& other : relationship.target->relationships_) {
        if (other.offset == relationship.back_populates_offset) reverse = &other;
    }
    const auto fail = [&](std::string_view why) {
        throw MappingError(
            fmt::format(
                "{} back_populates {}.{}, but {}; describe both sides and let each name the other",
                relationship.where, relationship.target->class_name(),
                relationship.back_populates_member, why),
            relationship.where);
    };
    if (reverse == nullptr) fail("that member is not described as a relationship");
    if (reverse->target != relationship.owner) fail("that relationship leads to another class");
    if (!reverse->has_back_populates || reverse->back_populates_offset != relationship.offset) {
        fail("that side does not name this one");
    }
    auto mirrored = reverse->pairs;
    for (auto& pair : mirrored) std::swap(pair.first, pair.second);
    if (mirrored != relationship.pairs || reverse->direction == relationship.direction) {
        fail("the two sides go by different foreign keys");
    }
    relationship.reverse = reverse;
}

void MapperConfiguration::make_external_side(const Relationship& relationship) {
    if (relationship.backref_name.empty()) return;
    Mapper& target = *relationship.target;
    if (target.is_configured()) {
        throw MappingError(fmt::format("{} names a side of {}, which was already in use; name both "
                                       "classes when the database "
                                       "is set up, as in db.map<...>()",
                                       relationship.where, target.class_name()),
                           relationship.where);
    }
    const bool taken = target.find_relationship(relationship.backref_name) != nullptr ||
                       std::any_of(target.external_.begin(), target.external_.end(),
                                   [&](const Relationship& other) {
                                       return other.member == relationship.backref_name;
                                   });
    if (taken) {
        throw MappingError(
            fmt::format(
                "{} makes a side called {} of {}, which has one already; choose another name",
                relationship.where, relationship.backref_name, target.class_name()),
            relationship.where);
    }
    Relationship& side = target.external_.emplace_back();
    side.member = relationship.backref_name;
    side.where = fmt::format("{}.{}", target.class_name(), side.member);
    side.is_collection = relationship.direction == Direction::ManyToOne;
    side.owner = &target;
    side.target = relationship.owner;
    side.direction = side.is_collection ? Direction::OneToMany : Direction::ManyToOne;
    side.pairs = relationship.pairs;
    for (auto& pair : side.pairs) std::swap(pair.first, pair.second);
}

void MapperConfiguration::undo() {
    for (auto& [mapper, count] : described_) {
        while (mapper->relationships_.size() > count) mapper->relationships_.pop_back();
        mapper->external_.clear();
        for (auto& relationship : mapper->relationships_) relationship.reverse = nullptr;
    }
}

} // namespace mercator
