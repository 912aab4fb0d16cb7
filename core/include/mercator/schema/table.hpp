// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/schema/column.hpp>
#include <mercator/schema/constraint.hpp>
#include <mercator/schema/index.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mercator {

/// Description of one table, with or without a class that is mapped to it. Plain data; build it
/// completely, then share it read-only between threads. `Table{"roles", Column("id",
/// Integer()).primary_key(), UniqueConstraint{...}}`.
class MERCATOR_API Table {
public:
    std::string name;
    std::string schema;
    std::string comment;
    std::string bind_key; ///< which of a session's databases it lies in; empty: the session's own
    std::vector<Column> columns;
    std::vector<ForeignKey>
        foreign_keys; ///< composite ones, and those of columns once `complete()` has run
    std::vector<UniqueConstraint> uniques;
    std::vector<CheckConstraint> checks;
    std::vector<Index> indexes;
    std::string primary_key_name; ///< empty: given by the naming convention
    /// The columns of the key in its order, where that is not the order of `columns`.
    std::vector<std::string> primary_key_order;
    /// What one dialect alone understands, by names that begin with the dialect's:
    /// "mysql_engine". A dialect ignores the options of others and refuses an unknown one of its
    /// own.
    std::vector<std::pair<std::string, std::string>> options;
    Info info; ///< notes of the application

    Table() = default;
    template <class... Items>
    explicit Table(std::string table_name, Items&&... items) : name(std::move(table_name)) {
        (add(std::forward<Items>(items)), ...);
    }

    void add(Column column);
    void add(ForeignKey key);
    void add(UniqueConstraint constraint);
    void add(CheckConstraint constraint);
    void add(Index index);

    /// Gives an option, or changes it: `table.option("sqlite_strict")`.
    Table& option(std::string option_name, std::string value = "true");

    [[nodiscard]] const Column* find_column(std::string_view column_name) const noexcept;
    /// Throws MappingError naming the table and its columns.
    [[nodiscard]] const Column& column(std::string_view column_name) const;
    /// The columns of the key, in its order.
    [[nodiscard]] std::vector<const Column*> primary_key() const;
    /// The columns of the key, constraint or unique index with this name, a check's included; empty
    /// when the table has none of that name.
    [[nodiscard]] std::vector<std::string>
    columns_of_constraint(std::string_view constraint_name) const;
    /// Does the schema keep two rows from having the same values in exactly these columns, in
    /// whatever order?
    [[nodiscard]] bool has_unique(std::vector<std::string> of_columns) const;
    /// The column whose value the database makes on INSERT, or nullptr.
    [[nodiscard]] const Column* autoincrement_column() const noexcept;

    /// This description, completed by what was found of the same table: columns that it lacks are
    /// added, in the order of `found`, as are keys, constraints and indexes over other columns.
    /// What is described here stays as it is, with its notes.
    [[nodiscard]] Table completed_by(const Table& found) const;

    /// Moves column-level unique/index/foreign key marks into the lists, names everything that has
    /// no name by the default convention (pk_, uq_, ix_, fk_, ck_ + table + columns), and checks
    /// the table; throws MappingError. A mark for an index that a key has anyway adds nothing.
    /// Idempotent.
    void complete();
};

} // namespace mercator
