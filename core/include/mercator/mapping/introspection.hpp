// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Looking at mapped classes while the program runs, for generic code: forms, admin pages, exports
/// (SQLAlchemy's inspect). Include it by itself.
namespace mercator {

enum class AttributeKind : std::uint8_t {
    Column,
    Embedded, ///< a struct that is kept in several columns, which are listed as well
    One,      ///< a relationship to one object at most
    Many,     ///< a relationship to any number
    Synonym   ///< another name of a column
};

/// What is known of one attribute of a class. Refers to the class's mapper, which lives as long as
/// the program.
struct AttributeInfo {
    std::string_view name; ///< "email"; of a part of an embedded struct "home.city"
    AttributeKind kind = AttributeKind::Column;

    // Of columns and synonyms.
    std::string_view column;   ///< its name in the table
    SqlType type;              ///< as in the schema
    std::string_view cpp_type; ///< "std::string", "int32"; of a type of your own "custom"
    bool nullable = false;
    bool primary_key = false;
    bool unique = false; ///< by itself
    bool read_only = false;
    bool sensitive = false;
    bool deferred = false;
    std::string_view comment;

    // Of relationships.
    std::string_view target;  ///< the other class
    std::string_view reverse; ///< the member there; empty for none
    bool view_only = false;

    /// Notes of the application; nullptr for none.
    const Info* info = nullptr;
};

/// All attributes: columns in the order of the description, embedded structs, relationships,
/// synonyms.
[[nodiscard]] MERCATOR_API std::vector<AttributeInfo> attributes_of(const Mapper& mapper);
template <Described T>
[[nodiscard]] std::vector<AttributeInfo> attributes_of() {
    return attributes_of(mapper_of<T>());
}

/// The mappers of all classes that the program has used or declared so far, by their full names in
/// order. Thread-safe.
[[nodiscard]] MERCATOR_API std::vector<const Mapper*> mapped_classes();

[[nodiscard]] MERCATOR_API Value attribute_value(const Mapper& mapper, const void* object,
                                                 std::string_view name);
MERCATOR_API void set_attribute_value(const Mapper& mapper, void* object, std::string_view name,
                                      const Value& value);
[[nodiscard]] MERCATOR_API Field field_for(std::string_view where, FieldKind kind, bool optional,
                                           const FieldCodec* codec, SqlType type);

/// A column's value by the name of its member, its column or a synonym. A deferred one is loaded.
/// ArgumentError that lists the names there are; relationships are no values and refused.
template <Described T>
[[nodiscard]] Value get_attribute(const T& object, std::string_view name) {
    return attribute_value(mapper_of<T>(), &object, name);
}
/// As a V: DataError if it is of another type, out of V's range, or NULL while V is no
/// std::optional.
template <class V, Described T>
[[nodiscard]] V get_attribute(const T& object, std::string_view name) {
    V result{};
    store(field_for(name, TypeOf<V>::kind, TypeOf<V>::optional, TypeOf<V>::codec(),
                    TypeOf<V>::sql_type()),
          reinterpret_cast<std::byte*>(std::addressof(result)), get_attribute(object, name));
    return result;
}
/// Sets it, with the checks of the member's type: DataError naming the member for a value of
/// another type, out of range, or NULL where it cannot be. StateError for an object of a class that
/// is mapped read_only(), and for a column that the database computes. Validators run when the
/// object is added or written, as for any assignment.
template <Described T>
void set_attribute(T& object, std::string_view name, const Value& value) {
    set_attribute_value(mapper_of<T>(), &object, name, value);
}

} // namespace mercator
