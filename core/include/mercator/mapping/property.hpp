// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>
#include <mercator/schema/column.hpp>
#include <mercator/types/field.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
    std::size_t column = 0; ///< index in the mapper's table
    std::uint32_t size = 0; ///< of the member in memory
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
    bool generated = false;                            ///< the database makes the key
    bool server_default = false;

    Mapper* (*target)() = nullptr;   ///< `references<&Role::id>()`: the class referred to ...
    std::uint32_t target_offset = 0; ///< ... and where its member lies
    std::string target_text;         ///< `references("roles.id")`

    /// Where the data member lies, or `no_member`.
    [[nodiscard]] std::uint32_t member_place() const noexcept {
        return accessor == nullptr ? field.offset : no_member;
    }
};

/// How a relationship is loaded when nothing is said in the query. Terms and meanings are
/// SQLAlchemy's.
enum class Lazy : std::uint8_t {
    select, ///< when it is first touched, by a statement of its own
    raise   ///< never by itself: touching it is a StateError that says which option to add
};

enum class Direction : std::uint8_t { ManyToOne, OneToMany };

/// A member that refers to other objects. Its two sides know each other once the mappers are
/// configured.
struct Relationship {
    std::string member; ///< "category"
    std::string where;  ///< "Product.category"
    std::uint32_t offset = 0;
    std::uint16_t index = 0;    ///< in the mapper's list
    bool is_collection = false; ///< Many<T> rather than One<T>
    Mapper* owner = nullptr;
    /// The other class; `where` is this relationship's, for the error when it is not known.
    Mapper* (*target_of)(const std::string& where) = nullptr;
    Mapper* target = nullptr; ///< set when configured
    Direction direction = Direction::ManyToOne;
    Lazy lazy = Lazy::select;
    bool cascade_delete = false; ///< deleting the owner deletes the related objects
    /// Pairs of column indices: of the owner's mapper, of the target's mapper. The foreign key side
    /// is the owner's for ManyToOne, the target's for OneToMany.
    std::vector<std::pair<std::uint16_t, std::uint16_t>> pairs;
    Relationship* reverse = nullptr;
    ast::ExpressionPtr
        join_condition;    ///< with both tables under their own names; empty for self-reference
    bool required = false; ///< ManyToOne whose foreign key cannot be NULL

    // as described, before configuration
    std::string backref_member; ///< other side, to be made by us
    std::uint32_t backref_offset = 0;
    bool backref_is_collection = false;
    bool has_backref = false;
    std::string backref_name; ///< other side without a member, reached by `session.related`
    Lazy backref_lazy = Lazy::select;
    std::string back_populates_member;
    std::uint32_t back_populates_offset = 0;
    bool has_back_populates = false;
    std::vector<std::uint32_t> foreign_key_offsets; ///< chosen by foreign_key<...>()
    bool foreign_key_on_target = false;
    std::uint32_t remote_offset = 0;
    bool has_remote_side = false;
};

} // namespace mercator
