// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/compiled.hpp>
#include <mercator/dialect/driver.hpp>

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace mercator::mysql {

/// What a column of a result is, as far as reading it goes.
enum class Native : std::uint8_t { Signed, Unsigned, Floating, Decimal, Text, Binary, Moment, Day };

/// Throws DataError naming the member, or the column where there is none.
[[noreturn]] void refuse_column(std::string_view what, std::string_view where,
                                std::uint16_t column);
[[noreturn]] void refuse_null(std::string_view where, std::uint16_t column);
[[noreturn]] void refuse_unreadable(std::string_view where, std::uint16_t column);

// Texts of the server; nothing if they are anything else. Years may come without their leading
// zeros.
[[nodiscard]] std::optional<mercator::Date> parse_day(std::string_view text);
[[nodiscard]] std::optional<mercator::DateTime> parse_moment(std::string_view text);
/// The 16 bytes of a UUID, or its text.
[[nodiscard]] std::optional<mercator::Uuid> parse_uuid_bytes(std::string_view stored);
[[nodiscard]] std::optional<double> parse_double(std::string_view text);
/// The digits of a decimal without a fraction; refuses a fraction.
[[nodiscard]] std::string whole_digits(const mercator::Decimal& number, std::string_view where,
                                       std::uint16_t column);
/// All the digits that it takes to read the number back.
[[nodiscard]] std::string spell(double number);

/// Reads the current row of a result into members and Values: the column's native type decides
/// which getter is exact, and every number is checked before it is narrowed. `Driver` derives from
/// it and has is_null(column), signed_number(column), unsigned_number(column) and
/// floating_number(column), 0 for NULL, and read_text(column, std::string&), false for NULL. With
/// `binary_moments` it has moment<T>(column), nothing for what is no day, for columns that are days
/// or moments; without, they are read from their text.
template <class Driver>
class RowReader {
public:
    void read(const DecodePlan& plan, std::byte* const* targets) const {
        for (const DecodeStep& step : plan.steps) {
            std::byte* object = targets[step.target];
            if (object != nullptr) read(step, object);
        }
    }

    /// By the types of `compiled`, or by the native type where it names none.
    void read(const Compiled& compiled, std::vector<Value>& row) const {
        const auto& columns = compiled.columns;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const SqlType type = i < columns.size() ? columns[i].type : SqlType();
            row.push_back(read(static_cast<std::uint16_t>(i), type));
        }
    }

protected:
    std::vector<Native> columns_;

private:
    [[nodiscard]] const Driver& driver() const noexcept {
        return static_cast<const Driver&>(*this);
    }

    void read(const DecodeStep& step, std::byte* object) const;
    [[nodiscard]] Value read(std::uint16_t column, const SqlType& type) const;
    [[nodiscard]] Value read_native(std::uint16_t column) const;

    template <class T>
    [[nodiscard]] std::optional<T> integer(std::uint16_t column, std::string_view where) const;
    template <class T>
    [[nodiscard]] std::optional<T> floating(std::uint16_t column, std::string_view where) const;
    [[nodiscard]] bool text(std::uint16_t column, std::string& text) const;
    [[nodiscard]] bool bytes(std::uint16_t column, Bytes& bytes) const;
    template <class T, class Parse>
    [[nodiscard]] std::optional<T> parsed(std::uint16_t column, std::string_view where,
                                          Parse parse) const;
    template <class T>
    [[nodiscard]] std::optional<T> scalar(std::uint16_t column, std::string_view where) const;
    [[nodiscard]] std::optional<Interval> interval(std::uint16_t column,
                                                   std::string_view where) const;
    template <class T>
    [[nodiscard]] bool moment(std::uint16_t column, std::string_view where, T& member) const;
    /// False for NULL.
    template <class T>
    [[nodiscard]] bool fill(std::uint16_t column, std::string_view where, T& member) const;

    template <class T, class Wide>
    [[nodiscard]] std::optional<T> narrow(Wide wide, std::uint16_t column,
                                          std::string_view where) const {
        if (wide == 0 && driver().is_null(column)) return std::nullopt;
        if (!std::in_range<T>(wide)) {
            refuse_column("the number is too large for the member", where, column);
        }
        return static_cast<T>(wide);
    }

    template <class T>
    [[nodiscard]] Value value(std::uint16_t column) const {
        T held{};
        return fill(column, {}, held) ? Value(std::move(held)) : Value();
    }
};

