// SPDX-License-Identifier: MIT
// The page on sessions, as a program: several writers, several databases, a session for a scope.
#include <mercator/mercator.hpp>
#include <mercator/session/session_scope.hpp>

#include <fmt/format.h>

#include <cstdlib>

using namespace mercator;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct User;
struct Article {
    std::int64_t id{};
    std::string title;
    int version{};
    std::optional<std::int64_t> author_id;
    One<User> author;
};
struct LogEntry;
struct User {
    std::int64_t id{};
    std::string name;
    Many<Article> pages;
    Many<LogEntry> entries;
};
struct LogEntry {
    std::int64_t id{};
    std::string text;
    std::int64_t user_id{};
    One<User> user;
};

void describe(Mapping<Article>& page) {
    page.column<&Article::id>().primary_key();
    page.column<&Article::title>(String(80));
    page.version<&Article::version>(); // an integer: 1, 2, 3 ...
    page.column<&Article::author_id>().references<&User::id>();
    page.relationship<&Article::author>().back_populates<&User::pages>();
}
void describe(Mapping<User>& user) {
    user.column<&User::id>().primary_key();
    user.column<&User::name>(String(40));
    user.relationship<&User::pages>().back_populates<&Article::author>();
    user.relationship<&User::entries>().back_populates<&LogEntry::user>();
}
void describe(Mapping<LogEntry>& entry) {
    entry.table("log").bind_key("archive");
    entry.column<&LogEntry::id>().primary_key();
    entry.column<&LogEntry::text>(String(200));
    entry.column<&LogEntry::user_id>(); // in another database: no foreign key
    entry.relationship<&LogEntry::user>()
        .back_populates<&User::entries>()
        .foreign_keys<&LogEntry::user_id>()
        .primaryjoin(
            [](auto own, auto other) { return own(&LogEntry::user_id) == other(&User::id); });
}

void versions(Database& db) {
    Session mine = db.session();
    auto page = mine.get_one<Article>(1);
    mine.rollback(); // a reader who thinks for an hour holds no transaction
    Session theirs = db.session();
    theirs.get_one<Article>(1)->title = "Theirs";
    theirs.commit();

    page->title = "Mine";
    try {
        mine.commit();
    } catch (const StaleDataError& error) {
        fmt::print("{}\n", error.what());
        mine.refresh(page); // as it is now
        page->title += ", and mine";
        mine.commit();
    }
    require(page->version == 3 && page->title == "Theirs, and mine");
}

void out_of_date(Session& session) {
    auto user = session.get_one<User>(1);
    session.refresh<&User::name>(user); // one SELECT of one column
    session.expire<&User::pages>(user); // loads again when it is touched
    require(user->pages.size() == 1);

    auto now = session.query<User>().populate_existing().one(); // whatever was read before
    require(now == user);
}

void plan(Session& session) {
    session.get_one<User>(1)->name = "Ada King";
    fmt::print("{}", to_string(session.flush_plan())); // statements and parameters
    session.commit();
}

void write_log(Database& db, const std::string& text) {
    current_session(db).add(LogEntry{.text = text, .user_id = 1});
}

void scopes(Database& db, SessionOptions options) {
    {
        SessionScope scope(db, options);
        write_log(db, "came"); // asks for current_session(db)
        scope.session().commit();
    } // what was not committed is rolled back
    try {
        write_log(db, "went");
    } catch (const StateError& error) {
        fmt::print("{}\n", error.what());
    }
}

void configured_binds() {
    Config config{.uri = "sqlite:///shop.db"};
    config.binds["archive"] = "sqlite:///shop_archive.db";
    Database shop(config);
    shop.create_all<User, Article, LogEntry>(); // each table in the database of its class
    Session session = shop.session();
    session.add(LogEntry{.text = "opened", .user_id = 1});
    session.commit();
    require(shop.inspect("archive").has_table("log") && !shop.inspect().has_table("log"));
}

void transactions_apart(Database& db) {
    auto options = db.session_options();
    options.isolation = Isolation::Serializable; // of all transactions of the session
    Session session = db.session(options);
    require(session.query<User>().count() == 1);
}

} // namespace

int main() {
    Database db("sqlite:///sessions.db");
    Database archive("sqlite:///archive.db");
    db.create_all<User, Article>();
    archive.create_all<LogEntry>();
    {
        Session session = db.session();
        auto ada = session.add(User{.name = "Ada"});
        ada->pages.add(session.add(Article{.title = "Notes"}));
        session.commit();
        require(ada->pages.front()->version == 1);
    }
    versions(db);

    auto options = db.session_options();
    options.binds = {{"archive", &archive.engine()}};
    Session session = db.session(options);
    out_of_date(session);
    plan(session);
    scopes(db, options);
    auto entry = session.query<LogEntry>().one();
    require(entry->user == session.get_one<User>(1)); // from two databases
    configured_binds();
    transactions_apart(db);
}
