// SPDX-License-Identifier: MIT
#include "type_compiler.hpp"

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

} // namespace mercator::postgresql
