// SPDX-License-Identifier: MIT
#pragma once

// Not part of mercator.hpp, since it includes nlohmann-json: say `#include
// <mercator/types/json.hpp>` where models have JSON members, <mercator/mapping/json.hpp> to look
// into them in queries.

#include <mercator/types/json_text.hpp>
#include <mercator/types/type_decorator.hpp>
#include <mercator/types/type_of.hpp>

#if !__has_include(<nlohmann/json.hpp>)
#error "mercator/types/json.hpp needs the header nlohmann/json.hpp (Debian: nlohmann-json3-dev)"
#endif
#include <nlohmann/json.hpp>

#include <cmath>
#include <string>

namespace mercator {

/// JSON's null, which is a document like any other. SQL's NULL is the absence of a document: an
/// empty std::optional<nlohmann::json>, and `mercator::null` in a condition.
inline const nlohmann::json json_null = nullptr;

/// Does the document have a JSON text? NaN, infinities, binary data and discarded values have none,
/// and what is nested too deep.
[[nodiscard]] inline bool has_json_text(const nlohmann::json& document,
                                        int levels = most_json_levels) {
    if (document.is_number_float()) return std::isfinite(document.get<double>());
    if (document.is_binary() || document.is_discarded()) return false;
    if (!document.is_structured()) return true;
    if (levels == 0) return false;
    for (const auto& part : document) {
        if (!has_json_text(part, levels - 1)) return false;
    }
    return true;
}

/// The text that a document is stored as. DataError where it has none.
[[nodiscard]] inline std::string json_text(const nlohmann::json& document) {
    if (!has_json_text(document))
        throw_data_error("the document holds NaN, an infinity or binary data, which JSON has no "
                         "form for, or is nested deeper than 1000 levels",
                         {});
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::strict);
}

/// A value as JSON: what `append_json` writes.
[[nodiscard]] inline nlohmann::json json_of(const Value& value) {
    std::string text;
    append_json(text, value);
    return nlohmann::json::parse(text);
}
/// A member as JSON. Documents and arrays are themselves, not their text.
[[nodiscard]] inline nlohmann::json json_of(const Field& field, const std::byte* object) {
    const Value value = load(field, object);
    const auto* text = value.get_if<std::string>();
    const bool is_json = field.type.kind == TypeKind::Json || field.type.kind == TypeKind::Array;
    return is_json && text != nullptr ? nlohmann::json::parse(*text) : json_of(value);
}

/// Members of type nlohmann::json are JSON documents of the database, and std::optional of it those
/// that may be NULL. `column<&Settings::preferences>(Text())` keeps them as plain text. Changes in
/// place are found at the flush, at any depth; the order of an object's members and the spelling of
/// numbers (1.0 for 1) are no change.
template <>
struct TypeDecorator<nlohmann::json> {
    using storage = std::string;
    static constexpr SqlType sql_type() noexcept { return JsonDocument(); }
    static std::string bind(const nlohmann::json& document) { return json_text(document); }
    static nlohmann::json result(const std::string& text) {
        if (is_nested_too_deep(text))
            throw_data_error("the stored document is nested deeper than 1000 levels", {});
        nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
        if (document.is_discarded()) throw_data_error("the stored text is no JSON", {});
        return document;
    }
    static bool equal(const nlohmann::json& left, const nlohmann::json& right) {
        return left == right;
    }
};

/// For a type of yours that nlohmann-json converts (`to_json`, `from_json`, or its macros), stored
/// as a document:
///
///     template <> struct mercator::TypeDecorator<Preferences> :
///     mercator::StoredAsJson<Preferences> {};
///
/// A document that is JSON but no Preferences is a DataError when it is read.
template <class T>
struct StoredAsJson {
    using storage = std::string;
    static constexpr SqlType sql_type() noexcept { return JsonDocument(); }
    static std::string bind(const T& value) { return json_text(nlohmann::json(value)); }
    static T result(const std::string& text) {
        return TypeDecorator<nlohmann::json>::result(text).template get<T>();
    }
    static bool equal(const T& left, const T& right) {
        return nlohmann::json(left) == nlohmann::json(right);
    }
};

/// The same kept as plain text, for tables that say so.
template <class T>
struct StoredAsJsonText : StoredAsJson<T> {
    static constexpr SqlType sql_type() noexcept { return Text(); }
};

} // namespace mercator
