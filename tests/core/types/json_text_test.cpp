// SPDX-License-Identifier: MIT
#include <mercator/types/json_text.hpp>

#include <mercator/support/error.hpp>
#include <mercator/types/array.hpp>
#include <mercator/types/json.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace mercator;

namespace {

std::string written(const Value& value) {
    std::string text;
    append_json(text, value);
    return text;
}

Bytes bytes(std::string_view text) {
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    return {first, first + text.size()};
}

template <class T>
std::string stored(const std::vector<T>& list) {
    return TypeDecorator<std::vector<T>>::bind(list);
}
template <class T>
std::vector<T> read(const std::string& text) {
    return TypeDecorator<std::vector<T>>::result(text);
}

} // namespace

TEST_CASE("every kind of value has one form in JSON") {
    CHECK(written(null) == "null");
    CHECK(written(true) == "true");
    CHECK(written(-5) == "-5");
    CHECK(written(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(written(0.1) == "0.1");
    CHECK(written(0.1F) == "0.1"); // not the double that it is
    CHECK(written(1e300) == "1e+300");
    CHECK(written("a \"b\" \\ \n \u00fc") == "\"a \\\"b\\\" \\\\ \\n \u00fc\"");
    CHECK(written(Decimal("19.90")) == "\"19.90\"");
    CHECK(written(*parse_date_time("2026-03-01 12:00:00")) == "\"2026-03-01T12:00:00Z\"");
    CHECK(written(*parse_date_time("2026-03-01 12:00:00.000001")) ==
          "\"2026-03-01T12:00:00.000001Z\"");
    CHECK(written(*parse_date("2024-02-29")) == "\"2024-02-29\"");
    CHECK(written(*parse_time("23:59:59.5")) == "\"23:59:59.500000\"");
    CHECK(written(Uuid("01234567-89ab-cdef-8123-456789abcdef")) ==
          "\"01234567-89ab-cdef-8123-456789abcdef\"");
}

TEST_CASE("bytes are base64") {
    CHECK(written(Bytes()) == "\"\"");
    CHECK(written(bytes("f")) == "\"Zg==\"");
    CHECK(written(bytes("fo")) == "\"Zm8=\"");
    CHECK(written(bytes("foo")) == "\"Zm9v\"");
    CHECK(written(bytes("foob")) == "\"Zm9vYg==\"");
    CHECK(written(bytes("\xff\xfe\xfd")) == "\"//79\"");
}

TEST_CASE("numbers that JSON has none for are their names") {
    CHECK(written(std::numeric_limits<double>::quiet_NaN()) == "\"NaN\"");
    CHECK(written(std::numeric_limits<double>::infinity()) == "\"Infinity\"");
    CHECK(written(-std::numeric_limits<float>::infinity()) == "\"-Infinity\"");
    CHECK(json_plain_text(std::numeric_limits<double>::infinity()) == "Infinity");
    CHECK(json_plain_text(Decimal("1.50")) == "1.50");
    CHECK(json_plain_text("text") == "text");
    CHECK(json_plain_text(5).empty());
}

TEST_CASE("text that is no UTF-8 has no form in JSON") {
    CHECK_THROWS_AS(static_cast<void>(written("\xff")), DataError);
    CHECK_THROWS_AS(static_cast<void>(written(std::string("\xed\xa0\x80"))), DataError);
}

TEST_CASE("a list of plain values is read, anything else is refused with its place") {
    const auto values =
        read_json_list(R"([null, true, -1, 18446744073709551615, 1.5, "x"])", "here");
    REQUIRE(values.size() == 6);
    CHECK(values[0].is_null());
    CHECK((values[1] == Value(true)));
    CHECK((values[2] == Value(-1)));
    CHECK((values[3] == Value(std::numeric_limits<std::uint64_t>::max())));
    CHECK((values[4] == Value(1.5)));
    CHECK((values[5] == Value("x")));
    for (const char* text : {"", "{}", "[1", "[[1]]", "[{}]", "5", "[1] x"}) {
        CAPTURE(std::string(text));
        try {
            static_cast<void>(read_json_list(text, "Post.tags"));
            FAIL("it was read");
        } catch (const DataError& error) {
            CHECK(error.where() == "Post.tags");
        }
    }
}

TEST_CASE("how deep a text is nested is seen before it is read") {
    const auto nested = [](int levels) {
        return std::string(static_cast<std::size_t>(levels), '[') +
               std::string(static_cast<std::size_t>(levels), ']');
    };
    CHECK_FALSE(is_nested_too_deep(nested(most_json_levels)));
    CHECK(is_nested_too_deep(nested(most_json_levels + 1)));
    CHECK(is_nested_too_deep(std::string(1'000'000, '{')));
    CHECK_FALSE(is_nested_too_deep('"' + std::string(5000, '[') + '"'));
    CHECK_FALSE(is_nested_too_deep("\"\\\"" + std::string(5000, '[') + '"'));
    std::string wide = "[";
    for (int i = 0; i < 5000; ++i) wide += "[],";
    CHECK_FALSE(is_nested_too_deep(wide + "[]]"));

    using Documents = TypeDecorator<nlohmann::json>;
    CHECK_THROWS_AS(static_cast<void>(Documents::result(std::string(1'000'000, '['))), DataError);
    const nlohmann::json fits = Documents::result(nested(most_json_levels));
    CHECK((Documents::result(Documents::bind(fits)) == fits));
    CHECK_THROWS_AS(static_cast<void>(Documents::bind(nlohmann::json::array({fits, fits}))),
                    DataError);
}

TEST_CASE("TYP-24 vectors travel as the text of a JSON array") {
    CHECK(stored(std::vector<int>{}) == "[]");
    CHECK(stored(std::vector<int>{1, -2}) == "[1,-2]");
    CHECK(stored(std::vector<bool>{true, false}) == "[true,false]");
    CHECK(stored(std::vector<std::optional<std::string>>{"a", std::nullopt}) == "[\"a\",null]");
    CHECK((read<std::optional<std::string>>("[\"a\", null]") ==
           std::vector<std::optional<std::string>>{"a", std::nullopt}));
    CHECK((read<bool>("[true,false]") == std::vector<bool>{true, false}));
    CHECK((read<Decimal>("[\"1.50\", 2]") == std::vector<Decimal>{Decimal("1.50"), Decimal(2)}));
    const auto odd = read<double>(stored(std::vector<double>{
        std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}));
    REQUIRE(odd.size() == 2);
    CHECK(std::isnan(odd[0]));
    CHECK(odd[1] == -std::numeric_limits<double>::infinity());
    CHECK_THROWS_AS(static_cast<void>(read<int>("[null]")), DataError);
    CHECK_THROWS_AS(static_cast<void>(read<int>("[\"1\"]")), DataError);
    CHECK_THROWS_AS(static_cast<void>(read<std::int8_t>("[128]")), DataError);
    CHECK_THROWS_AS(static_cast<void>(read<double>("[\"nan\"]")), DataError);
    CHECK(to_string(TypeOf<std::vector<int>>::sql_type()) == "Array(Integer)");
    CHECK(to_string(SqlType(Array(Numeric(10, 2)))) == "Array(Numeric(10, 2))");
    CHECK(to_string(Array(Text()).as_json()) == "Json");
}

TEST_CASE("CUS-13 a document equals another in its meaning, not in its spelling") {
    const auto* codec = TypeOf<std::optional<nlohmann::json>>::codec();
    REQUIRE((codec->same != nullptr));
    std::optional<nlohmann::json> member = nlohmann::json{{"a", 1}, {"b", {1.0, 2}}};
    CHECK(codec->same(&member, Value(R"({"b": [1, 2.0], "a": 1e0})")));
    CHECK_FALSE(codec->same(&member, Value(R"({"b": [2, 1], "a": 1})")));
    CHECK_FALSE(codec->same(&member, null));
    member = json_null;
    CHECK(codec->same(&member, Value("null")));
    CHECK_FALSE(codec->same(&member, null)); // TYP-22
    member.reset();
    CHECK(codec->same(&member, null));
    CHECK((TypeOf<std::vector<int>>::codec()->same == nullptr)); // one value, one form
}
