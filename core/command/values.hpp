// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/engine/connection.hpp>
#include <mercator/types/value.hpp>

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace mercator::command {

/// A value as a cell of a table: text as it is, bytes in hexadecimal, absence as NULL.
[[nodiscard]] std::string cell_text(const Value& value);

/// Rows as a table for people, with their number below.
[[nodiscard]] std::string rows_as_text(const TextResult& result);

/// Rows as an array of objects, the columns in their order; dates in ISO 8601, decimals and bytes
/// as text, because JSON's numbers are not exact.
[[nodiscard]] nlohmann::ordered_json rows_as_json(const TextResult& result);
/// As it is printed. A database may hold bytes that are no text: they show as such, beside the
/// rest.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& json);

} // namespace mercator::command
