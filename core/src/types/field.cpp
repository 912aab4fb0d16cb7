// SPDX-License-Identifier: MIT
#include <mercator/types/field.hpp>

#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

namespace mercator {
namespace {

std::string_view kind_name(ValueKind kind) {
    switch (kind) {
    case ValueKind::Null:
        return "NULL";
    case ValueKind::Boolean:
        return "a boolean";
    case ValueKind::Integer:
        return "an integer";
    case ValueKind::Unsigned:
        return "an unsigned integer";
    case ValueKind::Float:
    case ValueKind::Double:
        return "a floating-point number";
    case ValueKind::String:
        return "text";
    case ValueKind::Bytes:
        return "binary data";
    case ValueKind::Decimal:
        return "a decimal";
    case ValueKind::DateTime:
        return "a date with time";
    case ValueKind::Date:
        return "a date";
    case ValueKind::Time:
        return "a time of day";
    case ValueKind::Interval:
        return "an interval";
    case ValueKind::Uuid:
        return "a UUID";
    }
    return "a value of an unknown kind";
}

template <class T>
constexpr std::string_view member_name() {
    if constexpr (std::same_as<T, bool>)
        return "bool";
    else if constexpr (std::same_as<T, float>)
        return "float";
    else if constexpr (std::same_as<T, double>)
        return "double";
    else if constexpr (std::same_as<T, std::string>)
        return "std::string";
    else if constexpr (std::same_as<T, Bytes>)
        return "mercator::Bytes";
    else if constexpr (std::same_as<T, Decimal>)
        return "mercator::Decimal";
    else if constexpr (std::same_as<T, DateTime>)
        return "mercator::DateTime";
    else if constexpr (std::same_as<T, Date>)
        return "mercator::Date";
    else if constexpr (std::same_as<T, Time>)
        return "mercator::Time";
    else if constexpr (std::same_as<T, Interval>)
        return "mercator::Interval";
    else if constexpr (std::same_as<T, Uuid>)
        return "mercator::Uuid";
    else if constexpr (std::is_signed_v<T>)
        return "a signed integer";
    else
        return "an unsigned integer";
}

[[noreturn]] void wrong_kind(ValueKind kind, std::string_view member, std::string_view where) {
    throw_data_error(fmt::format("{} cannot be stored in a member of type {}; change the member's "
                                 "type or the column's",
                                 kind_name(kind), member),
                     std::string(where));
}

[[noreturn]] void out_of_range(std::string_view member, std::size_t size, std::string_view where) {
    throw_data_error(fmt::format("the value is out of range for the member ({} of {} bits); use a "
                                 "wider type",
                                 member, size * 8),
                     std::string(where));
}

[[noreturn]] void null_refused(std::string_view where) {
    throw_data_error(
        "NULL for a member that cannot be empty; declare it std::optional, or forbid NULL "
        "in the column",
        std::string(where));
}

template <class T>
T in_range(auto value, std::string_view where) {
    if (!std::in_range<T>(value)) out_of_range(member_name<T>(), sizeof(T), where);
    return static_cast<T>(value);
}

// std::nullopt where the decimal has digits behind the point or exceeds T.
template <class T>
std::optional<T> whole_number(const Decimal& value) {
    const auto whole = value.rescaled(0);
    if (!whole) return std::nullopt;
    if (whole->coefficient_high() == 0 && std::in_range<T>(whole->coefficient_low())) {
        return static_cast<T>(whole->coefficient_low());
    }
    const auto units = whole->scaled_units(0);
    if (!units || !std::in_range<T>(*units)) return std::nullopt;
    return static_cast<T>(*units);
}

bool to_bool(const Value& value, std::string_view where) {
    if (const auto* flag = value.get_if<bool>()) return *flag;
    if (const auto* number = value.get_if<std::int64_t>()) {
        if (*number == 0 || *number == 1) return *number == 1;
        throw_data_error("a number other than 0 and 1 is no bool", std::string(where));
    }
    if (const auto* number = value.get_if<std::uint64_t>()) {
        if (*number <= 1) return *number == 1;
        throw_data_error("a number other than 0 and 1 is no bool", std::string(where));
    }
    wrong_kind(value.kind(), member_name<bool>(), where);
}

template <class T>
T to_integer(const Value& value, std::string_view where) {
    if (const auto* number = value.get_if<std::int64_t>()) return in_range<T>(*number, where);
    if (const auto* number = value.get_if<std::uint64_t>()) return in_range<T>(*number, where);
    if (const auto* flag = value.get_if<bool>()) return static_cast<T>(*flag ? 1 : 0);
    if (const auto* decimal = value.get_if<Decimal>()) {
        const auto whole = whole_number<T>(*decimal);
        if (!whole) out_of_range(member_name<T>(), sizeof(T), where);
        return *whole;
    }
    wrong_kind(value.kind(), member_name<T>(), where);
}

// Rounding to fewer binary digits is what floating point does; turning into infinity is not.
template <class T>
T narrowed(double value, std::string_view where) {
    if (std::isfinite(value) && std::fabs(value) > std::numeric_limits<T>::max()) {
        out_of_range(member_name<T>(), sizeof(T), where);
    }
    return static_cast<T>(value);
}

template <class T>
T to_floating(const Value& value, std::string_view where) {
    if (const auto* number = value.get_if<double>()) return narrowed<T>(*number, where);
    if (const auto* number = value.get_if<float>()) return static_cast<T>(*number);
    if (const auto* number = value.get_if<std::int64_t>()) return static_cast<T>(*number);
    if (const auto* number = value.get_if<std::uint64_t>()) return static_cast<T>(*number);
    if (const auto* number = value.get_if<Decimal>())
        return narrowed<T>(number->to_double(), where);
    wrong_kind(value.kind(), member_name<T>(), where);
}

Decimal to_decimal(const Value& value, std::string_view where) {
    if (const auto* number = value.get_if<Decimal>()) return *number;
    if (const auto* number = value.get_if<std::int64_t>()) return Decimal(*number);
    if (const auto* number = value.get_if<std::uint64_t>()) return Decimal(*number);
    if (const auto* text = value.get_if<std::string>()) {
        if (const auto number = Decimal::parse(*text)) return *number;
        throw_data_error("the text is not a decimal number of at most 38 digits",
                         std::string(where));
    }
    wrong_kind(value.kind(), member_name<Decimal>(), where);
}

template <class T>
T checked_day(T value, std::string_view where) {
    if (is_storable(value)) return value;
    throw_data_error("not an existing day of the years 0001 to 9999", std::string(where));
}

DateTime to_date_time(const Value& value, std::string_view where) {
    if (const auto* moment = value.get_if<DateTime>()) return checked_day(*moment, where);
    if (const auto* day = value.get_if<Date>()) {
        return std::chrono::sys_days(checked_day(*day, where));
    }
    if (const auto* text = value.get_if<std::string>()) {
        if (const auto moment = parse_date_time(*text)) return *moment;
        throw_data_error("the text is not of the form YYYY-MM-DD HH:MM:SS.ffffff in UTC",
                         std::string(where));
    }
    wrong_kind(value.kind(), member_name<DateTime>(), where);
}

Date to_date(const Value& value, std::string_view where) {
    if (const auto* day = value.get_if<Date>()) return checked_day(*day, where);
    if (const auto* text = value.get_if<std::string>()) {
        if (const auto day = parse_date(*text)) return *day;
        throw_data_error("the text is not a day of the form YYYY-MM-DD", std::string(where));
    }
    wrong_kind(value.kind(), member_name<Date>(), where);
}

Time to_time(const Value& value, std::string_view where) {
    if (const auto* time = value.get_if<Time>()) return *time;
    if (const auto* interval = value.get_if<Interval>()) {
        if (Time::is_time_of_day(*interval)) return Time(*interval);
        throw_data_error("the interval is no time of day from 00:00 to before 24:00",
                         std::string(where));
    }
    if (const auto* text = value.get_if<std::string>()) {
        if (const auto time = parse_time(*text)) return *time;
        throw_data_error("the text is not a time of day of the form HH:MM:SS.ffffff",
                         std::string(where));
    }
    wrong_kind(value.kind(), member_name<Time>(), where);
}

Interval to_interval(const Value& value, std::string_view where) {
    if (const auto* interval = value.get_if<Interval>()) return *interval;
    if (const auto* time = value.get_if<Time>()) return time->since_midnight();
    if (const auto* text = value.get_if<std::string>()) {
        if (const auto interval = parse_interval(*text)) return *interval;
        throw_data_error("the text is not an interval of the form HH:MM:SS.ffffff",
                         std::string(where));
    }
    wrong_kind(value.kind(), member_name<Interval>(), where);
}

Uuid to_uuid(const Value& value, std::string_view where) {
    if (const auto* uuid = value.get_if<Uuid>()) return *uuid;
    if (const auto* text = value.get_if<std::string>()) {
        if (const auto uuid = Uuid::parse(*text)) return *uuid;
        throw_data_error("the text is not a UUID of 32 hexadecimal digits", std::string(where));
    }
    if (const auto* bytes = value.get_if<Bytes>()) {
        Uuid::ByteArray exact{};
        if (bytes->size() != exact.size())
            throw_data_error("a UUID has 16 bytes", std::string(where));
        std::memcpy(exact.data(), bytes->data(), exact.size());
        return Uuid(exact);
    }
    wrong_kind(value.kind(), member_name<Uuid>(), where);
}

std::string to_text(const Value& value, std::string_view where) {
    if (const auto* text = value.get_if<std::string>()) return *text;
    if (const auto* uuid = value.get_if<Uuid>()) return uuid->to_string();
    wrong_kind(value.kind(), member_name<std::string>(), where);
}

template <class T>
T convert(const Value& value, std::string_view where) {
    if constexpr (std::same_as<T, bool>) {
        return to_bool(value, where);
    } else if constexpr (std::integral<T>) {
        return to_integer<T>(value, where);
    } else if constexpr (std::floating_point<T>) {
        return to_floating<T>(value, where);
    } else if constexpr (std::same_as<T, Decimal>) {
        return to_decimal(value, where);
    } else if constexpr (std::same_as<T, DateTime>) {
        return to_date_time(value, where);
    } else if constexpr (std::same_as<T, Date>) {
        return to_date(value, where);
    } else if constexpr (std::same_as<T, Time>) {
        return to_time(value, where);
    } else if constexpr (std::same_as<T, Interval>) {
        return to_interval(value, where);
    } else if constexpr (std::same_as<T, Uuid>) {
        return to_uuid(value, where);
    } else if constexpr (std::same_as<T, std::string>) {
        return to_text(value, where);
    } else {
        const auto* same = value.get_if<T>();
        if (same == nullptr) wrong_kind(value.kind(), member_name<T>(), where);
        return *same;
    }
}

template <class T>
Value load_member(const void* member, bool optional) {
    if (!optional) return Value(*static_cast<const T*>(member));
    const auto& value = *static_cast<const std::optional<T>*>(member);
    return value ? Value(*value) : Value();
}

/// A codec does not know which member it refuses.
Value load_by_codec(const Field& field, const void* member) {
    try {
        return field.codec->load(member);
    } catch (const DataError& error) {
        throw_naming(error, field.where);
    }
}

template <class T>
void store_member(void* member, const Field& field, const Value& value) {
    if (!field.optional) {
        *static_cast<T*>(member) = convert<T>(value, field.where);
    } else if (value.is_null()) {
        static_cast<std::optional<T>*>(member)->reset();
    } else {
        *static_cast<std::optional<T>*>(member) = convert<T>(value, field.where);
    }
}

} // namespace

Value load(const Field& field, const std::byte* object) {
    const void* member = object + field.offset;
    if (field.kind == FieldKind::Codec) return load_by_codec(field, member);
    return visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
        return load_member<T>(member, field.optional);
    });
}

