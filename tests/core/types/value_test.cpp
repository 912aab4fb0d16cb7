// SPDX-License-Identifier: MIT
#include <mercator/types/sql_type.hpp>
#include <mercator/types/value.hpp>
#include <mercator/types/type_rules.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>

using namespace mercator;

TEST_CASE("a value knows its kind") {
    CHECK(Value().kind() == ValueKind::Null);
    CHECK(Value(null).is_null());
    CHECK(Value(true).kind() == ValueKind::Boolean);
    CHECK(Value(-1).kind() == ValueKind::Integer);
    CHECK(Value(std::uint8_t{1}).kind() == ValueKind::Unsigned);
    CHECK(Value(1.0F).kind() == ValueKind::Float);
    CHECK(Value(1.0).kind() == ValueKind::Double);
    CHECK(Value("text").kind() == ValueKind::String);
    CHECK(Value(Bytes()).kind() == ValueKind::Bytes);
    CHECK(Value(Decimal(1)).kind() == ValueKind::Decimal);
    CHECK(Value(utc_now()).kind() == ValueKind::DateTime);
    CHECK(Value(today()).kind() == ValueKind::Date);
}

TEST_CASE("a value is shown on one line, quoted and cut") {
    CHECK(display(Value()) == "NULL");
    CHECK(display(Value(false)) == "false");
    CHECK(display(Value(-7)) == "-7");
    CHECK(display(Value(std::uint64_t{18446744073709551615U})) == "18446744073709551615");
    CHECK(display(Value(0.5)) == "0.5");
    CHECK(display(Value("O'Brien\n\x1b[31m\\")) == "'O\\'Brien\\n\\x1b[31m\\\\'");
    CHECK(display(Value(std::string_view("a\0b", 3))) == "'a\\x00b'");
    CHECK(display(Value(std::string(100, 'x'))) == "'" + std::string(100, 'x') + "'");
    CHECK(display(Value(std::string(101, 'x'))) ==
          "'" + std::string(100, 'x') + "'... (101 bytes)");
    CHECK(display(Value(Bytes(1))) == "<1 byte>");
    CHECK(display(Value(Bytes(3))) == "<3 bytes>");
    CHECK(display(Value(Decimal("1.50"))) == "1.50");
    CHECK(display(Value(*parse_date("2024-02-29"))) == "2024-02-29");
    CHECK(display(Value(*parse_date_time("2024-02-29 01:02:03"))) == "2024-02-29 01:02:03");
}

TEST_CASE("long text is cut between characters") {
    const std::string text = std::string(99, 'x') + "\xc3\xa9" + "tail";
    CHECK(display(Value(text)) == "'" + std::string(99, 'x') + "'... (105 bytes)");
}

TEST_CASE("an SQL type is shown as users write it") {
    CHECK(to_string(SqlType()) == "Unknown");
    CHECK(to_string(Integer()) == "Integer");
    CHECK(to_string(String(64)) == "String(64)");
    CHECK(to_string(Text()) == "Text");
    CHECK(to_string(LargeBinary(10)) == "LargeBinary(10)");
    CHECK(to_string(Numeric(10, 2)) == "Numeric(10, 2)");
    CHECK(to_string(Numeric(10, 2, DecimalStorage::Number)) == "Numeric(10, 2, Number)");
    const SqlType day = Date();
    CHECK(to_string(day) == "Date");
    static constexpr std::array<std::string_view, 2> names = {"draft", "sent"};
    static constexpr TypeRules labels{.labels = {names.data(), 2}};
    SqlType type(TypeKind::Enum);
    CHECK(to_string(type) == "Enum");
    type.rules = &labels;
    CHECK(to_string(type) == "Enum(draft, sent)");
}
