// SPDX-License-Identifier: MIT
#include "type_compiler.hpp"

#include <mercator/types/type_rules.hpp>

namespace mercator::postgresql {

std::string PostgresqlTypeCompiler::visit_numeric(const SqlType& type) const {
    return type.precision == 0 ? "NUMERIC" : TypeCompiler::visit_numeric(type);
}

std::string PostgresqlTypeCompiler::visit_binary(const SqlType& /*type*/) const {
    return "BYTEA";
}

std::string PostgresqlTypeCompiler::visit_date_time(const SqlType& /*type*/) const {
    return "TIMESTAMP WITH TIME ZONE";
}

std::string PostgresqlTypeCompiler::visit_time(const SqlType& /*type*/) const {
    return "TIME";
}

std::string PostgresqlTypeCompiler::visit_interval(const SqlType& /*type*/) const {
    return "INTERVAL";
}

std::string PostgresqlTypeCompiler::visit_uuid(const SqlType& /*type*/) const {
    return "UUID";
}

std::string PostgresqlTypeCompiler::visit_json(const SqlType& /*type*/) const {
    return "JSONB";
}

std::string PostgresqlTypeCompiler::visit_array(const SqlType& type) const {
    return compile(type.element_type()) + "[]";
}

std::string PostgresqlTypeCompiler::visit_native(const SqlType& type) const {
    if (!type.rules->is_enum_type) return std::string(type.rules->native);
    std::string quoted = "\"";
    for (const char c : type.rules->native) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + '"';
}

SqlAround PostgresqlTypeCompiler::sql_around(const SqlType& type) const {
    SqlAround around = TypeCompiler::sql_around(type);
    if (type.rules->native.empty()) return around;
    if (around.read.empty()) {
        const SqlType storage = type.kind == TypeKind::Enum ? Text() : type;
        around.read = "CAST({} AS " + compile_storage(storage) + ')';
    }
    if (around.write.empty()) around.write = "CAST({} AS " + visit_native(type) + ')';
    return around;
}

} // namespace mercator::postgresql
