// SPDX-License-Identifier: MIT
#pragma once

#include <sqlite3.h>

namespace mercator::sqlite {

/// Gives a connection the functions that the compiler relies on. All are deterministic and
/// innocuous, so that CHECK constraints and indexes may use them while the schema is not trusted.
///
/// - `like(pattern, text [, escape])`: the LIKE operator, telling "a" from "A" as the other
/// databases do. SQLite's own pragma
///   for it makes LIKE unusable in CHECK constraints of an untrusted schema.
/// - `decimal_divide(a, b, k)`: a * 10^k / b, rounded half away from zero, through 128 bits; NULL
/// for b = 0.
/// - `decimal_round(units, scale, digits)`: rounds units of 10^-scale to `digits`, at the same
/// scale.
/// - `decimal_text(units, scale)`: "19.99".
/// - `json_valid(text)`: SQLite's own is not innocuous in several versions, so that no CHECK of an
/// untrusted schema may call it.
///
/// Returns an SQLite result code.
int add_functions(sqlite3* database);

} // namespace mercator::sqlite
