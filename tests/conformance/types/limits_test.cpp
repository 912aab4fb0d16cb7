// SPDX-License-Identifier: MIT
#include "native_cell.hpp"

#include <limits>

using namespace types_test;
using mercator::Bytes;

namespace {

using Words = Cell<std::string>;
using Blob = Cell<Bytes>;

void append_utf8(std::string& text, char32_t c) {
    const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0 | c >> 6);
        put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        put(0xe0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    } else {
        put(0xf0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3f));
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    }
}

/// All characters of Unicode, a thousand in each text.
std::vector<std::string> all_characters(bool with_zero) {
    std::vector<std::string> texts(1);
    std::size_t count = 0;
    for (char32_t c = with_zero ? 0 : 1; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        if (++count % 1'000 == 0) texts.emplace_back();
        append_utf8(texts.back(), c);
    }
    return texts;
}

/// A session variable, where the backend has such.
std::string setting(Backend& backend, const std::string& query) {
    try {
        return display(backend.rows(query).at(0).at(0));
    } catch (const mercator::DatabaseError&) {
        return {};
    }
}

template <class C>
void check_large(Backend& backend, const value_t<C>& value) {
    backend->drop_all<C>();
    backend->create_all<C>();
    {
        mercator::Session session = backend->session();
        session.add(C{.value = value});
        session.commit();
    }
    mercator::Session session = backend->session();
    CHECK((session.query<C>().one()->value == value));
}

} // namespace

TEST_CASE("TYP-19 every character of Unicode comes back [A17] [A19]") {
    Backend backend;
    backend->create_all<Words>();
    const auto texts = all_characters(backend.can().nul_in_text);
    {
        mercator::Session session = backend->session();
        for (const auto& text : texts) session.add(Words{.value = text});
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto rows = session.query<Words>().order_by(col(&Words::id)).values();
    REQUIRE(rows.size() == texts.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) wrong += rows[i].value == texts[i] ? 0U : 1U;
    CHECK(wrong == 0);
}

TEST_CASE("TYP-19 characters of four bytes and combining ones survive in names, filters and both "
          "ways of inserting; the connection speaks UTF-8 [A17]") {
    Backend backend;
    check_round_trip<Words>(backend, {"\U0001F468\u200D\U0001F469\u200D\U0001F467", "e\u0301",
                                      "\u00e9", "\u202Eabc", "\uFEFF", "\U0010FFFF", "\U0001F600"});
    mercator::Session session = backend->session();
    CHECK(session.query<Words>().where(col(&Words::value) == "\u00e9").count() == 1);
    CHECK(session.query<Words>().where(col(&Words::value).contains("\U0001F469")).count() == 1);
    const std::string encoding = setting(backend, "SHOW client_encoding");
    if (!encoding.empty()) CHECK(encoding == "'UTF8'");
    const std::string charsets =
        setting(backend, "SELECT CONCAT(@@character_set_client, ' ', @@character_set_connection, "
                         "' ', @@character_set_results)");
    if (!charsets.empty()) CHECK(charsets == "'utf8mb4 utf8mb4 utf8mb4'");
}

TEST_CASE(
    "TYP-03 TYP-08 16 megabytes less one byte come back, or are refused with the limit [A20]") {
    Backend backend;
    constexpr std::size_t size = 16U * 1024U * 1024U - 1;
    const std::uint64_t most = backend.can().max_value_bytes;
    if (most == 0 || most >= size) {
        check_large<Words>(backend, std::string(size, 'x'));
    }
    check_large<Words>(backend, std::string(1024U * 1024U, 'y'));
    backend.run("DROP TABLE IF EXISTS " + backend.quoted("cells"));
    const auto application = backend.another();
    application->create_all<Blob>();
    mercator::Session session = application->session();
    const auto large = session.add(Blob{.value = Bytes(size, std::byte{0xff})});
    try {
        session.commit();
        session.refresh(large);
        CHECK((large->value == Bytes(size, std::byte{0xff})));
    } catch (const mercator::DatabaseError&) { // typed, and everything goes on
        large->value = Bytes(10, std::byte{0xff});
        session.commit();
        session.refresh(large);
        CHECK(large->value == Bytes(10, std::byte{0xff}));
    }
}

TEST_CASE(
    "TYP-03 a value larger than the server takes is a typed error, and the session goes on [A20]") {
    Backend backend;
    const std::string packet = setting(backend, "SELECT @@max_allowed_packet");
    if (packet.empty()) return mercator::test::skip("this backend has no such limit");
    const auto limit = std::stoull(packet);
    backend->create_all<Words>();
    mercator::Session session = backend->session();
    const auto words = session.add(Words{.value = std::string(limit + 1, 'x')});
    CHECK_THROWS_AS(session.commit(), mercator::DatabaseError);
    words->value = "short";
    session.commit();
    CHECK(session.query<Words>().where(col(&Words::value) == "short").count() == 1);
}

TEST_CASE("TYP-01 the lowest integer is a literal in a check and in a default [A02]") {
    Backend backend;
    static constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    struct Checked {
        std::int64_t id{};
        std::int64_t value{};
        static void describe(mercator::Mapping<Checked>& checked) {
            checked.table("checked");
            checked.column<&Checked::id>().primary_key();
            checked.column<&Checked::value>().server_default(lowest);
            checked.check(mercator::col(&Checked::value) >= lowest, "not_too_low");
        }
    };
    backend->create_all<Checked>();
    mercator::Session session = backend->session();
    const auto first = session.add(Checked{});
    const auto second = session.add(Checked{.value = -1});
    session.commit();
    session.refresh(first);
    CHECK(first->value == lowest);
    CHECK(second->value == -1);
    CHECK(session.query<Checked>().where(col(&Checked::value) == lowest).count() == 1);
}

TEST_CASE("TYP-16 an unsigned number above 2^63-1 is an error in a signed member [A03]") {
    Backend backend;
    using Wide = Cell<std::uint64_t>;
    backend->create_all<Wide>();
    {
        mercator::Session session = backend->session();
        session.add(Wide{.value = std::numeric_limits<std::uint64_t>::max()});
        try {
            session.commit();
        } catch (const mercator::DataError&) {
            return; // refused instead
        }
    }
    check_unreadable<Cell<std::int64_t>>(backend);
    check_unreadable<Cell<std::int32_t>>(backend);
}

TEST_CASE("TYP-31 a table of very many columns works, or is refused with a typed error [A45]") {
    for (const int columns : {250, 1'000, 1'600, 2'001}) {
        CAPTURE(columns);
        Backend backend;
        mercator::Table wide("wide", mercator::Column("id", mercator::Integer()).primary_key());
        for (int i = 1; i < columns; ++i)
            wide.add(
                mercator::Column("c" + std::to_string(i), mercator::Integer()).server_default(i));
        wide.complete();
        try {
            backend.run(backend->engine().dialect().ddl().compile(mercator::CreateTable{&wide}));
        } catch (const mercator::Error&) {
            CHECK(columns > 1'000); // what all of them take
            continue;
        }
        backend.run("INSERT INTO " + backend.quoted("wide") + " (" + backend.quoted("id") +
                    ") VALUES (1)");
        const auto rows = backend.rows("SELECT * FROM " + backend.quoted("wide"));
        REQUIRE(rows.at(0).size() == static_cast<std::size_t>(columns));
        CHECK(display(rows[0].back()) == std::to_string(columns - 1));
    }
}
