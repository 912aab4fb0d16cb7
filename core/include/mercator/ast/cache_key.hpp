// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/ast/select.hpp>
#include <mercator/support/export.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mercator::ast {

/// Which schemas are others than statements name: tables of the first are read and written in the
/// second. The empty name is that of no schema.
using SchemaTranslation = std::vector<std::pair<std::string, std::string>>;

/// The structure of a statement as bytes, and its bound values in the order of the walk. Two
/// statements with equal bytes compile to the same SQL for the same dialect, whatever their values
/// are: equality of the whole structure, not of a hash (SQLAlchemy's cache key). Buffers are kept
/// between uses, so a warm key allocates nothing.
struct CacheKey {
    /// Where tables lie instead; nullptr for where they say. A choice of who keeps the key, which
    /// `clear` does not touch.
    const SchemaTranslation* schemas = nullptr;
    std::string bytes;
    std::vector<const Bind*> binds; ///< point into the statement; valid as long as it lives

    void clear() noexcept {
        bytes.clear();
        binds.clear();
    }
};

/// Appends `statement`, and `key.schemas`, to `key`. Any thread; touches nothing but `key`.
MERCATOR_API void append_cache_key(const Statement& statement, CacheKey& key);

/// The same for an expression alone.
MERCATOR_API void append_cache_key(const ExpressionPtr& expression, CacheKey& key);

/// A copy of the statement with its tables in other schemas, in subqueries and on paths too. It has
/// the same binds in the same order, and shares what it can.
[[nodiscard]] MERCATOR_API std::shared_ptr<const Statement>
translated(const Statement& statement, const SchemaTranslation& schemas);

/// The binds alone, in the order of the key: what a compiler compares its own order with.
MERCATOR_API void append_binds(const Statement& statement, std::vector<const Bind*>& binds);

} // namespace mercator::ast
