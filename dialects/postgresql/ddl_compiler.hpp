// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/ddl_compiler.hpp>

namespace mercator::postgresql {

class PostgresqlDdlCompiler : public DdlCompiler {
public:
    using DdlCompiler::compile;
    using DdlCompiler::DdlCompiler;
    [[nodiscard]] std::string compile(const CreateType& statement) const override;
    [[nodiscard]] std::string compile(const DropType& statement) const override;
    /// Comments are statements of their own.
    [[nodiscard]] std::vector<std::string> after_create_table(const Table& table) const override;

protected:
    /// postgresql_unlogged, postgresql_tablespace, postgresql_partition_by and postgresql_with.
    [[nodiscard]] std::string table_options(const Table& table) const override;
    [[nodiscard]] std::string create_words(const Table& table) const override;
    /// Nothing to check: enums are types.
    [[nodiscard]] std::string check_clause(const Column& column) const override;
    [[nodiscard]] std::string autoincrement_clause(const Table& table,
                                                   const Column& column) const override;

private:
    [[nodiscard]] static TableOptions given_options(const Table& table);
};

} // namespace mercator::postgresql
