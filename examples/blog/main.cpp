// SPDX-License-Identifier: MIT
// blog [--uri URI] [--echo]: authors, posts with tags and comments, drafts, soft deletion; and how
// bad input ends.
#include "blog.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <cstdio>
#include <string>

namespace {

using namespace blog;

void print_front_page(mercator::Session& session) {
    for (const auto& teaser : front_page(session, 1, 10)) {
        fmt::print("  {} (by {}; {}; {} comments)\n", teaser.title, teaser.author, teaser.tags,
                   teaser.comments);
    }
}

void write_and_publish(mercator::Session& session) {
    auto post = write_draft(session, "gerard", "Why north is up", "It was not always so.", "Maps",
                            {"history"});
    session.commit();
    fmt::print("a draft, seen by its author alone: {} ({})\n", post->title, post->excerpt(10));
    post->publish();
    session.commit();
    print_front_page(session);
}

void remove_and_bring_back(mercator::Session& session) {
    remove_post(session, "Why north is up");
    fmt::print("after a removal, with {} in the bin:\n", bin(session).size());
    print_front_page(session);
    bring_back(session, "Why north is up");
}

/// A title of blanks is refused before anything is sent, and before the session has it.
void publish_without_title(mercator::Session& session) {
    const auto write = [&](const std::string& title) {
        write_draft(session, "maria", title, "No words for it.", "Travel", {});
        session.commit();
    };
    try {
        write("  ");
    } catch (const mercator::ValidationError& error) {
        fmt::print("ValidationError: {}\n", error.what());
        write("Untitled");
    }
}

/// Two people edit the same post; the second to save is told, and loses nothing of hers.
void edit_at_the_same_time(mercator::Database& db) {
    auto mine = db.session();
    auto theirs = db.session();
    auto here = mine.query<Post>().where(mercator::col(&Post::title) == "Untitled").one();
    auto there = theirs.query<Post>().where(mercator::col(&Post::title) == "Untitled").one();
    theirs.rollback(); // a reader who thinks for an hour holds no transaction
    mine.rollback();
    there->title = "Without words";
    theirs.commit();
    here->content = "Still no words.";
    try {
        mine.commit();
    } catch (const mercator::StaleDataError& error) {
        fmt::print("StaleDataError: {}\n", error.what());
        mine.rollback();
        mine.refresh(here);
        here->content = "Still no words.";
        mine.commit();
    }
    fmt::print("  both are kept: {}, {}\n", here->title, here->content);
}

int run(const mercator::Config& config) {
    mercator::Database db(config);
    open_blog(db);
    auto session = db.session();
    fmt::print("The front page:\n");
    print_front_page(session);
    write_and_publish(session);
    remove_and_bring_back(session);
    publish_without_title(session);
    session.close();
    edit_at_the_same_time(db);
    auto fresh = db.session();
    fmt::print("Tags:");
    for (const auto& [tag, posts] : tag_cloud(fresh)) fmt::print(" {} ({})", tag, posts);
    fmt::print("\nblog: {} posts, {} published\n", fresh.query<Post>().count(),
               fresh.query<Post>().published().count());
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    std::string uri = "sqlite:///blog.db";
    bool echo = false;
    CLI::App app{"A blog on any database. Drops its tables (users, categories, tags, posts,\n"
                 "post_tags, comments) in the database it is given, and makes them anew."};
    app.add_option("--uri", uri,
                   "sqlite:///file, postgresql://… or mysql://user:password@host/database")
        ->envname("MERCATOR_URI")
        ->capture_default_str();
    app.add_flag("--echo", echo, "show the SQL");
    CLI11_PARSE(app, argc, argv);
    try {
        mercator::Config config{.uri = uri};
        if (echo) config.echo = mercator::Echo::Statements;
        return run(config);
    } catch (const mercator::Error& error) {
        std::fflush(stdout);
        fmt::print(stderr, "blog: {}\n", error.what());
        return 1;
    }
}
