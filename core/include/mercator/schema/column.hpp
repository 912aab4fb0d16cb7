// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>
#include <mercator/schema/foreign_key.hpp>
#include <mercator/schema/info.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/sql_type.hpp>

#include <functional>
#include <optional>
#include <string>

namespace mercator {

/// Does the database make the key? `Auto`: yes for a single integer primary key without a foreign
/// key and without a default.
enum class Autoincrement : std::uint8_t { Auto, On, Off };

/// When does the database compute a column that is made of others: at each reading, or once when
/// the row is written? Not every backend has both: see Capabilities.
enum class Computed : std::uint8_t { Virtual, Stored };

/// Description of one column: plain data with a builder. `Column("id", Integer()).primary_key()`. A
/// value type.
class MERCATOR_API Column {
public:
    Column(std::string name, SqlType type) : name(std::move(name)), type(type) {}

    std::string name;
    SqlType type;
    bool is_primary_key = false;
    std::optional<bool> is_nullable; ///< unset: nullable unless part of the primary key
    bool is_unique = false;
    bool is_indexed = false;
    bool is_system = false; ///< there in every table, as PostgreSQL's xmin: never made or written
    Autoincrement autoincrement_mode = Autoincrement::Auto;
    ast::ExpressionPtr server_default_value; ///< DEFAULT in the DDL; a Literal or a function
    /// What the database computes the column from, over columns of the same row; empty for others.
    ast::ExpressionPtr computed_from;
    Computed computed_when = Computed::Stored;
    std::string comment_text;
    /// The type as one database spells it, where `type` cannot say it (a reflected column of an
    /// exotic type). Where it is set, it is what is written into the schema.
    std::string native_type;
    std::optional<ForeignKey>
        foreign_key;                      ///< single-column form; composite ones stand on the table
    std::function<Value()> default_value; ///< called once per inserted row that gives no value
    std::function<Value()> on_update_value; ///< called once per updated row
    Info info;                              ///< notes of the application

    Column& primary_key() & {
        is_primary_key = true;
        return *this;
    }
    Column& nullable(bool value = true) & {
        is_nullable = value;
        return *this;
    }
    Column& unique() & {
        is_unique = true;
        return *this;
    }
    Column& index() & {
        is_indexed = true;
        return *this;
    }
    Column& autoincrement(bool on = true) & {
        autoincrement_mode = on ? Autoincrement::On : Autoincrement::Off;
        return *this;
    }
    Column& comment(std::string text) & {
        comment_text = std::move(text);
        return *this;
    }
    /// "table.column", resolved when the schema is completed.
    Column& references(const std::string& target) &;
    Column& on_delete(ReferentialAction action) &;
    Column& on_update(ReferentialAction action) &;
    Column& deferrable(Deferrable when = Deferrable::InitiallyDeferred) &;
    Column& server_default(Value value) &;
    Column& server_default(ast::ExpressionPtr expression) &;
    Column& default_(Value value) &;
    Column& computed(ast::ExpressionPtr expression, Computed when = Computed::Stored) & {
        computed_from = std::move(expression);
        computed_when = when;
        return *this;
    }
    template <class Factory>
    Column& default_factory(Factory factory) & {
        default_value = [factory = std::move(factory)]() -> Value { return Value(factory()); };
        return *this;
    }

    Column&& primary_key() && { return std::move(primary_key()); }
    Column&& nullable(bool value = true) && { return std::move(nullable(value)); }
    Column&& unique() && { return std::move(unique()); }
    Column&& index() && { return std::move(index()); }
    Column&& autoincrement(bool on = true) && { return std::move(autoincrement(on)); }
    Column&& comment(std::string text) && { return std::move(comment(std::move(text))); }
    Column&& references(const std::string& target) && { return std::move(references(target)); }
    Column&& on_delete(ReferentialAction action) && { return std::move(on_delete(action)); }
    Column&& on_update(ReferentialAction action) && { return std::move(on_update(action)); }
    Column&& deferrable(Deferrable when = Deferrable::InitiallyDeferred) && {
        return std::move(deferrable(when));
    }
    Column&& server_default(Value value) && { return std::move(server_default(std::move(value))); }
    Column&& server_default(ast::ExpressionPtr e) && {
        return std::move(server_default(std::move(e)));
    }
    Column&& default_(Value value) && { return std::move(default_(std::move(value))); }
    Column&& computed(ast::ExpressionPtr expression, Computed when = Computed::Stored) && {
        return std::move(computed(std::move(expression), when));
    }
    template <class Factory>
    Column&& default_factory(Factory factory) && {
        return std::move(default_factory(std::move(factory)));
    }

    [[nodiscard]] bool accepts_null() const noexcept {
        return is_nullable.value_or(!is_primary_key);
    }
};

} // namespace mercator