template <class Driver>
template <class T>
std::optional<T> RowReader<Driver>::integer(std::uint16_t column, std::string_view where) const {
    if (columns_[column] == Native::Signed) {
        return narrow<T>(driver().signed_number(column), column, where);
    }
    if (columns_[column] == Native::Unsigned) {
        return narrow<T>(driver().unsigned_number(column), column, where);
    }
    const auto exact = parsed<mercator::Decimal>(column, where, mercator::Decimal::parse);
    if (!exact) return std::nullopt;
    T number{};
    const std::string digits = whole_digits(*exact, where, column);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        refuse_column("the number is too large for the member", where, column);
    }
    return number;
}

template <class Driver>
template <class T>
std::optional<T> RowReader<Driver>::floating(std::uint16_t column, std::string_view where) const {
    double number = 0;
    if (columns_[column] == Native::Floating) {
        number = driver().floating_number(column);
        if (number == 0 && driver().is_null(column)) return std::nullopt;
    } else {
        const auto read = parsed<double>(column, where, parse_double);
        if (!read) return std::nullopt;
        number = *read;
    }
    if constexpr (std::same_as<T, float>) {
        if (std::abs(number) > static_cast<double>(std::numeric_limits<float>::max())) {
            refuse_column("the number is too large for the member", where, column);
        }
    }
    return static_cast<T>(number);
}

template <class Driver>
bool RowReader<Driver>::text(std::uint16_t column, std::string& text) const {
    if (columns_[column] != Native::Floating) return driver().read_text(column, text);
    if (driver().is_null(column)) return false;
    text = spell(driver().floating_number(column));
    return true;
}

template <class Driver>
bool RowReader<Driver>::bytes(std::uint16_t column, Bytes& bytes) const {
    std::string held;
    if (!text(column, held)) return false;
    const auto* begin = reinterpret_cast<const std::byte*>(held.data());
    bytes.assign(begin, begin + held.size());
    return true;
}

template <class Driver>
template <class T, class Parse>
std::optional<T> RowReader<Driver>::parsed(std::uint16_t column, std::string_view where,
                                           Parse parse) const {
    std::string spelled;
    if (!text(column, spelled)) return std::nullopt;
    std::optional<T> value = parse(spelled);
    if (!value) refuse_unreadable(where, column);
    return value;
}

template <class Driver>
template <class T>
bool RowReader<Driver>::moment(std::uint16_t column, std::string_view where, T& member) const {
    std::optional<T> read;
    if constexpr (Driver::binary_moments) {
        if (columns_[column] == Native::Moment || columns_[column] == Native::Day) {
            if (driver().is_null(column)) return false;
            read = driver().template moment<T>(column);
            if (!read) refuse_unreadable(where, column);
            member = *read;
            return true;
        }
    }
    if constexpr (std::same_as<T, mercator::Date>)
        read = parsed<T>(column, where, parse_day);
    else
        read = parsed<T>(column, where, parse_moment);
    if (read) member = *read;
    return read.has_value();
}

/// A number of microseconds, or a TIME of up to 838 hours.
template <class Driver>
std::optional<Interval> RowReader<Driver>::interval(std::uint16_t column,
                                                    std::string_view where) const {
    if (columns_[column] == Native::Text)
        return parsed<Interval>(column, where, mercator::parse_interval);
    const auto micros = integer<std::int64_t>(column, where);
    return micros ? std::optional(Interval(*micros)) : std::nullopt;
}

template <class Driver>
template <class T>
bool RowReader<Driver>::fill(std::uint16_t column, std::string_view where, T& member) const {
    if constexpr (std::same_as<T, std::string>) {
        return text(column, member);
    } else if constexpr (std::same_as<T, Bytes>) {
        return bytes(column, member);
    } else if constexpr (std::same_as<T, mercator::DateTime> || std::same_as<T, mercator::Date>) {
        return moment(column, where, member);
    } else {
        const std::optional<T> number = scalar<T>(column, where);
        if (number) member = *number;
        return number.has_value();
    }
}

