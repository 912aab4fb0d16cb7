// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/expression.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/type_of.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

/// Texts that are checked when they are made, long before SQL: `Varchar<40>` and
/// `PatternText<"[a-z]+@[a-z.]+">`. Not included by mercator.hpp.
namespace mercator {

/// A text in a template argument.
template <std::size_t size>
struct FixedText {
    char characters[size]{};
    constexpr FixedText(const char (&text)[size]) { // NOLINT(google-explicit-constructor)
        std::copy(text, text + size, characters);
    }
    [[nodiscard]] constexpr std::string_view view() const noexcept {
        return {characters, size - 1};
    }
};

/// Throws DataError for a text of more than `length` characters (UTF-8).
MERCATOR_API void require_length(std::string_view text, std::uint32_t length);
/// Throws DataError unless the whole text matches the pattern, an ECMAScript regular expression
/// over bytes; ArgumentError for a pattern that is none. Any thread.
MERCATOR_API void require_pattern(std::string_view text, std::string_view pattern);

/// Text of at most `length` characters; the column is VARCHAR(length). Compared with any text.
template <std::uint32_t length>
class Varchar {
public:
    Varchar() = default;
    /// Throws DataError for a text that is too long. The text is not repeated in the message.
    Varchar(std::string text) : text_(std::move(text)) { // NOLINT(google-explicit-constructor)
        require_length(text_, length);
    }
    Varchar(std::string_view text) :
        Varchar(std::string(text)) {}                         // NOLINT(google-explicit-constructor)
    Varchar(const char* text) : Varchar(std::string(text)) {} // NOLINT(google-explicit-constructor)

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    operator const std::string&() const noexcept {
        return text_;
    } // NOLINT(google-explicit-constructor)
    friend bool operator==(const Varchar&, const Varchar&) = default;
    friend auto operator<=>(const Varchar&, const Varchar&) = default;

private:
    std::string text_;
};

/// Text that matches a pattern as a whole. A default-constructed one is empty and was not checked.
template <FixedText pattern, std::uint32_t length = 0>
class PatternText {
public:
    PatternText() = default;
    /// Throws DataError for a text that does not match. The text is not repeated in the message.
    PatternText(std::string text) : text_(std::move(text)) { // NOLINT(google-explicit-constructor)
        if constexpr (length != 0) require_length(text_, length);
        require_pattern(text_, pattern.view());
    }
    PatternText(std::string_view text) :
        PatternText(std::string(text)) {} // NOLINT(google-explicit-constructor)
    PatternText(const char* text) :
        PatternText(std::string(text)) {} // NOLINT(google-explicit-constructor)

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    operator const std::string&() const noexcept {
        return text_;
    } // NOLINT(google-explicit-constructor)
    friend bool operator==(const PatternText&, const PatternText&) = default;
    friend auto operator<=>(const PatternText&, const PatternText&) = default;

private:
    std::string text_;
};

template <std::uint32_t length>
struct TypeDecorator<Varchar<length>> {
    using storage = std::string;
    static constexpr bool text_operators = true;
    static constexpr SqlType sql_type() noexcept { return String(length); }
    static std::string bind(const Varchar<length>& value) { return value.text(); }
    static Varchar<length> result(std::string stored) { return {std::move(stored)}; }
};
template <FixedText pattern, std::uint32_t length>
struct TypeDecorator<PatternText<pattern, length>> {
    using storage = std::string;
    static constexpr bool text_operators = true;
    static constexpr SqlType sql_type() noexcept { return length == 0 ? Text() : String(length); }
    static std::string bind(const PatternText<pattern, length>& value) { return value.text(); }
    static PatternText<pattern, length> result(std::string stored) { return {std::move(stored)}; }
};

/// A text that is too long, or does not match, is a text that no row has.
template <std::uint32_t length>
struct CompareRule<Varchar<length>, std::string> {
    static Value convert(std::string text) { return Value(std::move(text)); }
};
template <FixedText pattern, std::uint32_t length>
struct CompareRule<PatternText<pattern, length>, std::string> {
    static Value convert(std::string text) { return Value(std::move(text)); }
};

} // namespace mercator
