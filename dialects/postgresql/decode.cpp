// SPDX-License-Identifier: MIT
#include "decode.hpp"

#include "numeric.hpp"
#include "wire.hpp"

#include <mercator/support/error.hpp>
#include <mercator/types/json_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

namespace mercator::postgresql {
namespace {

/// Binary forms that we read; several database types share one.
enum class Source : std::uint8_t {
    Boolean,
    Int2,
    Int4,
    Int8,
    OidNumber,
    Float4,
    Float8,
    Numeric,
    Text,
    Jsonb,
    Uuid,
    Bytea,
    Timestamp,
    Date,
    Time,
    Interval,
    Array
};

std::optional<Source> source_of(Oid type) noexcept {
    switch (type) {
    case oid::boolean:
        return Source::Boolean;
    case oid::int2:
        return Source::Int2;
    case oid::int4:
        return Source::Int4;
    case oid::int8:
        return Source::Int8;
    case oid::oid_number:
    case oid::xid:
        return Source::OidNumber;
    case oid::float4:
        return Source::Float4;
    case oid::float8:
        return Source::Float8;
    case oid::numeric:
        return Source::Numeric;
    case oid::text:
    case oid::varchar:
    case oid::bpchar:
    case oid::name:
    case oid::character:
    case oid::unknown:
    case oid::json:
    case oid::xml:
    case oid::void_:
        return Source::Text;
    case oid::jsonb:
        return Source::Jsonb;
    case oid::uuid:
        return Source::Uuid;
    case oid::bytea:
        return Source::Bytea;
    case oid::timestamptz:
    case oid::timestamp:
        return Source::Timestamp;
    case oid::date:
        return Source::Date;
    case oid::time:
        return Source::Time;
    case oid::interval:
        return Source::Interval;
    default:
        if (is_array(type)) return Source::Array;
        return std::nullopt;
    }
}

constexpr bool is_whole(Source source) noexcept {
    return source >= Source::Int2 && source <= Source::OidNumber;
}

template <class T>
inline constexpr bool is_whole_type = std::is_integral_v<T> && !std::is_same_v<T, bool>;

/// Which members a binary form may be read into.
template <class T>
constexpr bool fits(Source source) noexcept {
    if constexpr (std::is_same_v<T, bool>) return source == Source::Boolean;
    if constexpr (is_whole_type<T>) return is_whole(source) || source == Source::Numeric;
    if constexpr (std::is_same_v<T, float>)
        return source == Source::Float4 || source == Source::Int2 || source == Source::Numeric;
    if constexpr (std::is_same_v<T, double>)
        return source == Source::Float8 || source == Source::Float4 || source == Source::Int2 ||
               source == Source::Int4 || source == Source::Numeric;
    if constexpr (std::is_same_v<T, std::string>)
        return source == Source::Text || source == Source::Jsonb || source == Source::Uuid ||
               source == Source::Array;
    if constexpr (std::is_same_v<T, Bytes>) return source == Source::Bytea;
    if constexpr (std::is_same_v<T, Decimal>) return is_whole(source) || source == Source::Numeric;
    if constexpr (std::is_same_v<T, DateTime>)
        return source == Source::Timestamp || source == Source::Date;
    if constexpr (std::is_same_v<T, Date>) return source == Source::Date;
    if constexpr (std::is_same_v<T, Time>) return source == Source::Time;
    if constexpr (std::is_same_v<T, Interval>)
        return source == Source::Interval || source == Source::Time;
    if constexpr (std::is_same_v<T, Uuid>)
        return source == Source::Uuid || source == Source::Text || source == Source::Bytea;
    return false;
}

[[noreturn]] void throw_out_of_range(std::string_view where) {
    throw_data_error("the value in the database is too large or too small for the member",
                     std::string(where));
}

template <class T, class Whole>
T narrowed(Whole value, std::string_view where) {
    if (!std::in_range<T>(value)) throw_out_of_range(where);
    return static_cast<T>(value);
}

template <class T>
T whole_number(const Decimal& value, std::string_view where) {
    const auto whole = value.rescaled(0);
    if (!whole)
        throw_data_error("the value in the database has digits behind the point",
                         std::string(where));
    if (const auto units = whole->scaled_units(0)) return narrowed<T>(*units, where);
    if (whole->coefficient_high() != 0) throw_out_of_range(where);
    return narrowed<T>(whole->coefficient_low(), where);
}

template <Source S>
auto read_whole(const char* data) noexcept {
    if constexpr (S == Source::Int2) return read_integer<std::int16_t>(data);
    if constexpr (S == Source::Int4) return read_integer<std::int32_t>(data);
    if constexpr (S == Source::Int8) return read_integer<std::int64_t>(data);
    if constexpr (S == Source::OidNumber) return read_integer<std::uint32_t>(data);
}

template <Source S>
auto read_floating(const char* data) noexcept {
    if constexpr (S == Source::Float4)
        return std::bit_cast<float>(read_integer<std::uint32_t>(data));
    else
        return std::bit_cast<double>(read_integer<std::uint64_t>(data));
}

constexpr std::chrono::sys_days first_day{std::chrono::year{1} / 1 / 1};
constexpr std::chrono::sys_days end_of_days{std::chrono::year{10'000} / 1 / 1};
constexpr DateTime first_moment{first_day};
constexpr DateTime end_of_moments{end_of_days};

[[noreturn]] void throw_not_storable(std::string_view where) {
    throw_data_error("the time in the database is infinite or outside the years 0001 to 9999",
                     std::string(where));
}

DateTime read_moment(const char* data, std::string_view where) {
    const auto raw = read_integer<std::int64_t>(data);
    if (raw > std::numeric_limits<std::int64_t>::max() - epoch_microseconds)
        throw_not_storable(where);
    const DateTime moment{std::chrono::microseconds{raw + epoch_microseconds}};
    if (moment < first_moment || moment >= end_of_moments) throw_not_storable(where);
    return moment;
}

std::chrono::sys_days read_day(const char* data, std::string_view where) {
    const auto raw = std::int64_t{read_integer<std::int32_t>(data)} + epoch_days;
    // In days: the infinities have no number of microseconds.
    if (raw < first_day.time_since_epoch().count() || raw >= end_of_days.time_since_epoch().count())
        throw_not_storable(where);
    return std::chrono::sys_days{std::chrono::days{raw}};
}

std::string read_array(const char* data, std::size_t length, std::string_view where);

/// 24:00:00 is a time of day to PostgreSQL.
Time read_time(const char* data, std::string_view where) {
    const Interval since_midnight{read_integer<std::int64_t>(data)};
    if (!Time::is_time_of_day(since_midnight))
        throw_data_error(
            "the time of day in the database is 24:00:00, which only an Interval holds",
            std::string(where));
    return Time(since_midnight);
}

Interval read_interval(const char* data, std::string_view where) {
    const auto days = std::int64_t{read_integer<std::int32_t>(data + 8)};
    const auto months = read_integer<std::int32_t>(data + 12);
    if (months != 0)
        throw_data_error("the interval in the database has months, whose length depends on the "
                         "calendar",
                         std::string(where));
    constexpr std::int64_t day = 86'400'000'000;
    std::int64_t micros = days * day; // 32 bits of days always fit
    if (__builtin_add_overflow(micros, read_integer<std::int64_t>(data), &micros))
        throw_out_of_range(where);
    return Interval{micros};
}

Uuid read_uuid(const char* data) noexcept {
    Uuid::ByteArray bytes;
    std::memcpy(bytes.data(), data, bytes.size());
    return Uuid(bytes);
}

/// Of a column of text or of bytes.
template <Source S>
Uuid uuid_of(const char* data, std::size_t length, std::string_view where) {
    if constexpr (S == Source::Uuid) {
        return read_uuid(data);
    } else if constexpr (S == Source::Bytea) {
        if (length == std::tuple_size_v<Uuid::ByteArray>) return read_uuid(data);
    } else if (const auto parsed = Uuid::parse({data, length})) {
        return *parsed;
    }
    throw_data_error("the value in the database is no UUID", std::string(where));
}

template <class T, Source S>
void read_cell(T& out, const char* data, std::size_t length, std::string_view where) {
    if constexpr (std::is_same_v<T, bool>) {
        out = *data != 0;
    } else if constexpr (S == Source::Numeric) {
        const Decimal value = decode_numeric(data, length, where);
        if constexpr (std::is_same_v<T, Decimal>)
            out = value;
        else if constexpr (std::is_floating_point_v<T>)
            out = static_cast<T>(value.to_double());
        else
            out = whole_number<T>(value, where);
    } else if constexpr (is_whole(S)) {
        if constexpr (is_whole_type<T>)
            out = narrowed<T>(read_whole<S>(data), where);
        else
            out = T(read_whole<S>(data));
    } else if constexpr (S == Source::Float4 || S == Source::Float8) {
        out = read_floating<S>(data);
    } else if constexpr (std::is_same_v<T, Uuid>) {
        out = uuid_of<S>(data, length, where);
    } else if constexpr (S == Source::Text) {
        out.assign(data, length);
    } else if constexpr (S == Source::Jsonb) {
        out.assign(data + 1, length - 1); // the first byte is a version
    } else if constexpr (S == Source::Array) {
        out = read_array(data, length, where);
    } else if constexpr (S == Source::Uuid) {
        out.resize(Uuid::text_size);
        read_uuid(data).write_text(out.data());
    } else if constexpr (S == Source::Bytea) {
        const auto* bytes = reinterpret_cast<const std::byte*>(data);
        out.assign(bytes, bytes + length);
    } else if constexpr (S == Source::Timestamp) {
        out = read_moment(data, where);
    } else if constexpr (std::is_same_v<T, Time>) {
        out = read_time(data, where);
    } else if constexpr (S == Source::Time) {
        out = Interval{read_integer<std::int64_t>(data)};
    } else if constexpr (S == Source::Interval) {
        out = read_interval(data, where);
    } else if constexpr (std::is_same_v<T, Date>) {
        out = Date{read_day(data, where)};
    } else {
        out = read_day(data, where);
    }
}

template <class T, Source S, bool Optional>
void decode_cell(const char* data, std::size_t length, std::byte* member, const Field& field) {
    if constexpr (Optional) {
        auto& holder = *reinterpret_cast<std::optional<T>*>(member);
        if (!holder) holder.emplace();
        read_cell<T, S>(*holder, data, length, field.where);
    } else {
        read_cell<T, S>(*reinterpret_cast<T*>(member), data, length, field.where);
    }
}

template <class T, Source S>
Decoder decoder_if_fit(bool optional) noexcept {
    if constexpr (fits<T>(S))
        return optional ? &decode_cell<T, S, true> : &decode_cell<T, S, false>;
    return nullptr;
}

template <class T>
Decoder decoder_for(Source source, bool optional) noexcept {
    switch (source) {
    case Source::Boolean:
        return decoder_if_fit<T, Source::Boolean>(optional);
    case Source::Int2:
        return decoder_if_fit<T, Source::Int2>(optional);
    case Source::Int4:
        return decoder_if_fit<T, Source::Int4>(optional);
    case Source::Int8:
        return decoder_if_fit<T, Source::Int8>(optional);
    case Source::OidNumber:
        return decoder_if_fit<T, Source::OidNumber>(optional);
    case Source::Float4:
        return decoder_if_fit<T, Source::Float4>(optional);
    case Source::Float8:
        return decoder_if_fit<T, Source::Float8>(optional);
    case Source::Numeric:
        return decoder_if_fit<T, Source::Numeric>(optional);
    case Source::Text:
        return decoder_if_fit<T, Source::Text>(optional);
    case Source::Jsonb:
        return decoder_if_fit<T, Source::Jsonb>(optional);
    case Source::Uuid:
        return decoder_if_fit<T, Source::Uuid>(optional);
    case Source::Bytea:
        return decoder_if_fit<T, Source::Bytea>(optional);
    case Source::Timestamp:
        return decoder_if_fit<T, Source::Timestamp>(optional);
    case Source::Date:
        return decoder_if_fit<T, Source::Date>(optional);
    case Source::Time:
        return decoder_if_fit<T, Source::Time>(optional);
    case Source::Interval:
        return decoder_if_fit<T, Source::Interval>(optional);
    case Source::Array:
        return decoder_if_fit<T, Source::Array>(optional);
    }
    return nullptr;
}

[[noreturn]] void throw_unsupported(Oid type, std::string_view where) {
    throw_data_error(
        fmt::format(
            "unsupported type: the database sent type number {}; cast it to text in the statement",
            type),
        std::string(where));
}

/// The database's own view of a cell.
Value native_value(Source source, const char* data, std::size_t length, std::string_view where) {
    switch (source) {
    case Source::Boolean:
        return *data != 0;
    case Source::Int2:
        return read_whole<Source::Int2>(data);
    case Source::Int4:
        return read_whole<Source::Int4>(data);
    case Source::Int8:
        return read_whole<Source::Int8>(data);
    case Source::OidNumber:
        return read_whole<Source::OidNumber>(data);
    case Source::Float4:
        return read_floating<Source::Float4>(data);
    case Source::Float8:
        return read_floating<Source::Float8>(data);
    case Source::Numeric:
        return decode_numeric(data, length, where);
    case Source::Text:
        return std::string_view(data, length);
    case Source::Jsonb:
        return std::string_view(data + 1, length - 1);
    case Source::Uuid:
        return read_uuid(data);
    case Source::Bytea: {
        const auto* bytes = reinterpret_cast<const std::byte*>(data);
        return Bytes(bytes, bytes + length);
    }
    case Source::Timestamp:
        return read_moment(data, where);
    case Source::Date:
        return Date{read_day(data, where)};
    case Source::Time: {
        const Interval since_midnight{read_integer<std::int64_t>(data)};
        if (Time::is_time_of_day(since_midnight)) return Time(since_midnight);
        return since_midnight;
    }
    case Source::Interval:
        return read_interval(data, where);
    case Source::Array:
        return read_array(data, length, where);
    }
    return null;
}

/// The text of a JSON array. Behind the number of dimensions, a mark and the elements' type come
/// size and lower bound, then each element's length and bytes.
std::string read_array(const char* data, std::size_t length, std::string_view where) {
    constexpr std::size_t element_type_at = 8, size_at = 12, first_element_at = 20;
    const auto dimensions = read_integer<std::int32_t>(data);
    if (dimensions == 0) return "[]";
    const auto element_type = read_integer<std::uint32_t>(data + element_type_at);
    const auto source = source_of(element_type);
    if (dimensions != 1 || !source || *source == Source::Array)
        throw_data_error(dimensions == 1 ? fmt::format("the array in the database holds values of "
                                                       "the unsupported type {}",
                                                       element_type)
                                         : "the array in the database has several dimensions",
                         std::string(where));
    std::string text = "[";
    const char* const end = data + length;
    const char* at = data + first_element_at;
    for (auto left = read_integer<std::int32_t>(data + size_at); left > 0 && at < end; --left) {
        const auto bytes = read_integer<std::int32_t>(at);
        at += sizeof bytes;
        if (text.size() > 1) text.push_back(',');
        if (bytes < 0) {
            append_json(text, null);
            continue;
        }
        append_json(text, native_value(*source, at, static_cast<std::size_t>(bytes), where));
        at += bytes;
    }
    text.push_back(']');
    return text;
}

Value as_integer(const Value& value, const SqlType& declared, std::string_view where) {
    const bool is_unsigned = declared.kind >= TypeKind::UInt8 && declared.kind <= TypeKind::UInt64;
    const auto convert = [&](auto whole) -> Value {
        if (is_unsigned) return narrowed<std::uint64_t>(whole, where);
        return narrowed<std::int64_t>(whole, where);
    };
    if (const auto* decimal = value.get_if<Decimal>())
        return is_unsigned ? Value(whole_number<std::uint64_t>(*decimal, where))
                           : Value(whole_number<std::int64_t>(*decimal, where));
    if (const auto* whole = value.get_if<std::int64_t>()) return convert(*whole);
    if (const auto* whole = value.get_if<std::uint64_t>()) return convert(*whole);
    return value;
}

std::optional<double> as_double(const Value& value) {
    if (const auto* number = value.get_if<double>()) return *number;
    if (const auto* number = value.get_if<float>()) return double{*number};
    if (const auto* number = value.get_if<Decimal>()) return number->to_double();
    if (const auto* number = value.get_if<std::int64_t>()) return static_cast<double>(*number);
    return std::nullopt;
}

/// Sums of integers come as NUMERIC, casts as the narrow type: bring a value into the alternative
/// that its type has.
Value conformed(Value value, const SqlType& declared, std::string_view where) {
    if (declared.is_integer()) return as_integer(value, declared, where);
    if (declared.kind == TypeKind::Numeric) {
        if (const auto* whole = value.get_if<std::int64_t>()) return Decimal(*whole);
    } else if (declared.kind == TypeKind::Double) {
        if (const auto number = as_double(value)) return *number;
    } else if (declared.kind == TypeKind::Float) {
        if (const auto number = as_double(value)) return static_cast<float>(*number);
    } else if (declared.kind == TypeKind::DateTime) {
        if (const auto* day = value.get_if<Date>()) return DateTime{std::chrono::sys_days{*day}};
    }
    if (declared.is_text()) {
        if (const auto* uuid = value.get_if<Uuid>()) return uuid->to_string();
    }
    return value;
}

void decode_codec(Source source, const char* data, std::size_t length, std::byte* member,
                  const Field& field) {
    const Value value =
        conformed(native_value(source, data, length, field.where), field.type, field.where);
    field.codec->store(member, value, field.where);
}

template <Source S>
void decode_codec(const char* data, std::size_t length, std::byte* member, const Field& field) {
    decode_codec(S, data, length, member, field);
}

Decoder codec_decoder(Source source) noexcept {
    switch (source) {
    case Source::Boolean:
        return &decode_codec<Source::Boolean>;
    case Source::Int2:
        return &decode_codec<Source::Int2>;
    case Source::Int4:
        return &decode_codec<Source::Int4>;
    case Source::Int8:
        return &decode_codec<Source::Int8>;
    case Source::OidNumber:
        return &decode_codec<Source::OidNumber>;
    case Source::Float4:
        return &decode_codec<Source::Float4>;
    case Source::Float8:
        return &decode_codec<Source::Float8>;
    case Source::Numeric:
        return &decode_codec<Source::Numeric>;
    case Source::Text:
        return &decode_codec<Source::Text>;
    case Source::Jsonb:
        return &decode_codec<Source::Jsonb>;
    case Source::Uuid:
        return &decode_codec<Source::Uuid>;
    case Source::Bytea:
        return &decode_codec<Source::Bytea>;
    case Source::Timestamp:
        return &decode_codec<Source::Timestamp>;
    case Source::Date:
        return &decode_codec<Source::Date>;
    case Source::Time:
        return &decode_codec<Source::Time>;
    case Source::Interval:
        return &decode_codec<Source::Interval>;
    case Source::Array:
        return &decode_codec<Source::Array>;
    }
    return nullptr;
}

/// Of a type that somebody made in this database: an enum sends its label, and what is composed of
/// several values has bytes in it that no text has.
bool is_label(Oid type, const char* data, std::size_t length) noexcept {
    constexpr Oid first_made_by_users = 16'384;
    return type >= first_made_by_users && std::none_of(data, data + length, [](char sign) {
               return static_cast<unsigned char>(sign) < ' ';
           });
}

} // namespace

Decoder find_decoder(Oid type, const Field& field, std::string_view column_name) {
    const auto source = source_of(type);
    if (!source) throw_unsupported(type, field.where);
    if (field.kind == FieldKind::Codec) return codec_decoder(*source);
    const Decoder decoder = visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
        return decoder_for<T>(*source, field.optional);
    });
    if (decoder == nullptr)
        throw_data_error(
            fmt::format(
                "column \"{}\" has a database type (number {}) that does not fit the member; its "
                "declared type is {}: change the model or the table",
                column_name, type, to_string(field.type)),
            std::string(field.where));
    return decoder;
}

void decode_null(std::byte* member, const Field& field) {
    if (!field.optional)
        throw_data_error("NULL in the database for a member that is not optional",
                         std::string(field.where));
    if (field.kind == FieldKind::Codec) return field.codec->store(member, null, field.where);
    visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
        reinterpret_cast<std::optional<T>*>(member)->reset();
    });
}

Value decode_value(Oid type, const char* data, std::size_t length, const SqlType& declared,
                   std::string_view where) {
    const auto source = source_of(type);
    if (!source && is_label(type, data, length)) return Value(std::string(data, length));
    if (!source) throw_unsupported(type, where);
    return conformed(native_value(*source, data, length, where), declared, where);
}

} // namespace mercator::postgresql
