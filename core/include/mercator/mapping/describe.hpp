// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/build.hpp>
#include <mercator/mapping/accessor.hpp>
#include <mercator/mapping/deferred.hpp>
#include <mercator/mapping/mapper_builder.hpp>
#include <mercator/mapping/member_name.hpp>
#include <mercator/mapping/related.hpp>
#include <mercator/mapping/relationship_mapping.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/type_of.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace mercator {

template <class T>
class Mapping;

template <class T>
[[nodiscard]] Mapper& declared_mapper();

/// Is there a `describe(Mapping<T>&)`, found by argument-dependent lookup or as a static member of
/// T?
template <class T>
concept DescribedByMember = requires(Mapping<T>& mapping) {
    T::describe(mapping);
};
template <class T>
concept DescribedByFunction = requires(Mapping<T>& mapping) {
    describe(mapping);
};
template <class T>
concept Described = DescribedByMember<T> || DescribedByFunction<T>;

/// What can be said about one column, in any order. A view into the mapper under construction; keep
/// it no longer than `describe` runs.
template <class Value, bool is_deferrable = false>
class ColumnMapping {
public:
    ColumnMapping(MapperBuilder& builder, ColumnProperty& property) :
        builder_(builder),
        property_(property) {}

    ColumnMapping& name(std::string column_name) {
        builder_.rename_column(property_, std::move(column_name));
        return *this;
    }
    ColumnMapping& primary_key() {
        builder_.mark_primary_key(property_);
        return *this;
    }
    ColumnMapping& autoincrement(bool on = true) {
        column().autoincrement(on);
        return *this;
    }
    ColumnMapping& unique() {
        column().unique();
        return *this;
    }
    ColumnMapping& index() {
        column().index();
        return *this;
    }
    /// Deviation from what the C++ type says (std::optional = NULL allowed).
    ColumnMapping& nullable(bool value = true) {
        column().nullable(value);
        return *this;
    }
    ColumnMapping& comment(std::string text) {
        column().comment(std::move(text));
        return *this;
    }
    /// Not loaded with its object, but when it is first read; together with the columns of its
    /// group, if it has one.
    ColumnMapping& deferred(std::string group = {}) {
        static_assert(is_deferrable,
                      "mercator: only a member that is a Deferred<T> can be deferred, "
                      "since a plain member cannot load itself when it is read");
        property_.deferred = true;
        property_.deferred_group = std::move(group);
        return *this;
    }
    /// Not even then: reading it is a StateError, unless the query undefers it.
    ColumnMapping& deferred_raise(std::string group = {}) {
        deferred(std::move(group));
        property_.deferred_raise = true;
        return *this;
    }
    /// No log, error or `represent` shows the column's values: they are written as ***.
    ColumnMapping& sensitive() {
        builder_.set_sensitive(property_);
        return *this;
    }

    /// The value at INSERT while the member still has its initial state.
    template <class U>
    ColumnMapping& default_(U value) {
        using Plain = typename WithoutOptional<Value>::type;
        static_assert(std::convertible_to<U, Value> &&
                          !(std::floating_point<U> && std::integral<Plain>)&&!(
                              std::same_as<Plain, bool> && std::is_pointer_v<U>),
                      "mercator: this default does not convert to the member's type without loss; "
                      "give a value of that type");
        if constexpr (StorableInteger<U> && StorableInteger<Plain> && !std::same_as<U, char> &&
                      !std::same_as<Plain, char>) {
            if (!std::in_range<Plain>(value)) builder_.refuse_default(property_);
        }
        return default_factory([value = Value(std::move(value))] { return value; });
    }
    /// Called once per inserted row whose member still has its initial state; never when a row is
    /// loaded.
    template <std::invocable Factory>
    ColumnMapping& default_factory(Factory factory) {
        property_.apply_default = [factory = std::move(factory),
                                   accessor = property_.accessor](void* member) mutable {
            put(member, accessor, Value(factory()));
        };
        return *this;
    }
    /// Called with the object, so that the default may look at its other members.
    template <class T, class Factory>
    ColumnMapping& default_factory(Value T::*member, Factory factory) {
        const auto offset = member_offset<T>(member);
        property_.apply_default = [factory = std::move(factory), offset](void* place) mutable {
            const auto* object =
                reinterpret_cast<const T*>(static_cast<const std::byte*>(place) - offset);
            *static_cast<Value*>(place) = Value(factory(*object));
        };
        return *this;
    }
    /// Called once per row that an UPDATE changes elsewhere.
    template <std::invocable Factory>
    ColumnMapping& on_update(Factory factory) {
        property_.apply_on_update = [factory = std::move(factory),
                                     accessor = property_.accessor](void* member) mutable {
            put(member, accessor, Value(factory()));
        };
        return *this;
    }
    /// Another initial state than `Value{}`: defaults apply while the member equals it. With it, an
    /// explicit NULL is kept.
    ColumnMapping& sentinel(Value initial) {
        property_.make_unset = [initial, accessor = property_.accessor](void* member) {
            put(member, accessor, Value(initial));
        };
        property_.is_unset = [initial = std::move(initial),
                              accessor = property_.accessor](const void* member) {
            if (accessor == nullptr) return *static_cast<const Value*>(member) == initial;
            Value value{};
            accessor->get(member, &value);
            return value == initial;
        };
        return *this;
    }
    /// DEFAULT in the schema; the value is read back after INSERT.
    template <class U> // a template, so that a literal 0 is a number and no null pointer to an
                       // expression
    requires(std::convertible_to<U, mercator::Value> &&
             !std::convertible_to<U, ast::ExpressionPtr>) ColumnMapping& server_default(U value) {
        column().server_default(mercator::Value(std::move(value)));
        property_.server_default = true;
        return *this;
    }
    ColumnMapping& server_default(ast::ExpressionPtr expression) {
        column().server_default(std::move(expression));
        property_.server_default = true;
        return *this;
    }

