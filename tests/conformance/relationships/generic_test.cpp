// SPDX-License-Identifier: MIT
// Keys that refer to several classes, in conditions and on paths.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace generic {

struct Comment;
struct Photo {
    std::int64_t id{};
    std::string file;
    Many<Comment> comments;
};
struct Article {
    std::int64_t id{};
    std::string head;
    Many<Comment> comments;
};
struct Comment {
    std::int64_t id{};
    std::optional<std::string> subject;
    std::optional<std::int64_t> subject_id;
    std::string text;
    One<Photo> photo;
    One<Article> article;
};
void describe(Mapping<Photo>& photo) {
    photo.table("gn_photos");
    photo.column<&Photo::id>().primary_key();
    photo.column<&Photo::file>(String(20));
}
void describe(Mapping<Article>& article) {
    article.table("gn_articles");
    article.column<&Article::id>().primary_key();
    article.column<&Article::head>(String(20));
}
void describe(Mapping<Comment>& comment) {
    comment.table("gn_comments");
    comment.column<&Comment::id>().primary_key();
    comment.column<&Comment::subject>(String(10));
    comment.column<&Comment::subject_id>();
    comment.column<&Comment::text>(String(20));
    comment.relationship<&Comment::photo>()
        .foreign_keys<&Comment::subject_id>()
        .when<&Comment::subject>("photo")
        .backref<&Photo::comments>();
    comment.relationship<&Comment::article>()
        .foreign_keys<&Comment::subject_id>()
        .when<&Comment::subject>("article")
        .backref<&Article::comments>();
}

/// "sea" and "news" have the same key. Of the comments, "blue" is about the one, "old" about the
/// other, "deep" about none.
struct Wall : Backend {
    Wall() {
        database().create_all<Photo, Article, Comment>();
        auto session = database().session();
        const auto sea = session.add(Photo{.file = "sea"});
        const auto news = session.add(Article{.head = "news"});
        session.add(Article{.head = "more"});
        session.add(Comment{.text = "blue", .photo = sea});
        session.add(Comment{.text = "old", .article = news});
        session.add(Comment{.text = "deep"});
        session.commit();
        REQUIRE(sea->id == news->id);
    }
};

} // namespace generic

using namespace generic;

TEST_CASE("REL-36 REL-37 REL-38 conditions know which class a key refers to") {
    Wall wall;
    auto session = wall->session();
    SqlLog log(wall->engine());
    const auto comments = [&](const Condition& condition) {
        std::string text;
        for (const auto& comment :
             session.query<Comment>().where(condition).order_by(col(&Comment::text)).all())
            text += comment->text + ' ';
        return text;
    };
    const auto articles = [&](const Condition& condition) {
        std::string text;
        for (const auto& article :
             session.query<Article>().where(condition).order_by(col(&Article::head)).all())
            text += article->head + ' ';
        return text;
    };
    CHECK(comments(rel(&Comment::photo).has()) == "blue ");
    CHECK(comments(rel(&Comment::article).has(col(&Article::head) == "news")) == "old ");
    CHECK(comments(rel(&Comment::photo).is_null()) == "deep old ");
    CHECK(comments(rel(&Comment::photo).is_not_null()) == "blue ");
    CHECK(articles(rel(&Article::comments).any()) == "news ");
    CHECK(articles(rel(&Article::comments).any(col(&Comment::text) == "blue")) == "");
    CHECK(articles(rel(&Article::comments).is_null()) == "more ");
    CHECK(session.query<Photo>().where(rel(&Photo::comments).any()).count() == 1);

    const auto sea = session.query<Photo>().one();
    const auto news = session.query<Article>().where(col(&Article::head) == "news").one();
    CHECK(comments(rel(&Comment::photo) == sea) == "blue ");
    CHECK(comments(rel(&Comment::photo) != sea) == "deep old ");
    CHECK(comments(rel(&Comment::article) == news) == "old ");
    CHECK(comments(rel(&Comment::article).in({news})) == "old ");
    const auto old = session.query<Comment>().where(col(&Comment::text) == "old").one();
    CHECK(articles(rel(&Article::comments).contains(old)) == "news ");
    CHECK(session.query<Photo>().where(rel(&Photo::comments).contains(old)).count() == 0);
    CHECK_MESSAGE(log.count("SELECT") == log.count(), log.dump());
}

TEST_CASE("REL-36 REL-46 paths know which class a key refers to") {
    Wall wall;
    auto session = wall->session();
    const auto rows =
        session.execute(select(col(&Comment::text), rel(&Comment::photo).col(&Photo::file),
                               rel(&Comment::article).col(&Article::head))
                            .order_by(col(&Comment::text)));
    std::string text;
    for (const auto& [about, file, head] : rows)
        text += about + ":" + file.value_or("-") + ":" + head.value_or("-") + " ";
    CHECK(text == "blue:sea:- deep:-:- old:-:news ");
}
