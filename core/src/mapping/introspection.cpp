// SPDX-License-Identifier: MIT
#include <mercator/mapping/introspection.hpp>

#include "assigned_member.hpp"
#include "deferred_member.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace mercator {

namespace {

std::string_view name_of(FieldKind kind) {
    switch (kind) {
    case FieldKind::Boolean:
        return "bool";
    case FieldKind::Int8:
        return "int8";
    case FieldKind::Int16:
        return "int16";
    case FieldKind::Int32:
        return "int32";
    case FieldKind::Int64:
        return "int64";
    case FieldKind::UInt8:
        return "uint8";
    case FieldKind::UInt16:
        return "uint16";
    case FieldKind::UInt32:
        return "uint32";
    case FieldKind::UInt64:
        return "uint64";
    case FieldKind::Float:
        return "float";
    case FieldKind::Double:
        return "double";
    case FieldKind::String:
        return "std::string";
    case FieldKind::Bytes:
        return "mercator::Bytes";
    case FieldKind::Decimal:
        return "mercator::Decimal";
    case FieldKind::DateTime:
        return "mercator::DateTime";
    case FieldKind::Date:
        return "mercator::Date";
    case FieldKind::Time:
        return "mercator::Time";
    case FieldKind::Interval:
        return "mercator::Interval";
    case FieldKind::Uuid:
        return "mercator::Uuid";
    case FieldKind::Codec:
        break;
    }
    return "custom";
}

const Info* noted(const Info& info) {
    return info.empty() ? nullptr : &info;
}

AttributeInfo column_info(const Mapper& mapper, std::size_t index) {
    const ColumnProperty& property = mapper.columns()[index];
    const Column& column = property.in_schema();
    const auto& key = mapper.primary_key();
    AttributeInfo info;
    info.name = property.member;
    info.column = column.name;
    info.type = column.type;
    info.cpp_type = name_of(property.field.kind);
    info.nullable = column.accepts_null();
    info.primary_key = std::find(key.begin(), key.end(), index) != key.end();
    info.unique = property.table->has_unique({column.name});
    info.read_only = property.read_only || mapper.is_read_only() || property.computed;
    info.sensitive = property.field.type.sensitive;
    info.deferred = property.deferred;
    info.comment = column.comment_text;
    info.info = noted(column.info);
    return info;
}

AttributeInfo relationship_info(const Relationship& relationship) {
    AttributeInfo info;
    info.name = relationship.member;
    info.kind = relationship.is_collection ? AttributeKind::Many : AttributeKind::One;
    info.target = relationship.target->class_name();
    if (relationship.reverse != nullptr) info.reverse = relationship.reverse->member;
    info.view_only = relationship.view_only;
    info.info = noted(relationship.info);
    return info;
}

std::string known_names(const Mapper& mapper) {
    std::string names;
    for (const auto& property : mapper.columns())
        names += (names.empty() ? "" : ", ") + property.member;
    for (const auto& synonym : mapper.synonyms()) names += ", " + synonym.name;
    return names;
}

const ColumnProperty& column_named(const Mapper& mapper, std::string_view name) {
    if (const ColumnProperty* property = mapper.find_column(name)) return *property;
    const std::string where(mapper.class_name());
    if (mapper.find_relationship(name) != nullptr) {
        throw ArgumentError(
            fmt::format("{}.{} is a relationship, and no value; use the member", where, name),
            where);
    }
    throw ArgumentError(
        fmt::format("{} has no attribute {}; it has {}", where, name, known_names(mapper)), where);
}

} // namespace

std::vector<AttributeInfo> attributes_of(const Mapper& mapper) {
    std::vector<AttributeInfo> list;
    for (std::size_t i = 0; i < mapper.columns().size(); ++i)
        list.push_back(column_info(mapper, i));
    for (const auto& part : mapper.embedded()) {
        AttributeInfo info;
        info.name = part.member;
        info.kind = AttributeKind::Embedded;
        list.push_back(info);
    }
    for (const auto& relationship : mapper.relationships())
        list.push_back(relationship_info(relationship));
    for (const auto& synonym : mapper.synonyms()) {
        AttributeInfo info = column_info(mapper, synonym.column);
        info.name = synonym.name;
        info.kind = AttributeKind::Synonym;
        list.push_back(info);
    }
    return list;
}

Value attribute_value(const Mapper& mapper, const void* object, std::string_view name) {
    const ColumnProperty& property = column_named(mapper, name);
    const auto* bytes = static_cast<const std::byte*>(object);
    load_if_deferred(property, bytes);
    return load(property.field, bytes);
}

void set_attribute_value(const Mapper& mapper, void* object, std::string_view name,
                         const Value& value) {
    const ColumnProperty& property = column_named(mapper, name);
    if (property.computed || mapper.is_read_only()) {
        throw StateError(fmt::format("{} is for reading alone", property.where), property.where);
    }
    assign_member(mapper, property, static_cast<std::byte*>(object), value);
}

Field field_for(std::string_view where, FieldKind kind, bool optional, const FieldCodec* codec,
                SqlType type) {
    Field field;
    field.kind = kind;
    field.optional = optional;
    field.codec = codec;
    field.type = type;
    field.where = where;
    return field;
}

} // namespace mercator