    /// Foreign key, checked by the compiler: `references<&Role::id>()`. `Class` follows from the
    /// member. It stands there because g++ gives a function that depends on a member of a class in
    /// an unnamed namespace, and not on the class itself, to all files that have one of that name.
    template <auto Target, class Class = typename MemberPointer<decltype(Target)>::class_type>
    ColumnMapping& references();
    /// Foreign key by name, "roles.id", resolved when the schema is completed.
    ColumnMapping& references(const std::string& target) {
        column().references(target);
        property_.target_text = target;
        return *this;
    }
    ColumnMapping& on_delete(ReferentialAction action) {
        column().on_delete(action);
        return *this;
    }
    ColumnMapping& on_key_update(ReferentialAction action) {
        column().on_update(action);
        return *this;
    }
    /// The foreign key is checked at the commit, or where the transaction asks for that.
    ColumnMapping& deferrable(Deferrable when = Deferrable::InitiallyDeferred) {
        column().deferrable(when);
        return *this;
    }

private:
    static void put(void* place, const Accessor* accessor, Value value) {
        if (accessor == nullptr) {
            *static_cast<Value*>(place) = std::move(value);
        } else {
            accessor->set(place, &value);
        }
    }
    Column& column() { return builder_.column_of(property_); }
    MapperBuilder& builder_;
    ColumnProperty& property_;
};

/// Several members as one argument: `foreign_key(members<&Line::region, &Line::order_no>,
/// members<&Order::region, &Order::no>)`.
template <auto... Members>
struct MemberList {};
template <auto... Members>
inline constexpr MemberList<Members...> members{};

/// Checks, once per class and type, that such a member can be a column of T.
template <class T, class Pointer>
struct ColumnMember {
    using Value = typename MemberPointer<Pointer>::member_type;
    static_assert(std::derived_from<T, typename MemberPointer<Pointer>::class_type>,
                  "mercator: column must name a member of the class that is described");
    static_assert(!std::derived_from<Value, RelatedOne> && !std::derived_from<Value, RelatedMany>,
                  "mercator: One<T> and Many<T> are relationships; use relationship<&...>() "
                  "instead of column<&...>()");
};

/// What `describe(Mapping<T>&)` talks to: maps a struct to a table. Members that are not mentioned
/// are not stored. Lives only while `describe` runs.
template <class T>
class Mapping {
public:
    explicit Mapping(Mapper& mapper) : builder_(mapper) {}

    /// The table's name; without it, snake_case of the struct's name.
    Mapping& table(std::string name) {
        builder_.set_table(std::move(name));
        return *this;
    }
    Mapping& comment(std::string text) {
        builder_.set_comment(std::move(text));
        return *this;
    }

    /// Maps a member; the SQL type follows from the member's type.
    template <auto Member>
    auto column() {
        return mapped<typename ColumnMember<T, decltype(Member)>::Value>(
            __PRETTY_FUNCTION__, member_offset<T>(Member), nullptr);
    }
    template <auto Member>
    auto column(const SqlType& type) {
        return mapped<typename ColumnMember<T, decltype(Member)>::Value>(
            __PRETTY_FUNCTION__, member_offset<T>(Member), &type);
    }

