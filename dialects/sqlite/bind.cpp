// SPDX-License-Identifier: MIT
#include "bind.hpp"

#include "decimal_form.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace mercator::sqlite {
namespace {

constexpr std::size_t scratch_size = 64;

struct Range {
    std::int64_t low;
    std::uint64_t high;
};

template <class Int>
constexpr Range range_of() {
    return {static_cast<std::int64_t>(std::numeric_limits<Int>::min()),
            static_cast<std::uint64_t>(std::numeric_limits<Int>::max())};
}

constexpr Range integer_range(TypeKind kind) {
    switch (kind) {
    case TypeKind::Int8:
        return range_of<std::int8_t>();
    case TypeKind::Int16:
        return range_of<std::int16_t>();
    case TypeKind::Int32:
        return range_of<std::int32_t>();
    case TypeKind::UInt8:
        return range_of<std::uint8_t>();
    case TypeKind::UInt16:
        return range_of<std::uint16_t>();
    case TypeKind::UInt32:
        return range_of<std::uint32_t>();
    case TypeKind::UInt64:
        return {0, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())};
    default:
        return range_of<std::int64_t>();
    }
}

/// Bytes of the UTF-8 character at `text` (at least one byte before `end`), 0 if it is malformed.
std::size_t utf8_length(const unsigned char* text, const unsigned char* end) {
    const unsigned lead = *text;
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || static_cast<std::size_t>(end - text) < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((text[i] & 0xc0U) != 0x80) return 0;
    }
    const unsigned second = text[1];
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool beyond = (lead == 0xed && second > 0x9f) ||
                        (lead == 0xf4 && second > 0x8f); // surrogates, > U+10FFFF
    return overlong || beyond ? 0 : length;
}

template <std::size_t Words>
bool is_ascii_block(const char* text) {
    std::array<std::uint64_t, Words> words{};
    std::memcpy(words.data(), text, sizeof words);
    std::uint64_t all = 0;
    for (const std::uint64_t word : words) all |= word;
    return (all & 0x8080808080808080ULL) == 0;
}

