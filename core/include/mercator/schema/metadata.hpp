// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/schema/naming_convention.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/export.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace mercator {

/// A set of tables that refer to each other (SQLAlchemy's MetaData). Fill it, then read it from any
/// thread.
class MERCATOR_API MetaData {
public:
    MetaData() = default;
    /// Throws ArgumentError for a convention with an unknown token.
    explicit MetaData(NamingConvention convention);

    [[nodiscard]] const NamingConvention& naming_convention() const noexcept { return convention_; }

    /// Adds a completed table, a copy of it where the naming convention or a foreign key to a whole
    /// table asks for changes. Throws MappingError if another table of that name is already there.
    void add(std::shared_ptr<const Table> table);
    [[nodiscard]] const Table* find(std::string_view name) const noexcept;
    [[nodiscard]] const std::vector<std::shared_ptr<const Table>>& tables() const noexcept {
        return tables_;
    }

    /// Checks that each foreign key hits an existing unique target; throws MappingError that says
    /// what to do.
    void check_references() const;

    struct Sorted {
        std::vector<const Table*>
            tables; ///< referred tables first; by order of addition where free
        /// Foreign keys that close a cycle between tables (not self-references): added after all
        /// tables exist.
        std::vector<std::pair<const Table*, const ForeignKey*>> cyclic;
    };
    [[nodiscard]] Sorted sorted() const;
    /// The tables of `sorted()`.
    [[nodiscard]] std::vector<const Table*> sorted_tables() const { return sorted().tables; }
    /// What keeps tables from being sorted: each a way round over foreign keys, the first table not
    /// repeated at the end. Empty when no tables but those that refer to themselves form a cycle.
    [[nodiscard]] std::vector<std::vector<const Table*>> cycles() const;
    /// The schemas that tables name, sorted; without the nameless one.
    [[nodiscard]] std::vector<std::string> schema_names() const;

private:
    NamingConvention convention_;
    std::vector<std::shared_ptr<const Table>> tables_;
};

} // namespace mercator
