// SPDX-License-Identifier: MIT
#pragma once

// Not part of mercator.hpp, since it includes nlohmann-json.

#include <mercator/mapping/expression.hpp>
#include <mercator/types/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mercator {

/// A place in a document: `col(&Settings::preferences)["theme"]["sizes"][0]`. It is a document by
/// itself, and NULL where there is no such place.
using JsonPlace = Expr<std::optional<nlohmann::json>>;

/// What a place can be read as in SQL.
template <class T>
concept JsonReadable = std::same_as<T, bool> || std::same_as<T, std::string> ||
    std::floating_point<T> || StorableInteger<T>;

/// What documents can do in a statement. The answers are the same on every database that can look
/// into documents (`Capabilities::json_functions`); elsewhere they are an UnsupportedError.
template <class Self>
struct OwnOperations<nlohmann::json, Self> {
    /// The member of an object. The name may hold any character; it is quoted in the statement.
    template <std::convertible_to<std::string_view> Key>
    [[nodiscard]] JsonPlace operator[](const Key& key) const {
        return place({std::string(std::string_view(key)), -1});
    }
    /// The element of an array, from 0.
    template <std::integral Index>
    requires(!std::same_as<Index, bool>) [[nodiscard]] JsonPlace operator[](Index index) const {
        return place(ast::json_index(static_cast<std::int64_t>(index)));
    }

    /// The value there as a bool, a number or a text; NULL for a value of another kind, for JSON's
    /// null and where nothing is. Integers are numbers without a fraction: 2.0 is one, 2.5 is none.
    template <class T>
    [[nodiscard]] auto as() const {
        static_assert(JsonReadable<T>, "mercator: as<T>() reads bool, integers, floating-point "
                                       "numbers and std::string out of a document");
        return Expr<std::optional<T>>(asked(form_of<T>()));
    }
    /// The text of a string; NULL for anything else.
    [[nodiscard]] Expr<std::optional<std::string>> as_text() const;
    /// Is JSON's null there? (`== mercator::null` asks for SQL's: no document, or no such place.)
    [[nodiscard]] Expr<bool> is_json_null() const;
    /// Is anything there, be it JSON's null?
    [[nodiscard]] Expr<bool> exists() const;
    /// Has the object a member of that name?
    [[nodiscard]] Expr<bool> has_key(std::string_view key) const;
    /// How many elements the array there has; NULL if there is no array.
    [[nodiscard]] Expr<std::optional<std::int64_t>> length() const;
    /// What `contains` asks of documents: are all members and elements of `part` in it, at the same
    /// places? MySQL and MariaDB also find a plain value among the elements of an array that stands
    /// where it should. SQLite cannot tell: UnsupportedError.
    [[nodiscard]] Expr<bool> contains_all(const nlohmann::json& part) const;

private:
    [[nodiscard]] ast::ExpressionPtr node() const { return static_cast<const Self&>(*this).node(); }
    [[nodiscard]] ast::ExpressionPtr asked(ast::JsonForm form) const {
        return ast::json_path(node(), {}, form);
    }
    [[nodiscard]] JsonPlace place(ast::JsonStep step) const;

    template <class T>
    [[nodiscard]] static constexpr ast::JsonForm form_of() noexcept {
        if constexpr (std::same_as<T, bool>)
            return ast::JsonForm::Boolean;
        else if constexpr (std::same_as<T, std::string>)
            return ast::JsonForm::Text;
        else if constexpr (std::floating_point<T>)
            return ast::JsonForm::Double;
        else
            return ast::JsonForm::Integer;
    }
};

template <class Self>
JsonPlace OwnOperations<nlohmann::json, Self>::place(ast::JsonStep step) const {
    return JsonPlace(ast::json_path(node(), {std::move(step)}));
}
template <class Self>
Expr<std::optional<std::string>> OwnOperations<nlohmann::json, Self>::as_text() const {
    return as<std::string>();
}
template <class Self>
Expr<bool> OwnOperations<nlohmann::json, Self>::is_json_null() const {
    return Expr<bool>(asked(ast::JsonForm::IsNull));
}
template <class Self>
Expr<bool> OwnOperations<nlohmann::json, Self>::exists() const {
    return Expr<bool>(asked(ast::JsonForm::Exists));
}
template <class Self>
Expr<bool> OwnOperations<nlohmann::json, Self>::has_key(std::string_view key) const {
    return (*this)[key].exists();
}
template <class Self>
Expr<std::optional<std::int64_t>> OwnOperations<nlohmann::json, Self>::length() const {
    return Expr<std::optional<std::int64_t>>(asked(ast::JsonForm::Length));
}
template <class Self>
Expr<bool> OwnOperations<nlohmann::json, Self>::contains_all(const nlohmann::json& part) const {
    return Expr<bool>(
        ast::contains(ast::ContainmentOf::Document, node(), ast::bind(Value(json_text(part)))));
}

} // namespace mercator
