// SPDX-License-Identifier: MIT
#include "cell.hpp"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <time.h>

using namespace types_test;
using mercator::Bytes;
using mercator::Date;
using mercator::DateTime;
using mercator::Decimal;
using mercator::Interval;
using mercator::Time;
using mercator::Uuid;

namespace {

enum class Colour { red, green, blue };

/// One member of each type, every second one optional.
struct Mixed {
    std::int64_t id{};
    std::optional<bool> flag;
    std::int8_t i8{};
    std::optional<std::int16_t> i16;
    std::int32_t i32{};
    std::optional<std::int64_t> i64;
    std::uint32_t u32{};
    std::optional<std::uint64_t> u64;
    float single{};
    std::optional<double> real;
    Decimal money;
    std::optional<Decimal> exact;
    std::string text;
    std::optional<std::string> note;
    Bytes data;
    std::optional<DateTime> at;
    Date on{std::chrono::year{2000} / 1 / 1};
    std::optional<Time> opens;
    Interval lasts{};
    std::optional<Uuid> mark;
    Colour colour{};

    friend bool operator==(const Mixed&, const Mixed&) = default;
};

void describe(mercator::Mapping<Mixed>& mixed) {
    mixed.column<&Mixed::id>().primary_key();
    mixed.column<&Mixed::flag>();
    mixed.column<&Mixed::i8>();
    mixed.column<&Mixed::i16>();
    mixed.column<&Mixed::i32>();
    mixed.column<&Mixed::i64>();
    mixed.column<&Mixed::u32>();
    mixed.column<&Mixed::u64>();
    mixed.column<&Mixed::single>();
    mixed.column<&Mixed::real>();
    mixed.column<&Mixed::money>(mercator::Numeric(12, 2));
    mixed.column<&Mixed::exact>(mercator::Numeric(38, 10));
    mixed.column<&Mixed::text>();
    mixed.column<&Mixed::note>(mercator::String(50));
    mixed.column<&Mixed::data>();
    mixed.column<&Mixed::at>();
    mixed.column<&Mixed::on>();
    mixed.column<&Mixed::opens>();
    mixed.column<&Mixed::lasts>();
    mixed.column<&Mixed::mark>();
    mixed.column<&Mixed::colour>();
}

/// The same rows on every backend: seeded, and by arithmetic of our own, as the standard's
/// distributions are not the same everywhere.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t end) { return random_() % end; }
    bool coin() { return below(2) == 0; }