void store(const Field& field, std::byte* object, const Value& value) {
    void* member = object + field.offset;
    if (value.is_null() && !field.optional) null_refused(field.where);
    if (field.kind == FieldKind::Codec) return field.codec->store(member, value, field.where);
    visit_field_type(
        field.kind, [&]<class T>(std::type_identity<T>) { store_member<T>(member, field, value); });
}

Field field_on(const Field& field, const DialectInfo& dialect) {
    Field result = field;
    result.type = field.type.on(dialect.name);
    if (field.codec != nullptr && field.codec->for_dialect != nullptr)
        result.codec = field.codec->for_dialect(dialect.number);
    return result;
}

void convert_as_column(Field& field) {
    const ColumnConversion* conversion =
        field.type.rules == nullptr ? nullptr : field.type.rules->conversion;
    if (conversion == nullptr || static_cast<FieldKind>(conversion->kind) != field.kind) return;
    field.kind = FieldKind::Codec;
    field.codec = field.optional ? conversion->optional : conversion->member;
}

void throw_naming(const DataError& error, std::string_view where) {
    if (!error.where().empty()) throw DataError(error);
    throw_data_error(error.info().message, std::string(where));
}

void throw_refused_bind(const char* function) {
    const std::string_view text = function;
    constexpr std::string_view marker = "T = ";
    const auto begin = text.find(marker);
    auto name = begin == text.npos ? std::string_view() : text.substr(begin + marker.size());
    name = name.substr(0, name.find_first_of(";]"));
    // The text of the exception is left out: it may repeat the value.
    throw_data_error(fmt::format("TypeDecorator<{}>::bind refused the value", name), "");
}

} // namespace mercator
