// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/build.hpp>
#include <mercator/mapping/accessor.hpp>
#include <mercator/mapping/attribute.hpp>
#include <mercator/mapping/column_mapping.hpp>
#include <mercator/mapping/deferred.hpp>
#include <mercator/mapping/mapper_builder.hpp>
#include <mercator/mapping/member_name.hpp>
#include <mercator/mapping/object_factory.hpp>
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

    /// The collection of classes that this one is of, where a program has several; with its rule
    /// for table names, if the description gives none. See Registry.
    Mapping& registry(const Registry& registry) {
        builder_.set_registry(registry);
        return *this;
    }
    /// The class lives in another database: that of the session's bind with this key
    /// (`SessionOptions::binds`).
    Mapping& bind_key(std::string key) {
        builder_.set_bind_key(std::move(key));
        return *this;
    }
    /// Rows of the class are for reading alone, as those of a view: adding, changing or deleting an
    /// object is a StateError at the flush, before anything is sent.
    Mapping& read_only() {
        builder_.set_read_only();
        return *this;
    }
    /// A note of the application, kept with the table: `info("export", true)`.
    Mapping& info(std::string key, Value value) {
        builder_.set_info(std::move(key), std::move(value));
        return *this;
    }

    /// The columns of a member that is itself a struct, described by a `describe` of its own (which
    /// says nothing of tables and keys): `embed<&User::home>("home_")` gives home_street,
    /// home_city. Without a prefix, the member's name and an underscore. In statements,
    /// `composite(&User::home)` is the whole and `composite(&User::home).part(&Address::city)` a
    /// column. The struct is always there; what may be absent are its parts, as std::optional.
    template <auto Member>
    Mapping& embed() {
        return embedded<Member>(__PRETTY_FUNCTION__, nullptr);
    }
    template <auto Member>
    Mapping& embed(const std::string& prefix) {
        return embedded<Member>(__PRETTY_FUNCTION__, &prefix);
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

    /// A column that counts how often its row was written: 1 when it is inserted, one more with
    /// each UPDATE of a flush. Every UPDATE and DELETE of a flush asks for the number that was
    /// loaded, so that a row which somebody else has written meanwhile is a StaleDataError, and not
    /// overwritten. The session sets the member. Of a mixin, it is that of each class.
    template <auto Member>
    auto version() {
        using Value = typename ColumnMember<T, decltype(Member)>::Value;
        static_assert(StorableInteger<Value>,
                      "mercator: a version that counts needs an integer; for another type give "
                      "version() a function that makes the next one, or use version_by_server()");
        auto mapped_column = column<Member>();
        builder_.set_version(member_offset<T>(Member), {}, true);
        return mapped_column;
    }
    /// The same with values of your own: `version<&User::etag>([] { return Uuid::random(); })`. The
    /// function may take the version before, as a Value that is NULL for a new row.
    template <auto Member, class Next>
    auto version(Next next) {
        using Value = typename ColumnMember<T, decltype(Member)>::Value;
        auto mapped_column = column<Member>();
        builder_.set_version(
            member_offset<T>(Member),
            [next = std::move(next)](const mercator::Value& before) {
                if constexpr (std::invocable<const Next&, const mercator::Value&>) {
                    return as_value(Value(next(before)));
                } else {
                    return as_value(Value(next()));
                }
            },
            false);
        return mapped_column;
    }
    /// The same with values that the database makes whenever the row is written: a trigger, or a
    /// column with an ON UPDATE of its own. They are read back after each write. With a name, it is
    /// a column that every table has, and that is not created: `version_by_server<&User::xmin>(
    /// "xmin")` in PostgreSQL, where the member is a std::uint32_t.
    template <auto Member>
    auto version_by_server(std::string system_column = {}) {
        auto mapped_column = column<Member>();
        const auto offset = member_offset<T>(Member);
        builder_.set_version(offset, {}, false);
        if (!system_column.empty()) builder_.set_system_column(offset, std::move(system_column));
        return mapped_column;
    }

    template <auto Member>
    auto relationship();

    /// A member that is no column: whenever the object is read, it takes the value of an
    /// expression, in the same statement (SQLAlchemy's column_property). Give a hybrid, or a
    /// function that makes the expression: `column_property<&User::post_count>([] { return
    /// count_of<&User::posts>(); })`. Never written.
    template <auto Member, class Maker>
    ExpressionMapping column_property(Maker make);

    /// The class is a kind of Base, which is mapped and the first thing in an object of T: it has
    /// Base's columns and relationships, and queries for Base find its rows. Say it first. With
    /// `table()` the own columns lie in that table, whose key refers to Base's (joined-table
    /// inheritance); else in Base's table (single-table inheritance).
    ///
    ///     employee.inherits<Person>().table("employees").identity("employee");
    template <class Base>
    Mapping& inherits();
    /// The table repeats the columns of the base and stands alone (concrete-table inheritance). The
    /// base's constraints over several columns, checks and indexes are not repeated.
    Mapping& concrete() {
        builder_.set_concrete();
        return *this;
    }
    /// What the key is called in the table of joined-table inheritance, if not as in the base's;
    /// and the actions of its foreign key, as in `inherit_key("person_id", {.on_delete =
    /// ReferentialAction::Cascade})`. Flushes delete rows of this table before those of the base's,
    /// so none is needed.
    Mapping& inherit_key(std::string name, ForeignKey rules = {}) {
        return inherit_key(std::vector<std::string>{std::move(name)}, std::move(rules));
    }
    /// The same for a key of several columns.
    Mapping& inherit_key(std::vector<std::string> names, ForeignKey rules = {}) {
        builder_.set_key_names(std::move(names), std::move(rules));
        return *this;
    }
    /// Of the root of a hierarchy: the column that tells which class a row is of. The session sets
    /// it, as `identity` says of each class; setting it to anything else is a StateError.
    template <auto Member>
    Mapping& polymorphic_on() {
        builder_.set_discriminator(member_offset<T>(Member));
        return *this;
    }
    /// The same for rows that tell it by some other values: a function that gives an expression
    /// over the root's columns. Nothing is set then.
    template <std::invocable Expression>
    Mapping& polymorphic_on(Expression expression) {
        builder_.set_discriminator(
            [expression = std::move(expression)] { return expression().node(); });
        return *this;
    }
    /// What the discriminator is in rows of this class: a text, a number, or a value of an enum.
    template <class Identity>
    Mapping& identity(const Identity& value) {
        if constexpr (std::convertible_to<const Identity&, std::string_view>) {
            builder_.set_identity(Value(std::string(std::string_view(value))));
        } else if constexpr (TypeOf<Identity>::kind == FieldKind::Codec) {
            builder_.set_identity(Conversion<Identity>::to_value(value));
        } else {
            builder_.set_identity(Value(value));
        }
        return *this;
    }
    /// A class between others that has no objects of its own, and so no identity; it can be queried
    /// and referred to.
    Mapping& polymorphic_abstract() {
        builder_.set_abstract();
        return *this;
    }
    /// A class that only gives others its columns (`include`): it has no table, and nothing can
    /// refer to it or query it.
    Mapping& abstract() {
        builder_.set_without_table();
        return *this;
    }
    /// How queries for a base read the columns of this class and those that inherit it, where they
    /// do not say it themselves. Without it: Inline for columns in the base's table, else Selectin.
    Mapping& polymorphic_load(PolymorphicLoad load) {
        builder_.set_polymorphic_load(load);
        return *this;
    }
    /// Of the root: rows with an identity of no known class are read as objects of the root, not
    /// refused.
    Mapping& unknown_identity_as_base() {
        builder_.set_fallback();
        return *this;
    }

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
    /// Rows for which this does not hold are not seen, whichever way they are read: soft deletion,
    /// drafts. `query.without_criteria<T>()` and `session.without_criteria<T>()` show them. See
    /// Criteria.
    Mapping& criteria(const ast::ExpressionPtr& condition) {
        builder_.add_criterion(condition);
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
    [[nodiscard]] static mercator::Value as_value(const Member& member) {
        if constexpr (TypeOf<Member>::kind == FieldKind::Codec) {
            return Conversion<Member>::to_value(member);
        } else {
            return mercator::Value(member);
        }
    }
    template <auto Member>
    Mapping& embedded(const char* function, const std::string* prefix);
    template <class Member>
    auto mapped(const char* function, std::uint32_t offset, const SqlType* type) {
        using Value = stored_member_t<Member>;
        constexpr std::uint32_t link = StoredMember<Member>::link_offset;
        ColumnProperty& property = builder_.add_member(function, offset, member_facts<Value>, type);
        if constexpr (attribute_link_offset<Member> != 0)
            builder_.make_attribute(property, attribute_link_offset<Member>);
        return ColumnMapping<Value, link != 0>(builder_, builder_.make_deferrable(property, link));
    }
    MapperBuilder builder_;
};

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

/// What is known of a class that has no table of its own.
template <class Part>
[[nodiscard]] ObjectType part_type_of() {
    return ObjectType{.type = std::type_index(typeid(Part)),
                      .name = type_name<Part>(),
                      .full_name = full_type_name<Part>()};
}

template <class T>
template <auto Member>
Mapping<T>& Mapping<T>::embedded(const char* function, const std::string* prefix) {
    using Part = typename MemberPointer<decltype(Member)>::member_type;
    static_assert(!WithoutOptional<Part>::optional,
                  "mercator: an embedded struct is always there; make its parts std::optional "
                  "instead");
    static_assert(Described<Part>, "mercator: this struct is not described; write void "
                                   "describe(mercator::Mapping<Struct>&) with its columns");
    builder_.embed(function, member_offset<T>(Member), part_type_of<Part>(), &run_describe<Part>,
                   prefix);
    return *this;
}

/// Where a base lies in an object of a class, for a class that has not been looked at before.
template <class T, class Base>
[[nodiscard]] std::uint32_t base_offset() {
    alignas(T) static std::byte place[sizeof(T)]; // never read: only to see where the base lies
    const auto* base = static_cast<const Base*>(reinterpret_cast<const T*>(place));
    return static_cast<std::uint32_t>(reinterpret_cast<const std::byte*>(base) - place);
}

template <class T>
template <class Base>
Mapping<T>& Mapping<T>::inherits() {
    static_assert(std::derived_from<T, Base> && !std::same_as<T, Base>,
                  "mercator: inherits<Base>() needs Base to be a public base class");
    static_assert(Described<Base>, "mercator: inherits<Base>() needs Base to be mapped; write void "
                                   "describe(mercator::Mapping<Base>&) in its namespace");
    static_assert(
        requires(Base * base) { static_cast<T*>(base); },
        "mercator: inherits<Base>() cannot use a virtual base class");
    if constexpr (requires { typename T::hierarchy; }) {
        static_assert(T::hierarchy::template has<T>,
                      "mercator: this class is not in the list of its hierarchy; add it to "
                      "`using hierarchy = mercator::Hierarchy<...>` in the root, so that every "
                      "visit() has to take it into account");
    }
    builder_.set_base(declared_mapper<Base>(), base_offset<T, Base>());
    return *this;
}

template <class T>
template <class Mixin>
Mapping<T>& Mapping<T>::include() {
    static_assert(std::derived_from<T, Mixin>,
                  "mercator: include<Mixin>() needs Mixin to be a base class");
    // No object is made of it alone, so it may be abstract; and it has no table to name.
    builder_.include(part_type_of<Mixin>(), &run_describe<Mixin>, base_offset<T, Mixin>());
    return *this;
}

} // namespace mercator
