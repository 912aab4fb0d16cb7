// SPDX-License-Identifier: MIT
#pragma once

#include <sqlite3.h>

#include <string>
#include <string_view>

namespace mercator::sqlite {

/// The name that the schema gave to the unique index, UNIQUE or PRIMARY KEY over exactly these
/// columns, written as in SQLite's message: "orders.shop, orders.number". SQLite itself tells
/// columns only. Empty where there is no name; never throws.
[[nodiscard]] std::string constraint_name(sqlite3* database, std::string_view columns) noexcept;

} // namespace mercator::sqlite