    template <class Int>
    Int integer() {
        using Limits = std::numeric_limits<Int>;
        switch (below(8)) {
        case 0:
            return Limits::min();
        case 1:
            return Limits::max();
        case 2:
            return Int{};
        case 3:
            return static_cast<Int>(below(10));
        default:
            return static_cast<Int>(random_());
        }
    }
    template <class Float, class Bits>
    Float floating() {
        for (;;) {
            const auto value = std::bit_cast<Float>(static_cast<Bits>(random_()));
            if (std::isfinite(value) && value != 0) return value;
        }
    }
    Decimal decimal(int digits, int scale) {
        std::string text = coin() ? "-" : "";
        const auto whole = below(static_cast<std::uint64_t>(digits - scale)) + 1;
        for (std::uint64_t i = 0; i < whole; ++i) text += digit();
        text += '.';
        for (int i = 0; i < scale; ++i) text += digit();
        return Decimal(text);
    }
    std::string text(std::uint64_t longest) {
        static const std::vector<std::string> letters{
            "a",       "Z",      "0",      " ", "'",  "\"",     "\\",     "%",
            "_",       "\n",     "\t",     ";", "--", "\u00e9", "\u20ac", "\U0001F600",
            "e\u0301", "\uFEFF", "\u202E", "?", ":",  "$1",     "\x7f"};
        std::string text;
        for (auto left = below(longest); left > 0; --left) text += letters[below(letters.size())];
        return text;
    }
    Bytes bytes() {
        Bytes bytes;
        for (auto left = below(40); left > 0; --left)
            bytes.push_back(static_cast<std::byte>(below(256)));
        return bytes;
    }
    DateTime moment() {
        constexpr std::int64_t first = -62'135'596'800; // seconds of 0001-01-01
        constexpr std::uint64_t seconds = 315'537'897'600;
        const auto second = first + static_cast<std::int64_t>(below(seconds));
        const auto fraction = coin() ? 0 : static_cast<std::int64_t>(below(1'000'000));
        return DateTime(std::chrono::seconds(second) + std::chrono::microseconds(fraction));
    }
    Date day() { return Date(std::chrono::floor<std::chrono::days>(moment())); }
    Time time() { return Time(Interval(static_cast<std::int64_t>(below(86'400'000'000)))); }
    Uuid uuid() {
        Uuid::ByteArray bytes{};
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(below(256));
        bytes[6] = static_cast<std::uint8_t>(0x40 | (bytes[6] & 0x0f)); // version 4
        bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
        return Uuid(bytes);
    }
    Mixed row() {
        Mixed row{.i8 = integer<std::int8_t>(),
                  .i32 = integer<std::int32_t>(),
                  .u32 = integer<std::uint32_t>(),
                  .single = floating<float, std::uint32_t>(),
                  .money = decimal(12, 2),
                  .text = text(60),
                  .data = bytes(),
                  .on = day(),
                  .lasts = Interval(integer<std::int64_t>() / 2),
                  .colour = static_cast<Colour>(below(3))};
        if (coin()) row.flag = coin();
        if (coin()) row.i16 = integer<std::int16_t>();
        if (coin()) row.i64 = integer<std::int64_t>();
        if (coin()) row.u64 = integer<std::uint64_t>() / 2; // what SQLite holds
        if (coin()) row.real = floating<double, std::uint64_t>();
        if (coin()) row.exact = decimal(38, 10);
        if (coin()) row.note = text(25);
        if (coin()) row.at = moment();
        if (coin()) row.opens = time();
        if (coin()) row.mark = uuid();
        return row;
    }

private:
    char digit() { return static_cast<char>('0' + below(10)); }

    std::mt19937_64 random_;
};

/// The members that differ: the smallest example of what went wrong.
std::string difference(const Mixed& found, const Mixed& expected) {
    const auto& columns = mercator::mapper_of<Mixed>().columns();
    std::string text;
    for (const auto& column : columns) {
        const auto in = [&](const Mixed& row) {
            return display(load(column.field, reinterpret_cast<const std::byte*>(&row)));
        };
        if (in(found) != in(expected))
            text += std::string(column.field.where) + ": " + in(found) + " is not " + in(expected) +
                    "; ";
    }
    return text;
}

void check_rows(const std::vector<Mixed>& found, const std::vector<Mixed>& expected) {
    REQUIRE(found.size() == expected.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        Mixed known = expected[i];
        known.id = found[i].id;
        if (found[i] == known) continue;
        if (++wrong <= 3) FAIL_CHECK("row " << i << ": " << difference(found[i], known));
    }
    CHECK(wrong == 0);
}

/// Writes rows in a batch, changes all of them in another, and reads them in both ways.
void check_random_rows(mercator::Database& database, std::size_t count, std::uint64_t seed) {
    Dice dice(seed);
    std::vector<Mixed> rows(count);
    for (auto& row : rows) row = dice.row();
    database.drop_all<Mixed>();
    database.create_all<Mixed>();
    mercator::Session session = database.session();
    std::vector<std::shared_ptr<Mixed>> objects;
    for (const auto& row : rows) objects.push_back(session.add(row));
    session.commit();
    mercator::Session reader = database.session();
    check_rows(reader.query<Mixed>().order_by(col(&Mixed::id)).values(), rows);
    for (std::size_t i = 0; i < count; ++i) {
        const auto id = objects[i]->id;
        rows[i] = dice.row();
        *objects[i] = rows[i];
        objects[i]->id = id;
    }
    session.commit();
    reader.rollback();
    std::vector<Mixed> found;
    const auto again = reader.query<Mixed>().order_by(col(&Mixed::id)).all();
    for (const auto& object : again) found.push_back(*object);
    check_rows(found, rows);
    CHECK_FALSE(reader.is_dirty());
}

class ProcessTimeZone {
public:
    explicit ProcessTimeZone(const char* zone) {
        if (const char* before = std::getenv("TZ")) before_ = before;
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
    ProcessTimeZone(const ProcessTimeZone&) = delete;
    ProcessTimeZone& operator=(const ProcessTimeZone&) = delete;
    ~ProcessTimeZone() {
        if (before_)
            ::setenv("TZ", before_->c_str(), 1);
        else
            ::unsetenv("TZ");
        ::tzset();
    }

private:
    std::optional<std::string> before_;
};

} // namespace

TEST_CASE("TYP-15 a thousand random rows of all types come back as they were in memory, here as on "
          "every backend [A43] [A44]") {
    Backend backend;
    check_random_rows(*backend, 1'000, 20'261'120);
}

TEST_CASE("TYP-05 the process's time zone changes no moment [A30]") {
    Backend backend;
    for (const char* zone : {"America/St_Johns", "Asia/Kathmandu", "Europe/Berlin"}) {
        CAPTURE(std::string(zone));
        const ProcessTimeZone elsewhere(zone);
        const auto application = backend.another();
        check_random_rows(*application, 50, 30);
        if (application->engine().capabilities().multiple_connections) {
            mercator::Session session = application->session();
            const auto now = session.scalar(select(mercator::func::now()));
            CHECK(now > mercator::utc_now() - std::chrono::minutes(5));
            CHECK(now < mercator::utc_now() + std::chrono::minutes(5));
        }
    }
}

TEST_CASE("TYP-05 TYP-08 a role whose defaults change all output changes no value [A21] [A31]") {
    Backend backend;
    const std::string role = "ALTER ROLE CURRENT_USER ";
    try {
        backend.run(role + "RESET ALL");
    } catch (const mercator::DatabaseError&) {
        mercator::test::skip("roles have no defaults of this kind here");
        return;
    }
    for (const char* setting :
         {"DateStyle = 'SQL, DMY'", "IntervalStyle = 'sql_standard'", "bytea_output = 'escape'",
          "extra_float_digits = -15", "TimeZone = 'Asia/Kathmandu'", "lc_messages = 'de_DE.UTF-8'",
          "standard_conforming_strings = off", "lc_monetary = 'C'"}) {
        try {
            backend.run(role + "SET " + setting);
        } catch (const mercator::DatabaseError&) {
            MESSAGE("not settable here: " << std::string(setting));
        }
    }
    const auto application = backend.another();
    check_random_rows(*application, 300, 31);
    backend.run(role + "RESET ALL");
}
