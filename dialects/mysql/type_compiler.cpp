// SPDX-License-Identifier: MIT
#include "type_compiler.hpp"

#include <mercator/support/error.hpp>
#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

#include <string_view>

namespace mercator::mysql {
namespace {

constexpr std::uint64_t small_bytes = 65'535;
constexpr std::uint64_t medium_bytes = 16'777'215;

/// "TEXT", "MEDIUMTEXT" or "LONGTEXT" and their like: the smallest that holds `bytes`; 0 stands for
/// any length.
std::string sized(std::string_view family, std::uint64_t bytes) {
    if (bytes != 0 && bytes <= small_bytes) return std::string(family);
    return fmt::format("{}{}", bytes != 0 && bytes <= medium_bytes ? "MEDIUM" : "LONG", family);
}

bool is_unsigned(TypeKind kind) {
    return kind >= TypeKind::UInt8 && kind <= TypeKind::UInt64;
}

std::string decimal(const SqlType& type) {
    return type.precision == 0 ? std::string("DECIMAL(65, 27)")
                               : fmt::format("DECIMAL({}, {})", type.precision, type.scale);
}

} // namespace

std::string TypeCompiler::compile_cast(const SqlType& type) const {
    if (type.is_integer()) return is_unsigned(type.kind) ? "UNSIGNED" : "SIGNED";
    switch (type.kind) {
    case TypeKind::Boolean:
        return "SIGNED";
    case TypeKind::Float:
    case TypeKind::Double:
        return "DOUBLE";
    case TypeKind::Numeric:
        return decimal(type);
    case TypeKind::String:
        return type.length == 0 ? "CHAR" : fmt::format("CHAR({})", type.length);
    case TypeKind::Enum:
        return fmt::format("CHAR({})", longest_label(type));
    case TypeKind::Text:
    case TypeKind::Json: // on its way into a column that takes it as text
        return "CHAR";
    case TypeKind::LargeBinary:
        return "BINARY";
    case TypeKind::DateTime:
        return "DATETIME(6)";
    case TypeKind::Date:
        return "DATE";
    case TypeKind::Interval:
        return "SIGNED";
    default:
        return compile_storage(type);
    }
}

std::string TypeCompiler::visit_boolean(const SqlType&) const {
    return "TINYINT(1)";
}

std::string TypeCompiler::visit_integer(const SqlType& type) const {
    switch (type.kind) {
    case TypeKind::Int8:
        return "TINYINT";
    case TypeKind::Int16:
        return "SMALLINT";
    case TypeKind::Int32:
        return "INT";
    case TypeKind::UInt8:
        return "TINYINT UNSIGNED";
    case TypeKind::UInt16:
        return "SMALLINT UNSIGNED";
    case TypeKind::UInt32:
        return "INT UNSIGNED";
    case TypeKind::UInt64:
        return "BIGINT UNSIGNED";
    default:
        return "BIGINT";
    }
}

std::string TypeCompiler::visit_floating(const SqlType& type) const {
    return type.kind == TypeKind::Float ? "FLOAT" : "DOUBLE";
}

std::string TypeCompiler::visit_numeric(const SqlType& type) const {
    if (type.precision == 0) {
        throw CompileError(
            "an exact decimal needs its number of digits here; write Numeric(precision, scale)");
    }
    return decimal(type);
}

std::string TypeCompiler::visit_string(const SqlType& type) const {
    const std::uint32_t length = type.kind == TypeKind::Enum ? longest_label(type) : type.length;
    if (length == 0) return visit_text(type);
    if (length > max_varchar_characters) {
        throw CompileError(fmt::format(
            "String({}) is too long for a row, which holds {} characters; write Text({})", length,
            max_varchar_characters, length));
    }
    return fmt::format("VARCHAR({})", length);
}

std::string TypeCompiler::visit_text(const SqlType& type) const {
    return sized("TEXT", std::uint64_t{type.length} * bytes_per_character);
}

std::string TypeCompiler::visit_binary(const SqlType& type) const {
    return sized("BLOB", type.length);
}

std::string TypeCompiler::visit_date_time(const SqlType&) const {
    return "DATETIME(6)";
}

std::string TypeCompiler::visit_date(const SqlType&) const {
    return "DATE";
}

std::string TypeCompiler::visit_interval(const SqlType&) const {
    return "BIGINT";
}

std::string TypeCompiler::visit_uuid(const SqlType&) const {
    return has_uuid_ ? "UUID" : "BINARY(16)";
}

std::string TypeCompiler::visit_json(const SqlType&) const {
    return has_json_ ? "JSON" : "LONGTEXT";
}

std::string TypeCompiler::visit_native(const SqlType& type) const {
    const EnumLabels* labels = labels_of(type);
    if (!type.rules->is_enum_type || labels == nullptr)
        return mercator::TypeCompiler::visit_native(type);
    std::string text = "ENUM(";
    for (std::uint32_t i = 0; i < labels->count; ++i) {
        text += i == 0 ? "'" : ", '";
        for (const char c : labels->names[i]) {
            if (c == '\\')
                throw CompileError(fmt::format("the name \"{}\" of the enum type {} holds a "
                                               "backslash, which not every server reads alike",
                                               labels->names[i], type.rules->native));
            text.append(c == '\'' ? 2 : 1, c);
        }
        text += '\'';
    }
    return text + ')';
}

} // namespace mercator::mysql
