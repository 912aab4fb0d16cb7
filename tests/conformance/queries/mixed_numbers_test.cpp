// SPDX-License-Identifier: MIT
#include "support/backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using test::Backend;

namespace {

/// One amount in several kinds of columns, some of which a backend may keep in units of their own.
struct Reading {
    std::int64_t id{};
    int whole{};
    Decimal cents;
    Decimal fine;
    double binary{};
};

void describe(Mapping<Reading>& reading) {
    reading.column<&Reading::id>().primary_key();
    reading.column<&Reading::whole>();
    reading.column<&Reading::cents>(Numeric(10, 2));
    reading.column<&Reading::fine>(Numeric(12, 4));
    reading.column<&Reading::binary>();
}

struct Laboratory : Backend {
    Laboratory() {
        database().create_all<Reading>();
        Session session = database().session();
        session.add(Reading{
            .whole = 5, .cents = Decimal("5.00"), .fine = Decimal("5.0049"), .binary = 5.0});
        session.commit();
    }
};

const auto whole = col(&Reading::whole);
const auto cents = col(&Reading::cents);
const auto fine = col(&Reading::fine);

} // namespace

TEST_CASE("NULLIF compares numbers of different kinds by what they are worth") {
    Laboratory laboratory;
    Session session = laboratory->session();
    CHECK_FALSE(session.scalar(select(func::nullif(whole, cents))).has_value());
    CHECK_FALSE(session.scalar(select(func::nullif(cents, whole))).has_value());
    CHECK(session.scalar(select(func::nullif(cents, fine))) == Decimal("5.00"));
    CHECK(session.scalar(select(func::nullif(whole, fine))) == 5);
    CHECK(session.scalar(select(func::nullif(cents, Decimal("5.004")))) == Decimal("5.00"));
    CHECK_FALSE(session.scalar(select(func::nullif(cents, Decimal("5.000")))).has_value());
}

TEST_CASE("COALESCE and CASE of a decimal and a binary number give neither in units of the other") {
    Laboratory laboratory;
    Session session = laboratory->session();
    const auto price = col_by_name<Reading>("cents");
    const auto first = [&](const auto& expression) {
        const auto row = session.execute(DynamicSelect().column(expression)).one();
        const double* number = row[0].template get_if<double>();
        REQUIRE(number != nullptr);
        return *number;
    };
    CHECK(first(func::coalesce(price, 0.5)) == 5.0);
    CHECK(first(func::coalesce(col_by_name<Reading>("binary"), price)) == 5.0);
    CHECK(first(case_when(whole == 5, price).else_(col_by_name<Reading>("binary"))) == 5.0);
}

TEST_CASE("IN finds equal numbers whatever kind of column the list or the subquery has") {
    Laboratory laboratory;
    Session session = laboratory->session();
    const auto count = [&](const Condition& condition) {
        return session.query<Reading>().where(condition).count();
    };
    CHECK(count(whole.in(std::vector<Decimal>{Decimal("5.00"), Decimal("7.25")})) == 1);
    CHECK(count(whole.in(select(cents))) == 1);
    CHECK(count(cents.in(select(whole))) == 1);
    CHECK(count(fine.in(select(cents))) == 0);
    CHECK(count(cents.in(select(fine))) == 0);
    CHECK(count(col_by_name<Reading>("binary").in(select(cents))) == 1);
    CHECK(count(cents.not_in(select(whole))) == 0);
}
