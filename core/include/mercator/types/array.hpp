// SPDX-License-Identifier: MIT
#pragma once

// Not part of mercator.hpp: say `#include <mercator/types/array.hpp>` where models have members of
// type std::vector<T>, <mercator/mapping/array.hpp> for what queries ask of them.

#include <mercator/types/type_decorator.hpp>
#include <mercator/types/type_of.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace mercator {

/// What an array may hold: whatever a column may, but binary data and other arrays. std::optional
/// for elements that may be NULL.
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
concept ArrayElement =
    !std::same_as<T, std::byte> && !is_vector<typename WithoutOptional<T>::type> && Mappable<T>;

/// An element on its way to and from the text of a JSON array, which arrays travel as.
MERCATOR_API void append_json_element(std::string& list, const Field& element, const void* value);
MERCATOR_API void read_json_element(const Field& element, void* target, const Value& value);
[[nodiscard]] MERCATOR_API std::vector<Value> read_json_elements(const std::string& list);

template <ArrayElement T>
[[nodiscard]] Field element_field() {
    Field field;
    field.kind = TypeOf<T>::kind;
    field.optional = TypeOf<T>::optional;
    field.type = TypeOf<T>::sql_type();
    field.codec = TypeOf<T>::codec();
    return field;
}

/// Members of type std::vector<T> are arrays of the database; `column<&Post::tags>(
/// Array(Text()).as_json())` keeps them as JSON, which works on every database.
template <ArrayElement T>
struct TypeDecorator<std::vector<T>> {
    using storage = std::string;
    static constexpr SqlType sql_type() noexcept { return Array(TypeOf<T>::sql_type()); }
    static std::string bind(const std::vector<T>& list) {
        const Field element = element_field<T>();
        std::string text = "[";
        for (const T& value : list) append_json_element(text, element, std::addressof(value));
        return text + ']';
    }
    static std::vector<T> result(const std::string& text) {
        const Field element = element_field<T>();
        std::vector<T> list;
        for (const Value& value : read_json_elements(text)) {
            T target{};
            read_json_element(element, std::addressof(target), value);
            list.push_back(std::move(target));
        }
        return list;
    }
};

} // namespace mercator
