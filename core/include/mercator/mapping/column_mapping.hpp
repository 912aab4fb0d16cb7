// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/build.hpp>
#include <mercator/mapping/accessor.hpp>
#include <mercator/mapping/attribute.hpp>
#include <mercator/mapping/column_conversion.hpp>
#include <mercator/mapping/deferred.hpp>
#include <mercator/mapping/mapper_builder.hpp>
#include <mercator/mapping/member_name.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/type_of.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace mercator {

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

} // namespace mercator
