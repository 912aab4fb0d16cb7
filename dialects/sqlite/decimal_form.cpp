// SPDX-License-Identifier: MIT
#include "decimal_form.hpp"

#include <algorithm>
#include <array>

namespace mercator::sqlite {
namespace {

void complement(std::string& text) {
    for (char& c : text) {
        if (c >= '0' && c <= '9') c = static_cast<char>('0' + ('9' - c));
    }
}

std::string count_of_digits(std::size_t count) {
    return {static_cast<char>('0' + count / 10), static_cast<char>('0' + count % 10)};
}

} // namespace

DecimalForm decimal_form(const SqlType& type) noexcept {
    if (type.decimal_storage == DecimalStorage::Number) return DecimalForm::Number;
    return type.precision <= scaled_digits ? DecimalForm::Scaled : DecimalForm::SortableText;
}

std::int64_t power_of_ten(int exponent) noexcept {
    static constexpr auto powers = [] {
        std::array<std::int64_t, scaled_digits + 1> list{};
        std::int64_t power = 1;
        for (auto& entry : list) {
            entry = power;
            if (&entry != &list.back()) power *= 10;
        }
        return list;
    }();
    return powers[static_cast<std::size_t>(std::clamp(exponent, 0, scaled_digits))];
}

std::string to_sortable_text(const Decimal& value) {
    std::string digits = value.to_string();
    const bool negative = digits.front() == '-';
    if (negative) digits.erase(0, 1);
    std::size_t point = digits.find('.');
    if (point != std::string::npos) {
        digits.erase(digits.find_last_not_of('0') + 1);
        if (digits.back() == '.') digits.pop_back();
    }
    point = std::min(digits.find('.'), digits.size());
    std::string text = count_of_digits(point) + ":" + digits;
    if (!negative) return text;
    complement(text);
    return "-" + text + "~";
}

std::optional<Decimal> from_sortable_text(std::string_view text) {
    std::string copy(text);
    const bool negative = !copy.empty() && copy.front() == '-';
    if (negative) {
        if (copy.back() != '~') return std::nullopt;
        copy = copy.substr(1, copy.size() - 2);
        complement(copy);
    }
    if (copy.size() < 4 || copy[2] != ':') return std::nullopt;
    const std::string digits = copy.substr(3);
    if (digits.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
    if (count_of_digits(std::min(digits.find('.'), digits.size())) != copy.substr(0, 2))
        return std::nullopt;
    return Decimal::parse(negative ? "-" + digits : digits);
}

} // namespace mercator::sqlite
