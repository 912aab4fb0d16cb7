// SPDX-License-Identifier: MIT
#include <mercator/types/enum_names.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

namespace {

enum class Status { draft, published, archived };
enum class Sparse : std::int16_t { low = -128, minus = -1, zero = 0, high = 255, beyond = 256 };
enum class Small : std::uint8_t { first, last = 255 };
enum class Tiny : bool { no, yes };
enum class Signed : signed char { low = -128, high = 127 };
enum class Other_2 { a1, _b, C_c };
enum class Empty {};
enum class Renamed { draft, sent };

template <class, class>
struct Holder {
    enum class Inner { here, there };
};

} // namespace

template <>
struct mercator::EnumNames<Renamed> {
    static constexpr std::array<mercator::EnumEntry<Renamed>, 2> entries{
        {{Renamed::draft, "D"}, {Renamed::sent, "in the post"}}};
};

using namespace mercator;

// All of it happens at compile time.
static_assert(enum_name(Status::draft) == "draft");
static_assert(enum_value<Status>("archived") == Status::archived);
static_assert(EnumNames<Status>::entries.size() == 3);
static_assert(EnumNames<Empty>::entries.empty());
static_assert(EnumNames<Tiny>::entries.size() == 2);

TEST_CASE("TYP-13 the compiler knows the names of an enum class") {
    CHECK(enum_name(Status::published) == "published");
    CHECK(enum_value<Status>("published") == Status::published);
    CHECK(enum_name(Other_2::_b) == "_b");
    CHECK(enum_name(Other_2::C_c) == "C_c");
    CHECK(enum_name(Tiny::yes) == "yes");
}

TEST_CASE("TYP-13 unknown names and values have no counterpart") {
    CHECK_FALSE(enum_value<Status>("Published"));
    CHECK_FALSE(enum_value<Status>(""));
    CHECK_FALSE(enum_value<Status>("publishe"));
    CHECK(enum_name(static_cast<Status>(3)).empty());
    CHECK(enum_name(static_cast<Status>(-1)).empty());
}

TEST_CASE("TYP-13 enumerators from -128 to 255 are found, in the range of the underlying type") {
    CHECK(EnumNames<Sparse>::entries.size() == 4);
    CHECK(enum_name(Sparse::low) == "low");
    CHECK(enum_name(Sparse::minus) == "minus");
    CHECK(enum_name(Sparse::high) == "high");
    CHECK(enum_name(Sparse::beyond).empty());
    CHECK(EnumNames<Small>::entries.size() == 2);
    CHECK(enum_name(Small::last) == "last");
    CHECK(EnumNames<Signed>::entries.size() == 2);
    CHECK(enum_value<Signed>("low") == Signed::low);
}

TEST_CASE("TYP-13 nested, local and template enumerations have plain names, too") {
    enum class Local { one, two };
    CHECK(enum_name(Local::two) == "two");
    using Inner = Holder<std::string, Holder<int, char>>::Inner;
    CHECK(enum_name(Inner::there) == "there");
    CHECK(EnumNames<Inner>::entries.size() == 2);
}

TEST_CASE("TYP-13 stored names can be chosen") {
    CHECK(enum_name(Renamed::sent) == "in the post");
    CHECK(enum_value<Renamed>("D") == Renamed::draft);
    CHECK_FALSE(enum_value<Renamed>("draft"));
    CHECK(enum_sql_type<Renamed>().length == 11);
}

TEST_CASE("TYP-13 the SQL type lists the names and is as long as the longest") {
    constexpr SqlType type = enum_sql_type<Status>();
    CHECK(type.kind == TypeKind::Enum);
    CHECK(type.length == 9);
    REQUIRE(labels_of(type) != nullptr);
    CHECK(labels_of(type)->count == 3);
    CHECK(to_string(type) == "Enum(draft, published, archived)");
}
