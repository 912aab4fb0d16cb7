// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mercator {

/// What the database does to the referring rows when the referred row is deleted or its key
/// changes.
enum class ReferentialAction : std::uint8_t { NoAction, Restrict, Cascade, SetNull, SetDefault };

/// May the check of a foreign key wait for the commit? Not every database can.
enum class Deferrable : std::uint8_t {
    No,
    InitiallyImmediate, ///< waits where the transaction asks for it
    InitiallyDeferred
};

/// A foreign key constraint: `columns` of the owning table refer to `target_columns` of
/// `target_table`, pairwise.
struct ForeignKey {
    std::string name{}; ///< empty: given by the naming convention
    std::vector<std::string> columns{};
    std::string target_table{};
    std::vector<std::string> target_columns{}; ///< empty: the target's primary key
    ReferentialAction on_delete = ReferentialAction::NoAction;
    ReferentialAction on_update = ReferentialAction::NoAction;
    Deferrable deferrable = Deferrable::No;
    std::string target_schema{}; ///< empty: where the database looks first
};

} // namespace mercator
