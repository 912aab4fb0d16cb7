// SPDX-License-Identifier: MIT
#include "type_compiler.hpp"

#include "decimal_form.hpp"

namespace mercator::sqlite {

std::string SqliteTypeCompiler::visit_native(const SqlType& type) const {
    return compile_storage(type);
}
std::string SqliteTypeCompiler::visit_boolean(const SqlType&) const {
    return "INTEGER";
}
std::string SqliteTypeCompiler::visit_integer(const SqlType&) const {
    return "INTEGER";
}
std::string SqliteTypeCompiler::visit_floating(const SqlType&) const {
    return "REAL";
}
std::string SqliteTypeCompiler::visit_string(const SqlType&) const {
    return "TEXT";
}
std::string SqliteTypeCompiler::visit_text(const SqlType&) const {
    return "TEXT";
}
std::string SqliteTypeCompiler::visit_binary(const SqlType&) const {
    return "BLOB";
}
std::string SqliteTypeCompiler::visit_date_time(const SqlType&) const {
    return "TEXT";
}
std::string SqliteTypeCompiler::visit_date(const SqlType&) const {
    return "TEXT";
}
std::string SqliteTypeCompiler::visit_time(const SqlType&) const {
    return "TEXT";
}
std::string SqliteTypeCompiler::visit_interval(const SqlType&) const {
    return "INTEGER";
}
std::string SqliteTypeCompiler::visit_uuid(const SqlType&) const {
    return "TEXT";
}
std::string SqliteTypeCompiler::visit_json(const SqlType&) const {
    return "TEXT";
}

std::string SqliteTypeCompiler::visit_numeric(const SqlType& type) const {
    switch (decimal_form(type)) {
    case DecimalForm::Scaled:
        return "INTEGER";
    case DecimalForm::SortableText:
        return "TEXT";
    case DecimalForm::Number:
        break;
    }
    return "NUMERIC";
}

} // namespace mercator::sqlite
