// SPDX-License-Identifier: MIT
#include <mercator/types/json_text.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <type_traits>

namespace mercator {
namespace {

using Json = nlohmann::json;

std::string base64(const Bytes& bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&bytes](std::size_t at) {
            return at < bytes.size() ? std::to_integer<unsigned>(bytes[at]) : 0U;
        };
        const unsigned group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        text.push_back(digits[group >> 18]);
        text.push_back(digits[group >> 12 & 63U]);
        text.push_back(i + 1 < bytes.size() ? digits[group >> 6 & 63U] : '=');
        text.push_back(i + 2 < bytes.size() ? digits[group & 63U] : '=');
    }
    return text;
}

std::string iso_moment(DateTime moment) {
    std::string text = to_string(moment);
    if (const auto blank = text.find(' '); blank != std::string::npos) text[blank] = 'T';
    return text + 'Z';
}

/// As people and PostgreSQL write them.
std::string_view name_of(double value) {
    if (std::isnan(value)) return "NaN";
    return value > 0 ? "Infinity" : "-Infinity";
}

Json quoted(std::string text) {
    return Json(std::move(text));
}

template <class T>
Json json_of(const T& value) {
    if constexpr (std::is_same_v<T, Null>)
        return nullptr;
    else if constexpr (std::is_same_v<T, float>) {
        // The few digits that tell it from other floats, not the double that it is.
        if (!std::isfinite(value)) return quoted(std::string(name_of(double{value})));
        return Json::parse(fmt::format("{}", value));
    } else if constexpr (std::is_same_v<T, double>) {
        if (!std::isfinite(value)) return quoted(std::string(name_of(value)));
        return value;
    } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>)
        return value;
    else if constexpr (std::is_same_v<T, Bytes>)
        return quoted(base64(value));
    else if constexpr (std::is_same_v<T, Decimal> || std::is_same_v<T, Uuid>)
        return quoted(value.to_string());
    else if constexpr (std::is_same_v<T, DateTime>)
        return quoted(iso_moment(value));
    else
        return quoted(to_string(value));
}

Json json_of(const Value& value) {
    return std::visit([](const auto& held) { return json_of(held); }, value.storage());
}

Value element_value(const Json& element, std::string_view where) {
    switch (element.type()) {
    case Json::value_t::null:
        return null;
    case Json::value_t::boolean:
        return element.get<bool>();
    case Json::value_t::number_integer:
        return element.get<std::int64_t>();
    case Json::value_t::number_unsigned: {
        const auto number = element.get<std::uint64_t>();
        if (std::in_range<std::int64_t>(number)) return static_cast<std::int64_t>(number);
        return number;
    }
    case Json::value_t::number_float:
        return element.get<double>();
    case Json::value_t::string:
        return element.get_ref<const std::string&>();
    default:
        throw_data_error("the stored array holds a list or an object; map the member as a JSON "
                         "document",
                         std::string(where));
    }
}

} // namespace

void append_json(std::string& out, const Value& value) {
    try {
        out += json_of(value).dump();
    } catch (const Json::exception&) {
        throw_data_error("the text is not valid UTF-8", {});
    }
}

std::string json_plain_text(const Value& value) {
    const Json json = json_of(value);
    return json.is_string() ? json.get<std::string>() : std::string();
}

bool is_nested_too_deep(std::string_view json) noexcept {
    int level = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"') in_text = !in_text;
        if (c == '\\') ++i; // stands in texts only
        if (in_text) continue;
        if ((c == '[' || c == '{') && ++level > most_json_levels) return true;
        if (c == ']' || c == '}') --level;
    }
    return false;
}

std::vector<Value> read_json_list(std::string_view text, std::string_view where) {
    const Json list = Json::parse(text, nullptr, false);
    if (!list.is_array()) throw_data_error("the stored text is no JSON array", std::string(where));
    std::vector<Value> values;
    values.reserve(list.size());
    for (const Json& element : list) values.push_back(element_value(element, where));
    return values;
}

} // namespace mercator
