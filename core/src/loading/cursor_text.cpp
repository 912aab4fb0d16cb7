// SPDX-License-Identifier: MIT
#include "loading/cursor_text.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <variant>

namespace mercator {
namespace {

using Json = nlohmann::json;

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Base 64 for URLs (RFC 4648, section 5), without padding.
std::string encoded(const std::vector<std::uint8_t>& bytes) {
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const std::uint8_t byte : bytes) {
        bits = (bits << 8U) | byte;
        for (count += 8; count >= 6; count -= 6)
            text += alphabet[(bits >> static_cast<unsigned>(count - 6)) & 0x3fU];
    }
    if (count > 0) text += alphabet[(bits << static_cast<unsigned>(6 - count)) & 0x3fU];
    return text;
}

std::optional<std::vector<std::uint8_t>> decoded(std::string_view text) {
    std::vector<std::uint8_t> bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char sign : text) {
        const std::size_t value = alphabet.find(sign);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<std::uint8_t>((bits >> static_cast<unsigned>(count)) & 0xffU));
    }
    return bytes;
}

struct Payload {
    Json operator()(Null) const { return nullptr; }
    Json operator()(const Bytes& value) const {
        const auto* first = reinterpret_cast<const std::uint8_t*>(value.data());
        return Json::binary({first, first + value.size()});
    }
    Json operator()(const Decimal& value) const { return value.to_string(); }
    Json operator()(DateTime value) const { return value.time_since_epoch().count(); }
    Json operator()(Date value) const { return to_string(value); }
    Json operator()(Time value) const { return to_string(value); }
    Json operator()(Interval value) const { return to_string(value); }
    Json operator()(const Uuid& value) const { return value.to_string(); }
    template <class Plain>
    Json operator()(const Plain& value) const {
        return value;
    }
};

template <class Parsed>
std::optional<Value> parsed(std::optional<Parsed> value) {
    if (!value) return std::nullopt;
    return Value(std::move(*value));
}

std::optional<Value> value_from_text(ValueKind kind, const std::string& text) {
    switch (kind) {
    case ValueKind::String:
        return Value(text);
    case ValueKind::Decimal:
        return parsed(Decimal::parse(text));
    case ValueKind::Date:
        return parsed(parse_date(text));
    case ValueKind::Time:
        return parsed(parse_time(text));
    case ValueKind::Interval:
        return parsed(parse_interval(text));
    case ValueKind::Uuid:
        return parsed(Uuid::parse(text));
    default:
        return std::nullopt;
    }
}

std::optional<Value> value_from_number(ValueKind kind, const Json& number) {
    switch (kind) {
    case ValueKind::Integer:
        if (!number.is_number_integer()) return std::nullopt;
        return Value(number.get<std::int64_t>());
    case ValueKind::Unsigned:
        if (!number.is_number_unsigned()) return std::nullopt;
        return Value(number.get<std::uint64_t>());
    case ValueKind::Float:
        return Value(number.get<float>());
    case ValueKind::Double:
        return Value(number.get<double>());
    case ValueKind::DateTime:
        if (!number.is_number_integer()) return std::nullopt;
        return Value(DateTime(DateTime::duration(number.get<std::int64_t>())));
    default:
        return std::nullopt;
    }
}

/// Gives up where lists stand deeper than the values of a cursor, before the reader, which calls
/// itself for each level, has taken the stack.
class LevelCheck : public nlohmann::json_sax<Json> {
public:
    bool start_array(std::size_t) override { return ++level_ <= 2; }
    bool end_array() override {
        --level_;
        return true;
    }
    bool start_object(std::size_t) override { return false; }
    bool end_object() override { return false; }
    bool key(string_t&) override { return false; }
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
        return false;
    }

private:
    int level_ = 0;
};

bool is_flat(const std::vector<std::uint8_t>& bytes) {
    LevelCheck check;
    return Json::sax_parse(bytes, &check, Json::input_format_t::msgpack);
}

std::optional<Value> value_from(const Json& item) {
    if (!item.is_array() || item.size() != 2 || !item[0].is_number_unsigned()) return std::nullopt;
    const auto number = item[0].get<std::uint64_t>();
    if (number >= std::variant_size_v<Value::Storage>) return std::nullopt;
    const auto kind = static_cast<ValueKind>(number);
    const Json& payload = item[1];
    if (kind == ValueKind::Null && payload.is_null()) return Value();
    if (kind == ValueKind::Boolean && payload.is_boolean()) return Value(payload.get<bool>());
    if (payload.is_string()) return value_from_text(kind, payload.get<std::string>());
    if (payload.is_number()) return value_from_number(kind, payload);
    if (kind == ValueKind::Bytes && payload.is_binary()) {
        Bytes bytes;
        for (const std::uint8_t byte : payload.get_binary())
            bytes.push_back(static_cast<Bytes::value_type>(byte));
        return Value(std::move(bytes));
    }
    return std::nullopt;
}

} // namespace

std::string to_cursor_text(std::string_view name, std::span<const Value> values) {
    Json list = Json::array({name});
    for (const Value& value : values) {
        list.push_back(Json::array(
            {static_cast<std::uint64_t>(value.kind()), std::visit(Payload{}, value.storage())}));
    }
    return encoded(Json::to_msgpack(list));
}

std::optional<std::vector<Value>> from_cursor_text(std::string_view name, std::string_view text) {
    const auto bytes = decoded(text);
    if (!bytes || !is_flat(*bytes)) return std::nullopt;
    const Json list = Json::from_msgpack(*bytes, true, false);
    if (!list.is_array() || list.empty() || list[0] != name) return std::nullopt;
    std::vector<Value> values;
    for (std::size_t i = 1; i < list.size(); ++i) {
        auto value = value_from(list[i]);
        if (!value) return std::nullopt;
        values.push_back(std::move(*value));
    }
    return values;
}

} // namespace mercator
