// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/types/value.hpp>

#include <sqlite3.h>

#include <string_view>
#include <vector>

namespace mercator::sqlite {

/// Does the caller's text stay where it is until the statement has done its work?
enum class Lifetime : std::uint8_t { Stays, Copy };

/// Gives one prepared statement its parameters, encoded by the type of their slot, and refuses
/// before anything is sent what SQLite would store silently changed: NaN (NULL), invalid UTF-8, too
/// long text, too many digits.
class Binder {
public:
    /// `count` is the number of parameters; `lifetime` is that of the caller's text and blobs.
    Binder(sqlite3_stmt* statement, std::size_t count, Lifetime lifetime);

    /// Each returns SQLite's result code; DataError for a value that its slot cannot hold. `index`
    /// counts from 0.
    [[nodiscard]] int bind(std::size_t index, const SqlType& slot, const Value& value);
    [[nodiscard]] int bind(std::size_t index, const SqlType& slot, const Field& field,
                           const std::byte* object);

private:
    friend class ParameterWriter;

    sqlite3_stmt* statement_;
    Lifetime lifetime_;
    std::vector<char> scratch_; ///< room for one short text per parameter: dates and decimals
};

} // namespace mercator::sqlite
