// SPDX-License-Identifier: MIT
#include <mercator/types/value.hpp>

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace mercator {

Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::Value(bool value) : storage_(value) {}
Value::Value(float value) : storage_(value) {}
Value::Value(double value) : storage_(value) {}
Value::Value(std::string value) : storage_(std::move(value)) {}
Value::Value(std::string_view value) : storage_(std::string(value)) {}
Value::Value(const char* value) : storage_(std::string(value)) {}
Value::Value(Bytes value) : storage_(std::move(value)) {}
Value::Value(Decimal value) : storage_(value) {}
Value::Value(DateTime value) : storage_(value) {}
Value::Value(Date value) : storage_(value) {}
Value::Value(Time value) : storage_(value) {}
Value::Value(Interval value) : storage_(value) {}
Value::Value(Uuid value) : storage_(value) {}
Value::Value(Signed integer) : storage_(integer.value) {}
Value::Value(Unsigned integer) : storage_(integer.value) {}
namespace {

constexpr std::size_t longest_shown_text = 100;

// Text is cut between characters, not inside one.
std::string_view shown_part(std::string_view text) {
    if (text.size() <= longest_shown_text) return text;
    std::size_t end = longest_shown_text;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

void append_escaped(std::string& out, char c) {
    switch (c) {
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\t':
        out += "\\t";
        return;
    case '\\':
        out += "\\\\";
        return;
    case '\'':
        out += "\\'";
        return;
    default:
        break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    } else {
        out += c;
    }
}

std::string quoted(std::string_view text) {
    const std::string_view shown = shown_part(text);
    std::string out = "'";
    for (const char c : shown) append_escaped(out, c);
    out += '\'';
    if (shown.size() < text.size()) {
        fmt::format_to(std::back_inserter(out), "... ({} bytes)", text.size());
    }
    return out;
}

struct Display {
    std::string operator()(Null) const { return "NULL"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return fmt::to_string(value); }
    std::string operator()(std::uint64_t value) const { return fmt::to_string(value); }
    std::string operator()(float value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(const std::string& value) const { return quoted(value); }
    std::string operator()(const Bytes& value) const {
        return fmt::format("<{} byte{}>", value.size(), value.size() == 1 ? "" : "s");
    }
    std::string operator()(const Decimal& value) const { return value.to_string(); }
    std::string operator()(DateTime value) const { return to_string(value); }
    std::string operator()(Date value) const { return to_string(value); }
    std::string operator()(Time value) const { return to_string(value); }
    std::string operator()(Interval value) const { return to_string(value); }
    std::string operator()(const Uuid& value) const { return value.to_string(); }
};

} // namespace

std::string display(const Value& value) {
    return std::visit(Display{}, value.storage());
}

} // namespace mercator
