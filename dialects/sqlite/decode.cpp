// SPDX-License-Identifier: MIT
#include "decode.hpp"

#include "decimal_form.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace mercator::sqlite {
namespace {

std::string_view class_name(int storage_class) {
    switch (storage_class) {
    case SQLITE_INTEGER:
        return "an integer";
    case SQLITE_FLOAT:
        return "a floating-point number";
    case SQLITE_TEXT:
        return "text";
    case SQLITE_BLOB:
        return "a blob";
    default:
        return "NULL";
    }
}

[[noreturn]] void refuse(sqlite3_value* cell, const SqlType& type, std::string_view where) {
    throw_data_error(fmt::format("the database holds {} where {} is expected",
                                 class_name(sqlite3_value_type(cell)), to_string(type)),
                     std::string(where));
}

[[noreturn]] void refuse_form(const SqlType& type, std::string_view where) {
    throw_data_error(fmt::format("the stored text is no {}", to_string(type)), std::string(where));
}

std::string_view text_of(sqlite3_value* cell) {
    const void* text = sqlite3_value_text(cell);
    return {static_cast<const char*>(text), static_cast<std::size_t>(sqlite3_value_bytes(cell))};
}

Bytes bytes_of(sqlite3_value* cell) {
    const auto* data = static_cast<const std::byte*>(sqlite3_value_blob(cell));
    return data == nullptr ? Bytes() : Bytes(data, data + sqlite3_value_bytes(cell));
}

bool two_digits(const char* text, unsigned& value) {
    const unsigned tens = static_cast<unsigned char>(text[0]) - unsigned{'0'};
    const unsigned ones = static_cast<unsigned char>(text[1]) - unsigned{'0'};
    value = tens * 10 + ones;
    return tens <= 9 && ones <= 9;
}

/// Days from 1970-01-01; H. Hinnant, "chrono-compatible low-level date algorithms".
std::int64_t days_from_civil(unsigned year, unsigned month, unsigned day) {
    const unsigned y = month <= 2 ? year - 1 : year;
    const unsigned era = y / 400;
    const unsigned year_of_era = y - era * 400;
    const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return std::int64_t{era} * 146097 + day_of_era - 719468;
}

/// The form that this dialect writes, read without a general parser; false for anything unusual.
bool read_own_form(std::string_view text, DateTime& moment) {
    const char* t = text.data();
    if ((text.size() != 19 && text.size() != 26) || t[4] != '-' || t[7] != '-' || t[10] != ' ' ||
        t[13] != ':' || t[16] != ':') {
        return false;
    }
    unsigned century = 0, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const bool digits = two_digits(t, century) && two_digits(t + 2, year) &&
                        two_digits(t + 5, month) && two_digits(t + 8, day) &&
                        two_digits(t + 11, hour) && two_digits(t + 14, minute) &&
                        two_digits(t + 17, second);
    year += century * 100;
    // Days 29 to 31 depend on the month: the general parser knows.
    if (!digits || year == 0 || month - 1 > 11 || day - 1 > 27 || hour > 23 || minute > 59 ||
        second > 59)
        return false;
    unsigned fraction = 0;
    if (text.size() == 26) {
        unsigned high = 0, middle = 0, low = 0;
        if (t[19] != '.' ||
            !(two_digits(t + 20, high) && two_digits(t + 22, middle) && two_digits(t + 24, low)))
            return false;
        fraction = high * 10000 + middle * 100 + low;
    }
    const std::int64_t seconds =
        days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    moment = DateTime(std::chrono::microseconds(seconds * 1'000'000 + fraction));
    return true;
}

std::optional<DateTime> read_date_time(std::string_view text) {
    DateTime moment;
    if (read_own_form(text, moment)) return moment;
    return parse_date_time(text);
}

std::optional<Date> read_date(std::string_view text) {
    if (const auto day = parse_date(text)) return day;
    const auto moment = parse_date_time(text); // other programs keep days as midnights
    if (!moment) return std::nullopt;
    const auto day = std::chrono::floor<std::chrono::days>(*moment);
    return day == *moment ? std::optional<Date>(Date(day)) : std::nullopt;
}

Decimal decimal_of(sqlite3_value* cell, const SqlType& type, std::string_view where) {
    const int storage_class = sqlite3_value_type(cell);
    if (type.decimal_storage == DecimalStorage::Number) {
        if (storage_class == SQLITE_INTEGER)
            return Decimal(std::int64_t{sqlite3_value_int64(cell)});
        // SQLite's text of a REAL has 15 digits: those of the decimal that somebody put in.
        if (storage_class != SQLITE_BLOB) {
            if (const auto value = Decimal::parse(text_of(cell))) return *value;
        }
        refuse(cell, type, where);
    }
    if (storage_class == SQLITE_INTEGER)
        return Decimal::from_scaled(sqlite3_value_int64(cell), type.scale);
    if (storage_class == SQLITE_FLOAT) {
        throw_data_error(
            fmt::format("the result needs more than {} digits, which {} cannot hold here",
                        scaled_digits, to_string(type)),
            std::string(where));
    }
    if (storage_class != SQLITE_TEXT || decimal_form(type) != DecimalForm::SortableText)
        refuse(cell, type, where);
    const auto value = from_sortable_text(text_of(cell));
    if (!value) refuse_form(type, where);
    return value->rescaled(type.scale).value_or(*value);
}

Value native_value(sqlite3_value* cell) {
    switch (sqlite3_value_type(cell)) {
    case SQLITE_INTEGER:
        return std::int64_t{sqlite3_value_int64(cell)};
    case SQLITE_FLOAT:
        return sqlite3_value_double(cell);
    case SQLITE_TEXT:
        return text_of(cell);
    case SQLITE_BLOB:
        return bytes_of(cell);
    default:
        return null;
    }
}

Value integer_value(sqlite3_value* cell, const SqlType& type, std::string_view where) {
    std::int64_t value = sqlite3_value_int64(cell);
    if (sqlite3_value_type(cell) == SQLITE_FLOAT) {
        const double number = sqlite3_value_double(cell);
        if (std::trunc(number) != number || std::abs(number) > 9007199254740992.0)
            refuse(cell, type, where);
        value = static_cast<std::int64_t>(number);
    } else if (sqlite3_value_type(cell) != SQLITE_INTEGER) {
        refuse(cell, type, where);
    }
    return value;
}

Value boolean_value(sqlite3_value* cell, const SqlType& type, std::string_view where) {
    const std::int64_t value = sqlite3_value_int64(cell);
    if (sqlite3_value_type(cell) != SQLITE_INTEGER) refuse(cell, type, where);
    if (value != 0 && value != 1)
        throw_data_error("the database holds a number other than 0 and 1 for a Boolean",
                         std::string(where));
    return value == 1;
}

Value floating_value(sqlite3_value* cell, const SqlType& type, std::string_view where) {
    const int storage_class = sqlite3_value_type(cell);
    if (storage_class != SQLITE_FLOAT && storage_class != SQLITE_INTEGER) refuse(cell, type, where);
    const double value = sqlite3_value_double(cell);
    // Left a double where it would become infinity: the member then refuses it.
    const bool fits =
        !std::isfinite(value) || std::abs(value) <= double{std::numeric_limits<float>::max()};
    if (type.kind == TypeKind::Float && fits) return static_cast<float>(value);
    return value;
}

Value temporal_value(sqlite3_value* cell, const SqlType& type, std::string_view where) {
    if (sqlite3_value_type(cell) != SQLITE_TEXT) refuse(cell, type, where);
    if (type.kind == TypeKind::Date) {
        if (const auto day = read_date(text_of(cell))) return *day;
    } else if (const auto moment = read_date_time(text_of(cell))) {
        return *moment;
    }
    refuse_form(type, where);
}

Value time_value(sqlite3_value* cell, const SqlType& type, std::string_view where) {
    if (sqlite3_value_type(cell) != SQLITE_TEXT) refuse(cell, type, where);
    const auto time = parse_time(text_of(cell));
    if (!time) refuse_form(type, where);
    return *time;
}

Value interval_value(sqlite3_value* cell, const SqlType& type, std::string_view where) {
    if (sqlite3_value_type(cell) != SQLITE_INTEGER) refuse(cell, type, where);
    return Interval(sqlite3_value_int64(cell));
}

/// Text as we write it; 16 bytes as other programs do.
Value uuid_value(sqlite3_value* cell, const SqlType& type, std::string_view where) {
    if (sqlite3_value_type(cell) == SQLITE_BLOB) return bytes_of(cell);
    if (sqlite3_value_type(cell) != SQLITE_TEXT) refuse(cell, type, where);
    const auto uuid = Uuid::parse(text_of(cell));
    if (!uuid) refuse_form(type, where);
    return *uuid;
}

template <class T>
void put(std::byte* member, bool optional, T value) {
    if (optional) {
        *static_cast<std::optional<T>*>(static_cast<void*>(member)) = value;
    } else {
        *static_cast<T*>(static_cast<void*>(member)) = value;
    }
}

/// Nothing where the value is no plain integer of the member's range: then the general way finds
/// out what is wrong.
template <class Int>
bool read_integer(sqlite3_value* cell, const Field& field, std::byte* member) {
    if (sqlite3_value_type(cell) != SQLITE_INTEGER || field.type.kind == TypeKind::Numeric)
        return false;
    const std::int64_t value = sqlite3_value_int64(cell);
    if constexpr (!std::is_same_v<Int, std::int64_t>) {
        if (!std::in_range<Int>(value)) return false;
    }
    put(member, field.optional, static_cast<Int>(value));
    return true;
}

bool read_boolean(sqlite3_value* cell, const Field& field, std::byte* member) {
    if (sqlite3_value_type(cell) != SQLITE_INTEGER) return false;
    const std::int64_t value = sqlite3_value_int64(cell);
    if (value != 0 && value != 1) return false;
    put(member, field.optional, value == 1);
    return true;
}

bool read_double(sqlite3_value* cell, const Field& field, std::byte* member) {
    if (sqlite3_value_type(cell) != SQLITE_FLOAT || field.type.kind == TypeKind::Numeric)
        return false;
    put(member, field.optional, sqlite3_value_double(cell));
    return true;
}

bool read_string(sqlite3_value* cell, const Field& field, std::byte* member) {
    if (sqlite3_value_type(cell) != SQLITE_TEXT || field.type.kind == TypeKind::Numeric)
        return false;
    const std::string_view text = text_of(cell);
    if (!field.optional) {
        static_cast<std::string*>(static_cast<void*>(member))->assign(text);
        return true;
    }
    auto& target = *static_cast<std::optional<std::string>*>(static_cast<void*>(member));
    if (target) {
        target->assign(text);
    } else {
        target.emplace(text);
    }
    return true;
}

bool read_bytes(sqlite3_value* cell, const Field& field, std::byte* member) {
    if (sqlite3_value_type(cell) != SQLITE_BLOB) return false;
    const auto* data = static_cast<const std::byte*>(sqlite3_value_blob(cell));
    const auto size = data == nullptr ? 0 : sqlite3_value_bytes(cell);
    Bytes* target = nullptr;
    if (field.optional) {
        auto& holder = *static_cast<std::optional<Bytes>*>(static_cast<void*>(member));
        target = holder ? &*holder : &holder.emplace();
    } else {
        target = static_cast<Bytes*>(static_cast<void*>(member));
    }
    target->assign(data, data + size);
    return true;
}

bool read_moment(sqlite3_value* cell, const Field& field, std::byte* member) {
    DateTime moment;
    if (sqlite3_value_type(cell) != SQLITE_TEXT || !read_own_form(text_of(cell), moment))
        return false;
    put(member, field.optional, moment);
    return true;
}

bool read_time(sqlite3_value* cell, const Field& field, std::byte* member) {
    if (sqlite3_value_type(cell) != SQLITE_TEXT) return false;
    const auto time = parse_time(text_of(cell));
    if (time) put(member, field.optional, *time);
    return time.has_value();
}

bool read_interval(sqlite3_value* cell, const Field& field, std::byte* member) {
    if (sqlite3_value_type(cell) != SQLITE_INTEGER) return false;
    put(member, field.optional, Interval(sqlite3_value_int64(cell)));
    return true;
}

bool read_uuid(sqlite3_value* cell, const Field& field, std::byte* member) {
    if (sqlite3_value_type(cell) != SQLITE_TEXT) return false;
    const auto uuid = Uuid::parse(text_of(cell));
    if (uuid) put(member, field.optional, *uuid);
    return uuid.has_value();
}

/// The usual storage class for the member, written at once.
bool read_directly(sqlite3_value* cell, const Field& field, std::byte* member) {
    switch (field.kind) {
    case FieldKind::Boolean:
        return read_boolean(cell, field, member);
    case FieldKind::Int8:
        return read_integer<std::int8_t>(cell, field, member);
    case FieldKind::Int16:
        return read_integer<std::int16_t>(cell, field, member);
    case FieldKind::Int32:
        return read_integer<std::int32_t>(cell, field, member);
    case FieldKind::Int64:
        return read_integer<std::int64_t>(cell, field, member);
    case FieldKind::UInt8:
        return read_integer<std::uint8_t>(cell, field, member);
    case FieldKind::UInt16:
        return read_integer<std::uint16_t>(cell, field, member);
    case FieldKind::UInt32:
        return read_integer<std::uint32_t>(cell, field, member);
    case FieldKind::UInt64:
        return read_integer<std::uint64_t>(cell, field, member);
    case FieldKind::Double:
        return read_double(cell, field, member);
    case FieldKind::String:
        return read_string(cell, field, member);
    case FieldKind::Bytes:
        return read_bytes(cell, field, member);
    case FieldKind::DateTime:
        return read_moment(cell, field, member);
    case FieldKind::Time:
        return read_time(cell, field, member);
    case FieldKind::Interval:
        return read_interval(cell, field, member);
    case FieldKind::Uuid:
        return read_uuid(cell, field, member);
    case FieldKind::Float:
    case FieldKind::Decimal:
    case FieldKind::Date:
    case FieldKind::Codec:
        break;
    }
    return false;
}

/// What the cell is in SQL: for decimals the compiler knows how they are kept, the member only how
/// the column is declared.
const SqlType& cell_type(const Compiled& compiled, const DecodeStep& step) {
    if (step.column >= compiled.columns.size()) return step.field.type;
    const SqlType& type = compiled.columns[step.column].type;
    return type.kind == TypeKind::Numeric || step.field.type.kind == TypeKind::Unknown
               ? type
               : step.field.type;
}

void put_null(const Field& field, std::byte* object) {
    if (!field.optional) {
        throw_data_error("NULL for a member that is not std::optional; make the member optional or "
                         "the column NOT NULL",
                         std::string(field.where));
    }
    if (field.codec != nullptr) return field.codec->store(object + field.offset, null, field.where);
    visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
        static_cast<std::optional<T>*>(static_cast<void*>(object + field.offset))->reset();
    });
}

