// SPDX-License-Identifier: MIT
#include "cell.hpp"

using namespace types_test;
using mercator::Bytes;
using mercator::Date;
using mercator::DateTime;
using mercator::Decimal;
using mercator::Interval;
using mercator::Time;
using mercator::Uuid;

namespace {

enum class Side { left, right };

/// A table whose column may be NULL, read by a class that says it may not.
template <class T>
struct Strict {
    std::int64_t id{};
    T maybe{};
    static void describe(mercator::Mapping<Strict>& strict) {
        strict.table("cells");
        strict.template column<&Strict::id>().primary_key();
        strict.template column<&Strict::maybe>();
    }
};

template <class T>
void check_null_refused() {
    Backend backend;
    backend->create_all<Cell<T>>();
    {
        mercator::Session session = backend->session();
        session.add(Cell<T>{});
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto refused = [&](auto&& read) {
        try {
            read();
            FAIL("NULL was read");
        } catch (const mercator::DataError& error) {
            CHECK(error.where().find("Strict") != std::string::npos);
            CHECK(error.where().ends_with(".maybe"));
            CHECK(std::string(error.what()).find("NULL") != std::string::npos);
        }
    };
    refused([&] { static_cast<void>(session.query<Strict<T>>().all()); });
    refused([&] { static_cast<void>(session.query<Strict<T>>().values()); });
    refused([&] { session.template stream<Strict<T>>([](const auto&) {}); });
    refused([&] { static_cast<void>(session.template get<Strict<T>>(1)); });
    // The session goes on.
    CHECK(session.query<Cell<T>>().count() == 1);
    const auto cell = session.query<Cell<T>>().one();
    cell->maybe = T{};
    session.commit();
    CHECK(session.query<Strict<T>>().all().size() == 1);
}

} // namespace

TEST_CASE(
    "TYP-31 NULL for a number that cannot be empty is an error that names class and member [A40]") {
    check_null_refused<bool>();
    check_null_refused<std::int8_t>();
    check_null_refused<std::int32_t>();
    check_null_refused<std::int64_t>();
    check_null_refused<std::uint32_t>();
    check_null_refused<std::uint64_t>();
    check_null_refused<float>();
    check_null_refused<double>();
    check_null_refused<Decimal>();
}

TEST_CASE("TYP-31 NULL for text, binary data or time that cannot be empty is an error that names "
          "class and member [A40]") {
    check_null_refused<std::string>();
    check_null_refused<Bytes>();
    check_null_refused<DateTime>();
    check_null_refused<Time>();
    check_null_refused<Interval>();
    check_null_refused<Uuid>();
    check_null_refused<std::chrono::seconds>();
}

TEST_CASE("TYP-31 NULL for an enum class that cannot be empty is an error that names class and "
          "member [A40]") {
    check_null_refused<Side>();
}

TEST_CASE("TYP-31 an aggregate over nothing is an empty optional") {
    Backend backend;
    using Number = Cell<std::int32_t>;
    backend->create_all<Number>();
    mercator::Session session = backend->session();
    CHECK_FALSE(session.scalar(select(mercator::func::sum(col(&Number::value)))).has_value());
    CHECK_FALSE(session.scalar(select(mercator::func::max(col(&Number::maybe)))).has_value());
    CHECK(session.scalar(select(mercator::func::count(col(&Number::maybe)))) == 0);
}

TEST_CASE("TYP-31 an optional goes from a value to NULL and back") {
    Backend backend;
    using Number = Cell<std::int32_t>;
    backend->create_all<Number>();
    mercator::Session session = backend->session();
    const auto number = session.add(Number{.maybe = 0});
    session.commit();
    const auto stored = [&] { return backend->session().query<Number>().one()->maybe; };
    CHECK(stored() == 0);
    number->maybe.reset();
    CHECK(session.is_modified(number));
    session.commit();
    CHECK(stored() == std::nullopt);
    number->maybe = 5;
    session.commit();
    CHECK(stored() == 5);
}
