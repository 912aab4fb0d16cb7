// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <cstdint>
#include <string_view>

namespace mercator {

/// Which database a value goes to or comes from: for conversions that ask (see TypeDecorator). With
/// an empty name, none: a value is compared with another one, or shown in a message.
struct DialectInfo {
    std::string_view name;    ///< of the dialect: "sqlite"
    std::string_view product; ///< as the server calls itself
    std::string_view version;
    bool uuid_type = false;   ///< it has a native type for UUIDs
    bool json_type = false;   ///< ... and for JSON, beside text
    bool array_type = false;  ///< ... and arrays
    bool nul_in_text = false; ///< its text may hold U+0000
    std::uint32_t number = 0; ///< among all that this process has met, from 1; 0 is none

    /// Is there a database at all?
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return number != 0; }
};

/// How many different databases (name, product, version) conversions can tell in one process.
inline constexpr std::uint32_t most_dialects = 16;

/// The one with this number; none for 0 and for numbers that were not given yet.
[[nodiscard]] MERCATOR_API const DialectInfo& dialect_of_number(std::uint32_t number) noexcept;
/// The same facts with their number, kept as long as the program runs. Any thread. Throws
/// StateError when there are more than `most_dialects`.
[[nodiscard]] MERCATOR_API const DialectInfo& numbered_dialect(const DialectInfo& facts);

} // namespace mercator
