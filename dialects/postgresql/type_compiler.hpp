// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/type_compiler.hpp>

namespace mercator::postgresql {

class PostgresqlTypeCompiler : public TypeCompiler {
public:
    /// Types that the driver does not know are read as what their values travel as, and cast when
    /// they are sent.
    [[nodiscard]] SqlAround sql_around(const SqlType& type) const override;

protected:
    [[nodiscard]] std::string visit_native(const SqlType& type) const override;
    [[nodiscard]] std::string visit_numeric(const SqlType& type) const override;
    [[nodiscard]] std::string visit_binary(const SqlType& type) const override;
    [[nodiscard]] std::string visit_date_time(const SqlType& type) const override;
    [[nodiscard]] std::string visit_time(const SqlType& type) const override;
    [[nodiscard]] std::string visit_interval(const SqlType& type) const override;
    [[nodiscard]] std::string visit_uuid(const SqlType& type) const override;
    [[nodiscard]] std::string visit_json(const SqlType& type) const override;
    [[nodiscard]] std::string visit_array(const SqlType& type) const override;
};

} // namespace mercator::postgresql
