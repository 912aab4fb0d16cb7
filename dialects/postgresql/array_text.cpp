// SPDX-License-Identifier: MIT
#include "array_text.hpp"

#include "encode.hpp"

#include <mercator/types/json_text.hpp>

namespace mercator::postgresql {
namespace {

void append_quoted(std::string& out, std::string_view text) {
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    out.push_back('"');
}

/// Numbers that the server would round, and text that it would refuse late.
void check_element(const SqlType& element, const std::string& text, std::string_view where) {
    if (element.is_text())
        return check_text(text, element.kind == TypeKind::String ? element.length : 0, where);
    if (element.kind != TypeKind::Numeric) return;
    const auto number = Decimal::parse(text);
    if (!number) throw_misfit(element, where);
    static_cast<void>(checked_decimal(*number, element, where));
}

void append_element(std::string& out, const SqlType& element, const Value& value,
                    std::string_view where) {
    if (value.is_null()) {
        out += "NULL";
    } else if (const auto* text = value.get_if<std::string>()) {
        check_element(element, *text, where);
        append_quoted(out, *text);
    } else {
        append_json(out, value);
    }
}

} // namespace

std::string array_text(const SqlType& type, const Value& list, std::string_view where) {
    const auto* json = list.get_if<std::string>();
    if (json == nullptr) throw_misfit(type, where);
    const SqlType element = type.element_type();
    std::string text = "{";
    for (const Value& value : read_json_list(*json, where)) {
        if (text.size() > 1) text.push_back(',');
        append_element(text, element, value, where);
    }
    return text + '}';
}

} // namespace mercator::postgresql
