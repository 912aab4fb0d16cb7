// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/ast/select.hpp>
#include <mercator/support/export.hpp>

#include <string>
#include <vector>

namespace mercator::ast {

/// The structure of a statement as bytes, and its bound values in the order of the walk. Two
/// statements with equal bytes compile to the same SQL for the same dialect, whatever their values
/// are: equality of the whole structure, not of a hash (SQLAlchemy's cache key). Buffers are kept
/// between uses, so a warm key allocates nothing.
struct CacheKey {
    std::string bytes;
    std::vector<const Bind*> binds; ///< point into the statement; valid as long as it lives

    void clear() noexcept {
        bytes.clear();
        binds.clear();
    }
};

/// Appends `statement` to `key`. Any thread; touches nothing but `key`.
MERCATOR_API void append_cache_key(const Statement& statement, CacheKey& key);

/// The same for an expression alone.
MERCATOR_API void append_cache_key(const ExpressionPtr& expression, CacheKey& key);

/// The binds alone, in the order of the key: what a compiler compares its own order with.
MERCATOR_API void append_binds(const Statement& statement, std::vector<const Bind*>& binds);

} // namespace mercator::ast
