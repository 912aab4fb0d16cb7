// SPDX-License-Identifier: MIT
#include <mercator/types/uuid.hpp>

#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <type_traits>
#include <unordered_set>

using mercator::Uuid;

static_assert(std::is_trivially_copyable_v<Uuid> && sizeof(Uuid) == 16);

TEST_CASE("a UUID is 16 bytes, and its text is lower case with hyphens") {
    const Uuid uuid("123E4567-E89B-12D3-A456-426614174000");
    CHECK(uuid.to_string() == "123e4567-e89b-12d3-a456-426614174000");
    CHECK(uuid.bytes()[0] == 0x12);
    CHECK(uuid.bytes()[15] == 0x00);
    CHECK(uuid.version() == 1);
    CHECK(Uuid().is_nil());
    CHECK(Uuid().to_string() == "00000000-0000-0000-0000-000000000000");
    char digits[Uuid::digits_size];
    uuid.write_digits(digits);
    CHECK(std::string(digits, sizeof digits) == "123e4567e89b12d3a456426614174000");
}

TEST_CASE("TYP-12 all usual spellings of a UUID are read as the same") {
    const Uuid expected("123e4567-e89b-12d3-a456-426614174000");
    for (const char* text :
         {"123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}",
          "urn:uuid:123E4567-E89B-12D3-A456-426614174000", "123E4567-e89b-12D3-a456-426614174000"})
        CHECK(Uuid::parse(text) == expected);
}

TEST_CASE("TYP-12 what is no UUID is not read") {
    for (const char* text :
         {"", "-", "123e4567", "123e4567-e89b-12d3-a456-42661417400",
          "123e4567-e89b-12d3-a456-4266141740000", "123e4567-e89b-12d3-a456-42661417400g",
          "123e4567-e89b-12d3-a4564-26614174000", "123e4567_e89b_12d3_a456_426614174000",
          "{123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000 ",
          "urn:uuid:", "{}"})
        CHECK_FALSE(Uuid::parse(text).has_value());
    CHECK_THROWS_AS(Uuid("nonsense"), mercator::DataError);
}

TEST_CASE("UUIDs compare as their texts do") {
    const Uuid low("00000000-0000-0000-0000-0000000000ff");
    const Uuid high("00000000-0000-0000-0000-000000000100");
    CHECK(low < high);
    CHECK(low.to_string() < high.to_string());
    CHECK(low == Uuid(low.bytes()));
    CHECK(std::hash<Uuid>()(low) == std::hash<Uuid>()(Uuid(low.bytes())));
}

TEST_CASE("TYP-12 uuid4 makes random UUIDs of version 4, all different") {
    std::unordered_set<Uuid> seen;
    for (int i = 0; i < 10'000; ++i) {
        const Uuid uuid = mercator::uuid4();
        CHECK_MESSAGE((uuid.version() == 4 && (uuid.bytes()[8] & 0xc0) == 0x80), uuid.to_string());
        seen.insert(uuid);
    }
    CHECK(seen.size() == 10'000);
}

TEST_CASE("TYP-12 uuid7 begins with the milliseconds since 1970") {
    const auto milliseconds = [] {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())
            .time_since_epoch()
            .count();
    };
    const auto before = milliseconds();
    const Uuid uuid = mercator::uuid7();
    const auto after = milliseconds();
    std::int64_t stamp = 0;
    for (std::size_t i = 0; i < 6; ++i) stamp = stamp << 8 | uuid.bytes()[i];
    CHECK(stamp >= before);
    CHECK(stamp <= after);
    CHECK(uuid.version() == 7);
    CHECK((uuid.bytes()[8] & 0xc0) == 0x80);
    CHECK(mercator::uuid7() != uuid);
}
