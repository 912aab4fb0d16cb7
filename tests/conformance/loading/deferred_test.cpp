// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::mentions;
using test::SqlLog;

namespace deferred_models {

struct Page {
    std::int64_t id{};
    std::string title;
    Deferred<std::string> body;
    Deferred<std::optional<std::string>> draft;
    Deferred<std::int64_t> size;
    Deferred<std::string> secret;
    int visits = 7;
};
struct Part {
    int region{};
    int number{};
    std::string name;
    Deferred<std::string> drawing;
};

void describe(Mapping<Page>& page) {
    page.table("deferred_pages");
    page.column<&Page::id>().primary_key();
    page.column<&Page::title>(String(40));
    page.column<&Page::body>(Text()).deferred("texts");
    page.column<&Page::draft>(Text()).deferred("texts");
    page.column<&Page::size>().default_(5);
    page.column<&Page::secret>(String(40)).deferred_raise();
    page.column<&Page::visits>();
}
void describe(Mapping<Part>& part) {
    part.table("deferred_parts");
    part.column<&Part::region>().primary_key();
    part.column<&Part::number>().primary_key();
    part.column<&Part::name>(String(40));
    part.column<&Part::drawing>(Text()).deferred();
}

/// Pages 1, 2 and 3 with the bodies "body 1" and so on; the second has a draft.
struct Wiki : Backend {
    Wiki() {
        database().create_all<Page, Part>();
        Session session = database().session();
        for (int i = 1; i <= 3; ++i) {
            const auto text = std::to_string(i);
            auto page = session.add(
                Page{.title = "page " + text, .body = "body " + text, .secret = "secret " + text});
            if (i == 2) page->draft = "draft 2";
            session.add(
                Part{.region = i, .number = 1, .name = "part", .drawing = "drawing " + text});
        }
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::vector<std::shared_ptr<Page>> pages(Session& session) {
        auto found = session.query<Page>().order_by(col(&Page::id)).all();
        return found;
    }
    std::unique_ptr<SqlLog> log;
};

} // namespace deferred_models

using namespace deferred_models;

TEST_CASE("LOAD-18 a deferred column loads when it is touched, for the whole result and group") {
    Wiki wiki;
    Session session = wiki->session();
    const auto pages = wiki.pages(session);
    REQUIRE(pages.size() == 3);
    REQUIRE(wiki.log->count() == 1);
    CHECK_FALSE(mentions(wiki.log->texts()[0], "body"));
    CHECK_FALSE(mentions(wiki.log->texts()[0], "secret"));
    CHECK(mentions(wiki.log->texts()[0], "size"));
    CHECK_FALSE(pages[0]->body.loaded());
    CHECK(pages[0]->size.loaded());
    CHECK(pages[0]->size == 5);
    CHECK(pages[0]->visits == 7);

    wiki.log->clear();
    CHECK(pages[0]->body == "body 1");
    CHECK(pages[1]->body.get() == "body 2");
    const std::string third = pages[2]->body;
    CHECK(third == "body 3");
    CHECK_FALSE(pages[0]->draft->has_value());
    CHECK(*pages[1]->draft == std::optional<std::string>("draft 2"));
    REQUIRE_MESSAGE(wiki.log->count() == 1, wiki.log->dump());
    CHECK(mentions(wiki.log->texts()[0], "draft"));
    CHECK_FALSE(mentions(wiki.log->texts()[0], "title"));
    CHECK_FALSE(session.is_dirty());
    session.commit();
    CHECK(wiki.log->count("UPDATE") == 0);

    SUBCASE("one object alone") {
        Session other = wiki->session();
        const auto page = other.get<Page>(pages[1]->id);
        wiki.log->clear();
        CHECK(page->body == "body 2");
        CHECK(wiki.log->count() == 1);
    }
    SUBCASE("composite keys") {
        const auto parts = session.query<Part>().order_by(col(&Part::region)).all();
        wiki.log->clear();
        CHECK(parts[2]->drawing == "drawing 3");
        CHECK(parts[0]->drawing == "drawing 1");
        CHECK(wiki.log->count() == 1);
    }
    SUBCASE("more objects than one statement takes") {
        Session few = wiki->session({.loading = {.batch_size = 2}});
        const auto again = wiki.pages(few);
        wiki.log->clear();
        for (const auto& page : again) CHECK(page->body.get().substr(0, 4) == "body");
        CHECK(wiki.log->count() == 2);
    }
    SUBCASE("conditions on it need no loading") {
        CHECK(session.query<Page>().where(col(&Page::body) == "body 2").count() == 1);
        CHECK(session.execute(select(col(&Page::body))).all().size() == 3);
    }
    SUBCASE("as values all columns come") {
        const auto values = session.query<Page>().order_by(col(&Page::id)).values();
        CHECK(values[2].body == "body 3");
        CHECK(values[2].secret == "secret 3");
        CHECK(session.get_values<Page>(pages[0]->id)->body == "body 1");
    }
}

TEST_CASE("LOAD-18 deferred columns that must not be loaded raise until they are undeferred") {
    Wiki wiki;
    Session session = wiki->session();
    const auto page = wiki.pages(session).front();
    CHECK_THROWS_AS(static_cast<void>(page->secret.get()), StateError);
    CHECK_THROWS_AS(page->secret = "new", StateError);
    const auto again =
        session.query<Page>().options(undefer<&Page::secret>()).order_by(col(&Page::id)).all();
    CHECK(again.front() == page);
    CHECK(page->secret == "secret 1");
    CHECK_FALSE(page->body.loaded());

    Session other = wiki->session();
    const auto raising =
        other.query<Page>().options(defer_raise<&Page::size, &Page::body>()).first();
    CHECK_THROWS_AS(static_cast<void>(raising->size.get()), StateError);
    CHECK_THROWS_AS(static_cast<void>(raising->body.get()), StateError);
}

TEST_CASE("LOAD-18 options choose columns for one query") {
    Wiki wiki;
    Session session = wiki->session();

    SUBCASE("undefer_group") {
        const auto page = session.query<Page>().options(undefer_group<Page>("texts")).first();
        CHECK(page->body.loaded());
        CHECK(page->draft.loaded());
        CHECK_FALSE(page->secret.loaded());
        CHECK(wiki.log->count() == 1);
        CHECK_THROWS_AS(static_cast<void>(undefer_group<Page>("nothing")), ArgumentError);
    }
    SUBCASE("defer") {
        const auto page = session.query<Page>().options(defer<&Page::size>()).first();
        CHECK_FALSE(mentions(wiki.log->texts()[0], "size"));
        CHECK(page->size == 5);
        CHECK(wiki.log->count() == 2);
    }
    SUBCASE("plain members stay in objects that can be changed") {
        CHECK_THROWS_AS(
            static_cast<void>(session.query<Page>().options(load_only<&Page::title>()).all()),
            ArgumentError);
        CHECK_THROWS_AS(
            static_cast<void>(session.query<Page>().options(defer<&Page::title>()).all()),
            ArgumentError);
        CHECK(wiki.log->count() == 0);
    }
    SUBCASE("load_only of const objects") {
        const auto page = session.query<const Page>()
                              .options(load_only<&Page::title>())
                              .order_by(col(&Page::id))
                              .first();
        const auto sql = test::without_quotes(wiki.log->texts()[0]);
        CHECK(sql.find("title") != std::string::npos);
        CHECK(sql.find("visits") == std::string::npos);
        CHECK(sql.find("body") == std::string::npos);
        CHECK(page->title == "page 1");
        CHECK(page->body == "body 1");
        // Read for changing, it is made whole.
        const auto whole = session.get<Page>(page->id);
        CHECK(whole.get() == page.get());
        CHECK(whole->visits == 7);
        whole->visits = 8;
        session.commit();
        CHECK(wiki->session().get<Page>(page->id)->visits == 8);
    }
    SUBCASE("load_only of values") {
        const auto values =
            session.query<Page>().options(load_only<&Page::title, &Page::body>()).values();
        CHECK(values.size() == 3);
        CHECK(values[0].body.get().substr(0, 4) == "body");
        CHECK(values[0].secret.get().empty());
        CHECK_FALSE(mentions(wiki.log->texts()[0], "secret"));
    }
    SUBCASE("first some columns, then others, then all") {
        const auto only = [&](const auto& option) {
            return session.query<const Page>().options(option).order_by(col(&Page::id)).first();
        };
        const auto page = only(load_only<&Page::title>());
        CHECK(only(load_only<&Page::visits>()) == page);
        CHECK(page->title == "page 1");
        CHECK(page->visits == 7);
        wiki.log->clear();
        CHECK(session.query<const Page>()
                  .options(undefer<&Page::body, &Page::draft, &Page::secret>())
                  .all()
                  .size() == 3);
        CHECK(page->secret == "secret 1");
        CHECK(wiki.log->count() == 1);
    }
}

TEST_CASE("LOAD-18 what is not loaded is never written, and changes of it never missed") {
    Wiki wiki;
    Session session = wiki->session();
    const auto pages = wiki.pages(session);
    const auto page = pages.front();

    SUBCASE("another column is changed") {
        page->title = "other";
        session.commit();
        REQUIRE(wiki.log->count("UPDATE") == 1);
        CHECK_FALSE(mentions(wiki.log->texts("UPDATE")[0], "body"));
        CHECK(wiki->session().get<Page>(page->id)->body == "body 1");
    }
    SUBCASE("assigned without being read") {
        page->body = "new body";
        CHECK(page->body.loaded());
        CHECK(session.is_dirty());
        session.commit();
        REQUIRE(wiki.log->count("UPDATE") == 1);
        CHECK_FALSE(mentions(wiki.log->texts("UPDATE")[0], "draft"));
        CHECK(wiki->session().get<Page>(page->id)->body == "new body");
        CHECK(page->body == "new body");
    }
    SUBCASE("assigned the value that it has") {
        page->body = "body 1";
        session.commit();
        CHECK(wiki.log->count("UPDATE") == 0);
    }
    SUBCASE("changed in place") {
        page->body.edit() += "!";
        session.commit();
        CHECK(wiki->session().get<Page>(page->id)->body == "body 1!");
    }
    SUBCASE("loaded while another column is changed") {
        page->title = "other";
        CHECK(page->body == "body 1");
        session.commit();
        REQUIRE(wiki.log->count("UPDATE") == 1);
        CHECK_FALSE(mentions(wiki.log->texts("UPDATE")[0], "body"));
    }
    SUBCASE("loaded between a flush and a rollback") {
        page->title = "other";
        session.flush();
        CHECK(page->body == "body 1");
        session.rollback();
        CHECK(page->title == "page 1");
        CHECK(page->body == "body 1");
        CHECK_FALSE(session.is_dirty());
        page->title = "third";
        wiki.log->clear();
        session.commit();
        REQUIRE(wiki.log->count("UPDATE") == 1);
        CHECK_FALSE(mentions(wiki.log->texts("UPDATE")[0], "body"));
    }
    SUBCASE("loaded inside a savepoint that is rolled back") {
        page->title = "other";
        {
            auto savepoint = session.begin_nested();
            page->title = "inner";
            session.flush();
            CHECK(page->body == "body 1");
            savepoint.rollback();
        }
        CHECK(page->body == "body 1");
        wiki.log->clear();
        session.commit();
        for (const auto& sql : wiki.log->texts("UPDATE")) CHECK_FALSE(mentions(sql, "body"));
        CHECK(wiki->session().get<Page>(page->id)->body == "body 1");
    }
    SUBCASE("a refresh loads all") {
        session.refresh(page);
        CHECK(page->body.loaded());
        CHECK(page->secret == "secret 1");
        CHECK_FALSE(session.is_dirty());
    }
    SUBCASE("met again in full it is complete, and pending changes stay") {
        page->title = "mine";
        const auto guard = session.no_autoflush();
        static_cast<void>(session.query<Page>().options(undefer<&Page::body>()).all());
        CHECK(page->body.loaded());
        CHECK(page->body == "body 1");
        CHECK(page->title == "mine");
        session.commit();
        CHECK_FALSE(mentions(wiki.log->texts("UPDATE")[0], "body"));
    }
    SUBCASE("another transaction reads it anew") {
        CHECK(page->body == "body 1");
        session.commit();
        Session other = wiki->session();
        other.get<Page>(page->id)->body = "theirs";
        other.commit();
        static_cast<void>(wiki.pages(session));
        CHECK(page->body == "theirs");
        CHECK_FALSE(session.is_dirty());
    }
}

TEST_CASE("LOAD-18 deferred members outside of a session") {
    Wiki wiki;
    auto session = std::make_unique<Session>(wiki->session());
    const auto pages = wiki.pages(*session);

    SUBCASE("copies have the value") {
        const Page copy = *session->query<Page>().options(undefer<&Page::secret>()).first();
        session.reset();
        CHECK(copy.body.get().substr(0, 4) == "body");
    }
    SUBCASE("what was not loaded is gone with the session") {
        CHECK(pages[0]->size == 5);
        session.reset();
        CHECK(pages[0]->size == 5);
        CHECK_THROWS_AS(static_cast<void>(pages[0]->body.get()), DetachedError);
        CHECK_THROWS_AS(pages[0]->body = "new", DetachedError);
    }
    SUBCASE("a row that is gone") {
        wiki.run("DELETE FROM " + wiki.quoted("deferred_pages"));
        session->rollback();
        CHECK_THROWS_AS(static_cast<void>(pages[0]->body.get()), StaleDataError);
    }
    SUBCASE("merged") {
        Session other = wiki->session();
        pages[0]->title = "merged";
        const auto merged = other.merge(pages[0]);
        CHECK_FALSE(merged->body.loaded());
        CHECK(merged->body == "body 1");
        Page plain = *session->query<Page>().options(undefer<&Page::secret>()).first();
        session.reset();
        plain.body = "replaced";
        other.merge(plain);
        other.commit();
        CHECK(wiki->session().get<Page>(plain.id)->body == "replaced");
        CHECK(merged->title == "merged");
    }
    SUBCASE("shown in messages") {
        CHECK(represent(*pages[0]).find("body=(not loaded)") != std::string::npos);
        CHECK(wiki.log->count() == 1);
    }
    SUBCASE("plain structs") {
        Page page{.title = "a", .body = "b"};
        CHECK(page.body.loaded());
        page.body = "c";
        CHECK(page.body == "c");
        const Page other = std::move(page);
        CHECK(*other.body == "c");
    }
}