[[gnu::noinline]] void read_generally(sqlite3_value* cell, const Compiled& compiled,
                                      const DecodeStep& step, std::byte* object) {
    const Field& field = step.field;
    if (sqlite3_value_type(cell) == SQLITE_NULL) return put_null(field, object);
    const SqlType& type = cell_type(compiled, step);
    if (field.kind == FieldKind::Decimal && type.kind == TypeKind::Numeric) {
        return put(object + field.offset, field.optional, decimal_of(cell, type, field.where));
    }
    const Value value = to_value(cell, type, field.where);
    if (field.kind == FieldKind::Codec) {
        field.codec->store(object + field.offset, value, field.where);
    } else {
        store(field, object, value);
    }
}

} // namespace

Value to_value(sqlite3_value* cell, const SqlType& type, std::string_view where) {
    if (sqlite3_value_type(cell) == SQLITE_NULL) return null;
    switch (type.kind) {
    case TypeKind::Unknown:
        return native_value(cell);
    case TypeKind::Boolean:
        return boolean_value(cell, type, where);
    case TypeKind::Int8:
    case TypeKind::Int16:
    case TypeKind::Int32:
    case TypeKind::Int64:
    case TypeKind::UInt8:
    case TypeKind::UInt16:
    case TypeKind::UInt32:
    case TypeKind::UInt64:
        return integer_value(cell, type, where);
    case TypeKind::Float:
    case TypeKind::Double:
        return floating_value(cell, type, where);
    case TypeKind::Numeric:
        return decimal_of(cell, type, where);
    case TypeKind::String:
    case TypeKind::Text:
    case TypeKind::Enum:
    case TypeKind::Json:
    case TypeKind::Array:
        if (sqlite3_value_type(cell) == SQLITE_BLOB) refuse(cell, type, where);
        return text_of(cell);
    case TypeKind::LargeBinary:
        if (sqlite3_value_type(cell) != SQLITE_BLOB) refuse(cell, type, where);
        return bytes_of(cell);
    case TypeKind::DateTime:
    case TypeKind::Date:
        return temporal_value(cell, type, where);
    case TypeKind::Time:
        return time_value(cell, type, where);
    case TypeKind::Interval:
        return interval_value(cell, type, where);
    case TypeKind::Uuid:
        return uuid_value(cell, type, where);
    }
    return native_value(cell);
}

void decode_row(sqlite3_stmt* statement, const Compiled& compiled, const DecodePlan& plan,
                std::byte* const* targets) {
    for (const DecodeStep& step : plan.steps) {
        std::byte* const object = targets[step.target];
        if (object == nullptr) continue;
        // An "unprotected" value: safe, because a connection is used by one thread at a time. It
        // saves the engine from looking the column up for the class, the value and the length each.
        sqlite3_value* const cell = sqlite3_column_value(statement, step.column);
        if (!read_directly(cell, step.field, object + step.field.offset)) {
            read_generally(cell, compiled, step, object);
        }
    }
}

} // namespace mercator::sqlite
