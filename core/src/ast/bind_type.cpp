// SPDX-License-Identifier: MIT
#include "ast/bind_type.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/types/type_rules.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace mercator::ast {
namespace {

constexpr int max_precision = 38;

enum class Family {
    Unknown,
    Boolean,
    Number,
    Text,
    Binary,
    Temporal,
    Time,
    Interval,
    Uuid,
    Json,
    Array
};

Family family(const SqlType& type) noexcept {
    if (is_number(type)) return Family::Number;
    if (type.is_text()) return Family::Text;
    switch (type.kind) {
    case TypeKind::Boolean:
        return Family::Boolean;
    case TypeKind::LargeBinary:
        return Family::Binary;
    case TypeKind::DateTime:
    case TypeKind::Date:
        return Family::Temporal;
    case TypeKind::Time:
        return Family::Time;
    case TypeKind::Interval:
        return Family::Interval;
    case TypeKind::Uuid:
        return Family::Uuid;
    case TypeKind::Json:
        return Family::Json;
    case TypeKind::Array:
        return Family::Array;
    default:
        return Family::Unknown;
    }
}

bool is_floating(const SqlType& type) noexcept {
    return type.kind == TypeKind::Float || type.kind == TypeKind::Double;
}

bool is_unsigned(const SqlType& type) noexcept {
    return type.kind >= TypeKind::UInt8 && type.kind <= TypeKind::UInt64;
}

/// Position in the ladder of 8, 16, 32 and 64 bits.
int width(const SqlType& type) noexcept {
    const auto first = is_unsigned(type) ? TypeKind::UInt8 : TypeKind::Int8;
    return static_cast<int>(type.kind) - static_cast<int>(first);
}

SqlType integer_of(int width, bool with_sign) noexcept {
    const auto first = static_cast<int>(with_sign ? TypeKind::Int8 : TypeKind::UInt8);
    return SqlType(static_cast<TypeKind>(first + std::min(width, 3)));
}

SqlType wider_integer(const SqlType& left, const SqlType& right) noexcept {
    if (is_unsigned(left) == is_unsigned(right)) return width(left) >= width(right) ? left : right;
    const SqlType& plain = is_unsigned(left) ? left : right;
    const SqlType& with_sign = is_unsigned(left) ? right : left;
    return integer_of(std::max(width(plain) + 1, width(with_sign)), true);
}

int digits(const SqlType& type) noexcept {
    constexpr int of_width[] = {3, 5, 10, 19};
    if (type.kind == TypeKind::Numeric) return type.precision;
    return type.kind == TypeKind::UInt64 ? 20 : of_width[width(type)];
}

SqlType numeric(int precision, int scale, DecimalStorage storage) noexcept {
    return Numeric(static_cast<std::uint8_t>(std::min(precision, max_precision)),
                   static_cast<std::uint8_t>(std::min(scale, max_precision)), storage);
}

SqlType numeric_result(Operator op, const SqlType& left, const SqlType& right) noexcept {
    const auto storage = left.decimal_storage == DecimalStorage::Number ||
                                 right.decimal_storage == DecimalStorage::Number
                             ? DecimalStorage::Number
                             : DecimalStorage::Exact;
    const int left_scale = left.scale;
    const int right_scale = right.scale;
    const int scale = std::max(left_scale, right_scale);
    const int whole = std::max(digits(left) - left_scale, digits(right) - right_scale);
    switch (op) {
    case Operator::Multiply:
        return numeric(digits(left) + digits(right), left_scale + right_scale, storage);
    case Operator::Divide:
        return numeric(max_precision, std::min(scale + 6, max_precision), storage);
    case Operator::Negate:
    case Operator::Modulo:
        return numeric(whole + scale, scale, storage);
    default:
        return numeric(whole + scale + 1, scale, storage);
    }
}

template <class Int>
bool fits_integer(Int value, const SqlType& type) noexcept {
    switch (type.kind) {
    case TypeKind::Int8:
        return std::in_range<std::int8_t>(value);
    case TypeKind::Int16:
        return std::in_range<std::int16_t>(value);
    case TypeKind::Int32:
        return std::in_range<std::int32_t>(value);
    case TypeKind::Int64:
        return std::in_range<std::int64_t>(value);
    case TypeKind::UInt8:
        return std::in_range<std::uint8_t>(value);
    case TypeKind::UInt16:
        return std::in_range<std::uint16_t>(value);
    case TypeKind::UInt32:
        return std::in_range<std::uint32_t>(value);
    default:
        return std::in_range<std::uint64_t>(value);
    }
}

SqlType decimal_type(const Decimal& value) noexcept {
    return numeric(std::max(value.precision(), value.scale()), value.scale(),
                   DecimalStorage::Exact);
}

std::optional<Decimal> as_decimal(const Value& value) noexcept {
    if (const auto* decimal = value.get_if<Decimal>()) return *decimal;
    if (const auto* integer = value.get_if<std::int64_t>()) return Decimal(*integer);
    if (const auto* integer = value.get_if<std::uint64_t>()) return Decimal(*integer);
    return std::nullopt;
}

SqlType beside_numeric(const Value& value, const SqlType& neighbour) noexcept {
    const auto decimal = as_decimal(value);
    if (!decimal) return natural_type(value);
    const auto rescaled = decimal->rescaled(neighbour.scale);
    if (rescaled && rescaled->precision() <= neighbour.precision) return neighbour;
    const SqlType own = decimal_type(*decimal);
    const int scale = std::max<int>(own.scale, neighbour.scale);
    return numeric(std::max(own.precision - own.scale, neighbour.precision - neighbour.scale) +
                       scale,
                   scale, neighbour.decimal_storage);
}

SqlType beside_number(const Value& value, const SqlType& neighbour) noexcept {
    if (neighbour.kind == TypeKind::Numeric) return beside_numeric(value, neighbour);
    if (is_floating(neighbour)) return value.get_if<double>() != nullptr ? Double() : neighbour;
    if (const auto* integer = value.get_if<std::int64_t>()) {
        if (fits_integer(*integer, neighbour)) return neighbour;
    }
    if (const auto* integer = value.get_if<std::uint64_t>()) {
        if (fits_integer(*integer, neighbour)) return neighbour;
    }
    return natural_type(value);
}

template <class Sequence>
bool exceeds(const Value& value, const SqlType& type) noexcept {
    const auto* sequence = value.get_if<Sequence>();
    return sequence != nullptr && type.length != 0 && sequence->size() > type.length;
}

} // namespace

