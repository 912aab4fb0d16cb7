// SPDX-License-Identifier: MIT
#include "parameters.hpp"

#include "utf8.hpp"

#include <mercator/support/error.hpp>

#include <cppconn/datatype.h>
#include <fmt/format.h>

#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <sstream>

namespace mercator::mysql {
namespace {

/// What shares a packet with other values; larger ones and those that no longer fit travel in packets of their own.
constexpr std::size_t largest_inline_share = 4;

std::string_view as_text(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string place(std::string_view where, unsigned number) {
    return where.empty() ? fmt::format("parameter {}", number) : std::string(where);
}

}  // namespace

void Parameters::begin(sql::PreparedStatement& statement, std::size_t count) {
    if (statement_ != &statement || sticky_unsigned_.size() != count) {
        statement_ = &statement;
        sticky_unsigned_.assign(count, false);
    }
    inline_bytes_ = 0;
    streams_.clear();
}

void Parameters::set_null(const Target& target) {
    statement_->setNull(target.number, sql::DataType::SQLNULL);
}

void Parameters::set_integer(const Target& target, std::int64_t value) {
    // The connector never forgets that a parameter was unsigned once and would send -1 as 2^64 - 1.
    if (value < 0 && sticky_unsigned_[target.number - 1]) return set_bytes(target, fmt::format("{}", value));
    statement_->setInt64(target.number, value);
}

void Parameters::set_unsigned(const Target& target, std::uint64_t value) {
    if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return set_integer(target, static_cast<std::int64_t>(value));
    }
    sticky_unsigned_[target.number - 1] = true;
    statement_->setUInt64(target.number, value);
}

void Parameters::set_double(const Target& target, double value) {
    if (!std::isfinite(value)) {
        throw_data_error("this database stores neither NaN nor infinity; store NULL instead",
                         place(target.where, target.number));
    }
    statement_->setDouble(target.number, value);
}

void Parameters::set_text(const Target& target, std::string_view text) {
    if (target.type.kind == TypeKind::LargeBinary) return set_bytes(target, text);
    const auto characters = count_characters(text);
    if (!characters) throw_data_error("the text is not valid UTF-8", place(target.where, target.number));
    const std::uint32_t length = target.type.kind == TypeKind::String ? target.type.length : 0;
    if (target.stored && length != 0 && *characters > length) {
        throw_data_error(fmt::format("the text has {} characters, the column holds {}", *characters, length),
                         place(target.where, target.number));
    }
    set_bytes(target, text);
}

void Parameters::set_bytes(const Target& target, std::string_view bytes) {
    if (bytes.size() > max_packet_) {
        throw_data_error(fmt::format("the value has {} bytes, the server's max_allowed_packet is {}", bytes.size(),
                                     max_packet_), place(target.where, target.number));
    }
    inline_bytes_ += bytes.size();
    if (inline_bytes_ > max_packet_ / largest_inline_share) {
        inline_bytes_ -= bytes.size();
        streams_.push_back(std::make_unique<std::istringstream>(std::string(bytes)));
        statement_->setBlob(target.number, streams_.back().get());
        return;
    }
    scratch_->assign(bytes);
    statement_->setString(target.number, scratch_);
}

void Parameters::set_decimal(const Target& target, const Decimal& value) {
    const SqlType& type = target.type;
    if (target.stored && type.kind == TypeKind::Numeric && type.precision != 0) {
        // The server would round and only leave a note.
        const auto fitted = value.rescaled(type.scale);
        if (!fitted || fitted->precision() > type.precision) {
            throw_data_error(fmt::format("the number does not fit {} exactly; round it first", to_string(type)),
                             place(target.where, target.number));
        }
    }
    char text[Decimal::max_text];
    set_bytes(target, {text, value.write_text(text)});
}

template <class Moment>
void Parameters::set_moment(const Target& target, const Moment& value) {
    if (!is_storable(value)) {
        throw_data_error("the date lies outside the years 0001 to 9999", place(target.where, target.number));
    }
    char text[max_date_time_text];
    set_bytes(target, {text, write_text(value, text)});
}

template <class T>
void Parameters::set_typed(const Target& target, const T& value) {
    if constexpr (std::same_as<T, bool>) set_integer(target, value ? 1 : 0);
    else if constexpr (std::signed_integral<T>) set_integer(target, value);
    else if constexpr (std::unsigned_integral<T>) set_unsigned(target, value);
    else if constexpr (std::floating_point<T>) set_double(target, static_cast<double>(value));
    else if constexpr (std::same_as<T, std::string>) set_text(target, value);
    else if constexpr (std::same_as<T, Bytes>) set_bytes(target, as_text(value));
    else if constexpr (std::same_as<T, Decimal>) set_decimal(target, value);
    else if constexpr (std::same_as<T, Null>) set_null(target);
    else set_moment(target, value);
}

void Parameters::set(std::size_t index, const Value& value, const SqlType& type, bool stored) {
    const Target target{static_cast<unsigned>(index + 1), type, stored, {}};
    std::visit([&](const auto& held) { set_typed(target, held); }, value.storage());
}

void Parameters::set(std::size_t index, const Field& field, const std::byte* object) {
    const Target target{static_cast<unsigned>(index + 1), field.type, true, field.where};
    const std::byte* member = object + field.offset;
    if (field.kind == FieldKind::Codec) {
        const Value value = field.codec->load(member);
        return std::visit([&](const auto& held) { set_typed(target, held); }, value.storage());
    }
    visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
        if (!field.optional) return set_typed(target, *reinterpret_cast<const T*>(member));
        const auto& held = *reinterpret_cast<const std::optional<T>*>(member);
        if (held) set_typed(target, *held);
        else set_null(target);
    });
}

}  // namespace mercator::mysql
