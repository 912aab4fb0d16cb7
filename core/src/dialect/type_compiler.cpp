// SPDX-License-Identifier: MIT
#include <mercator/dialect/type_compiler.hpp>

#include <mercator/support/error.hpp>
#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {
inline namespace abi1 {

std::uint32_t longest_label(const SqlType& type) noexcept {
    std::size_t longest = 1;
    const EnumLabels* labels = labels_of(type);
    if (labels == nullptr) return 1;
    for (std::uint32_t i = 0; i < labels->count; ++i)
        longest = std::max(longest, labels->names[i].size());
    return static_cast<std::uint32_t>(longest);
}

TypeCompiler::~TypeCompiler() = default;

std::string TypeCompiler::compile(const SqlType& type) const {
    if (type.rules != nullptr && !type.rules->native.empty()) return visit_native(type);
    return compile_storage(type);
}

std::string TypeCompiler::visit_native(const SqlType& type) const {
    return type.rules->is_enum_type ? compile_storage(type) : std::string(type.rules->native);
}

SqlAround TypeCompiler::sql_around(const SqlType& type) const {
    return {std::string(type.rules->read_sql), std::string(type.rules->write_sql)};
}

std::string TypeCompiler::compile_storage(const SqlType& type) const {
    if (type.is_integer()) return visit_integer(type);
    switch (type.kind) {
    case TypeKind::Boolean:
        return visit_boolean(type);
    case TypeKind::Float:
    case TypeKind::Double:
        return visit_floating(type);
    case TypeKind::Numeric:
        return visit_numeric(type);
    case TypeKind::String:
    case TypeKind::Enum:
        return visit_string(type);
    case TypeKind::Text:
        return visit_text(type);
    case TypeKind::LargeBinary:
        return visit_binary(type);
    case TypeKind::DateTime:
        return visit_date_time(type);
    case TypeKind::Date:
        return visit_date(type);
    case TypeKind::Time:
        return visit_time(type);
    case TypeKind::Interval:
        return visit_interval(type);
    case TypeKind::Uuid:
        return visit_uuid(type);
    case TypeKind::Json:
        return visit_json(type);
    case TypeKind::Array:
        return visit_array(type);
    default:
        break;
    }
    throw CompileError(
        "an SQL type is needed here and none is known; give the column or the cast a type");
}

std::string TypeCompiler::compile_cast(const SqlType& type) const {
    return compile(type);
}

std::string TypeCompiler::visit_boolean(const SqlType& /*type*/) const {
    return "BOOLEAN";
}

std::string TypeCompiler::visit_integer(const SqlType& type) const {
    switch (type.kind) {
    case TypeKind::Int8:
    case TypeKind::Int16:
    case TypeKind::UInt8:
        return "SMALLINT";
    case TypeKind::Int32:
    case TypeKind::UInt16:
        return "INTEGER";
    case TypeKind::UInt64:
        return "NUMERIC(20)";
    default:
        return "BIGINT";
    }
}

std::string TypeCompiler::visit_floating(const SqlType& type) const {
    return type.kind == TypeKind::Float ? "REAL" : "DOUBLE PRECISION";
}

std::string TypeCompiler::visit_numeric(const SqlType& type) const {
    return fmt::format("NUMERIC({}, {})", type.precision, type.scale);
}

std::string TypeCompiler::visit_string(const SqlType& type) const {
    if (type.kind == TypeKind::Enum) return fmt::format("VARCHAR({})", longest_label(type));
    return type.length == 0 ? visit_text(type) : fmt::format("VARCHAR({})", type.length);
}

std::string TypeCompiler::visit_text(const SqlType& /*type*/) const {
    return "TEXT";
}
std::string TypeCompiler::visit_binary(const SqlType& /*type*/) const {
    return "BLOB";
}
std::string TypeCompiler::visit_date_time(const SqlType& /*type*/) const {
    return "TIMESTAMP";
}
std::string TypeCompiler::visit_date(const SqlType& /*type*/) const {
    return "DATE";
}
std::string TypeCompiler::visit_time(const SqlType& /*type*/) const {
    return "TIME(6)";
}
std::string TypeCompiler::visit_interval(const SqlType& /*type*/) const {
    return "INTERVAL HOUR TO SECOND(6)";
}
std::string TypeCompiler::visit_uuid(const SqlType& /*type*/) const {
    return "CHAR(36)";
}
std::string TypeCompiler::visit_json(const SqlType& /*type*/) const {
    return "JSON";
}
std::string TypeCompiler::visit_array(const SqlType& type) const {
    throw UnsupportedError(fmt::format("this database has no arrays; keep the values as JSON, with "
                                       "{}.as_json()",
                                       to_string(type)));
}

} // namespace abi1
} // namespace mercator
