// SPDX-License-Identifier: MIT
#include "functions.hpp"

#include "decimal_form.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <string_view>

namespace mercator::sqlite {
namespace {

__extension__ using Wide = __int128;

constexpr int function_flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

std::string_view text_of(sqlite3_value* value) {
    const void* text = sqlite3_value_text(value);
    return {static_cast<const char*>(text), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

/// Bytes of the UTF-8 character at the front of a text that is not empty.
std::size_t character_length(std::string_view text) {
    std::size_t length = 1;
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80U)
        ++length;
    return length;
}

/// Takes one pattern character; true if it stands for itself.
bool take_literal(std::string_view& pattern, std::string_view escape, std::string_view& character) {
    bool escaped = false;
    if (!escape.empty() && pattern.substr(0, escape.size()) == escape &&
        pattern.size() > escape.size()) {
        pattern.remove_prefix(escape.size());
        escaped = true;
    }
    character = pattern.substr(0, character_length(pattern));
    pattern.remove_prefix(character.size());
    return escaped || (character != "%" && character != "_");
}

/// Greedy matching that goes back to the last '%' only, so it takes at most |pattern| * |text|
/// steps.
bool matches(std::string_view pattern, std::string_view text, std::string_view escape) {
    std::string_view retry_pattern;
    std::string_view retry_text;
    bool can_retry = false;
    for (;;) {
        if (pattern.empty() && text.empty()) return true;
        if (!pattern.empty()) {
            std::string_view rest = pattern;
            std::string_view character;
            const bool literal = take_literal(rest, escape, character);
            if (!literal && character == "%") {
                if (rest.empty()) return true;
                retry_pattern = pattern = rest;
                retry_text = text;
                can_retry = true;
                continue;
            }
            if (!text.empty()) {
                const std::string_view next = text.substr(0, character_length(text));
                if (!literal || next == character) {
                    pattern = rest;
                    text.remove_prefix(next.size());
                    continue;
                }
            }
        }
        if (!can_retry || retry_text.empty()) return false;
        retry_text.remove_prefix(character_length(retry_text));
        pattern = retry_pattern;
        text = retry_text;
    }
}

void like(sqlite3_context* context, int count, sqlite3_value** arguments) {
    for (int i = 0; i < count; ++i) {
        if (sqlite3_value_type(arguments[i]) == SQLITE_NULL) return;
    }
    const std::string_view escape = count == 3 ? text_of(arguments[2]) : std::string_view();
    if (count == 3 && (escape.empty() || character_length(escape) != escape.size())) {
        sqlite3_result_error(context, "ESCAPE expression must be a single character", -1);
        return;
    }
    const std::string_view pattern = text_of(arguments[0]);
    sqlite3_result_int(context, matches(pattern, text_of(arguments[1]), escape) ? 1 : 0);
}

Wide divide_rounded(Wide numerator, Wide divisor) {
    if (divisor < 0) {
        numerator = -numerator;
        divisor = -divisor;
    }
    const Wide quotient = numerator / divisor;
    const Wide rest = numerator % divisor;
    if (rest >= divisor - rest) return quotient + 1;
    if (-rest >= divisor + rest) return quotient - 1;
    return quotient;
}

void give(sqlite3_context* context, std::optional<Wide> value) {
    if (!value || *value > std::numeric_limits<std::int64_t>::max() ||
        *value < std::numeric_limits<std::int64_t>::min()) {
        sqlite3_result_error_code(context, SQLITE_TOOBIG);
        return;
    }
    sqlite3_result_int64(context, static_cast<std::int64_t>(*value));
}

/// A product of an intermediate result that no longer fitted arrives as a floating-point number:
/// refuse, never round.
bool all_integers(sqlite3_context* context, int count, sqlite3_value** arguments) {
    for (int i = 0; i < count; ++i) {
        if (sqlite3_value_type(arguments[i]) == SQLITE_NULL) return false;
        if (sqlite3_value_type(arguments[i]) != SQLITE_INTEGER) {
            sqlite3_result_error_code(context, SQLITE_MISMATCH);
            return false;
        }
    }
    return true;
}

void decimal_divide(sqlite3_context* context, int count, sqlite3_value** arguments) {
    if (!all_integers(context, count, arguments)) return;
    Wide numerator = sqlite3_value_int64(arguments[0]);
    Wide divisor = sqlite3_value_int64(arguments[1]);
    const int exponent = sqlite3_value_int(arguments[2]);
    if (divisor == 0) return;
    if (exponent > scaled_digits || exponent < -scaled_digits) return give(context, std::nullopt);
    (exponent >= 0 ? numerator : divisor) *= power_of_ten(exponent >= 0 ? exponent : -exponent);
    give(context, divide_rounded(numerator, divisor));
}

void decimal_round(sqlite3_context* context, int count, sqlite3_value** arguments) {
    if (!all_integers(context, count, arguments)) return;
    const std::int64_t units = sqlite3_value_int64(arguments[0]);
    const int dropped = sqlite3_value_int(arguments[1]) - sqlite3_value_int(arguments[2]);
    if (dropped <= 0) return sqlite3_result_int64(context, units);
    if (dropped > scaled_digits) return sqlite3_result_int64(context, 0);
    const Wide power = power_of_ten(dropped);
    give(context, divide_rounded(units, power) * power);
}

void decimal_text(sqlite3_context* context, int count, sqlite3_value** arguments) {
    if (!all_integers(context, count, arguments)) return;
    const std::string text =
        Decimal::from_scaled(sqlite3_value_int64(arguments[0]),
                             std::clamp(sqlite3_value_int(arguments[1]), 0, 38))
            .to_string();
    sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

/// By the same reader as the members that hold documents.
void json_valid(sqlite3_context* context, int /*count*/, sqlite3_value** arguments) {
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) return;
    try {
        sqlite3_result_int(context, nlohmann::json::accept(text_of(arguments[0])) ? 1 : 0);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

} // namespace

int add_functions(sqlite3* database) {
    struct Entry {
        const char* name;
        int arguments;
        void (*function)(sqlite3_context*, int, sqlite3_value**);
    };
    static constexpr Entry entries[] = {{"like", 2, like},
                                        {"like", 3, like},
                                        {"decimal_divide", 3, decimal_divide},
                                        {"decimal_round", 3, decimal_round},
                                        {"decimal_text", 2, decimal_text},
                                        {"json_valid", 1, json_valid}};
    for (const Entry& entry : entries) {
        const int result =
            sqlite3_create_function_v2(database, entry.name, entry.arguments, function_flags,
                                       nullptr, entry.function, nullptr, nullptr, nullptr);
        if (result != SQLITE_OK) return result;
    }
    return SQLITE_OK;
}

} // namespace mercator::sqlite
