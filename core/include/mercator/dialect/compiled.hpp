// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/field.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mercator {
inline namespace abi1 {

/// One placeholder of a compiled statement, in the order in which the driver binds.
struct BindSlot {
    SqlType type;
    std::uint32_t source = 0; ///< which bind of the statement's CacheKey gives the value
                              ///< (statements with values in the tree)
};

/// One column of the result.
struct ResultColumn {
    std::string name;
    SqlType type;
    bool nullable = true;
};

/// What a compiler makes of a statement: text, order of parameters, shape of the result. Immutable
/// and shared: by the engine's cache and by every connection that has prepared it. Its address is
/// its identity.
struct Compiled {
    std::string sql;
    std::vector<BindSlot> binds; ///< for batches: of one row (MultiRow), or one per array (Arrays)
    std::vector<ResultColumn> columns; ///< empty when the statement returns no rows
    ast::BatchForm form = ast::BatchForm::Single;
    std::uint32_t rows = 1; ///< rows in the text (MultiRow)
    bool cacheable = true;  ///< may be kept for another statement of the same structure
    bool writes = false;    ///< changes data
    /// The C++ type because of which the statement is not kept; empty for other reasons.
    std::string uncached_type;
    /// Not null where conversions or types of it depend on the database: this one.
    const DialectInfo* dialect = nullptr;
};

} // namespace abi1
} // namespace mercator
