// SPDX-License-Identifier: MIT
#include "cell.hpp"

#include <algorithm>

using namespace types_test;

namespace {

struct Short {
    static mercator::SqlType sql_type() { return mercator::String(40); }
};

using Words = Cell<std::string>;
using Name = Cell<std::string, Short>;

std::vector<std::string> letters() {
    return {"",
            "plain",
            " leading and trailing ",
            "   ",
            "it's \"quoted\" \\ back; -- not a comment",
            "100% _under_ ? :name $1",
            "two\nlines\tand a tab\r",
            "Z\u00fcrich",
            "e\u0301 combining",
            "\U0001F600\U0001F468\u200D\U0001F469\u200D\U0001F467",
            "\u202Eright to left",
            "\uFEFFmark",
            "\U0010FFFF",
            "NULL"};
}

} // namespace

TEST_CASE("TYP-02 text of limited length comes back byte by byte [A15] [A17]") {
    Backend backend;
    check_round_trip<Name>(backend, letters());
}

TEST_CASE("TYP-03 text comes back byte by byte [A15] [A17]") {
    Backend backend;
    check_round_trip<Words>(backend, letters());
}

TEST_CASE("TYP-02 text longer than its column is refused before it is sent") {
    Backend backend;
    check_refused<Name>(backend, std::string(40, 'x'), std::string(41, 'x'));
}

TEST_CASE("TYP-02 the length counts characters, not bytes") {
    Backend backend;
    std::string wide;
    for (int i = 0; i < 40; ++i) wide += "\U0001F600";
    check_round_trip<Name>(backend, {wide});
}

TEST_CASE("TYP-02 an index over text without a limit works or is refused when the table is made") {
    struct Indexed {
        std::int64_t id{};
        std::string text;
        static void describe(mercator::Mapping<Indexed>& indexed) {
            indexed.table("indexed");
            indexed.column<&Indexed::id>().primary_key();
            indexed.column<&Indexed::text>().index();
        }
    };
    Backend backend;
    try {
        backend->create_all<Indexed>();
        mercator::Session session = backend->session();
        session.add(Indexed{.text = "found"});
        session.commit();
        CHECK(session.query<Indexed>().where(col(&Indexed::text) == "found").count() == 1);
    } catch (const mercator::CompileError& error) {
        CHECK(std::string(error.what()).find("text") != std::string::npos);
        CHECK(std::string(error.what()).find("String(") != std::string::npos);
    }
}

TEST_CASE("TYP-03 ten megabytes of text, or what the backend takes, come back byte by byte") {
    Backend backend;
    const std::uint64_t most = backend.can().max_value_bytes;
    const std::size_t size =
        most == 0 ? 10'000'000 : std::min<std::size_t>(10'000'000, most - 1'000'000);
    std::string text;
    text.reserve(size);
    while (text.size() < size - 10) text += "0123456789 \u00e4\u20ac\U0001F600";
    backend->create_all<Words>();
    {
        mercator::Session session = backend->session();
        session.add(Words{.value = text, .maybe = text.substr(0, 1'000'000)});
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto found = session.query<Words>().one();
    CHECK((found->value == text));
    CHECK((found->maybe == text.substr(0, 1'000'000)));
    CHECK_FALSE(session.is_modified(found));
}

TEST_CASE("TYP-02 TYP-03 an empty text is not NULL [A14]") {
    Backend backend;
    backend->create_all<Words>();
    mercator::Session session = backend->session();
    session.add(Words{.maybe = ""});
    session.add(Words{});
    session.commit();
    CHECK(session.query<Words>().where(col(&Words::maybe) == "").count() == 1);
    CHECK(session.query<Words>().where(col(&Words::maybe).is_null()).count() == 1);
    mercator::Session reader = backend->session();
    const auto rows = reader.query<Words>().order_by(col(&Words::id)).all();
    CHECK(rows[0]->maybe == std::optional<std::string>(""));
    CHECK_FALSE(rows[1]->maybe.has_value());
}

TEST_CASE("TYP-03 a zero byte in text is kept, or refused before it is sent [A16]") {
    Backend backend;
    const std::string text("ab\0cd", 5);
    if (backend.can().nul_in_text) {
        check_round_trip<Words>(backend, {text, std::string(1, '\0'), "abc"});
    } else {
        check_refused<Words>(backend, "ab", text);
    }
}

TEST_CASE("TYP-03 text that is no UTF-8 is refused before it is sent [A18]") {
    for (const char* broken :
         {"\xC0\xAF", "\xED\xA0\x80", "a\xE2\x82", "\xFF", "\xF4\x90\x80\x80"}) {
        Backend backend;
        check_refused<Words>(backend, "good", broken);
        mercator::Session session = backend->session();
        CHECK_THROWS_AS(
            static_cast<void>(session.query<Words>().where(col(&Words::value) == broken).count()),
            mercator::DataError);
        CHECK(session.query<Words>().count() == 0);
    }
}

TEST_CASE("TYP-02 equality tells case and accents apart where the backend says so [A47]") {
    Backend backend;
    backend->create_all<Name>();
    mercator::Session session = backend->session();
    for (const char* text : {"a", "A", "\u00e4", "a "}) session.add(Name{.value = text});
    session.commit();
    if (!backend.can().case_sensitive_text)
        return mercator::test::skip("equality does not tell case apart here");
    CHECK(session.query<Name>().where(col(&Name::value) == "a").count() ==
          (backend.can().trailing_blanks ? 1 : 2));
    CHECK(session.query<Name>().where(col(&Name::value) == "A").count() == 1);
    CHECK(session.query<Name>().where(col(&Name::value) == "\u00e4").count() == 1);
}
