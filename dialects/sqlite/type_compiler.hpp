// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/type_compiler.hpp>

namespace mercator::sqlite {

/// Only INTEGER, REAL, TEXT and BLOB are declared: SQLite derives a column's affinity from words in
/// the type's name, and any other name ends up as NUMERIC, which turns "007" into 7. NUMERIC itself
/// only for DecimalStorage::Number.
class SqliteTypeCompiler : public TypeCompiler {
protected:
    /// There are no other types: the column is of what its values travel as.
    [[nodiscard]] std::string visit_native(const SqlType& type) const override;
    [[nodiscard]] std::string visit_boolean(const SqlType& type) const override;
    [[nodiscard]] std::string visit_integer(const SqlType& type) const override;
    [[nodiscard]] std::string visit_floating(const SqlType& type) const override;
    [[nodiscard]] std::string visit_numeric(const SqlType& type) const override;
    [[nodiscard]] std::string visit_string(const SqlType& type) const override;
    [[nodiscard]] std::string visit_text(const SqlType& type) const override;
    [[nodiscard]] std::string visit_binary(const SqlType& type) const override;
    [[nodiscard]] std::string visit_date_time(const SqlType& type) const override;
    [[nodiscard]] std::string visit_date(const SqlType& type) const override;
    [[nodiscard]] std::string visit_time(const SqlType& type) const override;
    [[nodiscard]] std::string visit_interval(const SqlType& type) const override;
    [[nodiscard]] std::string visit_uuid(const SqlType& type) const override;
    [[nodiscard]] std::string visit_json(const SqlType& type) const override;
};

} // namespace mercator::sqlite
