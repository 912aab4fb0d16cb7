// SPDX-License-Identifier: MIT
#include <mercator/mapping/in_memory.hpp>

#include <mercator/support/error.hpp>

#include <algorithm>

namespace mercator {

namespace {

/// Digits behind the point that a quotient has more than its operands, as in `arithmetic_type`.
constexpr int digits_of_quotient = 6;
constexpr int digits_of_average = 4;
constexpr int most_digits = 38;

} // namespace

void throw_formula_overflow() {
    throw_data_error("a formula has a result that does not fit into 64 bits", "hybrid");
}

void throw_formula_division() {
    throw_data_error("a formula divides by zero; write nullif(divisor, 0) for an empty result",
                     "hybrid");
}

Decimal quotient(const Decimal& dividend, const Decimal& divisor) {
    const int scale = std::max(dividend.scale(), divisor.scale()) + digits_of_quotient;
    return dividend.divided_by(divisor, std::min(scale, most_digits));
}

Decimal average(const Decimal& sum, std::int64_t count) {
    return sum.divided_by(Decimal(count), std::min(sum.scale() + digits_of_average, most_digits));
}

std::string lower_text(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

std::string upper_text(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

std::string trimmed_text(const std::string& text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::int64_t character_count(std::string_view text) {
    const auto starts_one = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    return std::count_if(text.begin(), text.end(), starts_one);
}

} // namespace mercator
