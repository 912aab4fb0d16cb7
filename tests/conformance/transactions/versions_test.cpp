// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/loading/query.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/session/session.hpp>
#include <mercator/types/uuid.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct CountedPage {
    std::int64_t id{};
    std::string title;
    int hits{};
    int version{};
};
void describe(Mapping<CountedPage>& page) {
    page.table("counted_pages");
    page.column<&CountedPage::id>().primary_key();
    page.column<&CountedPage::title>(String(100));
    page.column<&CountedPage::hits>();
    page.version<&CountedPage::version>();
}

struct TaggedPage {
    std::string path;
    std::string title;
    Uuid etag;
};
void describe(Mapping<TaggedPage>& page) {
    page.table("tagged_pages");
    page.column<&TaggedPage::path>(String(60)).primary_key();
    page.column<&TaggedPage::title>(String(100));
    page.version<&TaggedPage::etag>([] { return uuid4(); });
}

/// Of a mixin, with a name of its own and numbers that go round.
struct Revised {
    std::int8_t revision{};
};
void describe(Mapping<Revised>& revised) {
    revised.version<&Revised::revision>().name("rev");
}
struct RevisedLine : Revised {
    std::int64_t order_id{};
    int line{};
    std::string text;
};
void describe(Mapping<RevisedLine>& line) {
    line.table("revised_lines").include<Revised>();
    line.column<&RevisedLine::order_id>();
    line.column<&RevisedLine::line>();
    line.primary_key<&RevisedLine::order_id, &RevisedLine::line>();
    line.column<&RevisedLine::text>(String(40));
}

template <class Work>
std::string stale(Work&& work) {
    try {
        work();
    } catch (const StaleDataError& error) {
        return error.what();
    }
    return "nothing was stale";
}

