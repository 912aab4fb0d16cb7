// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/types/field.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mercator {

class Mapper;

/// How a column without a data member is read and written; `value` is of the column's C++ type.
struct Accessor {
    void (*get)(const void* object, void* value);
    void (*set)(void* object, void* value); ///< may move from `value`
};

/// A member that is a column. Filled while the class is described, read-only afterwards.
struct ColumnProperty {
    /// The place of a column that has an accessor instead of a member: no member lies there.
    static constexpr std::uint32_t no_member = 0xffffffff;

    std::string member; ///< "email"
    std::string where;  ///< "User.email", what `field.where` points to
    Field field;
    const Table* table = nullptr; ///< where the column lies
    std::size_t column = 0;       ///< its index there
    std::uint32_t size = 0;       ///< of the member in memory
    std::uint32_t alignment = 1;
    /// Not null for a pair of functions; `field` then starts at the object, and all functions
    /// below are given the object.
    const Accessor* accessor = nullptr;
    std::shared_ptr<const ast::ColumnRef> ref;

    /// Does the member still hold what the struct starts with (T{}, or the sentinel given)? Then
    /// defaults apply.
    std::function<bool(const void* member)> is_unset;
    std::function<void(void* member)> make_unset; ///< back to that state, when an INSERT is undone
    std::function<void(void* member)> apply_default;   ///< may be empty
    std::function<void(void* member)> apply_on_update; ///< may be empty
    /// Where the link of a Deferred<T> lies, from the member on; 0 for plain members.
    std::uint32_t link_offset = 0;
    /// Where the link of an Attribute<T> lies, from the member on; 0 for others.
    std::uint32_t attribute_offset = 0;
    /// Puts the value into the form in which it is stored, before changes are looked for; may be
    /// empty.
    std::function<void(void* member)> put_into_form;
    /// Throws for a value that must not be written, or replaces it; may be empty.
    std::function<void(void* member)> validate;
    /// What others are shown instead of the value, as JSON; may be empty.
    std::function<Value(const void* member)> shown;
    bool read_only = false;      ///< written with its row, and never again
    bool deferred = false;       ///< not loaded with its object, unless a query says so
    bool deferred_raise = false; ///< nor when it is touched
    std::string deferred_group;  ///< columns that are loaded together when one of them is touched
    bool generated = false;      ///< the database makes the key
    bool included = false;       ///< from a mixin; the class may describe it once more
    bool server_default = false;
    bool computed = false; ///< by the database, from other columns: read, and never written

    Mapper* (*target)() = nullptr;   ///< `references<&Role::id>()`: the class referred to ...
    std::uint32_t target_offset = 0; ///< ... and where its member lies
    std::string target_text;         ///< `references("roles.id")`

    /// As the schema describes it.
    [[nodiscard]] const Column& in_schema() const noexcept { return table->columns[column]; }
    /// Where the data member lies, or `no_member`.
    [[nodiscard]] std::uint32_t member_place() const noexcept {
        return accessor == nullptr ? field.offset : no_member;
    }
};

/// A member that is no column: each reading of the object fills it with the value of an expression.
struct ExpressionProperty {
    std::string member; ///< "post_count"
    std::string where;  ///< "User.post_count"
    Field field;        ///< without the type, which is the expression's
    /// Asked when the class is first read, since it may be about relationships.
    std::function<ast::ExpressionPtr()> make;
    bool deferred = false; ///< only where a query says so
};

} // namespace mercator
