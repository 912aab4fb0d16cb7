// SPDX-License-Identifier: MIT
// case: HYB-12 a hybrid without a rule of assignment is not set
// expect: mercator: this hybrid has no rule for assignment; give it one with assigned_by(...)
#include "models.hpp"

using mercator::hybrid;

constexpr auto plain = hybrid<Book>([](auto e) { return e(&Book::title); });
#ifdef MERCATOR_TWIN
constexpr auto title =
    plain.assigned_by([](auto to, const std::string& value) { to(&Book::title, value); });
#else
constexpr auto title = plain;
#endif
auto assignments() {
    return set(title, std::string("Emma"));
}
