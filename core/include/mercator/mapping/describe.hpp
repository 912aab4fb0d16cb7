// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/build.hpp>
#include <mercator/mapping/accessor.hpp>
#include <mercator/mapping/attribute.hpp>
#include <mercator/mapping/column_conversion.hpp>
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

    /// Written when its row is inserted, and never again: a flush that finds it changed is a
    /// StateError, before anything is sent.
    ColumnMapping& read_only() {
        builder_.set_read_only(property_);
        return *this;
    }
    /// Another name for those who go by names: `col_by_name`, input and output.
    ColumnMapping& synonym(std::string name) {
        builder_.add_synonym(property_, std::move(name));
        return *this;
    }
    /// A note of the application, kept with the column: `info("label", "E-mail")`.
    ColumnMapping& info(std::string key, mercator::Value value) {
        column().info.set(std::move(key), std::move(value));
        return *this;
    }
    /// Looks at each value before it is written, of new objects and of changed members:
    /// `validate([](std::string& mail) { if (!mail.contains('@')) throw ...; })`. It may replace
    /// the value; what it throws (a ValidationError, or any std::exception) comes out as a
    /// ValidationError that names class and member, before anything is sent. An empty optional is
    /// only given to a function that takes the optional itself. Runs when an object is added and at
    /// each flush that would write the member, so a value that it let pass must pass again.
    template <class Check>
    ColumnMapping& validate(Check check) {
        builder_.add_validator(property_, on_member(std::move(check)));
        return *this;
    }
    /// How the value is stored: `stored_as([](std::string& mail) { to_lower(mail); })`. Runs before
    /// changes are looked for, over all objects of the class that a flush may write: what is the
    /// same in this form is no change. Must leave a value alone that has the form already.
    template <class Change>
    ColumnMapping& stored_as(Change change) {
        builder_.put_into_form(property_, on_member(std::move(change)));
        return *this;
    }
    /// What JSON shows instead of the value: `shown_as([](const std::string& card) { return "..." +
    /// card.substr(12); })`.
    template <class Show>
    ColumnMapping& shown_as(Show show) {
        property_.shown = [show = std::move(show),
                           accessor = property_.accessor](const void* member) {
            if (accessor == nullptr)
                return mercator::Value(show(*static_cast<const Value*>(member)));
            Value value{};
            accessor->get(member, &value);
            return mercator::Value(show(static_cast<const Value&>(value)));
        };
        return *this;
    }

    /// Another type on one dialect: `.variant("mysql", Text(1000))`.
    ColumnMapping& variant(std::string_view dialect, const SqlType& type) {
        builder_.set_type(property_, column().type.with_variant(dialect, type));
        return *this;
    }
    /// SQL around the column where it is read in a SELECT, which stands at "{}" and keeps its name:
    /// `.read_sql("ST_AsText({})")`. Conditions see the column itself.
    ColumnMapping& read_sql(std::string_view sql) {
        builder_.set_sql_around(property_, sql, {});
        return *this;
    }
    /// SQL around every value that is written to the column or compared with it.
    ColumnMapping& write_sql(std::string_view sql) {
        builder_.set_sql_around(property_, {}, sql);
        return *this;
    }
    /// Two functions of this column: what is stored instead of the member's value, and back:
    /// `.convert<&encrypt, &decrypt>()`. A value that the column is compared with goes through the
    /// first one, too. Neither is called for NULL. The column gets the type of what `Encode`
    /// returns. Not for keys.
    template <auto Encode, auto Decode>
    ColumnMapping& convert() {
        using Hook = ColumnConversionOf<Value, Encode, Decode>;
        builder_.set_conversion(property_, Hook::codec, Hook::conversion, TypeOf<Value>::sql_type(),
                                Hook::sql_type());
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
    template <class T, class Member, class Factory>
    requires std::same_as<stored_member_t<Member>, Value> ColumnMapping&
    default_factory(Member T::*member, Factory factory) {
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

    /// The database computes the column from others of the row: `computed(col(&Line::price) *
    /// col(&Line::count))`, also from a hybrid that stays within the row. Never written by the
    /// program; the member has the value after the flush, whatever was put there.
    ColumnMapping& computed(ast::ExpressionPtr expression, Computed when = Computed::Stored) {
        builder_.set_computed(property_, std::move(expression), when);
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
    /// `act` on the member that is given by its address.
    template <class Act>
    auto on_member(Act act) {
        return [act = std::move(act), accessor = property_.accessor](void* member) {
            if (accessor == nullptr) {
                apply(act, *static_cast<Value*>(member));
            } else {
                Value value{};
                accessor->get(member, &value);
                apply(act, value);
                accessor->set(member, &value);
            }
        };
    }
    template <class Act>
    static void apply(const Act& act, Value& value) {
        if constexpr (std::invocable<const Act&, Value&>) {
            act(value);
        } else {
            static_assert(std::invocable<const Act&, typename WithoutOptional<Value>::type&>,
                          "mercator: this function must take a reference to the member's value");
            if (value) act(*value);
        }
    }
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

/// What can be said about a member that an expression fills.
class ExpressionMapping {
public:
    explicit ExpressionMapping(ExpressionProperty& property) : property_(property) {}
    /// Left as the class makes it, unless a query asks: `options(undefer<&User::post_count>())`.
    ExpressionMapping& deferred() {
        property_.deferred = true;
        return *this;
    }

private:
    ExpressionProperty& property_;
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

/// How an object is made that a row is read into, for a class without a default constructor, or
/// whose default constructor is for new objects alone: specialise it.
///
///     template <> struct mercator::ObjectFactory<Account> {
///         static Account make() { return Account(Account::FromRow()); }
///     };
///
/// The specialisation must be visible before the first use of the class. It may be a friend of it.
template <class T>
struct ObjectFactory;
template <class T>
concept HasObjectFactory = requires {
    { ObjectFactory<T>::make() } -> std::same_as<T>;
};

/// A new object as rows are read into.
template <class T>
[[nodiscard]] T make_object() {
    if constexpr (HasObjectFactory<T>) {
        return ObjectFactory<T>::make();
    } else {
        return T();
    }
}

/// The facts about T that the untyped code needs.
template <class T>
[[nodiscard]] ObjectType object_type_of() {
    static_assert(HasObjectFactory<T> || std::is_default_constructible_v<T> ||
                      std::is_abstract_v<T>,
                  "mercator: a mapped class must be default constructible, since rows are read "
                  "into fresh objects; or specialise mercator::ObjectFactory for it");
    static_assert(std::is_move_constructible_v<T> || std::is_abstract_v<T>,
                  "mercator: a mapped class must be movable, since session.add moves it into the "
                  "session's graph");
    ObjectType type{std::type_index(typeid(T)), type_name<T>(), full_type_name<T>(),
                    &default_table_name<T>,     sizeof(T),      alignof(T)};
    if constexpr (!std::is_abstract_v<T>) { // one that is has no objects of its own
        type.construct = [](void* place) {
            if constexpr (HasObjectFactory<T>) {
                ::new (place) T(ObjectFactory<T>::make());
            } else {
                ::new (place) T();
            }
        };
        type.move_construct = [](void* place, void* from) {
            ::new (place) T(std::move(*static_cast<T*>(from)));
        };
        type.destroy = [](void* object) noexcept { static_cast<T*>(object)->~T(); };
    }
    return type;
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