/// Nearly all text is, and then its characters are its bytes. Looks at many bytes with one test;
/// the last test overlaps what was seen before instead of looking at single bytes.
bool is_ascii(std::string_view text) {
    if (text.size() < 8)
        return std::all_of(text.begin(), text.end(),
                           [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const char* at = text.data();
    const char* const end = at + text.size();
    for (; end - at >= 32; at += 32) {
        if (!is_ascii_block<4>(at)) return false;
    }
    for (; end - at >= 8; at += 8) {
        if (!is_ascii_block<1>(at)) return false;
    }
    return is_ascii_block<1>(end - 8);
}

/// Number of characters, nothing if it is not UTF-8.
std::optional<std::size_t> count_characters(std::string_view text) {
    if (is_ascii(text)) return text.size();
    const void* start = text.data();
    const auto* at = static_cast<const unsigned char*>(start);
    const auto* const end = at + text.size();
    std::size_t count = 0;
    while (at != end) {
        const std::size_t length = utf8_length(at, end);
        if (length == 0) return std::nullopt;
        at += length;
        ++count;
    }
    return count;
}

} // namespace

/// Encodes one parameter.
class ParameterWriter {
public:
    ParameterWriter(Binder& binder, std::size_t index, const SqlType& slot,
                    std::string_view where) :
        binder_(binder),
        position_(static_cast<int>(index) + 1),
        slot_(slot),
        where_(where) {}

    int operator()(Null) const { return sqlite3_bind_null(statement(), position_); }
    int operator()(bool value) const {
        if (slot_.kind != TypeKind::Boolean && slot_.kind != TypeKind::Unknown &&
            !slot_.is_integer())
            refuse_kind("a boolean");
        return integer(value ? 1 : 0);
    }
    int operator()(float value) const { return (*this)(static_cast<double>(value)); }
    int operator()(const std::string& value) const { return (*this)(std::string_view(value)); }
    int operator()(std::int64_t value) const;
    int operator()(std::uint64_t value) const;
    int operator()(double value) const;
    int operator()(std::string_view value) const;
    int operator()(const Bytes& value) const;
    int operator()(const Decimal& value) const;
    int operator()(DateTime value) const;
    int operator()(Date value) const;
    int operator()(Time value) const;
    int operator()(Interval value) const;
    int operator()(const Uuid& value) const;

    template <class Int>
    requires(std::integral<Int> && sizeof(Int) < sizeof(std::int64_t) &&
             !std::same_as<Int, bool>) int
    operator()(Int value) const {
        return (*this)(static_cast<std::int64_t>(value));
    }

private:
    [[nodiscard]] sqlite3_stmt* statement() const noexcept { return binder_.statement_; }
    [[noreturn]] void refuse(const std::string& message) const {
        throw_data_error(message, where_.empty() ? fmt::format("parameter {}", position_)
                                                 : std::string(where_));
    }
    [[noreturn]] void refuse_kind(std::string_view what) const {
        refuse(fmt::format("{} cannot be stored as {}", what, to_string(slot_)));
    }
    int integer(std::int64_t value) const {
        return sqlite3_bind_int64(statement(), position_, value);
    }
    int text(std::string_view value, bool stays) const {
        return sqlite3_bind_text64(statement(), position_,
                                   value.data() == nullptr ? "" : value.data(), value.size(),
                                   stays ? SQLITE_STATIC : SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    [[nodiscard]] char* scratch() const {
        return binder_.scratch_.data() + static_cast<std::size_t>(position_ - 1) * scratch_size;
    }
    int of_text(std::string_view value) const;
    int number(const Decimal& value) const;
    int scaled(const Decimal& value) const;
    int sortable(const Decimal& value) const;

    Binder& binder_;
    int position_;
    const SqlType& slot_;
    std::string_view where_;
};

int ParameterWriter::operator()(std::int64_t value) const {
    switch (slot_.kind) {
    case TypeKind::Int64:
    case TypeKind::Unknown:
    case TypeKind::Boolean:
        return integer(value);
    case TypeKind::Numeric:
        return (*this)(Decimal(value));
    case TypeKind::Float:
    case TypeKind::Double:
        return sqlite3_bind_double(statement(), position_, static_cast<double>(value));
    default:
        break;
    }
    if (!slot_.is_integer()) refuse_kind("an integer");
    const Range range = integer_range(slot_.kind);
    if (value < range.low || (value > 0 && static_cast<std::uint64_t>(value) > range.high)) {
        refuse(fmt::format("the number is out of the range of {}", to_string(slot_)));
    }
    return integer(value);
}

int ParameterWriter::operator()(std::uint64_t value) const {
    if (slot_.kind == TypeKind::Numeric) return (*this)(Decimal(value));
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        refuse("the number is larger than 9223372036854775807, SQLite's largest integer");
    }
    return (*this)(static_cast<std::int64_t>(value));
}

int ParameterWriter::operator()(double value) const {
    if (std::isnan(value)) refuse("SQLite cannot hold NaN: it would become NULL");
    if (slot_.kind == TypeKind::Numeric) {
        const auto decimal = Decimal::parse(fmt::format("{}", value));
        if (!decimal) refuse_kind("this floating-point number");
        return (*this)(*decimal);
    }
    if (slot_.kind != TypeKind::Unknown && slot_.kind != TypeKind::Boolean &&
        slot_.kind != TypeKind::Float && slot_.kind != TypeKind::Double && !slot_.is_integer()) {
        refuse_kind("a floating-point number");
    }
    // SQLite would keep it, in a column that then nobody can read as whole numbers.
    if ((slot_.is_integer() || slot_.kind == TypeKind::Boolean) && std::trunc(value) != value)
        refuse_kind("a number with a fraction");
    return sqlite3_bind_double(statement(), position_, value);
}

/// A value of the slot's type that is given as its text.
int ParameterWriter::of_text(std::string_view value) const {
    const auto given = [this](const auto& parsed) {
        if (!parsed) refuse_kind("this text");
        return (*this)(*parsed);
    };
    switch (slot_.kind) {
    case TypeKind::DateTime:
    case TypeKind::Date:
        return given(parse_date_time(value));
    case TypeKind::Numeric:
        return given(Decimal::parse(value));
    case TypeKind::Time:
        return given(parse_time(value));
    case TypeKind::Interval:
        return given(parse_interval(value));
    case TypeKind::Uuid:
        return given(Uuid::parse(value));
    default:
        refuse_kind("text");
    }
}

int ParameterWriter::operator()(std::string_view value) const {
    if (!slot_.has_text_value() && slot_.kind != TypeKind::Unknown) return of_text(value);
    const auto characters = count_characters(value);
    if (!characters) refuse("the text is not valid UTF-8");
    if (slot_.kind == TypeKind::String && slot_.length != 0 && *characters > slot_.length) {
        refuse(fmt::format("the text has {} characters, {} holds {}", *characters, to_string(slot_),
                           slot_.length));
    }
    return text(value, binder_.lifetime_ == Lifetime::Stays);
}

int ParameterWriter::operator()(const Bytes& value) const {
    if (slot_.kind != TypeKind::LargeBinary && slot_.kind != TypeKind::Unknown)
        refuse_kind("binary data");
    // A null pointer would bind NULL.
    const void* data = value.empty() ? static_cast<const void*>("") : value.data();
    return sqlite3_bind_blob64(statement(), position_, data, value.size(),
                               binder_.lifetime_ == Lifetime::Stays ? SQLITE_STATIC
                                                                    : SQLITE_TRANSIENT);
}

int ParameterWriter::operator()(const Decimal& value) const {
    if (slot_.is_integer()) {
        const auto units = value.scaled_units(0);
        if (!units) refuse_kind("a decimal with a fraction");
        return (*this)(*units);
    }
    if (slot_.kind == TypeKind::Float || slot_.kind == TypeKind::Double) {
        return sqlite3_bind_double(statement(), position_, value.to_double());
    }
    if (slot_.kind == TypeKind::Unknown) return number(value);
    if (slot_.kind != TypeKind::Numeric) refuse_kind("a decimal");
    switch (decimal_form(slot_)) {
    case DecimalForm::Scaled:
        return scaled(value);
    case DecimalForm::SortableText:
        return sortable(value);
    case DecimalForm::Number:
        break;
    }
    return number(value);
}

int ParameterWriter::scaled(const Decimal& value) const {
    const auto units = value.scaled_units(slot_.scale);
    if (!units) {
        refuse(fmt::format(
            "the decimal does not fit {} exactly: too many digits behind the point, or in all",
            to_string(slot_)));
    }
    const std::int64_t limit = power_of_ten(slot_.precision);
    if (*units >= limit || *units <= -limit)
        refuse(fmt::format("the decimal has too many digits for {}", to_string(slot_)));
    return integer(*units);
}

int ParameterWriter::sortable(const Decimal& value) const {
    const auto rescaled = value.rescaled(slot_.scale);
    if (!rescaled || rescaled->precision() > slot_.precision) {
        refuse(fmt::format("the decimal does not fit {} exactly", to_string(slot_)));
    }
    const std::string sorted = to_sortable_text(*rescaled);
    std::memcpy(scratch(), sorted.data(), sorted.size());
    return text({scratch(), sorted.size()}, true);
}

/// As SQLite itself would convert the text for a NUMERIC column, where that loses nothing.
int ParameterWriter::number(const Decimal& value) const {
    if (const auto units = value.scaled_units(0)) return integer(*units);
    char* const out = scratch();
    const std::size_t size = value.write_text(out);
    out[size] = '\0';
    if (value.precision() <= 15)
        return sqlite3_bind_double(statement(), position_, std::strtod(out, nullptr));
    return text({out, size}, true);
}

int ParameterWriter::operator()(DateTime value) const {
    if (slot_.kind == TypeKind::Date) {
        const auto day = std::chrono::floor<std::chrono::days>(value);
        if (day != value) refuse("the moment has a time of day, which a column of days would lose");
        return (*this)(Date(day));
    }
    if (slot_.kind != TypeKind::DateTime && slot_.kind != TypeKind::Unknown)
        refuse_kind("a date and time");
    if (!is_storable(value)) refuse("the moment is outside of the years 0001 to 9999");
    return text({scratch(), write_text(value, scratch())}, true);
}

int ParameterWriter::operator()(Date value) const {
    if (slot_.kind != TypeKind::Date && slot_.kind != TypeKind::DateTime &&
        slot_.kind != TypeKind::Unknown) {
        refuse_kind("a date");
    }
    if (!is_storable(value))
        refuse("the day does not exist, or is outside of the years 0001 to 9999");
    if (slot_.kind == TypeKind::DateTime) return (*this)(DateTime(std::chrono::sys_days(value)));
    return text({scratch(), write_text(value, scratch())}, true);
}

int ParameterWriter::operator()(Time value) const {
    if (slot_.kind == TypeKind::Interval) return integer(value.since_midnight().count());
    if (slot_.kind != TypeKind::Time && slot_.kind != TypeKind::Unknown)
        refuse_kind("a time of day");
    return text({scratch(), write_text(value, scratch())}, true);
}

int ParameterWriter::operator()(Interval value) const {
    if (slot_.kind != TypeKind::Interval && slot_.kind != TypeKind::Unknown)
        refuse_kind("an interval");
    return integer(value.count());
}

int ParameterWriter::operator()(const Uuid& value) const {
    if (slot_.kind == TypeKind::LargeBinary) {
        return sqlite3_bind_blob64(statement(), position_, value.bytes().data(),
                                   value.bytes().size(), SQLITE_TRANSIENT);
    }
    if (slot_.kind != TypeKind::Uuid && slot_.kind != TypeKind::Unknown && !slot_.is_text())
        refuse_kind("a UUID");
    value.write_text(scratch());
    return text({scratch(), Uuid::text_size}, true);
}

Binder::Binder(sqlite3_stmt* statement, std::size_t count, Lifetime lifetime) :
    statement_(statement),
    lifetime_(lifetime),
    scratch_(count * scratch_size) {}

int Binder::bind(std::size_t index, const SqlType& slot, const Value& value) {
    return std::visit(ParameterWriter(*this, index, slot, {}), value.storage());
}

int Binder::bind(std::size_t index, const SqlType& slot, const Field& field,
                 const std::byte* object) {
    const ParameterWriter writer(*this, index, slot, field.where);
    const std::byte* const member = object + field.offset;
    if (field.kind == FieldKind::Codec) {
        // The Value dies here, so what it holds must be copied.
        const Value value = load(field, object);
        const Lifetime outer = std::exchange(lifetime_, Lifetime::Copy);
        const int result = std::visit(writer, value.storage());
        lifetime_ = outer;
        return result;
    }
    return visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
        if (!field.optional)
            return writer(*static_cast<const T*>(static_cast<const void*>(member)));
        const auto& value = *static_cast<const std::optional<T>*>(static_cast<const void*>(member));
        return value ? writer(*value) : writer(Null{});
    });
}

} // namespace mercator::sqlite
