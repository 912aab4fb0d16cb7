// SPDX-License-Identifier: MIT
#include "cell.hpp"

#include <set>

using namespace types_test;
using mercator::Uuid;

using Mark = Cell<Uuid>;

namespace {

struct AsText {
    static mercator::SqlType sql_type() { return mercator::String(36); }
};
struct AsBytes {
    static mercator::SqlType sql_type() { return mercator::LargeBinary(16); }
};

struct Document {
    Uuid id;
    std::string title;
    std::optional<Uuid> parent_id;
};
void describe(mercator::Mapping<Document>& document) {
    document.column<&Document::id>().primary_key().default_factory(mercator::uuid4);
    document.column<&Document::title>();
    document.column<&Document::parent_id>().references<&Document::id>();
}

std::vector<Uuid> samples() {
    return {Uuid(),
            Uuid("ffffffff-ffff-ffff-ffff-ffffffffffff"),
            Uuid("123e4567-0000-0000-0000-000000000000"), // a number to who looks at the text only
            Uuid("00000000-0000-0000-0000-000000000123"),
            Uuid("01234567-89ab-cdef-8123-456789abcdef"),
            Uuid("5c5c5c5c-2727-2727-0022-5c275c275c27"), // backslashes and quotes as bytes
            mercator::uuid4(),
            mercator::uuid7()};
}

} // namespace

TEST_CASE("TYP-12 UUIDs come back as they were [A34]") {
    Backend backend;
    check_round_trip<Mark>(backend, samples());
}

TEST_CASE(
    "TYP-12 a UUID that the backend's own type would change is refused before it is sent [A34]") {
    for (const char* text :
         {"01234567-89ab-cdef-0123-456789abcdef", "832a2b93-fee1-9e04-8020-23a98e94cd7c",
          "00000000-0000-8000-0100-000000000000", "01234567-89ab-8def-0023-456789abcdef",
          "01234567-89ab-8def-8123-456789abcdef", "01234567-89ab-0000-8023-456789abcdef"}) {
        CAPTURE(std::string(text));
        const Uuid odd(text);
        Backend backend;
        backend->create_all<Mark>();
        mercator::Session session = backend->session();
        const auto mark = session.add(Mark{.value = odd});
        try {
            session.commit();
        } catch (const mercator::DataError& error) {
            CHECK(error.where().ends_with(".value"));
            CHECK(error.native_code() == 0); // ours, not the server's
            CHECK_THROWS_AS(
                static_cast<void>(
                    backend->session().query<Mark>().where(col(&Mark::value) == odd).count()),
                mercator::DataError);
            continue;
        }
        mercator::Session reader = backend->session();
        CHECK(reader.query<Mark>().one()->value == odd);
        CHECK(reader.query<Mark>().where(col(&Mark::value) == odd).count() == 1);
    }
}

TEST_CASE("TYP-12 any 16 bytes are kept in a column of bytes [A34]") {
    Backend backend;
    check_round_trip<Cell<Uuid, AsBytes>>(backend, {Uuid("01234567-89ab-cdef-0123-456789abcdef")});
}

TEST_CASE("TYP-12 UUIDs are kept as 36 characters or 16 bytes where a table has them so [A34]") {
    {
        Backend backend;
        check_round_trip<Cell<Uuid, AsText>>(backend, samples());
        using Words = Cell<std::string, AsText>;
        mercator::Session session = backend->session();
        CHECK(
            session.query<Words>().where(col(&Words::value) == samples()[4].to_string()).count() ==
            1);
    }
    Backend backend;
    check_round_trip<Cell<Uuid, AsBytes>>(backend, samples());
    using Blob = Cell<mercator::Bytes, AsBytes>;
    mercator::Session session = backend->session();
    const auto rows = session.query<Blob>().order_by(col(&Blob::id)).values();
    CHECK(rows.at(1).value == mercator::Bytes(16, std::byte{0xff}));
}

TEST_CASE("TYP-12 a UUID written in capitals, without hyphens or in braces is the same UUID") {
    Backend backend;
    backend->create_all<Mark>();
    mercator::Session session = backend->session();
    session.add(Mark{.value = Uuid("ABCDEF01-2345-6789-ABCD-EF0123456789")});
    session.commit();
    for (const char* spelling :
         {"abcdef01-2345-6789-abcd-ef0123456789", "ABCDEF0123456789ABCDEF0123456789",
          "{AbCdEf01-2345-6789-abcd-ef0123456789}"}) {
        CHECK(session.query<Mark>().where(col(&Mark::value) == Uuid(spelling)).count() == 1);
    }
    mercator::Session reader = backend->session();
    CHECK(reader.query<Mark>().one()->value.to_string() == "abcdef01-2345-6789-abcd-ef0123456789");
}

TEST_CASE("TYP-12 UUIDs made by a default are keys, and found by them") {
    Backend backend;
    backend->create_all<Document>();
    Uuid first_id;
    {
        mercator::Session session = backend->session();
        const auto first = session.add(Document{.title = "first"});
        session.commit();
        first_id = first->id;
        CHECK_FALSE(first_id.is_nil());
        CHECK(first_id.version() == 4);
        for (int i = 0; i < 20; ++i) session.add(Document{.title = "child", .parent_id = first_id});
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto found = session.get<Document>(first_id);
    REQUIRE(found);
    CHECK(found->title == "first");
    CHECK(session.get<Document>(first_id.to_string()) == found); // the text of a key will do
    const auto children =
        session.query<Document>().where(col(&Document::parent_id) == first_id).all();
    CHECK(children.size() == 20);
    std::set<Uuid> ids;
    for (const auto& child : children) {
        ids.insert(child->id);
        child->title = "grown";
    }
    CHECK(ids.size() == 20);
    session.commit(); // a batch of updates by key
    CHECK(session.query<Document>().where(col(&Document::title) == "grown").count() == 20);
    for (const auto& child : children) session.delete_(child);
    session.commit();
    CHECK(session.query<Document>().count() == 1);
}

TEST_CASE("TYP-12 what is no UUID is an error that names the member [A34]") {
    Backend backend;
    using Words = Cell<std::string, AsText>;
    backend->create_all<Words>();
    mercator::Session session = backend->session();
    session.add(Words{.value = "123e4567-0000-0000-0000-00000000000g"});
    session.commit();
    check_unreadable<Cell<Uuid, AsText>>(backend);
    check_unreadable<Mark>(backend);
}
