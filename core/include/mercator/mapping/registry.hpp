// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mercator {

/// How the table of a class is called whose description names none: "UserProfile" ->
/// "user_profiles".
using TableNaming = std::function<std::string(std::string_view class_name)>;

/// A rule that gives tables plural names, for a Registry or a `table_name` of one's own:
///
///     inline const mercator::Registry shop("shop", mercator::PluralNames().irregular("foot",
///     "feet"));
///
/// It knows the endings of English and the commonest irregular words; what it does not know is told
/// by `irregular`, which goes before everything else.
class MERCATOR_API PluralNames {
public:
    PluralNames& irregular(std::string singular, std::string plural);
    /// "product" -> "products", "category" -> "categories", "order_box" -> "order_boxes".
    [[nodiscard]] std::string plural_of(std::string_view word) const;
    /// snake_case of the class's name, its last word in the plural.
    [[nodiscard]] std::string operator()(std::string_view class_name) const;

private:
    std::vector<std::pair<std::string, std::string>> irregular_;
};

/// Classes that belong together, where a program has several collections of them: each class says
/// in its description which one it is of (`mapping.registry(shop)`), or is of none. A relationship
/// leads to a class of the same registry; to another one it is a MappingError. Two registries may
/// have classes and tables of the same name, each in the Database that it is mapped to.
///
/// Make one with static storage: classes keep a reference to it. Immutable, so used from any
/// thread.
class Registry {
public:
    explicit Registry(std::string name, TableNaming table_naming = {}) :
        name_(std::move(name)),
        table_naming_(std::move(table_naming)) {}
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Empty where tables are called as everywhere else.
    [[nodiscard]] const TableNaming& table_naming() const noexcept { return table_naming_; }

private:
    std::string name_;
    TableNaming table_naming_;
};

} // namespace mercator
