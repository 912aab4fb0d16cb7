// SPDX-License-Identifier: MIT
#include <mercator/mercator.hpp>
#include <mercator/state/snapshot.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

using namespace mercator;

namespace {

enum class Mood { calm, merry, angry };

template <class T>
using Maybe = std::optional<T>;

struct Everything {
    std::int64_t id{};
    bool flag{};
    std::int8_t i8{};
    std::int16_t i16{};
    std::int32_t i32{};
    std::uint8_t u8{};
    std::uint16_t u16{};
    std::uint32_t u32{};
    std::uint64_t u64{};
    float single{};
    double real{};
    Decimal money;
    std::string text;
    Bytes data;
    DateTime at{};
    Date on{};
    Mood mood{};
    long long odd{};
    Maybe<bool> maybe_flag;
    Maybe<std::int32_t> maybe_int;
    Maybe<double> maybe_real;
    Maybe<Decimal> maybe_money;
    Maybe<std::string> maybe_text;
    Maybe<Bytes> maybe_data;
    Maybe<DateTime> maybe_at;
    Maybe<Mood> maybe_mood;
};

void describe(Mapping<Everything>& all) {
    all.column<&Everything::id>().primary_key();
    all.column<&Everything::flag>();
    all.column<&Everything::i8>();
    all.column<&Everything::i16>();
    all.column<&Everything::i32>();
    all.column<&Everything::u8>();
    all.column<&Everything::u16>();
    all.column<&Everything::u32>();
    all.column<&Everything::u64>();
    all.column<&Everything::single>();
    all.column<&Everything::real>();
    all.column<&Everything::money>();
    all.column<&Everything::text>();
    all.column<&Everything::data>();
    all.column<&Everything::at>();
    all.column<&Everything::on>();
    all.column<&Everything::mood>();
    all.column<&Everything::odd>();
    all.column<&Everything::maybe_flag>();
    all.column<&Everything::maybe_int>();
    all.column<&Everything::maybe_real>();
    all.column<&Everything::maybe_money>();
    all.column<&Everything::maybe_text>();
    all.column<&Everything::maybe_data>();
    all.column<&Everything::maybe_at>();
    all.column<&Everything::maybe_mood>();
}

const Mapper& mapper() {
    return mapper_of<Everything>();
}
const std::byte* bytes(const Everything& object) {
    return reinterpret_cast<const std::byte*>(&object);
}

/// Random values from few, so that equal ones happen.
class Dice {
public:
    template <class Int>
    Int number() {
        return static_cast<Int>(engine_() % 3);
    }
    std::string text() {
        return std::string(engine_() % 3 * 20, static_cast<char>('a' + engine_() % 2));
    }
    Bytes data() { return Bytes(engine_() % 3, static_cast<std::byte>(engine_() % 2 * 255)); }
    Decimal money() {
        return Decimal::from_scaled(static_cast<std::int64_t>(engine_() % 3) * 10,
                                    1 + engine_() % 2 ? 1 : 2);
    }
    DateTime moment() { return DateTime(std::chrono::microseconds(number<int>() - 1)); }
    Date day() { return Date(std::chrono::sys_days(std::chrono::days(number<int>()))); }
    Mood mood() { return static_cast<Mood>(engine_() % 3); }
    template <class T>
    Maybe<T> maybe(T value) {
        return engine_() % 3 == 0 ? Maybe<T>() : Maybe<T>(std::move(value));
    }
    std::size_t below(std::size_t limit) { return engine_() % limit; }

private:
    std::mt19937 engine_{99};
};

/// One way to change each column, in the order of the description.
std::vector<std::function<void(Everything&, Dice&)>> changes() {
    return {[](auto& e, auto& d) { e.id = d.template number<std::int64_t>(); },
            [](auto& e, auto& d) { e.flag = d.below(2) == 0; },
            [](auto& e, auto& d) { e.i8 = d.template number<std::int8_t>(); },
            [](auto& e, auto& d) { e.i16 = d.template number<std::int16_t>(); },
            [](auto& e, auto& d) { e.i32 = d.template number<std::int32_t>(); },
            [](auto& e, auto& d) { e.u8 = d.template number<std::uint8_t>(); },
            [](auto& e, auto& d) { e.u16 = d.template number<std::uint16_t>(); },
            [](auto& e, auto& d) { e.u32 = d.template number<std::uint32_t>(); },
            [](auto& e, auto& d) { e.u64 = d.template number<std::uint64_t>(); },
            [](auto& e, auto& d) { e.single = d.template number<float>(); },
            [](auto& e, auto& d) { e.real = d.template number<double>(); },
            [](auto& e, auto& d) { e.money = d.money(); },
            [](auto& e, auto& d) { e.text = d.text(); },
            [](auto& e, auto& d) { e.data = d.data(); },
            [](auto& e, auto& d) { e.at = d.moment(); },
            [](auto& e, auto& d) { e.on = d.day(); },
            [](auto& e, auto& d) { e.mood = d.mood(); },
            [](auto& e, auto& d) { e.odd = d.template number<long long>(); },
            [](auto& e, auto& d) { e.maybe_flag = d.maybe(d.below(2) == 0); },
            [](auto& e, auto& d) { e.maybe_int = d.maybe(d.template number<std::int32_t>()); },
            [](auto& e, auto& d) { e.maybe_real = d.maybe(d.template number<double>()); },
            [](auto& e, auto& d) { e.maybe_money = d.maybe(d.money()); },
            [](auto& e, auto& d) { e.maybe_text = d.maybe(d.text()); },
            [](auto& e, auto& d) { e.maybe_data = d.maybe(d.data()); },
            [](auto& e, auto& d) { e.maybe_at = d.maybe(d.moment()); },
            [](auto& e, auto& d) { e.maybe_mood = d.maybe(d.mood()); }};
}

/// Which columns differ, asked of the objects themselves.
ColumnSet differences(const Everything& a, const Everything& b) {
    ColumnSet set;
    for (std::size_t i = 0; i < mapper().columns().size(); ++i) {
        const Field& field = mapper().columns()[i].field;
        if (load(field, bytes(a)) != load(field, bytes(b))) set.insert(i);
    }
    return set;
}

} // namespace

