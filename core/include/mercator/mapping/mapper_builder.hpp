// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/accessor.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/type_of.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// What the untyped code needs to know of a member's type. One constant per type, not per member,
/// so that a column costs the compiler little.
struct MemberFacts {
    FieldKind kind;
    bool optional;
    SqlType type; ///< where the mapping says no other
    const FieldCodec* codec;
    std::uint32_t size;
    std::uint32_t alignment;
    bool (*is_initial)(const void* member);
    void (*make_initial)(void* member);
};

/// The initial state of a member: empty, or equal to `Value{}`.
template <class Value>
struct InitialState {
    static bool holds(const void* member) {
        const Value& value = *static_cast<const Value*>(member);
        if constexpr (requires { value.has_value(); }) {
            return !value.has_value();
        } else if constexpr (requires { value == Value{}; }) {
            return value == Value{};
        } else { // as equal as what would be stored
            return Conversion<Value>::to_value(value) == Conversion<Value>::to_value(Value{});
        }
    }
    static void restore(void* member) { *static_cast<Value*>(member) = Value{}; }
};

template <class Value>
inline constexpr MemberFacts member_facts{
    TypeOf<Value>::kind,
    TypeOf<Value>::optional,
    TypeOf<Value>::sql_type(),
    TypeOf<Value>::codec(),
    sizeof(Value),
    alignof(Value),
    &InitialState<Value>::holds,
    &InitialState<Value>::restore,
};

/// The untyped half of `Mapping<T>`: what it writes into the mapper. Lives as long as `describe`
/// runs.
class MERCATOR_API MapperBuilder {
public:
    explicit MapperBuilder(Mapper& mapper) : mapper_(mapper) {}

    void set_table(std::string name);
    /// With `type` Unknown, the member's type decides.
    ColumnProperty& add_column(std::string_view member, std::uint32_t offset,
                               const MemberFacts& facts, SqlType type,
                               const Accessor* accessor = nullptr);
    /// `function` is what the compiler calls a function with the template argument `Member`: the
    /// member's name is cut out of it here, at run time, because a program has many members and
    /// compilers are slow at text. Without `type`, the member's type decides.
    ColumnProperty& add_member(const char* function, std::uint32_t offset, const MemberFacts& facts,
                               const SqlType* type);
    Relationship& add_relationship(std::string_view member, std::uint32_t offset,
                                   bool is_collection, Mapper* (*target)(const std::string& where));
    void add_check(const ast::ExpressionPtr& condition, std::string name);
    void add_criterion(ast::ExpressionPtr condition);
    void add_unique(const std::vector<std::uint32_t>& offsets, std::string name);
    /// The columns are those of the members, whatever `index` says.
    void add_index(const std::vector<std::uint32_t>& offsets, Index index);
    void set_option(std::string name, std::string value);
    void add_foreign_key(const std::vector<std::uint32_t>& offsets, Mapper* (*target)(),
                         std::vector<std::uint32_t> target_offsets, ForeignKey rules);
    void set_comment(std::string comment);
    void set_computed(ColumnProperty& property, ast::ExpressionPtr expression, Computed when);
    /// `function` as for `add_member`.
    ExpressionProperty& add_expression(const char* function, std::uint32_t offset,
                                       const MemberFacts& facts,
                                       std::function<ast::ExpressionPtr()> make);
    void set_registry(const Registry& registry);
    void set_bind_key(std::string key);
    void set_read_only();
    void set_read_only(ColumnProperty& property);
    void set_info(std::string key, Value value);
    void add_synonym(const ColumnProperty& property, std::string name);
    /// Several validators of one member run in the order in which they were given.
    void add_validator(ColumnProperty& property, std::function<void(void* member)> validate);
    void put_into_form(ColumnProperty& property, std::function<void(void* member)> change);
    /// The member is a Deferred<T>.
    ColumnProperty& make_deferrable(ColumnProperty& property, std::uint32_t link_offset);
    /// The member is an Attribute<T>.
    void make_attribute(ColumnProperty& property, std::uint32_t link_offset);
    void rename_column(ColumnProperty& property, std::string name);
    void set_sensitive(ColumnProperty& property);
    void set_type(ColumnProperty& property, const SqlType& type);
    void set_sql_around(ColumnProperty& property, std::string_view read, std::string_view write);
    /// `plain` is the type that the member would have without, `stored` what it has now.
    void set_conversion(ColumnProperty& property, const FieldCodec& codec,
                        const ColumnConversion& conversion, const SqlType& plain,
                        const SqlType& stored);
    /// The column at `offset` is the version of its row, and `next` makes the next one; without it,
    /// the database does. `counts`: it is a number that grows by one, and needs no `next`.
    void set_version(std::uint32_t offset, std::function<Value(const Value& before)> next,
                     bool counts);
    /// The column is there in every table, whatever its schema says, as `xmin` is in PostgreSQL.
    void set_system_column(std::uint32_t offset, std::string name);
    void mark_primary_key(const ColumnProperty& property);
    void set_primary_key(const std::vector<std::uint32_t>& offsets);
    [[noreturn]] void refuse_default(const ColumnProperty& property) const;
    // Class hierarchies.

    /// `base_offset` is where the base lies in an object of the class.
    void set_base(Mapper& base, std::uint32_t base_offset);
    void set_concrete();
    void set_key_names(std::vector<std::string> names, ForeignKey rules);
    void set_discriminator(std::uint32_t offset);
    void set_discriminator(std::function<ast::ExpressionPtr()> expression);
    void set_identity(Value identity);
    void set_abstract();
    void set_without_table();
    void set_polymorphic_load(PolymorphicLoad load);
    void set_fallback();

    /// Copies the columns, relationships, constraints and criteria of a mixin whose part of the
    /// object begins at `base_offset`.
    void include(const ObjectType& mixin, void (*describe)(Mapper&), std::uint32_t base_offset);
    /// The columns of a struct that is a member, as `function` calls it (see add_member), with
    /// `prefix` before their names; nullptr for the member's name and an underscore.
    void embed(const char* function, std::uint32_t offset, const ObjectType& part,
               void (*describe)(Mapper&), const std::string* prefix);
    [[nodiscard]] Column& column_of(const ColumnProperty& property);
    [[nodiscard]] Mapper& mapper() noexcept { return mapper_; }

private:
    [[nodiscard]] ColumnProperty* find_included(std::uint32_t offset) noexcept;
    ColumnProperty& described_anew(ColumnProperty& property, const SqlType* type);
    void copy_relationship(const Relationship& theirs, std::uint32_t base_offset);
    void copy_table_parts(const Mapper& mixin, std::uint32_t base_offset);
    ColumnProperty& add_column(std::string_view member, const Field& field,
                               const Accessor* accessor);
    ColumnProperty& copy_column(const Mapper& from, const ColumnProperty& theirs,
                                std::uint32_t base_offset, std::string_view member,
                                std::string_view prefix);
    void copy_names(const Mapper& from, std::size_t first_column, std::uint32_t base_offset,
                    std::string_view member, std::string_view prefix);
    void point_to_table();

    Mapper& mapper_;
};

} // namespace mercator