bool is_number(const SqlType& type) noexcept {
    return type.is_integer() || is_floating(type) || type.kind == TypeKind::Numeric;
}

bool are_comparable(const SqlType& left, const SqlType& right) noexcept {
    const Family l = family(left);
    const Family r = family(right);
    return l == Family::Unknown || r == Family::Unknown || l == r;
}

SqlType natural_type(const Value& value) noexcept {
    switch (value.kind()) {
    case ValueKind::Null:
        return {};
    case ValueKind::Boolean:
        return Boolean();
    case ValueKind::Integer:
        return BigInteger();
    case ValueKind::Unsigned:
        return std::in_range<std::int64_t>(*value.get_if<std::uint64_t>())
                   ? BigInteger()
                   : SqlType(TypeKind::UInt64);
    case ValueKind::Float:
        return Float();
    case ValueKind::Double:
        return Double();
    case ValueKind::String:
        return mercator::Text();
    case ValueKind::Bytes:
        return LargeBinary();
    case ValueKind::Decimal:
        return decimal_type(*value.get_if<Decimal>());
    case ValueKind::DateTime:
        return SqlType(TypeKind::DateTime);
    case ValueKind::Date:
        return SqlType(TypeKind::Date);
    case ValueKind::Time:
        return SqlType(TypeKind::Time);
    case ValueKind::Interval:
        return SqlType(TypeKind::Interval);
    case ValueKind::Uuid:
        return SqlType(TypeKind::Uuid);
    }
    return {};
}

namespace {

SqlType type_beside(const Value& value, const SqlType& neighbour) noexcept {
    const SqlType own = natural_type(value);
    if (value.is_null()) return neighbour;
    // A document or an array, given as its text.
    if (own.is_text() && neighbour.has_text_value() && !neighbour.is_text()) return neighbour;
    // A UUID in a column of text or of 16 bytes.
    if (own.kind == TypeKind::Uuid && (neighbour.is_text() || family(neighbour) == Family::Binary))
        return neighbour;
    if (neighbour.kind == TypeKind::Unknown || family(own) != family(neighbour)) return own;
    switch (family(neighbour)) {
    case Family::Number:
        return beside_number(value, neighbour);
    // Longer than the column: no error, just a comparison that is false.
    case Family::Text:
        return exceeds<std::string>(value, neighbour) ? own : neighbour;
    case Family::Binary:
        return exceeds<Bytes>(value, neighbour) ? own : neighbour;
    case Family::Temporal:
        return own.kind == neighbour.kind ? neighbour : own;
    default:
        return neighbour;
    }
}

} // namespace

SqlType bind_type(const Value& value, const SqlType& neighbour) noexcept {
    SqlType type = type_beside(value, neighbour);
    type.sensitive = neighbour.sensitive;
    // SQL stands around every value that is compared with the column, whatever the value's size.
    const TypeRules* rules = neighbour.rules;
    if (rules != nullptr && type.rules == nullptr && type.is_text() == neighbour.is_text() &&
        !(rules->write_sql.empty() && rules->native.empty()))
        type.rules = rules;
    return type;
}

SqlType arithmetic_type(Operator op, const SqlType& left, const SqlType& right) noexcept {
    if (!is_number(left) || !is_number(right)) return {};
    if (op == Operator::Negate && is_floating(left)) return left;
    if (is_floating(left) || is_floating(right)) return Double();
    if (left.is_integer() && right.is_integer()) {
        if (op == Operator::Negate && is_unsigned(left)) return integer_of(width(left) + 1, true);
        return wider_integer(left, right);
    }
    return numeric_result(op, left, right);
}

} // namespace mercator::ast
