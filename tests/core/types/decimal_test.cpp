// SPDX-License-Identifier: MIT
#include <mercator/types/decimal.hpp>

#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <vector>

using namespace mercator;

namespace {

const std::string nines(38, '9');

std::string text(const char* number) {
    return Decimal(number).to_string();
}

} // namespace

static_assert(std::is_trivially_copyable_v<Decimal>);
static_assert(!std::is_constructible_v<Decimal, double>);
static_assert(!std::is_constructible_v<Decimal, bool>);
static_assert(!std::is_convertible_v<Decimal, double>);

TEST_CASE("TYP-10 0.10 + 0.20 is 0.30 and keeps its digits") {
    const Decimal sum = Decimal("0.10") + Decimal("0.20");
    CHECK(sum == Decimal("0.30"));
    CHECK(sum.to_string() == "0.30");
    CHECK(Decimal("1.5") == Decimal("1.50"));
    CHECK(Decimal("1.50").to_string() == "1.50");
}

TEST_CASE("TYP-10 a decimal is read from plain and scientific notation") {
    CHECK(text("0") == "0");
    CHECK(text("-0") == "0");
    CHECK(text("-0.00") == "0.00");
    CHECK(text("007") == "7");
    CHECK(text("+12.50") == "12.50");
    CHECK(text("-12.50") == "-12.50");
    CHECK(text(".5") == "0.5");
    CHECK(text("5.") == "5");
    CHECK(text("1e-10") == "0.0000000001");
    CHECK(text("1.50e1") == "15.0");
    CHECK(text("1.5E+3") == "1500");
    CHECK(text("100e-2") == "1.00");
    CHECK(text("0e999999999999") == "0");
    CHECK(text("0e-999999999999").size() == 40);
    CHECK(text("1e37") == "1" + std::string(37, '0'));
    CHECK(text("1e-38") == "0." + std::string(37, '0') + "1");
}

TEST_CASE("TYP-10 38 digits are held, wherever the point is") {
    CHECK(Decimal(nines).to_string() == nines);
    CHECK(Decimal("-" + nines).to_string() == "-" + nines);
    CHECK(Decimal("0." + nines).to_string() == "0." + nines);
    CHECK(Decimal("-0." + nines).to_string() == "-0." + nines);
    const std::string middle = nines.substr(0, 19) + "." + nines.substr(19);
    CHECK(Decimal(middle).to_string() == middle);
    CHECK(Decimal(nines).precision() == 38);
    CHECK(Decimal("0." + nines + std::string(1000, '0')) == Decimal("0." + nines));
    CHECK(Decimal(std::string(1000, '0') + nines).to_string() == nines);
    CHECK(Decimal("-0." + nines).to_string().size() <= Decimal::max_text);
}

TEST_CASE("TYP-10 what is no decimal of 38 digits is refused") {
    const std::vector<std::string> bad = {"",          "-",
                                          "+",         ".",
                                          "-.",        " 1",
                                          "1 ",        "1,5",
                                          "1.2.3",     "0x10",
                                          "1e",        "1e+",
                                          "1e1.5",     "nan",
                                          "inf",       "--1",
                                          "1-",        "e5",
                                          "1e38",      "1e-39",
                                          nines + "9", "0." + nines + "9",
                                          "1_000",     "1e99999",
                                          "1.5e-38",   "1e-99999999999999999999",
                                          "\xd9\xa1",  "1" + nines};
    for (const std::string& number : bad) {
        CAPTURE(number);
        CHECK_FALSE(Decimal::parse(number));
        CHECK_THROWS_AS(Decimal{number}, DataError);
    }
    CHECK_FALSE(Decimal::parse(std::string_view("1\0", 2)));
}

