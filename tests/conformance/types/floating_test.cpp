// SPDX-License-Identifier: MIT
#include "cell.hpp"

#include <bit>
#include <cfloat>
#include <cmath>
#include <limits>
#include <random>

using namespace types_test;

using Real = Cell<double>;
using Single = Cell<float>;

TEST_CASE("TYP-07 doubles come back to the last bit [A05]") {
    Backend backend;
    check_round_trip<Real>(backend, {0.0, 0.1, 0.1 + 0.2, -1.5, DBL_MAX, -DBL_MAX, DBL_MIN,
                                     DBL_TRUE_MIN, 9'007'199'254'740'993.0, 1e22, 1.0 / 3, 5e-324,
                                     2.2250738585072011e-308, 123'456.789'012'345'67, 1e-300});
}

TEST_CASE("TYP-07 floats are kept apart from doubles and come back to the last bit [A09]") {
    Backend backend;
    check_round_trip<Single>(
        backend, {0.0F, 0.1F, 16'777'217.0F, 16'777'215.0F, 1.0F / 3, FLT_MIN, FLT_MAX, -2.5F});
}

TEST_CASE("TYP-07 doubles of random bits come back to the last bit, in batches [A05]") {
    Backend backend;
    backend->create_all<Real>();
    std::mt19937_64 random(20'240'229);
    std::vector<double> values;
    while (values.size() < 20'000) {
        const auto value = std::bit_cast<double>(random());
        if (std::isfinite(value)) values.push_back(value);
    }
    mercator::Session session = backend->session();
    for (const double value : values) session.add(Real{.value = value});
    session.commit();
    const auto rows = session.query<Real>().order_by(col(&Real::id)).values();
    REQUIRE(rows.size() == values.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
        wrong += identical(rows[i].value, values[i]) ? 0U : 1U;
    CHECK(wrong == 0);
}

TEST_CASE("TYP-07 NaN is kept, or refused before it is sent [A07]") {
    Backend backend;
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    if (backend.can().nan) {
        check_round_trip<Real>(backend, {nan, 1.0, nan}, false);
    } else {
        check_refused<Real>(backend, 1.0, nan);
    }
}

TEST_CASE("TYP-07 infinity is kept, or refused before it is sent [A08]") {
    Backend backend;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (backend.can().infinity) {
        check_round_trip<Real>(backend, {infinity, 1.0, -infinity, infinity});
    } else {
        check_refused<Real>(backend, 1.0, infinity);
        check_refused<Real>(backend, 1.0, -infinity);
    }
}

TEST_CASE("TYP-07 the sign of zero is what the backend says that it keeps [A06]") {
    Backend backend;
    backend->create_all<Real>();
    mercator::Session session = backend->session();
    session.add(Real{.value = -0.0});
    session.commit();
    const double found = session.query<Real>().values().front().value;
    CHECK(found == 0.0);
    CHECK(std::signbit(found) == backend.can().negative_zero);
}

TEST_CASE("TYP-07 a double beyond the range of a float is an error, not infinity") {
    Backend backend;
    backend->create_all<Real>();
    mercator::Session session = backend->session();
    session.add(Real{.value = 1e300});
    session.commit();
    check_unreadable<Single>(backend);
}
