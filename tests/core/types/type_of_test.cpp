// SPDX-License-Identifier: MIT
#include <mercator/types/type_of.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

enum class Status { draft, published, archived };
enum class Level { low = 1, high = 2 };
enum Unscoped { plain };

struct Celsius {
    double degrees = 0;
    friend bool operator==(const Celsius&, const Celsius&) = default;
};
struct Tag {
    std::string text;
    friend bool operator==(const Tag&, const Tag&) = default;
};
struct State {
    Status status = Status::draft;
};
struct Unknown {};

} // namespace

template <>
struct mercator::TypeDecorator<Celsius> {
    using storage = double;
    static storage bind(const Celsius& value) { return value.degrees; }
    static Celsius result(storage stored) { return {stored}; }
};

template <>
struct mercator::TypeDecorator<Tag> {
    using storage = std::string;
    static constexpr mercator::SqlType sql_type() { return mercator::String(10); }
    static storage bind(const Tag& value) { return "#" + value.text; }
    static Tag result(storage stored) {
        if (!stored.starts_with('#')) throw std::invalid_argument("no tag: " + stored);
        return {stored.substr(1)};
    }
};

// Stored through another type with a codec.
template <>
struct mercator::TypeDecorator<State> {
    using storage = Status;
    static storage bind(const State& value) { return value.status; }
    static State result(storage stored) { return {stored}; }
};

// An enum stored as its number.
template <>
struct mercator::TypeDecorator<Level> {
    using storage = std::int16_t;
    static storage bind(Level value) { return static_cast<storage>(value); }
    static Level result(storage stored) { return static_cast<Level>(stored); }
};

using namespace mercator;

namespace {

template <class T>
constexpr bool deduced(FieldKind kind, SqlType type) {
    static_assert(Mappable<T> && Mappable<std::optional<T>>);
    static_assert(!TypeOf<T>::optional && TypeOf<std::optional<T>>::optional);
    return TypeOf<T>::kind == kind && TypeOf<std::optional<T>>::kind == kind &&
           TypeOf<T>::sql_type() == type && TypeOf<std::optional<T>>::sql_type() == type;
}

// MOD-31: one line per built-in type.
static_assert(deduced<bool>(FieldKind::Boolean, Boolean()));
static_assert(deduced<std::int8_t>(FieldKind::Int8, SqlType(TypeKind::Int8)));
static_assert(deduced<std::int16_t>(FieldKind::Int16, SmallInteger()));
static_assert(deduced<std::int32_t>(FieldKind::Int32, Integer()));
static_assert(deduced<std::int64_t>(FieldKind::Int64, BigInteger()));
static_assert(deduced<std::uint8_t>(FieldKind::UInt8, SqlType(TypeKind::UInt8)));
static_assert(deduced<std::uint16_t>(FieldKind::UInt16, SqlType(TypeKind::UInt16)));
static_assert(deduced<std::uint32_t>(FieldKind::UInt32, SqlType(TypeKind::UInt32)));
static_assert(deduced<std::uint64_t>(FieldKind::UInt64, SqlType(TypeKind::UInt64)));
static_assert(deduced<float>(FieldKind::Float, Float()));
static_assert(deduced<double>(FieldKind::Double, Double()));
static_assert(deduced<std::string>(FieldKind::String, Text()));
static_assert(deduced<Bytes>(FieldKind::Bytes, LargeBinary()));
static_assert(deduced<Decimal>(FieldKind::Decimal, Numeric(18, 4)));
static_assert(deduced<DateTime>(FieldKind::DateTime, SqlType(TypeKind::DateTime)));
static_assert(deduced<Date>(FieldKind::Date, SqlType(TypeKind::Date)));
static_assert(deduced<Status>(FieldKind::Codec, enum_sql_type<Status>()));
static_assert(deduced<Level>(FieldKind::Codec, SmallInteger()));
static_assert(deduced<Celsius>(FieldKind::Codec, Double()));
static_assert(deduced<Tag>(FieldKind::Codec, String(10)));
static_assert(deduced<char>(FieldKind::Codec,
                            SqlType(std::is_signed_v<char> ? TypeKind::Int8 : TypeKind::UInt8)));
// One of `long` and `long long` is std::int64_t; the other goes through a codec. Both are 64 bits.
static_assert(TypeOf<long long>::sql_type() == BigInteger());
static_assert(TypeOf<unsigned long long>::sql_type() == SqlType(TypeKind::UInt64));
static_assert((TypeOf<long>::kind == FieldKind::Codec) !=
              (TypeOf<long long>::kind == FieldKind::Codec));

static_assert(!Mappable<Unknown>);
static_assert(!Mappable<std::optional<Unknown>>);
static_assert(!Mappable<std::optional<std::optional<int>>>);
static_assert(!Mappable<Unscoped>);
static_assert(!Mappable<int*>);
static_assert(!Mappable<const char*>);
static_assert(!Mappable<const int>);
static_assert(!Mappable<wchar_t>);
static_assert(!Mappable<char32_t>);
static_assert(!Mappable<long double>);
static_assert(!Mappable<std::vector<int>>);

template <class T>
Field field_of() {
    Field field;
    field.kind = TypeOf<T>::kind;
    field.optional = TypeOf<T>::optional;
    field.type = TypeOf<T>::sql_type();
    field.codec = TypeOf<T>::codec();
    field.where = "Thing.member";
    return field;
}

template <class T>
Value load_from(const T& member) {
    return load(field_of<T>(), reinterpret_cast<const std::byte*>(&member));
}

template <class T>
T stored(const Value& value) {
    T member{};
    store(field_of<T>(), reinterpret_cast<std::byte*>(&member), value);
    return member;
}

template <class T>
std::string refusal(const Value& value) {
    try {
        stored<T>(value);
    } catch (const DataError& error) {
        CHECK(error.where() == "Thing.member");
        return error.what();
    }
    return {};
}

template <class T>
void check_round_trip(const T& member) {
    CHECK((TypeOf<T>::codec() != nullptr) == (TypeOf<T>::kind == FieldKind::Codec));
    CHECK(stored<T>(load_from(member)) == member);
    const std::optional<T> full(member);
    CHECK(stored<std::optional<T>>(load_from(full)) == full);
    CHECK(load_from(std::optional<T>()).is_null());
    CHECK(stored<std::optional<T>>(null) == std::nullopt);
    CHECK_FALSE(refusal<T>(null).empty());
}

} // namespace