template <class Driver>
template <class T>
std::optional<T> RowReader<Driver>::scalar(std::uint16_t column, std::string_view where) const {
    if constexpr (std::same_as<T, bool>) {
        const auto number = integer<std::int64_t>(column, where);
        if (!number) return std::nullopt;
        if (*number != 0 && *number != 1) {
            refuse_column("a number other than 0 and 1 is no bool", where, column);
        }
        return *number == 1;
    } else if constexpr (std::integral<T>) {
        return integer<T>(column, where);
    } else if constexpr (std::floating_point<T>) {
        return floating<T>(column, where);
    } else if constexpr (std::same_as<T, Interval>) {
        return interval(column, where);
    } else if constexpr (std::same_as<T, mercator::Time>) {
        return parsed<T>(column, where, mercator::parse_time);
    } else if constexpr (std::same_as<T, mercator::Uuid>) {
        // Only of bytes: 16 characters of text are no UUID.
        return parsed<T>(column, where,
                         columns_[column] == Native::Binary ? parse_uuid_bytes
                                                            : mercator::Uuid::parse);
    } else {
        return parsed<T>(column, where, T::parse);
    }
}

/// A parameter is sent with 27 digits behind the point; what is computed with it keeps those that
/// its type has.
inline void drop_zeros(const Field& field, std::byte* member) {
    mercator::Decimal* number = nullptr;
    if (field.optional) {
        auto& held = *reinterpret_cast<std::optional<mercator::Decimal>*>(member);
        if (held) number = &*held;
    } else {
        number = reinterpret_cast<mercator::Decimal*>(member);
    }
    if (number == nullptr || field.type.kind != TypeKind::Numeric || field.type.precision == 0 ||
        number->scale() <= field.type.scale)
        return;
    if (const auto exact = number->rescaled(field.type.scale)) *number = *exact;
}

template <class Driver>
void RowReader<Driver>::read(const DecodeStep& step, std::byte* object) const {
    const Field& field = step.field;
    std::byte* member = object + field.offset;
    if (step.column >= columns_.size()) {
        refuse_column("the result has fewer columns than expected", field.where, step.column);
    }
    if (field.kind == FieldKind::Codec) {
        const Value value = read(step.column, field.type);
        if (value.is_null() && !field.optional) refuse_null(field.where, step.column);
        return field.codec->store(member, value, field.where);
    }
    visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
        if (field.optional) {
            auto& held = *reinterpret_cast<std::optional<T>*>(member);
            if (!held) held.emplace();
            if (!fill(step.column, field.where, *held)) held.reset();
        } else if (!fill(step.column, field.where, *reinterpret_cast<T*>(member))) {
            refuse_null(field.where, step.column);
        }
        if constexpr (std::same_as<T, mercator::Decimal>) drop_zeros(field, member);
    });
}

template <class Driver>
Value RowReader<Driver>::read(std::uint16_t column, const SqlType& type) const {
    if (type.kind >= TypeKind::Int8 && type.kind <= TypeKind::Int64) {
        return value<std::int64_t>(column);
    }
    if (type.kind >= TypeKind::UInt8 && type.kind <= TypeKind::UInt64) {
        return value<std::uint64_t>(column);
    }
    switch (type.kind) {
    case TypeKind::Boolean:
        return value<bool>(column);
    case TypeKind::Float:
        return value<float>(column);
    case TypeKind::Double:
        return value<double>(column);
    case TypeKind::Numeric:
        return value<mercator::Decimal>(column);
    case TypeKind::String:
    case TypeKind::Text:
    case TypeKind::Enum:
    case TypeKind::Json:
    case TypeKind::Array:
        return value<std::string>(column);
    case TypeKind::LargeBinary:
        return value<Bytes>(column);
    case TypeKind::DateTime:
        return value<mercator::DateTime>(column);
    case TypeKind::Date:
        return value<mercator::Date>(column);
    case TypeKind::Time:
        return value<mercator::Time>(column);
    case TypeKind::Interval:
        return value<Interval>(column);
    case TypeKind::Uuid:
        return value<mercator::Uuid>(column);
    default:
        return read_native(column);
    }
}

template <class Driver>
Value RowReader<Driver>::read_native(std::uint16_t column) const {
    switch (columns_[column]) {
    case Native::Signed:
        return value<std::int64_t>(column);
    case Native::Unsigned:
        return value<std::uint64_t>(column);
    case Native::Floating:
        return value<double>(column);
    case Native::Decimal:
        return value<mercator::Decimal>(column);
    case Native::Binary:
        return value<Bytes>(column);
    case Native::Moment:
        return value<mercator::DateTime>(column);
    case Native::Day:
        return value<mercator::Date>(column);
    case Native::Text:
        break;
    }
    return value<std::string>(column);
}

} // namespace mercator::mysql
