// SPDX-License-Identifier: MIT
#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

namespace mercator {
namespace {

// The names that users write, where there is one.
std::string_view family_name(TypeKind kind) {
    switch (kind) {
    case TypeKind::Unknown:
        return "Unknown";
    case TypeKind::Boolean:
        return "Boolean";
    case TypeKind::Int8:
        return "Int8";
    case TypeKind::Int16:
        return "SmallInteger";
    case TypeKind::Int32:
        return "Integer";
    case TypeKind::Int64:
        return "BigInteger";
    case TypeKind::UInt8:
        return "UInt8";
    case TypeKind::UInt16:
        return "UInt16";
    case TypeKind::UInt32:
        return "UInt32";
    case TypeKind::UInt64:
        return "UInt64";
    case TypeKind::Float:
        return "Float";
    case TypeKind::Double:
        return "Double";
    case TypeKind::Numeric:
        return "Numeric";
    case TypeKind::String:
        return "String";
    case TypeKind::Text:
        return "Text";
    case TypeKind::LargeBinary:
        return "LargeBinary";
    case TypeKind::DateTime:
        return "DateTime";
    case TypeKind::Date:
        return "Date";
    case TypeKind::Time:
        return "Time";
    case TypeKind::Interval:
        return "Interval";
    case TypeKind::Uuid:
        return "Uuid";
    case TypeKind::Enum:
        return "Enum";
    case TypeKind::Json:
        return "Json";
    case TypeKind::Array:
        return "Array";
    }
    return "Unknown";
}

std::string enum_text(const EnumLabels* labels) {
    if (labels == nullptr) return "Enum";
    std::string text = "Enum(";
    for (std::uint32_t i = 0; i < labels->count; ++i) {
        if (i > 0) text += ", ";
        text += labels->names[i];
    }
    return text + ")";
}

std::string numeric_text(const SqlType& type) {
    return fmt::format("Numeric({}, {}{})", type.precision, type.scale,
                       type.decimal_storage == DecimalStorage::Number ? ", Number" : "");
}

} // namespace

std::string to_string(const SqlType& type) {
    if (type.kind == TypeKind::Numeric) return numeric_text(type);
    if (type.kind == TypeKind::Enum) return enum_text(labels_of(type));
    if (type.kind == TypeKind::Array)
        return fmt::format("Array({})", to_string(type.element_type()));
    if (type.length == 0) return std::string(family_name(type.kind));
    return fmt::format("{}({})", family_name(type.kind), type.length);
}

} // namespace mercator
