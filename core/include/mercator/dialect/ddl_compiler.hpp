// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/schema/ddl.hpp>
#include <mercator/support/export.hpp>

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {
inline namespace abi1 {

class Dialect;

/// Schema statement -> SQL text. The base spells ANSI SQL; dialects override what differs.
/// Stateless; any thread.
class MERCATOR_API DdlCompiler {
public:
    explicit DdlCompiler(const Dialect& dialect) : dialect_(&dialect) {}
    virtual ~DdlCompiler();

    [[nodiscard]] std::string compile(const CreateTable& statement) const;
    [[nodiscard]] virtual std::string compile(const DropTable& statement) const;
    [[nodiscard]] virtual std::string compile(const CreateIndex& statement) const;
    [[nodiscard]] virtual std::string compile(const AddForeignKey& statement) const;
    [[nodiscard]] virtual std::string compile(const DropForeignKey& statement) const;
    /// Empty in the base, and where types are part of the columns.
    [[nodiscard]] virtual std::string compile(const CreateType& statement) const;
    [[nodiscard]] virtual std::string compile(const DropType& statement) const;
    /// Statements that follow CREATE TABLE (comments where they are statements of their own).
    [[nodiscard]] virtual std::vector<std::string> after_create_table(const Table& table) const;
    /// What puts off the checking of foreign keys to the end of the transaction: asked for before
    /// tables that refer to each other are dropped where `alter_constraints` is false. Empty where
    /// that is not needed.
    [[nodiscard]] virtual std::string defer_foreign_keys() const;

protected:
    // Clauses come without blanks around them; an empty one is left out.
    [[nodiscard]] virtual std::string column_definition(const Table& table,
                                                        const Column& column) const;
    /// What makes a generated key of the column, after its type; asked only for
    /// `table.autoincrement_column()`. Where `inline_primary_key` holds, this clause holds the
    /// words PRIMARY KEY too.
    [[nodiscard]] virtual std::string autoincrement_clause(const Table& table,
                                                           const Column& column) const;
    /// True when the key is declared within the column definition and the table-level clause is
    /// left out.
    [[nodiscard]] virtual bool inline_primary_key(const Table& table, const Column& column) const;
    [[nodiscard]] virtual std::string default_clause(const Column& column) const;
    [[nodiscard]] virtual std::string comment_clause(const Column& column) const;
    /// What the column's type cannot enforce by itself: a CHECK that stands with the column.
    /// The base checks the names of a NativeEnum.
    [[nodiscard]] virtual std::string check_clause(const Column& column) const;
    /// `CHECK (column IN ('a', 'b'))` for a NativeEnum, otherwise empty.
    [[nodiscard]] std::string names_check(const Column& column) const;
    /// What stands behind the columns. The base refuses every option of the dialect's own prefix.
    [[nodiscard]] virtual std::string table_options(const Table& table) const;
    /// "CREATE TABLE", or what an option makes of it.
    [[nodiscard]] virtual std::string create_words(const Table& table) const;
    using TableOptions = std::map<std::string, std::string, std::less<>>;
    /// The table's options that begin with `prefix` and an underscore, by what follows. Throws
    /// CompileError for one that is not `known`; it names the option and lists those that are.
    [[nodiscard]] static TableOptions own_options(const Table& table, std::string_view prefix,
                                                  std::initializer_list<std::string_view> known);
    /// Is the switch on? CompileError for a value that is neither "true" nor "false".
    [[nodiscard]] static bool is_on(const Table& table, const TableOptions& options,
                                    std::string_view name);
    [[nodiscard]] std::string foreign_key_clause(const ForeignKey& key) const;
    [[nodiscard]] std::string quoted_table(const Table& table) const;
    [[nodiscard]] std::string column_list(const std::vector<std::string>& names) const;
    [[nodiscard]] const Dialect& dialect() const noexcept { return *dialect_; }

private:
    [[nodiscard]] std::string type_name(const Table& table, const Column& column) const;
    [[nodiscard]] std::string computed_clause(const Table& table, const Column& column) const;

    const Dialect* dialect_;
};

} // namespace abi1
} // namespace mercator
