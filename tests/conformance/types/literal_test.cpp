// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

using mercator::col;
using mercator::Value;
using mercator::test::Backend;

namespace {

enum class Fruit { apple, pear };

struct Spelled {
    std::int64_t id{};
    bool flag{};
    std::int8_t small{};
    std::int64_t large{};
    std::uint32_t natural{};
    std::uint64_t huge{};
    float single{};
    double real{};
    mercator::Decimal money;
    mercator::Decimal exact;
    std::string text;
    std::string name;
    mercator::Bytes data;
    mercator::DateTime at{};
    mercator::Date on{std::chrono::year{2000}, std::chrono::month{1}, std::chrono::day{1}};
    mercator::Time opens;
    mercator::Interval lasts{};
    mercator::Uuid mark;
    Fruit fruit{};
    std::optional<std::string> note;

    static void describe(mercator::Mapping<Spelled>& row) {
        row.table("spelled");
        row.column<&Spelled::id>().primary_key().autoincrement(false);
        row.column<&Spelled::flag>();
        row.column<&Spelled::small>();
        row.column<&Spelled::large>();
        row.column<&Spelled::natural>();
        row.column<&Spelled::huge>();
        row.column<&Spelled::single>();
        row.column<&Spelled::real>();
        row.column<&Spelled::money>(mercator::Numeric(12, 2));
        row.column<&Spelled::exact>(mercator::Numeric(30, 10));
        row.column<&Spelled::text>();
        row.column<&Spelled::name>(mercator::String(60));
        row.column<&Spelled::data>();
        row.column<&Spelled::at>();
        row.column<&Spelled::on>();
        row.column<&Spelled::opens>();
        row.column<&Spelled::lasts>();
        row.column<&Spelled::mark>();
        row.column<&Spelled::fruit>();
        row.column<&Spelled::note>();
    }
};

class Random {
public:
    std::uint64_t below(std::uint64_t end) { return engine_() % end; }
    std::uint64_t bits() { return engine_(); }
    /// Everything that may mean something to a reader of SQL.
    std::string text(std::uint64_t longest) {
        static const std::array<std::string, 26> pieces{
            "'",  "''",     "\\",         "\\'", "\"", "`",  "%",  "_",   "\n",
            "\r", "\t",     ";",          "--",  "/*", "*/", "#",  "?",   ":a",
            "$1", "\u20ac", "\U0001F600", "$$",  " ",  "x",  "\b", "\x1a"};
        std::string made;
        for (std::uint64_t count = below(longest + 1); count > 0; --count)
            made += pieces[below(pieces.size())];
        return made;
    }
    template <class Float, class Bits>
    Float floating() {
        for (;;) {
            const auto value = std::bit_cast<Float>(static_cast<Bits>(bits()));
            if (std::isnormal(value) && std::abs(value) < 1e30F && std::abs(value) > 1e-30F)
                return value;
        }
    }

private:
    std::mt19937_64 engine_{7};
};

Spelled random_row(std::int64_t id, Random& random) {
    Spelled row;
    row.id = id;
    row.flag = random.below(2) == 0;
    row.small = static_cast<std::int8_t>(random.bits());
    row.large = static_cast<std::int64_t>(random.bits());
    row.natural = static_cast<std::uint32_t>(random.bits());
    row.huge = random.bits() >> 1;
    row.single = 1.5F * static_cast<float>(random.below(1000));
    row.real = random.floating<double, std::uint64_t>();
    row.money =
        mercator::Decimal::from_scaled(static_cast<std::int64_t>(random.below(1'000'000'000)), 2);
    row.exact = mercator::Decimal("-12345678901234.0123456789");
    row.text = random.text(40);
    row.name = random.text(8);
    for (std::uint64_t i = random.below(30); i > 0; --i)
        row.data.push_back(static_cast<std::byte>(random.bits()));
    row.at = mercator::DateTime(std::chrono::sys_time<std::chrono::microseconds>(
        std::chrono::microseconds(static_cast<std::int64_t>(random.below(2'000'000'000'000'000)))));
    row.on = std::chrono::year_month_day(
        std::chrono::sys_days(std::chrono::days(static_cast<int>(random.below(30'000)))));
    row.opens = mercator::Time(std::chrono::microseconds(random.below(86'400'000'000)));
    row.lasts = mercator::Interval(static_cast<std::int64_t>(random.below(1'000'000'000'000)));
    mercator::Uuid::ByteArray bytes{};
    for (auto& byte : bytes) byte = static_cast<unsigned char>(random.bits());
    // A version and a variant that there are: some servers mix up the parts of others.
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x40U);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);
    row.mark = mercator::Uuid(bytes);
    row.fruit = random.below(2) == 0 ? Fruit::apple : Fruit::pear;
    if (random.below(3) != 0) row.note = random.text(20);
    return row;
}

std::string insert_text(const mercator::Dialect& dialect, const Spelled& row) {
    const auto& mapper = mercator::mapper_of<Spelled>();
    std::string names;
    std::string values;
    for (const auto& property : mapper.columns()) {
        const Value value =
            mercator::load(property.field, reinterpret_cast<const std::byte*>(&row));
        names += names.empty() ? "" : ", ";
        names += dialect.identifiers().quote(property.member);
        values += values.empty() ? "" : ", ";
        values += dialect.compile_ddl(*mercator::ast::literal(value, property.field.type));
    }
    return "insert into spelled (" + names + ") values (" + values + ")";
}

} // namespace

TEST_CASE("TYP-30 a value of any type, spelled as a literal, comes back as it was, however the "
          "session reads texts") {
    Backend backend;
    backend->create_all<Spelled>();
    const mercator::Dialect& dialect = backend->engine().dialect();
    Random random;
    std::int64_t id = 0;
    // What does not exist here is refused, and then the session is as it was.
    for (const char* setting :
         {"", "set sql_mode = ''", "set sql_mode = 'ANSI_QUOTES'",
          "set sql_mode = 'NO_BACKSLASH_ESCAPES'", "set sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'",
          "set standard_conforming_strings = off", "set standard_conforming_strings = on"}) {
        CAPTURE(setting);
        mercator::Connection connection = backend->engine().connect();
        try {
            if (*setting != '\0') connection.execute_script(setting);
        } catch (const mercator::DatabaseError&) {
            continue;
        }
        std::vector<Spelled> rows;
        for (int i = 0; i < 60; ++i) rows.push_back(random_row(++id, random));
        for (const auto& row : rows) {
            const std::string sql = insert_text(dialect, row);
            INFO(sql);
            REQUIRE_NOTHROW(connection.execute_script(sql));
        }
        connection.invalidate(); // nobody else shall have the setting
        mercator::Session session = backend->session();
        for (const auto& row : rows) {
            const auto found = session.get<Spelled>(row.id);
            REQUIRE(found);
            for (const auto& property : mercator::mapper_of<Spelled>().columns()) {
                CAPTURE(property.member);
                const Value sent =
                    mercator::load(property.field, reinterpret_cast<const std::byte*>(&row));
                const Value came =
                    mercator::load(property.field, reinterpret_cast<const std::byte*>(found.get()));
                CHECK(display(came) == display(sent));
                CHECK(came == sent);
            }
        }
    }
    CHECK(id >= 60);
    CHECK_THROWS_AS(static_cast<void>(dialect.compile_ddl(
                        *mercator::ast::literal(Value(std::string("a\0b", 3)), mercator::Text()))),
                    mercator::CompileError);
}