TEST_CASE("TYP-10 integers convert exactly") {
    CHECK(Decimal(std::numeric_limits<std::int64_t>::min()).to_string() == "-9223372036854775808");
    CHECK(Decimal(std::numeric_limits<std::uint64_t>::max()).to_string() == "18446744073709551615");
    CHECK(Decimal(std::int8_t{-1}) == Decimal("-1"));
    CHECK(Decimal("50000") > 49'999);
    CHECK(Decimal() == 0);
}

TEST_CASE("TYP-10 scaled integers go in and out") {
    CHECK(Decimal::from_scaled(1999, 2).to_string() == "19.99");
    CHECK(Decimal::from_scaled(-5, 2).to_string() == "-0.05");
    CHECK(Decimal("19.99").scaled_units(2) == 1999);
    CHECK(Decimal("19.9").scaled_units(2) == 1990);
    CHECK(Decimal("19.990").scaled_units(2) == 1999);
    CHECK(Decimal("-0.01").scaled_units(2) == -1);
    CHECK_FALSE(Decimal("19.999").scaled_units(2));
    CHECK(Decimal("-9223372036854775808").scaled_units(0) ==
          std::numeric_limits<std::int64_t>::min());
    CHECK_FALSE(Decimal("9223372036854775808").scaled_units(0));
    CHECK_FALSE(Decimal("-9223372036854775809").scaled_units(0));
    CHECK_FALSE(Decimal("18446744073709551615").scaled_units(0));
    CHECK_THROWS_AS(static_cast<void>(Decimal::from_scaled(1, -1)), ArgumentError);
    CHECK_THROWS_AS(static_cast<void>(Decimal::from_scaled(1, 39)), ArgumentError);
}

TEST_CASE("TYP-10 the 128-bit parts go in and out") {
    for (const char* number :
         {"0", "-1", "12345678901234567890123456789.5", "-99999999999999999999"}) {
        const Decimal value(number);
        const Decimal again =
            Decimal::from_parts(value.coefficient_high(), value.coefficient_low(), value.scale());
        CHECK(again.to_string() == number);
    }
    CHECK_THROWS_AS(
        static_cast<void>(Decimal::from_parts(std::numeric_limits<std::int64_t>::max(), 0, 0)),
        DataError);
    CHECK_THROWS_AS(
        static_cast<void>(Decimal::from_parts(std::numeric_limits<std::int64_t>::min(), 0, 0)),
        DataError);
}

TEST_CASE("TYP-10 sums, differences and products are exact") {
    CHECK((Decimal("1.5") + Decimal("2.25")).to_string() == "3.75");
    CHECK((Decimal("1.5") - Decimal("2.25")).to_string() == "-0.75");
    CHECK((Decimal("1.5") * Decimal("-2.25")).to_string() == "-3.375");
    CHECK((-Decimal("1.50")).to_string() == "-1.50");
    CHECK((-Decimal("0.0")).to_string() == "0.0");
    CHECK((Decimal("19.99") * 3).to_string() == "59.97");
    CHECK(Decimal(nines) - Decimal(nines) == 0);
    CHECK(Decimal(nines) + Decimal("-1") == Decimal(nines.substr(0, 37) + "8"));
    // 19 nines squared is 38 digits.
    CHECK((Decimal("9999999999999999999") * Decimal("9999999999999999999")).to_string() ==
          "99999999999999999980000000000000000001");
    // Zeros behind the point are given up before the result is refused.
    CHECK(Decimal("1e37") + Decimal("0.00") == Decimal("1e37"));
    CHECK(Decimal("1e30") * Decimal("1.00000000") == Decimal("1e30"));
    CHECK(Decimal("1e-20") * Decimal("1e20") == 1);
}

TEST_CASE("TYP-10 a result of more than 38 digits is an error, never rounded") {
    CHECK_THROWS_AS(Decimal(nines) + 1, DataError);
    CHECK_THROWS_AS(Decimal("-" + nines) - 1, DataError);
    CHECK_THROWS_AS(Decimal(nines) * 10, DataError);
    CHECK_THROWS_AS(Decimal(nines) * Decimal(nines), DataError);
    CHECK_THROWS_AS(Decimal("1e37") + Decimal("1e-38"), DataError);
    CHECK_THROWS_AS(Decimal("1e-20") * Decimal("1e-20"), DataError);
    CHECK_THROWS_AS(static_cast<void>(Decimal(nines).round(1)), DataError);
    CHECK_THROWS_AS(static_cast<void>(Decimal(nines).divided_by(Decimal("0.1"), 0)), DataError);
}

TEST_CASE("TYP-10 rounding is half to even") {
    CHECK(Decimal("2.5").round(0).to_string() == "2");
    CHECK(Decimal("3.5").round(0).to_string() == "4");
    CHECK(Decimal("-2.5").round(0).to_string() == "-2");
    CHECK(Decimal("-3.5").round(0).to_string() == "-4");
    CHECK(Decimal("2.51").round(0).to_string() == "3");
    CHECK(Decimal("2.49").round(0).to_string() == "2");
    CHECK(Decimal("0.125").round(2).to_string() == "0.12");
    CHECK(Decimal("0.135").round(2).to_string() == "0.14");
    CHECK(Decimal("-0.5").round(0).to_string() == "0");
    CHECK(Decimal("1.5").round(4).to_string() == "1.5000");
    CHECK(Decimal("0." + nines).round(0) == 1);
    CHECK(Decimal("0.5").round(0) == 0);
    CHECK_THROWS_AS(static_cast<void>(Decimal("1").round(-1)), ArgumentError);
}

TEST_CASE("TYP-10 a quotient is rounded half to even at the scale asked for") {
    CHECK(Decimal("1").divided_by(3, 5).to_string() == "0.33333");
    CHECK(Decimal("2").divided_by(3, 5).to_string() == "0.66667");
    CHECK(Decimal("-2").divided_by(3, 5).to_string() == "-0.66667");
    CHECK(Decimal("2").divided_by(-3, 5).to_string() == "-0.66667");
    CHECK(Decimal("1").divided_by(8, 2).to_string() == "0.12");
    CHECK(Decimal("3").divided_by(8, 2).to_string() == "0.38");
    CHECK(Decimal("-1").divided_by(8, 2).to_string() == "-0.12");
    CHECK(Decimal("10.00").divided_by(Decimal("2.5"), 0).to_string() == "4");
    CHECK(Decimal(nines).divided_by(Decimal(nines), 37) == 1);
    CHECK(Decimal("0." + nines).divided_by(Decimal("0." + nines), 37) == 1);
    CHECK_THROWS_AS(static_cast<void>(Decimal("1").divided_by(Decimal("0.00"), 2)), DataError);
}

TEST_CASE("TYP-10 another scale is taken only without loss") {
    CHECK(Decimal("1.50").rescaled(1)->to_string() == "1.5");
    CHECK(Decimal("1.5").rescaled(3)->to_string() == "1.500");
    CHECK(Decimal("-1").rescaled(37)->precision() == 38);
    CHECK_FALSE(Decimal("1.55").rescaled(1));
    CHECK_FALSE(Decimal("1").rescaled(38));
    CHECK_FALSE(Decimal("1").rescaled(39));
    CHECK_FALSE(Decimal("1").rescaled(-1));
    CHECK(Decimal("0.00").precision() == 1);
    CHECK(Decimal("100").precision() == 3);
}

TEST_CASE("TYP-10 order and hash go by value") {
    const std::vector<Decimal> ordered = {
        Decimal("-" + nines), Decimal("-1.01"), Decimal("-1.00"), Decimal("-1e-38"),
        Decimal("0.000"),     Decimal("1e-38"), Decimal("0.99"),  Decimal("1"),
        Decimal("1.000001"),  Decimal("1e37"),  Decimal(nines)};
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        for (std::size_t j = 0; j < ordered.size(); ++j) {
            CHECK((ordered[i] < ordered[j]) == (i < j));
            CHECK((ordered[i] == ordered[j]) == (i == j));
        }
    }
    std::unordered_set<Decimal> set{Decimal("1.5"), Decimal("1.50"), Decimal("15e-1"),
                                    Decimal("-1.5")};
    CHECK(set.size() == 2);
    CHECK(Decimal("0.00").hash() == Decimal().hash());
}

