// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/ddl_compiler.hpp>

namespace mercator::postgresql {

class PostgresqlDdlCompiler final : public DdlCompiler {
public:
    using DdlCompiler::DdlCompiler;
    /// Comments are statements of their own.
    [[nodiscard]] std::vector<std::string> after_create_table(const Table& table) const override;

protected:
    [[nodiscard]] std::string autoincrement_clause(const Table& table,
                                                   const Column& column) const override;
};

} // namespace mercator::postgresql