TEST_CASE("MOD-31 every built-in type and its optional are deduced, and survive load and store") {
    check_round_trip(true);
    check_round_trip(std::int8_t{-128});
    check_round_trip(std::int16_t{-32768});
    check_round_trip(std::int32_t{-2147483647});
    check_round_trip(std::numeric_limits<std::int64_t>::min());
    check_round_trip(std::uint8_t{255});
    check_round_trip(std::uint16_t{65535});
    check_round_trip(std::uint32_t{4294967295U});
    check_round_trip(std::numeric_limits<std::uint64_t>::max());
    check_round_trip(std::numeric_limits<long long>::min());
    check_round_trip(std::numeric_limits<unsigned long long>::max());
    check_round_trip('x');
    check_round_trip(0.1F);
    check_round_trip(0.1);
    check_round_trip(std::string("a\0b", 3));
    check_round_trip(Bytes{std::byte{0}, std::byte{255}});
    check_round_trip(Decimal("12.50"));
    check_round_trip(*parse_date_time("2024-02-29 12:30:00.000001"));
    check_round_trip(*parse_date("0001-01-01"));
    check_round_trip(Status::archived);
    check_round_trip(Level::high);
    check_round_trip(Celsius{36.6});
    check_round_trip(Tag{"new"});
}

TEST_CASE("an integer that does not fit the member is refused, never cut") {
    CHECK(stored<std::int8_t>(std::uint64_t{127}) == 127);
    CHECK(stored<std::uint64_t>(std::int64_t{7}) == 7);
    CHECK(stored<std::uint64_t>(Decimal("18446744073709551615")) == 18446744073709551615U);
    CHECK(stored<std::int64_t>(Decimal("-5.00")) == -5);
    CHECK(stored<int>(true) == 1);
    CHECK_FALSE(refusal<std::int8_t>(128).empty());
    CHECK_FALSE(refusal<std::int8_t>(-129).empty());
    CHECK_FALSE(refusal<std::uint8_t>(-1).empty());
    CHECK_FALSE(refusal<std::int32_t>(std::int64_t{1} << 31).empty());
    CHECK_FALSE(refusal<std::int64_t>(std::uint64_t{1} << 63).empty());
    CHECK_FALSE(refusal<std::uint64_t>(std::int64_t{-1}).empty());
    CHECK_FALSE(refusal<std::uint64_t>(Decimal("18446744073709551616")).empty());
    CHECK_FALSE(refusal<std::uint64_t>(Decimal("-1")).empty());
    CHECK_FALSE(refusal<int>(Decimal("1.5")).empty());
    CHECK_FALSE(refusal<int>(1.0).empty());
    CHECK_FALSE(refusal<int>("1").empty());
    CHECK_FALSE(refusal<char>(300).empty());
    CHECK_FALSE(refusal<long long>(std::uint64_t{1} << 63).empty());
    CHECK_FALSE(refusal<bool>(2).empty());
    CHECK_FALSE(refusal<bool>("true").empty());
    CHECK(stored<bool>(1));
    CHECK_FALSE(stored<bool>(std::uint64_t{0}));
}