bool tells(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("UOW-19 an UPDATE and a DELETE ask for the version that was loaded, and count it") {
    Backend backend;
    backend->create_all<CountedPage>();
    Session session = backend->session();
    const auto page = session.add(CountedPage{.title = "start"});
    session.commit();
    CHECK(page->version == 1);

    const SqlLog log(backend->engine());
    page->hits = 7;
    session.commit();
    CHECK(page->version == 2);
    INFO(log.dump());
    REQUIRE(log.count() == 1);
    const auto update = log.statements()[0].sql;
    CHECK(tells(update, "version"));
    CHECK(tells(update.substr(update.find("WHERE")), "version"));
    session.commit();
    CHECK(log.count() == 1); // nothing changed, nothing counted

    session.delete_(page);
    session.commit();
    REQUIRE(log.count("DELETE") == 1);
    CHECK(tells(log.texts("DELETE")[0], "version"));
    CHECK(backend->session().query<CountedPage>().count() == 0);
}

TEST_CASE(
    "UOW-19 what somebody else has written is not overwritten, and the error says what to do") {
    Backend backend;
    backend->create_all<CountedPage>();
    Session mine = backend->session();
    const auto page = mine.add(CountedPage{.title = "start"});
    mine.commit();
    const auto key = page->id;
    {
        Session theirs = backend->session();
        theirs.get<CountedPage>(key)->title = "theirs";
        theirs.commit();
    }
    page->title = "mine";
    const std::string told = stale([&] { mine.commit(); });
    CHECK(tells(told, "CountedPage " + std::to_string(key)));
    CHECK(tells(told, "version 2 now, 1 then"));
    CHECK(tells(told, "session.refresh"));
    CHECK_FALSE(mine.in_transaction());
    CHECK(page->title == "mine"); // nothing is forgotten
    CHECK(page->version == 1);
    CHECK(mine.is_modified(page));

    mine.refresh(page);
    CHECK(page->title == "theirs");
    CHECK(page->version == 2);
    page->title = "mine after all";
    mine.commit();
    const auto row = backend->session().get<CountedPage>(key);
    CHECK(row->title == "mine after all");
    CHECK(row->version == 3);
}

TEST_CASE("UOW-19 a stale DELETE leaves the row, and a row that is gone is told apart") {
    Backend backend;
    backend->create_all<CountedPage>();
    Session mine = backend->session();
    const auto pages = mine.add_all(std::vector<CountedPage>{{.title = "one"}, {.title = "two"}});
    mine.commit();
    {
        Session theirs = backend->session();
        theirs.get<CountedPage>(pages[0]->id)->hits = 1;
        theirs.delete_(theirs.get<CountedPage>(pages[1]->id));
        theirs.commit();
    }
    mine.delete_(pages[0]);
    CHECK(tells(stale([&] { mine.commit(); }), "version 2 now, 1 then"));
    mine.rollback();
    CHECK(mine.status(pages[0]) == ObjectStatus::Persistent);
    CHECK(backend->session().query<CountedPage>().count() == 1);

    pages[1]->title = "too late";
    CHECK(tells(stale([&] { mine.commit(); }),
                "the row of CountedPage " + std::to_string(pages[1]->id) + " is gone"));
    mine.expunge(pages[1]);
    mine.commit();
}

TEST_CASE("UOW-19 UOW-17 in a batch, the one that is stale is named, though both count alike") {
    Backend backend;
    backend->create_all<CountedPage>();
    Session mine = backend->session();
    std::vector<CountedPage> many(60);
    for (std::size_t i = 0; i < many.size(); ++i) many[i].title = "page " + std::to_string(i);
    const auto pages = mine.add_all(std::move(many));
    mine.commit();
    {
        Session theirs = backend->session();
        theirs.get<CountedPage>(pages[41]->id)->hits = 1000; // version 2, as ours will be
        theirs.commit();
    }
    for (const auto& page : pages) page->hits = 5;
    const std::string told = stale([&] { mine.commit(); });
    INFO(told);
    CHECK(tells(told, "59 of 60"));
    CHECK(tells(told, "CountedPage " + std::to_string(pages[41]->id) + " has been written"));
    CHECK_FALSE(tells(told, "CountedPage " + std::to_string(pages[40]->id) + ' '));
    for (const auto& page : pages) CHECK(page->version == 1);
    CHECK(backend->session().query<CountedPage>().where(col(&CountedPage::hits) == 5).count() == 0);

    mine.refresh(pages[41]);
    pages[41]->hits = 5;
    const SqlLog log(backend->engine());
    mine.commit();
    CHECK(log.rows("UPDATE") == 60);
    CHECK(backend->session().query<CountedPage>().where(col(&CountedPage::hits) == 5).count() ==
          60);
    CHECK(pages[41]->version == 3);
    CHECK(pages[40]->version == 2);
}

TEST_CASE("UOW-19 a version may be anything that a function makes") {
    Backend backend;
    backend->create_all<TaggedPage>();
    Session mine = backend->session();
    const auto page = mine.add(TaggedPage{.path = "/a", .title = "start"});
    mine.commit();
    const Uuid first = page->etag;
    CHECK_FALSE(first == Uuid());
    {
        Session theirs = backend->session();
        theirs.get<TaggedPage>("/a")->title = "theirs";
        theirs.commit();
    }
    page->title = "mine";
    CHECK(tells(stale([&] { mine.commit(); }), "TaggedPage '/a' has been written"));
    CHECK(page->etag == first);
    mine.refresh(page);
    page->path = "/b"; // with the key that it had
    mine.commit();
    CHECK(backend->session().get<TaggedPage>("/b")->etag == page->etag);
}

TEST_CASE("UOW-19 a mixin may bring the version; a counter at its end begins anew") {
    Backend backend;
    backend->create_all<RevisedLine>();
    Session session = backend->session();
    RevisedLine given;
    given.order_id = 3;
    given.line = 1;
    given.revision = 127; // one's own beginning is kept
    const auto line = session.add(std::move(given));
    session.commit();
    line->text = "changed";
    session.commit();
    CHECK(line->revision == 1);
    line->revision = 55; // not ours to set
    session.commit();
    CHECK(line->revision == 1);
    backend.run("UPDATE " + backend.quoted("revised_lines") + " SET " + backend.quoted("rev") +
                " = 99");
    line->text = "again";
    CHECK(tells(stale([&] { session.commit(); }), "RevisedLine (3, 1)"));
    session.rollback();
    CHECK(line->text == "changed");
}

TEST_CASE("UOW-19 UOW-14 the version goes back with what it counted") {
    Backend backend;
    backend->create_all<CountedPage>();
    Session session = backend->session();
    const auto page = session.add(CountedPage{.title = "start"});
    session.commit();
    page->hits = 1;
    session.flush();
    CHECK(page->version == 2);
    {
        Savepoint inside = session.begin_nested();
        page->hits = 2;
        session.flush();
        CHECK(page->version == 3);
        inside.rollback();
    }
    CHECK(page->version == 2);
    page->hits = 3;
    session.flush();
    session.rollback();
    CHECK(page->version == 1);
    CHECK(page->hits == 0);
    page->hits = 4;
    session.commit();
    CHECK(page->version == 2);
}

TEST_CASE("UOW-11 UOW-31 C07 a detached object that is stale is not merged; a current one writes "
          "only what it changed") {
    Backend backend;
    backend->create_all<CountedPage>();
    CountedPage detached;
    {
        Session session = backend->session();
        const auto page = session.add(CountedPage{.title = "start"});
        session.commit();
        detached = *page;
    }
    detached.title = "edited";
    {
        Session session = backend->session();
        const auto page = session.merge(detached);
        const SqlLog log(backend->engine());
        session.commit();
        CHECK(page->version == 2);
        INFO(log.dump());
        REQUIRE(log.count() == 1);
        CHECK_FALSE(tells(log.texts()[0], "hits"));
    }
    detached.title = "edited once more";
    Session session = backend->session();
    const std::string told = stale([&] { session.merge(detached); });
    CHECK(tells(told, "CountedPage " + std::to_string(detached.id)));
    CHECK(tells(told, "version 1, and has version 2"));
    session.rollback();
    detached.version = 0; // whatever there is
    session.merge(detached);
    session.commit();
    CHECK(backend->session().get<CountedPage>(detached.id)->title == "edited once more");
}

namespace {

struct SystemPage {
    std::int64_t id{};
    std::string title;
    std::uint32_t xmin{};
};
void describe(Mapping<SystemPage>& page) {
    page.table("system_pages");
    page.column<&SystemPage::id>().primary_key();
    page.column<&SystemPage::title>(String(100));
    page.version_by_server<&SystemPage::xmin>("xmin");
}

struct TriggeredPage {
    std::int64_t id{};
    std::string title;
    std::int64_t version{};
};
void describe(Mapping<TriggeredPage>& page) {
    page.table("triggered_pages");
    page.column<&TriggeredPage::id>().primary_key();
    page.column<&TriggeredPage::title>(String(100));
    page.version_by_server<&TriggeredPage::version>().server_default(1);
}

/// Lets the database count, in the words that it understands.
bool make_trigger(Backend& backend) {
    const char* const texts[] = {
        // SQLite
        "CREATE TRIGGER count_writes AFTER UPDATE ON triggered_pages WHEN NEW.version = "
        "OLD.version "
        "BEGIN UPDATE triggered_pages SET version = OLD.version + 1 WHERE id = OLD.id; END",
        // MySQL, MariaDB
        "CREATE TRIGGER count_writes BEFORE UPDATE ON triggered_pages FOR EACH ROW SET NEW.version "
        "= OLD.version + 1",
        // PostgreSQL
        "CREATE OR REPLACE FUNCTION count_writes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "NEW.version := OLD.version + 1; RETURN NEW; END $$"};
    for (const char* text : texts) {
        try {
            backend.run(text);
        } catch (const DatabaseError&) {
            continue;
        }
        if (text == texts[2]) {
            backend.run("CREATE TRIGGER count_writes BEFORE UPDATE ON triggered_pages FOR EACH ROW "
                        "EXECUTE PROCEDURE count_writes()");
        }
        return true;
    }
    return false;
}

template <class Page, class Version>
void check_server_version(Backend& backend, Version version) {
    Session mine = backend->session();
    const auto pages = mine.add_all(std::vector<Page>{{.title = "one"}, {.title = "two"}});
    mine.commit();
    const auto first = version(*pages[0]);
    CHECK(first != 0);
    for (const auto& page : pages) page->title += "!";
    mine.commit();
    CHECK(version(*pages[0]) != first); // read back
    pages[0]->title = "again";
    mine.commit();
    {
        Session theirs = backend->session();
        theirs.template get<Page>(pages[0]->id)->title = "theirs";
        theirs.commit();
    }
    pages[0]->title = "mine";
    CHECK(tells(stale([&] { mine.commit(); }), std::to_string(pages[0]->id)));
    mine.rollback();
    mine.delete_(pages[0]);
    CHECK(tells(stale([&] { mine.commit(); }), std::to_string(pages[0]->id)));
    mine.rollback();
    mine.refresh(pages[0]);
    CHECK(pages[0]->title == "theirs");
    mine.delete_(pages[0]);
    mine.delete_(pages[1]);
    mine.commit();
    CHECK(backend->session().template query<Page>().count() == 0);
}

} // namespace

TEST_CASE("UOW-20 the version may be a system column of the server") {
    Backend backend;
    backend->create_all<SystemPage>();
    try {
        static_cast<void>(backend.rows("SELECT xmin FROM system_pages"));
    } catch (const DatabaseError&) {
        test::skip("this backend has no system column that tells of writes");
        return;
    }
    CHECK(backend->verify().empty());
    check_server_version<SystemPage>(backend, [](const SystemPage& page) { return page.xmin; });
}

TEST_CASE("UOW-20 the version may be made by a trigger") {
    Backend backend;
    backend->create_all<TriggeredPage>();
    if (!make_trigger(backend)) {
        test::skip("this user may not make triggers");
        return;
    }
    check_server_version<TriggeredPage>(backend,
                                        [](const TriggeredPage& page) { return page.version; });
}
