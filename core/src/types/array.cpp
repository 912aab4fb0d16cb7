// SPDX-License-Identifier: MIT
#include <mercator/types/array.hpp>

#include <mercator/types/json_text.hpp>

#include <limits>
#include <optional>

namespace mercator {
namespace {

bool is_floating(const Field& field) noexcept {
    return field.kind == FieldKind::Float || field.kind == FieldKind::Double;
}

/// JSON has no such numbers, so they are kept as their names.
std::optional<double> special_number(const Value& value) {
    const auto* text = value.get_if<std::string>();
    if (text == nullptr) return std::nullopt;
    if (*text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (*text == "Infinity") return std::numeric_limits<double>::infinity();
    if (*text == "-Infinity") return -std::numeric_limits<double>::infinity();
    return std::nullopt;
}

} // namespace

void append_json_element(std::string& list, const Field& element, const void* value) {
    if (list.size() > 1) list.push_back(',');
    append_json(list, load(element, static_cast<const std::byte*>(value)));
}

void read_json_element(const Field& element, void* target, const Value& value) {
    const auto number = is_floating(element) ? special_number(value) : std::nullopt;
    store(element, static_cast<std::byte*>(target), number ? Value(*number) : value);
}

std::vector<Value> read_json_elements(const std::string& list) {
    return read_json_list(list, {});
}

} // namespace mercator
