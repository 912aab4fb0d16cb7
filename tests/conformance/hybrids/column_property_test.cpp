// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct Leaf;
struct Binder {
    std::int64_t id{};
    std::string name;
    Many<Leaf> pages;
};
struct Leaf {
    std::int64_t id{};
    std::int64_t shelf_id{};
    std::string title;
    int lines{};
    Many<Leaf> notes;
    std::optional<std::int64_t> noted_id;
    One<Leaf> noted;
    One<Binder> shelf;
    // No columns: expressions fill them.
    std::int64_t note_count = -1;
    std::string shout;
    std::optional<std::int64_t> note_lines;
};
constexpr auto loud = hybrid<Leaf>([](auto e) { return concat(upper(e(&Leaf::title)), "!"); });

void describe(Mapping<Binder>& shelf) {
    shelf.table("shelves");
    shelf.column<&Binder::id>().primary_key();
    shelf.column<&Binder::name>(String(40));
    shelf.relationship<&Binder::pages>().back_populates<&Leaf::shelf>();
}
void describe(Mapping<Leaf>& page) {
    page.table("pages");
    page.column<&Leaf::id>().primary_key();
    page.column<&Leaf::shelf_id>().references<&Binder::id>();
    page.column<&Leaf::title>(String(40));
    page.column<&Leaf::lines>();
    page.column<&Leaf::noted_id>().references<&Leaf::id>();
    page.relationship<&Leaf::shelf>().back_populates<&Binder::pages>();
    page.relationship<&Leaf::noted>().back_populates<&Leaf::notes>();
    page.relationship<&Leaf::notes>().back_populates<&Leaf::noted>();
    page.column_property<&Leaf::note_count>([] { return count_of<&Leaf::notes>(); });
    page.column_property<&Leaf::shout>(loud);
    page.column_property<&Leaf::note_lines>([] { return sum_of<&Leaf::notes>(col(&Leaf::lines)); })
        .deferred();
}

/// One shelf of one page with two notes.
struct Library : Backend {
    Library() {
        database().create_all<Binder, Leaf>();
        Session session = database().session();
        const auto shelf = session.add(Binder{.name = "top"});
        const auto book = session.add(Leaf{.title = "book", .lines = 10, .shelf = shelf});
        for (const char* title : {"one", "two"})
            session.add(Leaf{.title = title, .lines = 4, .noted = book, .shelf = shelf});
        session.commit();
    }
};

} // namespace

TEST_CASE("HYB-13 an expression fills a member with its object, in the same statement") {
    Library library;
    Session session = library->session();
    SqlLog log(library->engine());
    const auto book = session.query<Leaf>().where(col(&Leaf::title) == "book").one();
    CHECK(log.count() == 1);
    CHECK(book->note_count == 2);
    CHECK(book->shout == "BOOK!");
    CHECK(book->note_lines == std::nullopt); // deferred
    CHECK(log.count() == 1);

    // Never written, and no change of the object.
    book->note_count = 99;
    book->shout = "?";
    log.clear();
    session.flush();
    CHECK(log.count() == 0);

    // Read again with the object.
    session.refresh(book);
    CHECK(book->note_count == 2);
    CHECK(book->shout == "BOOK!");
    session.add(Leaf{.title = "three", .lines = 1, .noted = book, .shelf = book->shelf.handle()});
    session.flush();
    session.refresh(book);
    CHECK(book->note_count == 3);
}

TEST_CASE("HYB-13 every way to an object fills the member") {
    Library library;
    const auto id = [&] {
        Session session = library->session();
        return session.query<Leaf>().where(col(&Leaf::title) == "book").one()->id;
    }();
    SUBCASE("by key") {
        Session session = library->session();
        SqlLog log(library->engine());
        CHECK(session.get<Leaf>(id)->note_count == 2);
        CHECK(log.count() == 1);
    }
    SUBCASE("as a constant") {
        Session session = library->session();
        CHECK(session.query<const Leaf>().where(col(&Leaf::id) == id).one()->note_count == 2);
    }
    SUBCASE("by a lazy collection and a lazy reference") {
        Session session = library->session();
        const auto shelf = session.query<Binder>().one();
        for (const auto& page : shelf->pages) CHECK(page->note_count == (page->id == id ? 2 : 0));
        Session other = library->session();
        const auto note = other.query<Leaf>().where(col(&Leaf::title) == "one").one();
        CHECK(note->noted->note_count == 2);
        CHECK(note->noted->shout == "BOOK!");
    }
    SUBCASE("by a join and by a statement of its own") {
        for (const bool join : {true, false}) {
            Session session = library->session();
            SqlLog log(library->engine());
            const auto query = session.query<Binder>();
            const auto shelf = join ? query.options(joined<&Binder::pages>()).one()
                                    : query.options(selectin<&Binder::pages>()).one();
            CHECK(log.count() == (join ? 1 : 2));
            for (const auto& page : shelf->pages) {
                CHECK(page->note_count == (page->id == id ? 2 : 0));
                CHECK(page->shout.back() == '!');
            }
        }
    }
}

TEST_CASE("HYB-13 options defer such a member, or ask for it") {
    Library library;
    Session session = library->session();
    const auto books = session.query<Leaf>().where(col(&Leaf::title) == "book");
    const auto without = books.options(defer<&Leaf::note_count>()).one();
    CHECK(without->note_count == -1);
    CHECK(without->shout == "BOOK!");
    Session other = library->session();
    const auto with = other.query<Leaf>()
                          .where(col(&Leaf::title) == "book")
                          .options(undefer<&Leaf::note_lines>())
                          .one();
    CHECK(with->note_lines == 8);
    CHECK(with->note_count == 2);
}
