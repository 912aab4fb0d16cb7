// SPDX-License-Identifier: MIT
#include "cell.hpp"

using namespace types_test;
using mercator::Decimal;

namespace {

struct Money {
    static mercator::SqlType sql_type() { return mercator::Numeric(10, 2); }
};
struct Huge {
    static mercator::SqlType sql_type() { return mercator::Numeric(38, 10); }
};

using Price = Cell<Decimal, Money>;
using Exact = Cell<Decimal, Huge>;

template <class C>
void check_order(Backend& backend, const std::vector<Decimal>& in_order) {
    backend->create_all<C>();
    mercator::Session session = backend->session();
    for (std::size_t i = 0; i < in_order.size(); ++i) {
        session.add(C{
            .value =
                in_order[(i * 5 + 3) % in_order.size()]}); // shuffled: 5 does not divide the sizes
    }
    session.commit();
    std::vector<Decimal> found;
    for (const auto& row : session.query<C>().order_by(col(&C::value)).values())
        found.push_back(row.value);
    CHECK(found == in_order);
    for (std::size_t i = 0; i < in_order.size(); ++i) {
        CAPTURE(in_order[i]);
        CHECK(session.query<C>().where(col(&C::value) < in_order[i]).count() ==
              static_cast<std::int64_t>(i));
        CHECK(session.query<C>().where(col(&C::value) >= in_order[i]).count() ==
              static_cast<std::int64_t>(in_order.size() - i));
    }
}

} // namespace

TEST_CASE("TYP-10 decimals of ten digits come back exactly") {
    Backend backend;
    check_round_trip<Price>(backend, {Decimal("0"), Decimal("0.10"), Decimal("-0.01"),
                                      Decimal("19.99"), Decimal("1.5"), Decimal("99999999.99"),
                                      Decimal("-99999999.99"), Decimal("1e3")});
}

TEST_CASE("TYP-10 decimals of 38 digits come back exactly [A10]") {
    Backend backend;
    check_round_trip<Exact>(
        backend, {Decimal("0"), Decimal("9999999999999999999999999999.1234567891"),
                  Decimal("-9999999999999999999999999999.1234567891"), Decimal("0.0000000001"),
                  Decimal("-0.0000000001"), Decimal("1.10"), Decimal("12345678901234567890")});
}

TEST_CASE("TYP-10 decimals compare and sort exactly") {
    {
        Backend backend;
        check_order<Price>(backend,
                           {Decimal("-100.00"), Decimal("-99.99"), Decimal("-0.01"), Decimal("0"),
                            Decimal("0.01"), Decimal("9.99"), Decimal("10"), Decimal("100.5")});
    }
    Backend backend;
    check_order<Exact>(backend, {Decimal("-9999999999999999999999999999"), Decimal("-12.5"),
                                 Decimal("-12.4999999999"), Decimal("0"), Decimal("0.0000000001"),
                                 Decimal("2"), Decimal("10"),
                                 Decimal("9999999999999999999999999998.9999999999"),
                                 Decimal("9999999999999999999999999999")});
}

TEST_CASE("TYP-10 0.10 and 0.20 are 0.30 in the database too") {
    Backend backend;
    const auto check = [&]<class C>(std::type_identity<C>) {
        backend->drop_all<C>();
        backend->create_all<C>();
        mercator::Session session = backend->session();
        session.add(C{.value = Decimal("0.10"), .maybe = Decimal("0.20")});
        session.commit();
        const auto sum = session.scalar(select(col(&C::value) + col(&C::maybe)));
        CHECK(sum == Decimal("0.30"));
        CHECK(
            session.query<C>().where(col(&C::value) + col(&C::maybe) == Decimal("0.30")).count() ==
            1);
        CHECK(
            session.query<C>().where(col(&C::value) + Decimal("0.20") == Decimal("0.30")).count() ==
            1);
        CHECK(session.query<C>().where(col(&C::maybe) - col(&C::value) == Decimal("0.1")).count() ==
              1);
        CHECK(session.query<C>().where(col(&C::value) * 3 == Decimal("0.3")).count() == 1);
    };
    check(std::type_identity<Price>());
}

TEST_CASE("TYP-10 a thousand cents are ten, summed by the database") {
    Backend backend;
    backend->create_all<Price>();
    mercator::Session session = backend->session();
    for (int i = 0; i < 1'000; ++i) session.add(Price{.value = Decimal("0.01")});
    session.commit();
    CHECK(session.scalar(select(mercator::func::sum(col(&Price::value)))) == Decimal("10"));
}

TEST_CASE("TYP-10 digits that the column cannot hold are refused, not rounded [A12]") {
    for (const char* bad : {"0.001", "1.999", "100000000.00", "-123456789"}) {
        Backend backend;
        check_refused<Price>(backend, Decimal("1.00"), Decimal(bad));
    }
    for (const char* bad : {"0.00000000001", "99999999999999999999999999999"}) {
        Backend backend;
        check_refused<Exact>(backend, Decimal("1"), Decimal(bad));
    }
}

TEST_CASE("TYP-10 trailing zeros and scale do not make a change") {
    Backend backend;
    backend->create_all<Price>();
    mercator::Session session = backend->session();
    const auto price = session.add(Price{.value = Decimal("1.5")});
    session.commit();
    price->value = Decimal("1.50");
    CHECK_FALSE(session.is_modified(price));
    CHECK(session.query<Price>().where(col(&Price::value) == Decimal("1.500")).count() == 1);
}
