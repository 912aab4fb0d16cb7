// SPDX-License-Identifier: MIT
// case: CUS-11 a type without a rule for it is not compared with another type
// expect: mercator: these two types cannot be compared in SQL
#include "models.hpp"

using mercator::col;

struct Weight {
    std::int64_t grams = 0;
};

template <>
struct mercator::TypeDecorator<Weight> {
    using storage = std::int64_t;
    static std::int64_t bind(const Weight& value) { return value.grams; }
    static Weight result(std::int64_t stored) { return {stored}; }
};
#ifdef MERCATOR_TWIN
template <>
struct mercator::CompareRule<Weight, int> {
    static Weight convert(int kilograms) { return {std::int64_t{kilograms} * 1000}; }
};
#endif

struct Parcel {
    std::int64_t id{};
    Weight weight;
};

inline void describe(mercator::Mapping<Parcel>& parcel) {
    parcel.column<&Parcel::id>().primary_key();
    parcel.column<&Parcel::weight>();
}

auto condition() { return col(&Parcel::weight) == 5; }
