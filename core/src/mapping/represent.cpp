// SPDX-License-Identifier: MIT
#include <mercator/mapping/represent.hpp>

#include "deferred_member.hpp"

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
        const auto* place = static_cast<const std::byte*>(object);
        const DeferredLink* link = deferred_link(property, place);
        const bool is_loaded = link == nullptr || link->loaded();
        text += is_loaded ? shown(property.field, place) : "(not loaded)";
        separator = ", ";
    }
    text += ')';
    return text;
}

std::string name_object(const Mapper& mapper, const void* object, std::string_view state) {
    const auto* place = static_cast<const std::byte*>(object);
    std::string text = "<" + std::string(mapper.class_name()) + " ";
    bool has_key = false;
    std::string key;
    for (const auto index : mapper.primary_key()) {
        const ColumnProperty& property = mapper.columns()[index];
        has_key = has_key || !property.is_unset(place + property.field.offset);
        if (!key.empty()) key += ", ";
        key += shown(property.field, place);
    }
    if (has_key) {
        text += key;
    } else {
        text.append("(").append(state).append(")");
    }
    return text + ">";
}

} // namespace mercator
