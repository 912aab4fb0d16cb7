// SPDX-License-Identifier: MIT
#include "row_reader.hpp"

#include <mercator/support/error.hpp>

#include <cppconn/datatype.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <string>
#include <utility>

namespace mercator::mysql {
namespace {

std::string place(std::string_view where, std::uint16_t column) {
    return where.empty() ? fmt::format("column {}", column + 1) : std::string(where);
}

[[noreturn]] void refuse(std::string_view what, std::string_view where, std::uint16_t column) {
    throw_data_error(std::string(what), place(where, column));
}

/// A day as the connector spells it: years below 1000 without their leading zeros.
std::optional<Date> parse_day(std::string_view text) {
    int numbers[3] = {0, 0, 0};
    for (int part = 0; part < 3; ++part) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), numbers[part]);
        if (error != std::errc{}) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (part < 2 && !text.starts_with('-')) return std::nullopt;
        if (part < 2) text.remove_prefix(1);
    }
    constexpr std::string_view midnight = " 00:00:00";
    if (text.starts_with(midnight)) text.remove_prefix(midnight.size());
    if (text.find_first_not_of(".0") != std::string_view::npos) return std::nullopt;   // a time of day would be lost
    if (numbers[1] < 0 || numbers[2] < 0) return std::nullopt;
    const Date day{std::chrono::year(numbers[0]), std::chrono::month(static_cast<unsigned>(numbers[1])),
                   std::chrono::day(static_cast<unsigned>(numbers[2]))};
    return day.ok() && is_storable(day) ? std::optional(day) : std::nullopt;
}

std::optional<DateTime> parse_moment(std::string_view text) {
    if (const auto moment = parse_date_time(text)) return moment;
    const auto day = parse_day(text);
    return day ? std::optional<DateTime>(std::chrono::sys_days(*day)) : std::nullopt;
}

std::optional<double> parse_double(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

RowReader::Native RowReader::native_type(sql::ResultSetMetaData& meta, unsigned number) {
    switch (meta.getColumnType(number)) {
        case sql::DataType::BIT: return Native::Unsigned;
        case sql::DataType::TINYINT:
        case sql::DataType::SMALLINT:
        case sql::DataType::MEDIUMINT:
        case sql::DataType::INTEGER:
        case sql::DataType::BIGINT:
        case sql::DataType::YEAR: return meta.isSigned(number) ? Native::Signed : Native::Unsigned;
        case sql::DataType::REAL:
        case sql::DataType::DOUBLE: return Native::Floating;
        case sql::DataType::DECIMAL:
        case sql::DataType::NUMERIC: return Native::Decimal;
        case sql::DataType::TIMESTAMP: return Native::Moment;
        case sql::DataType::DATE: return Native::Day;
        case sql::DataType::BINARY:
        case sql::DataType::VARBINARY:
        case sql::DataType::LONGVARBINARY: return Native::Binary;
        default: return Native::Text;
    }
}

void RowReader::open(sql::ResultSet& rows) {
    rows_ = &rows;
    sql::ResultSetMetaData& meta = *rows.getMetaData();
    const unsigned count = meta.getColumnCount();
    columns_.resize(count);
    for (unsigned i = 0; i < count; ++i) columns_[i] = native_type(meta, i + 1);
}

template <class T>
std::optional<T> RowReader::integer(std::uint16_t column, std::string_view where) const {
    const unsigned number = column + 1U;
    switch (columns_[column]) {
        case Native::Signed: {
            const std::int64_t value = rows_->getInt64(number);
            if (value == 0 && rows_->isNull(number)) return std::nullopt;
            if (!std::in_range<T>(value)) refuse("the number is too large for the member", where, column);
            return static_cast<T>(value);
        }
        case Native::Unsigned: {
            const std::uint64_t value = rows_->getUInt64(number);
            if (value == 0 && rows_->isNull(number)) return std::nullopt;
            if (!std::in_range<T>(value)) refuse("the number is too large for the member", where, column);
            return static_cast<T>(value);
        }
        default: break;
    }
    const auto exact = get<Decimal>(column, where);
    if (!exact) return std::nullopt;
    const auto whole = exact->rescaled(0);
    if (!whole) refuse("the number has a fraction and the member is an integer", where, column);
    T value{};
    const std::string digits = whole->to_string();
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        refuse("the number is too large for the member", where, column);
    }
    return value;
}

template <class T>
std::optional<T> RowReader::floating(std::uint16_t column, std::string_view where) const {
    double value = 0;
    if (columns_[column] == Native::Floating) {
        value = static_cast<double>(rows_->getDouble(column + 1U));
        if (value == 0 && rows_->isNull(column + 1U)) return std::nullopt;
    } else {
        const auto read = parsed<double>(column, where, parse_double);
        if (!read) return std::nullopt;
        value = *read;
    }
    if constexpr (std::same_as<T, float>) {
        if (std::abs(value) > static_cast<double>(std::numeric_limits<float>::max())) {
            refuse("the number is too large for the member", where, column);
        }
    }
    return static_cast<T>(value);
}