    /// A column that is no data member but a pair of functions, for a class that cannot be edited:
    /// `property<&Person::name, &Person::set_name>("name")`. Both are member functions, or
    /// functions or captureless lambdas that take the object first. Statements reach it by this
    /// name, as in `col_by_name<Person, std::string>("name")`. Reading and writing it costs more
    /// than a member.
    template <auto Get, auto Set>
    auto property(std::string_view name, SqlType type = {}) {
        using Pair = AccessorPair<T, Get, Set>;
        static constexpr MemberFacts facts{FieldKind::Codec,
                                           TypeOf<typename Pair::value_type>::optional,
                                           TypeOf<typename Pair::value_type>::sql_type(),
                                           &Pair::codec,
                                           0,
                                           1,
                                           &Pair::is_initial,
                                           &Pair::make_initial};
        return ColumnMapping<typename Pair::value_type>(
            builder_, builder_.add_column(name, 0, facts, type, &Pair::accessor));
    }

    template <auto Member>
    auto relationship();

    /// The columns of a mixin, a base class without a table of its own.
    template <class Mixin>
    Mapping& include();

    /// A key over several members, in the order in which they are described. Instead of marking
    /// each of them.
    template <auto... Members>
    Mapping& primary_key() {
        builder_.set_primary_key({member_offset<T>(Members)...});
        return *this;
    }
    Mapping& check(const ast::ExpressionPtr& condition, std::string name) {
        builder_.add_check(condition, std::move(name));
        return *this;
    }
    /// The same as text that the author of the class writes, for what a tree cannot say.
    Mapping& check(std::string_view sql, std::string name) {
        builder_.add_check(ast::text(std::string(sql), Boolean()), std::move(name));
        return *this;
    }
    /// A foreign key over several members, pairwise.
    template <auto... Own, auto First, auto... Rest>
    Mapping& foreign_key(MemberList<Own...> own, MemberList<First, Rest...> target,
                         std::string name = {}) {
        return foreign_key(own, target, ForeignKey{.name = std::move(name)});
    }
    /// The same with actions: `ForeignKey{.on_delete = ReferentialAction::Cascade}`.
    template <auto... Own, auto First, auto... Rest>
    Mapping& foreign_key(MemberList<Own...>, MemberList<First, Rest...>, ForeignKey rules) {
        using Target = typename MemberPointer<decltype(First)>::class_type;
        static_assert(sizeof...(Own) == 1 + sizeof...(Rest),
                      "mercator: a foreign key needs as many members on one side as on the other");
        builder_.add_foreign_key(
            {member_offset<T>(Own)...}, []() -> Mapper* { return &declared_mapper<Target>(); },
            {member_offset<Target>(First), member_offset<Target>(Rest)...}, std::move(rules));
        return *this;
    }
    template <auto... Members>
    Mapping& unique(std::string name = {}) {
        builder_.add_unique({member_offset<T>(Members)...}, std::move(name));
        return *this;
    }
    template <auto... Members>
    Mapping& index(std::string name = {}) {
        return index<Members...>(Index{.name = std::move(name)});
    }
    /// An index that is more than its columns: `index<&Order::status,
    /// &Order::at>(Index{.descending = {"at"}, .where = col(&Order::status) != "done"})`.
    template <auto... Members>
    Mapping& index(Index index) {
        builder_.add_index({member_offset<T>(Members)...}, std::move(index));
        return *this;
    }
    /// What one dialect alone understands: `option("mysql_engine", "InnoDB")`,
    /// `option("sqlite_strict")`. Other dialects ignore it; an unknown one is a CompileError when
    /// the table is made.
    Mapping& option(std::string name, std::string value = "true") {
        builder_.set_option(std::move(name), std::move(value));
        return *this;
    }

private:
    template <class Member>
    auto mapped(const char* function, std::uint32_t offset, const SqlType* type) {
        using Value = stored_member_t<Member>;
        constexpr std::uint32_t link = StoredMember<Member>::link_offset;
        ColumnProperty& property = builder_.add_member(function, offset, member_facts<Value>, type);
        return ColumnMapping<Value, link != 0>(builder_, builder_.make_deferrable(property, link));
    }
    MapperBuilder builder_;
};

