// SPDX-License-Identifier: MIT
#include "core/loading/blog.hpp"
#include "support/backend.hpp"
#include "support/fixtures/orders.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace mercator;
using namespace blog;
using fixtures::orders::OrderLine;
using fixtures::orders::RegionalOrder;
using test::Backend;
using test::SqlLog;

namespace {

/// Ada has three posts and Bob one, Cid none; one post has no writer. Tags are shared, a remark is
/// about something else than posts, and cells stand in a row.
struct Rows : Backend {
    Rows() {
        database().create_all<Writer, Post, Tag, Remark, Cell, RegionalOrder, OrderLine>();
        Session session = database().session();
        const auto ada = session.add(Writer{.name = "Ada"});
        const auto bob = session.add(Writer{.name = "Bob"});
        session.add(Writer{.name = "Cid"});
        const auto red = session.add(Tag{.name = "red"});
        const auto blue = session.add(Tag{.name = "blue"});
        session.add(Tag{.name = "unused"});
        std::vector<std::shared_ptr<Post>> posts;
        for (const char* title : {"Bob", "loops", "engines", "Ada", "lost"})
            posts.push_back(session.add(Post{.title = title}));
        for (const std::size_t i : {0U, 1U, 2U}) ada->posts.add(posts[i]);
        bob->posts.add(posts[3]);
        posts[0]->tags.add(red);
        posts[0]->tags.add(blue);
        posts[1]->tags.add(blue);
        posts[4]->tags.add(red);
        session.flush();
        for (const auto& [subject, text] : {std::pair{"post", 0}, {"post", 1}, {"page", 0}})
            session.add(Remark{.subject = subject,
                               .subject_id = posts[static_cast<std::size_t>(text)]->id});
        for (int place = 1; place < 4; ++place) {
            Cell cell{.row = 1, .place = place};
            if (place > 1) {
                cell.left_row = 1;
                cell.left_place = place - 1;
            }
            session.add(std::move(cell));
        }
        for (const char* region : {"north", "south"}) {
            session.add(RegionalOrder{.region = region, .number = 1});
            for (int line = 1; line < 3; ++line) {
                session.add(OrderLine{
                    .region = region, .order_number = 1, .line = line, .article = region});
            }
        }
        session.add(RegionalOrder{.region = "south", .number = 2});
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;
};

std::string text(const Writer& writer) {
    return writer.name;
}
std::string text(const Post& post) {
    return post.title;
}
std::string text(const Tag& tag) {
    return tag.name;
}
std::string text(const Remark& remark) {
    return std::to_string(remark.id);
}
std::string text(const Cell& cell) {
    return std::to_string(cell.place);
}

template <class T>
std::string all_of(const Many<T>& many) {
    std::vector<std::string> texts;
    for (const auto& item : many) texts.push_back(text(*item));
    std::sort(texts.begin(), texts.end());
    std::string result;
    for (const auto& each : texts) result += each + " ";
    return result;
}
template <class T>
std::string only(const One<T>& one) {
    return one == nullptr ? "none" : text(*one);
}

std::string related(const Writer& writer) {
    return all_of(writer.posts) + "| " + all_of(writer.newest) + "| " + all_of(writer.tags) + "| " +
           all_of(writer.later);
}
std::string related(const Post& post) {
    return only(post.writer) + "| " + all_of(post.tags) + "| " + all_of(post.remarks);
}
std::string related(const Tag& tag) {
    return all_of(tag.posts);
}
std::string related(const Remark& remark) {
    return only(remark.post);
}
std::string related(const Cell& cell) {
    return only(cell.left) + "| " + all_of(cell.right);
}

/// What all objects of a class are related to, and how many statements that took.
template <class T, class... Options>
std::vector<std::string> look(Rows& rows, const Options&... options) {
    Session session = rows->session();
    rows.log->clear();
    std::vector<std::string> result;
    const auto objects = session.query<T>()
                             .order_by(col_by_name<T>(mapper_of<T>().columns()[0].member),
                                       col_by_name<T>(mapper_of<T>().columns()[1].member))
                             .options(options...)
                             .all();
    for (const auto& object : objects) result.push_back(related(*object));
    return result;
}

template <class T>
void same_by_all_strategies(Rows& rows) {
    const auto one_by_one = look<T>(rows, all_others<T>(Lazy::select));
    CHECK(look<T>(rows, all_others<T>(Lazy::joined)) == one_by_one);
    CHECK_MESSAGE(rows.log->count() <= 2, rows.log->dump()); // a limit has a statement of its own
    CHECK(look<T>(rows, all_others<T>(Lazy::subquery)) == one_by_one);
    CHECK_MESSAGE(rows.log->count() <= 1 + mapper_of<T>().relationships().size(), rows.log->dump());
    CHECK(look<T>(rows, all_others<T>(Lazy::selectin)) == one_by_one);
}

} // namespace

TEST_CASE("LOAD-03 LOAD-04 LOAD-05 relationships of every kind are the same by joins, by "
          "subqueries, by lists of keys and one by one") {
    Rows rows;
    if (!rows.can().window_functions)
        test::skip("without window functions a limit of each owner is a statement for each");
    else
        same_by_all_strategies<Writer>(rows);
    same_by_all_strategies<Post>(rows);
    same_by_all_strategies<Tag>(rows);
    same_by_all_strategies<Remark>(rows);
    same_by_all_strategies<Cell>(rows);
}

TEST_CASE("LOAD-03 LOAD-04 keys of two and three columns") {
    Rows rows;
    const auto check = [&](const auto& down, const auto& up, std::size_t statements) {
        Session session = rows->session();
        rows.log->clear();
        const auto orders = session.query<RegionalOrder>()
                                .order_by(col(&RegionalOrder::region), col(&RegionalOrder::number))
                                .options(down)
                                .all();
        REQUIRE(orders.size() == 3);
        CHECK(orders[0]->lines.size() == 2);
        CHECK(orders[1]->lines.size() == 2);
        CHECK(orders[1]->lines[0]->article == "south");
        CHECK(orders[2]->lines.loaded());
        CHECK(orders[2]->lines.empty());
        CHECK_MESSAGE(rows.log->count() == statements, rows.log->dump());
        Session other = rows->session();
        rows.log->clear();
        const auto lines = other.query<OrderLine>().options(up).all();
        REQUIRE(lines.size() == 4);
        for (const auto& line : lines) CHECK(line->order->region == line->region);
        CHECK_MESSAGE(rows.log->count() == statements, rows.log->dump());
    };
    check(joined<&RegionalOrder::lines>(), joined<&OrderLine::order>(), 1);
    check(subquery<&RegionalOrder::lines>(), subquery<&OrderLine::order>(), 2);
}

TEST_CASE("LOAD-04 the second statement contains the first, with its conditions and its limit") {
    Rows rows;
    Session session = rows->session();
    rows.log->clear();
    const auto posts = session.query<Post>()
                           .where(col(&Post::writer_id).is_not_null())
                           .order_by(col(&Post::title).desc())
                           .limit(2)
                           .options(subquery<&Post::tags>(), subquery<&Post::writer>())
                           .all();
    REQUIRE(posts.size() == 2);
    CHECK(posts[0]->title == "loops");
    CHECK(posts[0]->tags.size() == 1);
    CHECK(posts[1]->tags.empty());
    CHECK(posts[0]->writer->name == "Ada");
    const auto texts = rows.log->texts("SELECT");
    REQUIRE(texts.size() == 3);
    for (const std::size_t i : {1U, 2U}) {
        CAPTURE(texts[i]);
        CHECK(texts[i].find("(SELECT ") != std::string::npos);
        CHECK(texts[i].find("LIMIT") != std::string::npos);
        CHECK(texts[i].find(" IN (") == std::string::npos);
    }
}

TEST_CASE("LOAD-04 LOAD-14 subqueries nest, and criteria of options hold") {
    Rows rows;
    Session session = rows->session();
    rows.log->clear();
    const auto writers =
        session.query<Writer>()
            .order_by(col(&Writer::name))
            .options(subquery<&Writer::posts>()
                         .where(col(&Post::title) != "engines")
                         .then(subquery<&Post::tags>().order_by(col(&Tag::name).desc())))
            .all();
    REQUIRE(writers.size() == 3);
    CHECK(all_of(writers[0]->posts) == "Bob loops ");
    REQUIRE(writers[0]->posts[0]->tags.size() == 2);
    CHECK(writers[0]->posts[0]->tags[0]->name == "red");
    CHECK(writers[2]->posts.empty());
    CHECK_MESSAGE(rows.log->count() == 3, rows.log->dump());
}

TEST_CASE("LOAD-04 LOAD-03 a subquery below a join asks for what the join brought") {
    Rows rows;
    Session session = rows->session();
    rows.log->clear();
    const auto writers = session.query<Writer>()
                             .order_by(col(&Writer::name))
                             .limit(2)
                             .options(joined<&Writer::posts>().then(subquery<&Post::tags>()))
                             .all();
    REQUIRE(writers.size() == 2);
    CHECK(all_of(writers[0]->posts) == "Bob engines loops ");
    std::size_t tags = 0;
    for (const auto& post : writers[0]->posts) tags += post->tags.size();
    CHECK(tags == 3);
    CHECK_MESSAGE(rows.log->count() == 2, rows.log->dump());
}

TEST_CASE("LOAD-03 LOAD-15 criteria of a joined many-to-many relationship") {
    Rows rows;
    Session session = rows->session();
    rows.log->clear();
    const auto posts = session.query<Post>()
                           .order_by(col(&Post::title))
                           .limit(4)
                           .options(joined<&Post::tags>().where(col(&Tag::name) == "blue"))
                           .all();
    REQUIRE(posts.size() == 4);
    CHECK(all_of(posts[0]->tags).empty());
    CHECK(all_of(posts[1]->tags) == "blue ");
    CHECK(all_of(posts[3]->tags) == "blue ");
    CHECK_MESSAGE(rows.log->count() == 1, rows.log->dump());
    session.commit();
    CHECK(rows.log->count("DELETE") == 0);
}

TEST_CASE("LOAD-22 LOAD-03 two collections of one owner make no member twice") {
    Rows rows;
    Session session = rows->session();
    rows.log->clear();
    const auto posts = session.query<Post>()
                           .order_by(col(&Post::title))
                           .options(joined<&Post::tags>(), joined<&Post::remarks>(),
                                    joined<&Post::writer>().then(joined<&Writer::posts>()))
                           .all();
    REQUIRE(posts.size() == 5);
    CHECK(posts[1]->title == "Bob");
    CHECK(posts[1]->tags.size() == 2);
    CHECK(posts[1]->tags[0]->name == "blue");
    CHECK(posts[1]->remarks.size() == 1);
    CHECK(posts[1]->writer->posts.size() == 3);
    CHECK(posts[4]->writer == nullptr);
    CHECK_MESSAGE(rows.log->count() == 1, rows.log->dump());
    CHECK_FALSE(session.is_dirty());
}