std::optional<std::string> RowReader::text(std::uint16_t column) const {
    const unsigned number = column + 1U;
    if (columns_[column] == Native::Floating) {
        // The connector would print six digits behind the point.
        if (rows_->isNull(number)) return std::nullopt;
        return fmt::format("{}", static_cast<double>(rows_->getDouble(number)));
    }
    sql::SQLString text = rows_->getString(number);
    if (text.length() == 0 && rows_->isNull(number)) return std::nullopt;
    return std::move(*text.operator->());
}

template <class T, class Parse>
std::optional<T> RowReader::parsed(std::uint16_t column, std::string_view where, Parse parse) const {
    const auto spelled = text(column);
    if (!spelled) return std::nullopt;
    std::optional<T> value = parse(*spelled);
    if (!value) refuse("the column's value cannot be read as the member's type", where, column);
    return value;
}

template <class T>
std::optional<T> RowReader::get(std::uint16_t column, std::string_view where) const {
    if constexpr (std::same_as<T, bool>) {
        const auto number = integer<std::int64_t>(column, where);
        if (!number) return std::nullopt;
        if (*number != 0 && *number != 1) refuse("a number other than 0 and 1 is no bool", where, column);
        return *number == 1;
    } else if constexpr (std::integral<T>) {
        return integer<T>(column, where);
    } else if constexpr (std::floating_point<T>) {
        return floating<T>(column, where);
    } else if constexpr (std::same_as<T, std::string>) {
        return text(column);
    } else if constexpr (std::same_as<T, Bytes>) {
        const auto held = text(column);
        if (!held) return std::nullopt;
        const auto* begin = reinterpret_cast<const std::byte*>(held->data());
        return Bytes(begin, begin + held->size());
    } else if constexpr (std::same_as<T, Decimal>) {
        return parsed<Decimal>(column, where, Decimal::parse);
    } else if constexpr (std::same_as<T, DateTime>) {
        return parsed<DateTime>(column, where, parse_moment);
    } else {
        return parsed<Date>(column, where, parse_day);
    }
}

void RowReader::read(const DecodeStep& step, std::byte* object) const {
    const Field& field = step.field;
    std::byte* member = object + field.offset;
    if (step.column >= columns_.size()) refuse("the result has fewer columns than expected", field.where, step.column);
    if (field.kind == FieldKind::Codec) {
        const Value value = read(step.column, field.type);
        if (value.is_null() && !field.optional) refuse("the column is NULL and the member is not optional", field.where, step.column);
        return field.codec->store(member, value, field.where);
    }
    visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
        std::optional<T> value = get<T>(step.column, field.where);
        if (field.optional) *reinterpret_cast<std::optional<T>*>(member) = std::move(value);
        else if (value) *reinterpret_cast<T*>(member) = std::move(*value);
        else refuse("the column is NULL and the member is not optional", field.where, step.column);
    });
}

template <class T>
Value RowReader::value(std::uint16_t column) const {
    auto read = get<T>(column, {});
    return read ? Value(std::move(*read)) : Value();
}

Value RowReader::read(std::uint16_t column, const SqlType& type) const {
    if (type.kind >= TypeKind::Int8 && type.kind <= TypeKind::Int64) return value<std::int64_t>(column);
    if (type.kind >= TypeKind::UInt8 && type.kind <= TypeKind::UInt64) return value<std::uint64_t>(column);
    switch (type.kind) {
        case TypeKind::Boolean: return value<bool>(column);
        case TypeKind::Float: return value<float>(column);
        case TypeKind::Double: return value<double>(column);
        case TypeKind::Numeric: return value<Decimal>(column);
        case TypeKind::String:
        case TypeKind::Text:
        case TypeKind::Enum: return value<std::string>(column);
        case TypeKind::LargeBinary: return value<Bytes>(column);
        case TypeKind::DateTime: return value<DateTime>(column);
        case TypeKind::Date: return value<Date>(column);
        default: break;
    }
    switch (columns_[column]) {
        case Native::Signed: return value<std::int64_t>(column);
        case Native::Unsigned: return value<std::uint64_t>(column);
        case Native::Floating: return value<double>(column);
        case Native::Decimal: return value<Decimal>(column);
        case Native::Binary: return value<Bytes>(column);
        case Native::Moment: return value<DateTime>(column);
        case Native::Day: return value<Date>(column);
        case Native::Text: break;
    }
    return value<std::string>(column);
}

}  // namespace mercator::mysql