/// The facts about T that the untyped code needs.
template <class T>
[[nodiscard]] ObjectType object_type_of() {
    static_assert(std::is_default_constructible_v<T>,
                  "mercator: a mapped class must be default constructible, since rows are read "
                  "into fresh objects");
    static_assert(std::is_move_constructible_v<T>,
                  "mercator: a mapped class must be movable, since session.add moves it into the "
                  "session's graph");
    return ObjectType{
        std::type_index(typeid(T)),
        type_name<T>(),
        full_type_name<T>(),
        &default_table_name<T>,
        sizeof(T),
        alignof(T),
        [](void* place) { ::new (place) T(); },
        [](void* place, void* from) { ::new (place) T(std::move(*static_cast<T*>(from))); },
        [](void* object) noexcept { static_cast<T*>(object)->~T(); }};
}

template <class T>
void run_describe(Mapper& mapper) {
    Mapping<T> mapping(mapper);
    if constexpr (DescribedByMember<T>) {
        T::describe(mapping);
    } else {
        describe(mapping);
    }
}

/// The mapper of T with its columns, relationships not yet resolved. Usable inside `describe`.
template <class T>
[[nodiscard]] Mapper& declared_mapper() {
    static_assert(Described<T>, "mercator: this class is not mapped; write void "
                                "describe(mercator::Mapping<T>&) in its namespace");
    static Mapper& mapper = registered_mapper(object_type_of<T>());
    mapper.declare(&run_describe<T>);
    return mapper;
}

/// Makes classes known by name without looking at what they refer to, so that others that only
/// declare them can refer to them: each module or shared library declares its own, then the
/// database is set up. `db.map<...>()` does it, too, for classes that refer to nothing unknown.
template <class... Ts>
void declare() {
    (static_cast<void>(declared_mapper<Ts>()), ...);
}

/// The mapper of the class on the other side of a relationship. Where that class is only declared,
/// it is looked for by name among the classes that are known when the mappers are configured.
template <class Target, bool complete_where_described>
[[nodiscard]] Mapper* related_mapper(const std::string& where) {
    if constexpr (requires { sizeof(Target); }) {
        return &declared_mapper<Target>();
    } else {
        return &mapper_by_name(full_type_name<Target>(), where);
    }
}

/// The mapper of T, configured. Throws MappingError for a model that is wrong.
template <class T>
[[nodiscard]] const Mapper& mapper_of() {
    Mapper& mapper = declared_mapper<std::remove_const_t<T>>();
    if (!mapper.is_configured()) mapper.configure();
    return mapper;
}

template <class Value, bool is_deferrable>
template <auto Target, class Class>
ColumnMapping<Value, is_deferrable>& ColumnMapping<Value, is_deferrable>::references() {
    property_.target = []() -> Mapper* { return &declared_mapper<Class>(); };
    property_.target_offset = member_offset<Class>(Target);
    if (!column().foreign_key)
        column().foreign_key.emplace(); // its target is filled in when the mappers are configured
    return *this;
}

template <class T>
template <auto Member>
auto Mapping<T>::relationship() {
    using Pointer = MemberPointer<decltype(Member)>;
    using Side = typename Pointer::member_type;
    constexpr bool is_one = std::derived_from<Side, RelatedOne>;
    constexpr bool is_many = std::derived_from<Side, RelatedMany>;
    static_assert(is_one || is_many,
                  "mercator: a relationship member must be a One<T> or a Many<T>");
    using Target = typename Side::target_type;
    Relationship& relationship =
        builder_.add_relationship(member_name<Member>(), member_offset<T>(Member), is_many,
                                  &related_mapper<Target, requires { sizeof(Target); }>);
    return RelationshipMapping<T, Target, is_many>(relationship);
}

template <class T>
template <class Mixin>
Mapping<T>& Mapping<T>::include() {
    static_assert(std::derived_from<T, Mixin>,
                  "mercator: include<Mixin>() needs Mixin to be a base class");
    alignas(T) static std::byte place[sizeof(T)]; // never read: only to see where the base lies
    const auto* derived = reinterpret_cast<const T*>(place);
    const auto* base = static_cast<const Mixin*>(derived);
    // No object is made of it alone, so it may be abstract; and it has no table to name.
    const ObjectType type{.type = std::type_index(typeid(Mixin)),
                          .name = type_name<Mixin>(),
                          .full_name = full_type_name<Mixin>()};
    builder_.include(type, &run_describe<Mixin>,
                     static_cast<std::uint32_t>(reinterpret_cast<const std::byte*>(base) - place));
    return *this;
}

} // namespace mercator
