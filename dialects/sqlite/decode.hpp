// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/compiled.hpp>
#include <mercator/dialect/driver.hpp>
#include <mercator/types/value.hpp>

#include <sqlite3.h>

#include <string_view>

namespace mercator::sqlite {

/// Writes the current row into the members that the plan names. Every cell's storage class is
/// looked at, because SQLite stores any class in any column: text in an INTEGER column is a
/// DataError, not the number it starts with.
void decode_row(sqlite3_stmt* statement, const Compiled& compiled, const DecodePlan& plan,
                std::byte* const* targets);

/// One cell by its SQL type, by its storage class where the type is Unknown. `where` is for the
/// message of a DataError.
[[nodiscard]] Value to_value(sqlite3_value* cell, const SqlType& type, std::string_view where);

} // namespace mercator::sqlite
