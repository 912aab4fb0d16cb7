// SPDX-License-Identifier: MIT
// case: CUS-10 an operator of one type is not there for another
// expect: no member named
#include "models.hpp"

using mercator::col;

struct Celsius {
    double degrees = 0;
};

template <>
struct mercator::TypeDecorator<Celsius> {
    using storage = double;
    static double bind(const Celsius& value) { return value.degrees; }
    static Celsius result(double stored) { return {stored}; }
};
template <class Self>
struct mercator::OwnOperations<Celsius, Self> {
    [[nodiscard]] mercator::Condition is_freezing() const {
        return static_cast<const Self&>(*this) < Celsius{0};
    }
};

struct Reading {
    std::int64_t id{};
    Celsius outside;
    double inside = 0;
};

inline void describe(mercator::Mapping<Reading>& reading) {
    reading.column<&Reading::id>().primary_key();
    reading.column<&Reading::outside>();
    reading.column<&Reading::inside>();
}

#ifdef MERCATOR_TWIN
auto condition() { return col(&Reading::outside).is_freezing(); }
#else
auto condition() { return col(&Reading::inside).is_freezing(); }
#endif