TEST_CASE("UOW-04 a snapshot finds exactly the columns that changed, whatever their kinds") {
    Dice dice;
    const auto change = changes();
    REQUIRE(change.size() == mapper().columns().size());
    Everything object;
    object.on = Date(std::chrono::sys_days(std::chrono::days(0)));
    for (int round = 0; round < 3'000; ++round) {
        Arena arena;
        const Everything before = object;
        const std::byte* snapshot = take_snapshot(mapper(), bytes(object), arena);
        CHECK_FALSE(is_changed(mapper(), bytes(object), snapshot));
        for (std::size_t i = dice.below(4); i > 0; --i)
            change[dice.below(change.size())](object, dice);
        const ColumnSet expected = differences(before, object);
        CHECK(changed_columns(mapper(), bytes(object), snapshot) == expected);
        CHECK(is_changed(mapper(), bytes(object), snapshot) == !expected.empty());
        Everything restored = object;
        restore_snapshot(mapper(), reinterpret_cast<std::byte*>(&restored), snapshot);
        CHECK(differences(before, restored).empty());
        for (std::size_t i = 0; i < change.size(); i += 5) {
            CHECK(snapshot_value(mapper(), snapshot, i) ==
                  load(mapper().columns()[i].field, bytes(before)));
        }
    }
}

TEST_CASE("a snapshot sees every bit of text, binary data and numbers") {
    Arena arena;
    Everything object;
    object.text.assign(100, 'x');
    object.data.assign(100, std::byte{7});
    object.real = 1.0;
    const std::byte* snapshot = take_snapshot(mapper(), bytes(object), arena);
    for (std::size_t i = 0; i < 100; ++i) {
        object.text[i] = 'y';
        CHECK(is_changed(mapper(), bytes(object), snapshot));
        object.text[i] = 'x';
        object.data[i] = std::byte{6};
        CHECK(is_changed(mapper(), bytes(object), snapshot));
        object.data[i] = std::byte{7};
    }
    object.real = std::nextafter(1.0, 2.0);
    CHECK(is_changed(mapper(), bytes(object), snapshot));
    object.real = 1.0;
    object.text.push_back('\0');
    CHECK(is_changed(mapper(), bytes(object), snapshot));
    object.text.pop_back();
    object.maybe_text = "";
    CHECK(is_changed(mapper(), bytes(object), snapshot));
    object.maybe_text.reset();
    CHECK_FALSE(is_changed(mapper(), bytes(object), snapshot));
}

TEST_CASE("NaN is no change of itself, and a decimal of the same value is none") {
    Arena arena;
    Everything object;
    object.real = std::numeric_limits<double>::quiet_NaN();
    object.money = Decimal("1.5");
    object.maybe_money = Decimal("2");
    const std::byte* snapshot = take_snapshot(mapper(), bytes(object), arena);
    object.money = Decimal("1.50");
    object.maybe_money = Decimal("2.000");
    CHECK_FALSE(is_changed(mapper(), bytes(object), snapshot));
    object.real = 0;
    CHECK(is_changed(mapper(), bytes(object), snapshot));
}
