// SPDX-License-Identifier: MIT
#include "model_checks.hpp"

#include "scratch_object.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace mercator {

namespace {

const Value* literal_default(const Column& column) {
    const auto& node = column.server_default_value;
    if (node == nullptr || node->kind != ast::NodeKind::Literal) return nullptr;
    return &static_cast<const ast::Literal&>(*node).value;
}

[[noreturn]] void refuse_default(const ColumnProperty& property, std::string_view why) {
    throw MappingError(fmt::format("{} has a server_default that it cannot hold: {}; give it a "
                                   "value of the member's type",
                                   property.where, why),
                       property.where);
}

std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

void check_default(const ColumnProperty& property, ScratchObject& scratch) {
    const Column& column = property.in_schema();
    const Value* value = literal_default(column);
    if (value == nullptr) return;
    if (value->is_null()) {
        if (!column.is_nullable.value_or(property.field.optional))
            refuse_default(property, "NULL in a column that cannot hold it");
        return;
    }
    try {
        store(property.field, scratch.object(), *value);
    } catch (const Error& error) {
        refuse_default(property, error.what());
    }
    const auto* text = value->get_if<std::string>();
    if (text != nullptr && column.type.kind == TypeKind::String && column.type.length != 0 &&
        characters(*text) > column.type.length) {
        refuse_default(property,
                       fmt::format("a text longer than its {} characters", column.type.length));
    }
}

void check_defaults(const Mapper& mapper) {
    const auto& columns = mapper.columns();
    const bool any = std::any_of(columns.begin(), columns.end(), [&](const auto& property) {
        return literal_default(property.in_schema()) != nullptr;
    });
    if (!any || mapper.object_type().construct == nullptr) return;
    ScratchObject scratch(mapper.object_type());
    for (const auto& property : columns) check_default(property, scratch);
}

const ColumnProperty* property_of(const Mapper& mapper, const std::string& column) {
    const auto index = mapper.column_in(mapper.table(), column);
    return index ? &mapper.columns()[*index] : nullptr;
}

/// ON DELETE SET NULL where NULL cannot be: a database says so when the first parent is deleted.
void check_actions(const Mapper& mapper) {
    for (const auto& key : mapper.table().foreign_keys) {
        for (const auto& name : key.columns) {
            const ColumnProperty* property = property_of(mapper, name);
            if (property == nullptr) continue;
            const Column& column = property->in_schema();
            const bool nullable = column.is_nullable.value_or(property->field.optional);
            const auto refuse = [&](ReferentialAction action, std::string_view call) {
                if (action == ReferentialAction::SetNull && !nullable) {
                    throw MappingError(
                        fmt::format(
                            "{} is to become NULL by {}(ReferentialAction::SetNull), but it "
                            "cannot be NULL; make the member a std::optional, or choose "
                            "another action",
                            property->where, call),
                        property->where);
                }
            };
            refuse(key.on_delete, "on_delete");
            refuse(key.on_update, "on_key_update");
        }
    }
}

/// What the database computes, nobody gives.
void check_computed(const Mapper& mapper) {
    for (const ColumnProperty& property : mapper.columns()) {
        if (!property.computed) continue;
        const bool is_given = property.server_default || property.apply_default ||
                              property.apply_on_update || property.in_schema().is_primary_key;
        if (!is_given) continue;
        throw MappingError(fmt::format("{} is computed by the database, so it can neither be a "
                                       "primary key nor have a default or on_update",
                                       property.where),
                           property.where);
    }
}

enum class Family { Other, Whole, Exact, Floating, Text, Binary, Boolean, Temporal };

Family family(const SqlType& type) {
    if (type.is_integer()) return Family::Whole;
    if (type.is_text()) return Family::Text;
    switch (type.kind) {
    case TypeKind::Numeric:
        return Family::Exact;
    case TypeKind::Float:
    case TypeKind::Double:
        return Family::Floating;
    case TypeKind::LargeBinary:
        return Family::Binary;
    case TypeKind::Boolean:
        return Family::Boolean;
    case TypeKind::Date:
    case TypeKind::DateTime:
        return Family::Temporal;
    default:
        return Family::Other;
    }
}

/// Some databases refuse such a key when the table is made, others never find a parent by it.
void check_key_types(const Mapper& mapper) {
    for (const auto& property : mapper.columns()) {
        if (property.target == nullptr) continue;
        const Mapper& target = *property.target();
        const ColumnProperty& referred = target.column_at(property.target_offset);
        const SqlType& own = property.in_schema().type;
        const SqlType& theirs = referred.in_schema().type;
        const bool same = family(own) == Family::Other || family(theirs) == Family::Other
                              ? own.kind == theirs.kind
                              : family(own) == family(theirs);
        if (same) continue;
        throw MappingError(
            fmt::format("{} is {} and references {}, which is {}; give both the same "
                        "type",
                        property.where, to_string(own), referred.where, to_string(theirs)),
            property.where);
    }
}

void check_types(const Mapper& mapper) {
    for (const auto& property : mapper.columns()) {
        const SqlType& type = property.in_schema().type;
        if (type.kind == TypeKind::String && type.length == 0) {
            throw MappingError(fmt::format("{} is a String of length 0; give it a length, or use "
                                           "Text()",
                                           property.where),
                               property.where);
        }
        if (type.kind == TypeKind::Numeric &&
            (type.precision == 0 || type.precision > 38 || type.scale > type.precision)) {
            throw MappingError(
                fmt::format("{} is {}; a Numeric has 1 to 38 digits, and not more of them behind "
                            "the point",
                            property.where, to_string(type)),
                property.where);
        }
    }
}

} // namespace

void check_model(const Mapper& mapper) {
    check_types(mapper);
    check_actions(mapper);
    check_key_types(mapper);
    check_computed(mapper);
    check_defaults(mapper);
}

} // namespace mercator