TEST_CASE("TYP-10 binary fractions come in and out only by name") {
    CHECK(Decimal::rounded(0.1, 2).to_string() == "0.10");
    CHECK(Decimal::rounded(0.1, 25).to_string() == "0.1000000000000000055511151");
    CHECK(Decimal::rounded(-2.5, 0).to_string() == "-2");
    CHECK(Decimal::rounded(0.0, 3).to_string() == "0.000");
    CHECK(Decimal::rounded(1e37, 0).to_string() == "9999999999999999538762658202121142272");
    CHECK(Decimal::rounded(5e-324, 38) == 0);
    CHECK_THROWS_AS(static_cast<void>(Decimal::rounded(1e38, 0)), DataError);
    CHECK_THROWS_AS(static_cast<void>(Decimal::rounded(1e300, 0)), DataError);
    CHECK_THROWS_AS(static_cast<void>(Decimal::rounded(std::numeric_limits<double>::infinity(), 0)),
                    DataError);
    CHECK_THROWS_AS(
        static_cast<void>(Decimal::rounded(std::numeric_limits<double>::quiet_NaN(), 0)),
        DataError);
    CHECK(Decimal("0.1").to_double() == 0.1);
    CHECK(Decimal("-123456789.987654321").to_double() == -123456789.987654321);
    CHECK(Decimal(nines).to_double() == 1e38);
}

TEST_CASE("TYP-10 random decimals obey the laws of arithmetic") {
    std::mt19937_64 random(7); // NOLINT: the same sequence in every run
    const auto pick = [&] {
        const auto units = static_cast<std::int64_t>(random()) >> (random() % 60);
        return Decimal::from_scaled(units, static_cast<int>(random() % 10));
    };
    for (int i = 0; i < 2000; ++i) {
        const Decimal a = pick();
        const Decimal b = pick();
        CHECK(a + b == b + a);
        CHECK(a - b == -(b - a));
        CHECK((a + b) - b == a);
        CHECK(a * b == b * a);
        CHECK(Decimal(a.to_string()).to_string() == a.to_string());
        CHECK((a < b) == (a - b).is_negative());
        if (!b.is_zero() && a.precision() + b.precision() < 30) {
            CHECK((a * b).divided_by(b, a.scale()) == a);
        }
    }
}

TEST_CASE("a decimal is printed to a stream as its text") {
    std::ostringstream out;
    out << Decimal("-12.50");
    CHECK(out.str() == "-12.50");
}

TEST_CASE("TYP-10 decimals are read and written without binary floating point [A11]") {
    std::ifstream file(MERCATOR_SOURCE_DIR "/core/src/types/decimal.cpp");
    const std::string source{std::istreambuf_iterator<char>(file), {}};
    REQUIRE(source.size() > 1'000);
    for (const char* name : {"strtod", "strtold", "stod(", "atof", "sscanf", "chars_format"})
        CHECK_MESSAGE(source.find(name) == std::string::npos, std::string(name));
}