TEST_CASE("floating-point members take numbers that they can hold") {
    CHECK(stored<double>(1.5F) == 1.5);
    CHECK(stored<double>(7) == 7.0);
    CHECK(stored<double>(Decimal("0.1")) == 0.1);
    CHECK(stored<float>(0.1) == 0.1F);
    CHECK(stored<float>(std::numeric_limits<double>::infinity()) ==
          std::numeric_limits<float>::infinity());
    CHECK_FALSE(refusal<float>(1e300).empty());
    CHECK_FALSE(refusal<double>("0.1").empty());
}

TEST_CASE("decimals, days and moments are read from their own kind and from text") {
    CHECK(stored<Decimal>(5) == 5);
    CHECK(stored<Decimal>("12.50").to_string() == "12.50");
    CHECK_FALSE(refusal<Decimal>("12,50").empty());
    CHECK_FALSE(refusal<Decimal>(0.1).empty());
    CHECK(stored<DateTime>("2024-02-29 12:30:00") == *parse_date_time("2024-02-29 12:30"));
    CHECK(stored<DateTime>(*parse_date("2024-02-29")) == *parse_date_time("2024-02-29"));
    CHECK(stored<Date>("2024-02-29") == *parse_date("2024-02-29"));
    CHECK_FALSE(refusal<DateTime>("yesterday").empty());
    CHECK_FALSE(refusal<DateTime>(DateTime::max()).empty());
    CHECK_FALSE(refusal<Date>("2023-02-29").empty());
    CHECK_FALSE(refusal<Date>(Date()).empty());
    CHECK_FALSE(refusal<Date>(5).empty());
}

TEST_CASE("a refusal names the member but never the value") {
    const std::string message = refusal<Date>("hunter2");
    CHECK(message.find("Thing.member") == 0);
    CHECK(message.find("hunter2") == std::string::npos);
    CHECK(refusal<std::string>(null).find("std::optional") != std::string::npos);
    CHECK(refusal<Tag>("hunter2").find("hunter2") == std::string::npos);
    CHECK(refusal<std::string>(Bytes()).find("binary data") != std::string::npos);
    CHECK_FALSE(refusal<Bytes>("text").empty());
}

TEST_CASE("TYP-13 an enum is stored by name and an unknown name is refused") {
    CHECK(load_from(Status::published) == Value("published"));
    CHECK(stored<Status>("archived") == Status::archived);
    const std::string message = refusal<Status>("hunter2");
    CHECK(message.find("is not a name of") != std::string::npos);
    CHECK(message.find("draft, published, archived") != std::string::npos);
    CHECK(message.find("hunter2") == std::string::npos);
    CHECK_FALSE(refusal<Status>(1).empty());
    CHECK_FALSE(refusal<std::optional<Status>>("").empty());
    CHECK_THROWS_AS(load_from(static_cast<Status>(77)), DataError);
}

TEST_CASE("TYP-13 an enum is stored by number where a decorator says so") {
    CHECK(load_from(Level::high) == Value(2));
    CHECK(stored<Level>(1) == Level::low);
    CHECK_FALSE(refusal<Level>("high").empty());
    CHECK_FALSE(refusal<Level>(100'000).empty());
}

TEST_CASE("a decorated type goes through its storage type, which may have a codec itself") {
    CHECK(load_from(Tag{"new"}) == Value("#new"));
    CHECK_FALSE(refusal<Tag>("new").empty());
    CHECK(load_from(State{Status::published}) == Value("published"));
    CHECK(stored<State>("archived").status == Status::archived);
    CHECK_FALSE(refusal<State>("gone").empty());
    CHECK(TypeOf<State>::sql_type() == enum_sql_type<Status>());
}

TEST_CASE("a member is found at its offset") {
    struct Row {
        std::int64_t id = 0;
        std::optional<std::string> name;
    } row;
    Field field = field_of<std::optional<std::string>>();
    field.offset = offsetof(Row, name);
    store(field, reinterpret_cast<std::byte*>(&row), "Ada");
    CHECK(row.name == "Ada");
    CHECK(load(field, reinterpret_cast<const std::byte*>(&row)) == Value("Ada"));
}

TEST_CASE("a codec's member has no driver type") {
    CHECK_THROWS_AS(visit_field_type(FieldKind::Codec, [](auto) { return 0; }), StateError);
}
