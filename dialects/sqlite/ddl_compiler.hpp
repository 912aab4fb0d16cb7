// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/ddl_compiler.hpp>

namespace mercator::sqlite {

/// A generated key is the row id, which a column is only when it is declared INTEGER PRIMARY KEY in
/// its own definition.
class SqliteDdlCompiler : public DdlCompiler {
public:
    using DdlCompiler::compile;
    using DdlCompiler::DdlCompiler;
    /// SQLite has no ALTER TABLE for constraints: UnsupportedError. Foreign keys may name tables
    /// that do not exist yet.
    [[nodiscard]] std::string compile(const AddForeignKey& statement) const override;
    [[nodiscard]] std::string compile(const DropForeignKey& statement) const override;
    /// DROP TABLE deletes the rows first, and checks what refers to them.
    [[nodiscard]] std::string defer_foreign_keys() const override;

protected:
    [[nodiscard]] std::string autoincrement_clause(const Table& table,
                                                   const Column& column) const override;
    [[nodiscard]] bool inline_primary_key(const Table& table, const Column& column) const override;
    [[nodiscard]] std::string default_clause(const Column& column) const override;
    [[nodiscard]] std::string check_clause(const Column& column) const override;
    /// sqlite_strict, sqlite_without_rowid, and sqlite_autoincrement, which stands at the key.
    [[nodiscard]] std::string table_options(const Table& table) const override;

private:
    [[nodiscard]] static TableOptions given_options(const Table& table);
};

} // namespace mercator::sqlite
