// SPDX-License-Identifier: MIT
#pragma once

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
    /// Adds a completed table. Throws MappingError if another table of that name is already there.
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

private:
    std::vector<std::shared_ptr<const Table>> tables_;
};

} // namespace mercator
