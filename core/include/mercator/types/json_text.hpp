// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>
#include <mercator/types/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// Appends the JSON form of a value: truth, numbers and text as they are; decimals as text, so that
/// no reader cuts their digits; moments as ISO 8601 in UTC ("2026-03-01T12:00:00Z"), days, times of
/// day, intervals and UUIDs as their usual text; bytes in base64; NULL as null. NaN and infinities,
/// which JSON has no numbers for, are text. DataError for text that is no UTF-8.
MERCATOR_API void append_json(std::string& out, const Value& value);

/// What `append_json` writes as text, without quotes: "2026-03-01T12:00:00Z", "19.99", base64. The
/// text itself for a text; empty for NULL, truth and finite numbers, which JSON has by itself.
[[nodiscard]] MERCATOR_API std::string json_plain_text(const Value& value);

/// How deep documents may be nested: what is deeper would take the stack of whoever walks it.
inline constexpr int most_json_levels = 1000;
/// Is the text nested deeper than that?
[[nodiscard]] MERCATOR_API bool is_nested_too_deep(std::string_view json) noexcept;

/// The elements of a JSON array of truths, numbers, texts and nulls. DataError naming `where` for
/// any other text.
[[nodiscard]] MERCATOR_API std::vector<Value> read_json_list(std::string_view text,
                                                             std::string_view where);

} // namespace mercator
