// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/loader_option.hpp>

#include <concepts>
#include <memory>
#include <utility>

namespace mercator {

/// Says how the columns of some classes of a hierarchy are read.
template <class First, class... Rest>
[[nodiscard]] LoaderOption<First> polymorphic_option(PolymorphicLoad load) {
    auto node = std::make_shared<LoadNode>();
    node->mapper = &mapper_of<First>();
    node->classes = {{&mapper_of<First>(), load}, {&mapper_of<Rest>(), load}...};
    return LoaderOption<First>(std::move(node));
}

/// In a query for a base: the rows of these classes (and of those that inherit them) come whole in
/// the query's own statement, whose outer joins read the tables of joined-table inheritance:
/// `session.query<Person>().options(with_polymorphic<Employee, Customer>())`. Conditions on their
/// columns need no option: `where(col(&Employee::salary) > 1000)` joins what it names.
template <class First, class... Rest>
[[nodiscard]] LoaderOption<First> with_polymorphic() {
    return polymorphic_option<First, Rest...>(PolymorphicLoad::Inline);
}

/// The same, by one more statement for each class that occurs in the result: what a query for a
/// base does unless the mapping says otherwise (`polymorphic_load`).
template <class First, class... Rest>
[[nodiscard]] LoaderOption<First> selectin_polymorphic() {
    return polymorphic_option<First, Rest...>(PolymorphicLoad::Selectin);
}

} // namespace mercator
