// SPDX-License-Identifier: MIT
#include "cell.hpp"

#include <limits>

using namespace types_test;

namespace {

template <class Int>
void check_limits() {
    Backend backend;
    using Limits = std::numeric_limits<Int>;
    std::vector<Int> values{0, 1, Limits::max(), Limits::min(),
                            static_cast<Int>(Limits::max() - 1)};
    if (std::is_signed_v<Int>) values.push_back(static_cast<Int>(-1));
    check_round_trip<Cell<Int>>(backend, values);
}

/// Stores a value in a column of type Wide and reads it as Narrow.
template <class Wide, class Narrow>
void check_overflow(Wide value) {
    Backend backend;
    backend->create_all<Cell<Wide>>();
    {
        mercator::Session session = backend->session();
        session.add(Cell<Wide>{.value = value});
        session.commit();
    }
    check_unreadable<Cell<Narrow>>(backend);
}

} // namespace

TEST_CASE("TYP-01 signed integers of all widths keep their limits [A01]") {
    check_limits<std::int8_t>();
    check_limits<std::int16_t>();
    check_limits<std::int32_t>();
    check_limits<std::int64_t>();
}

TEST_CASE("TYP-01 unsigned integers up to 32 bits keep their limits [A01]") {
    check_limits<std::uint8_t>();
    check_limits<std::uint16_t>();
    check_limits<std::uint32_t>();
}

TEST_CASE("TYP-01 integers that drivers do not know by name travel as those of their size") {
    check_limits<long long>();
    check_limits<char>();
}

TEST_CASE("TYP-01 unsigned 64-bit integers up to 2^63-1 are the same everywhere") {
    Backend backend;
    check_round_trip<Cell<std::uint64_t>>(backend, {0, 1, 9'223'372'036'854'775'807ULL});
}

TEST_CASE("TYP-16 TYP-01 unsigned 64-bit integers above 2^63-1 are kept exactly or refused, never "
          "changed [A03]") {
    Backend backend;
    using Number = Cell<std::uint64_t>;
    constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    backend->create_all<Number>();
    bool lossless = true;
    try {
        mercator::Session session = backend->session();
        session.add(Number{.value = largest});
        session.commit();
        CHECK(session.query<Number>().where(col(&Number::value) == largest).count() == 1);
        session.delete_(session.query<Number>().one());
        session.commit();
    } catch (const mercator::DataError& error) {
        CHECK(error.where().ends_with(".value"));
        lossless = false;
    }
    if (lossless) {
        check_round_trip<Number>(backend, {largest, largest - 1, 9'223'372'036'854'775'808ULL, 0});
    } else {
        check_refused<Number>(backend, 7, largest);
        mercator::test::cannot("TYP-16", "no unsigned integers of 64 bits; those above 2^63-1 are "
                                         "refused when they are written, not in the schema");
    }
}

TEST_CASE("TYP-01 a number too large for its member is an error that names the member [A04]") {
    check_overflow<std::int64_t, std::int32_t>(2'147'483'648LL);
    check_overflow<std::int64_t, std::int32_t>(-2'147'483'649LL);
    check_overflow<std::int32_t, std::int16_t>(32'768);
    check_overflow<std::int32_t, std::int16_t>(-32'769);
    check_overflow<std::int16_t, std::int8_t>(128);
    check_overflow<std::int64_t, std::int8_t>(std::numeric_limits<std::int64_t>::min());
    check_overflow<std::int16_t, std::uint8_t>(256);
    check_overflow<std::int16_t, std::uint8_t>(-1);
    check_overflow<std::int64_t, std::uint64_t>(-1);
    check_overflow<std::int64_t, std::uint32_t>(4'294'967'296LL);
}

TEST_CASE(
    "TYP-01 a number too large inside an optional is an error too, and fitting ones are read") {
    Backend backend;
    using Wide = Cell<std::int64_t>;
    using Narrow = Cell<std::int16_t>;
    backend->create_all<Wide>();
    mercator::Session session = backend->session();
    const auto cell = session.add(Wide{.value = -32'768, .maybe = 40'000});
    session.commit();
    check_unreadable<Narrow>(backend, ".maybe");
    cell->maybe = 32'767;
    session.commit();
    mercator::Session reader = backend->session();
    const auto found = reader.query<Narrow>().one();
    CHECK(found->value == -32'768);
    CHECK(found->maybe == std::int16_t{32'767});
}

TEST_CASE("TYP-01 a failed read leaves an object in memory as it was [A04]") {
    Backend backend;
    using Wide = Cell<std::int64_t>;
    using Narrow = Cell<std::int8_t>;
    backend->create_all<Wide>();
    mercator::Session writer = backend->session();
    const auto wide = writer.add(Wide{.value = 12});
    writer.commit();
    mercator::Session reader = backend->session();
    const auto narrow = reader.query<Narrow>().one();
    reader.commit();
    wide->value = 1'000;
    writer.commit();
    CHECK_THROWS_AS(reader.refresh(narrow), mercator::DataError);
    CHECK(narrow->value == 12);
    CHECK_FALSE(reader.is_modified(narrow));
}

TEST_CASE("TYP-01 every stored width compares, sorts and adds up as a number") {
    Backend backend;
    using Number = Cell<std::int32_t>;
    backend->create_all<Number>();
    mercator::Session session = backend->session();
    for (const int value : {10, 9, -1, 100}) session.add(Number{.value = value});
    session.commit();
    std::vector<std::int32_t> sorted;
    for (const auto& cell : session.query<Number>().order_by(col(&Number::value)).all())
        sorted.push_back(cell->value);
    CHECK(sorted == std::vector<std::int32_t>{-1, 9, 10, 100});
    CHECK(session.query<Number>().where(col(&Number::value) >= 10).count() == 2);
    CHECK(session.scalar(select(mercator::func::sum(col(&Number::value)))) == 118);
}
