// SPDX-License-Identifier: MIT
#include <mercator/mapping/represent.hpp>

#include <cstddef>
#include <exception>

namespace mercator {

namespace {

std::string shown(const Field& field, const std::byte* object) {
    if (field.type.sensitive) return "***";
    try {
        return display(load(field, object));
    } catch (const std::exception&) { // a member that has no stored form at the moment
        return "?";
    }
}

} // namespace

std::string represent_object(const Mapper& mapper, const void* object) {
    std::string text(mapper.class_name());
    const char* separator = "(";
    for (const auto& property : mapper.columns()) {
        text.append(separator).append(property.member).append("=");
        text += shown(property.field, static_cast<const std::byte*>(object));
        separator = ", ";
    }
    text += ')';
    return text;
}

} // namespace mercator
