// SPDX-License-Identifier: MIT
// Relationships by more than the equality of keys: conditions with constants and functions, orders,
// keys that refer to several classes, two steps through a class between.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace conditions {

struct Post;
struct User {
    std::int64_t id{};
    std::string name;
    std::int64_t country_id{};
    Many<Post> posts;
    Many<Post> published;
    Many<Post> mentions;
};
struct Post {
    std::int64_t id{};
    std::int64_t author_id{};
    std::string state;
    std::string title;
    int stars{};
    One<User> author;
};
struct Country {
    std::int64_t id{};
    std::string name;
    Many<User> users;
    Many<Post> posts;
};
void describe(Mapping<Country>& country) {
    country.table("cn_countries");
    country.column<&Country::id>().primary_key();
    country.column<&Country::name>(String(20));
    country.relationship<&Country::users>();
    country.relationship<&Country::posts>().through<&Country::users, &User::posts>();
}
void describe(Mapping<User>& user) {
    user.table("cn_users");
    user.column<&User::id>().primary_key();
    user.column<&User::name>(String(20));
    user.column<&User::country_id>().references<&Country::id>();
    user.relationship<&User::posts>()
        .back_populates<&Post::author>()
        .order_by([](auto post) { return post(&Post::stars).desc(); })
        .order_by<&Post::title>();
    user.relationship<&User::published>()
        .primaryjoin([](auto own, auto other) {
            return other(&Post::author_id) == own(&User::id) && other(&Post::state) == "out";
        })
        .viewonly();
    user.relationship<&User::mentions>()
        .primaryjoin([](auto own, auto other) {
            return func::lower(other(&Post::title)) == func::lower(own(&User::name)) ||
                   other(&Post::title) == own(&User::name) + "!";
        })
        .viewonly();
}
void describe(Mapping<Post>& post) {
    post.table("cn_posts");
    post.column<&Post::id>().primary_key();
    post.column<&Post::author_id>().references<&User::id>();
    post.column<&Post::state>(String(10));
    post.column<&Post::title>(String(20));
    post.column<&Post::stars>();
    post.relationship<&Post::author>().back_populates<&User::posts>();
}

/// A tree by paths: "/1/4/" is below "/1/".
struct Folder {
    std::int64_t id{};
    std::string path;
    Many<Folder> below;
};
void describe(Mapping<Folder>& folder) {
    folder.table("cn_folders");
    folder.column<&Folder::id>().primary_key();
    folder.column<&Folder::path>(String(40));
    folder.relationship<&Folder::below>()
        .primaryjoin([](auto own, auto other) {
            return other(&Folder::path).like(own(&Folder::path) + "_%");
        })
        .order_by<&Folder::path>()
        .viewonly();
}

struct Photo;
struct Article;
/// About a photo or an article.
struct Comment {
    std::int64_t id{};
    std::string subject;
    std::int64_t subject_id{};
    std::string text;
    One<Photo> photo;
    One<Article> article;
};
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
void describe(Mapping<Comment>& comment) {
    comment.table("cn_comments");
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
void describe(Mapping<Photo>& photo) {
    photo.table("cn_photos");
    photo.column<&Photo::id>().primary_key();
    photo.column<&Photo::file>(String(20));
}
void describe(Mapping<Article>& article) {
    article.table("cn_articles");
    article.column<&Article::id>().primary_key();
    article.column<&Article::head>(String(20));
}

struct Enrollment;
struct Course;
/// Sees courses without the class between.
struct Student {
    std::int64_t id{};
    std::string name;
    Many<Enrollment> enrollments;
    Many<Course> courses;
};
struct Course {
    std::int64_t id{};
    std::string title;
};
struct Enrollment {
    std::int64_t student_id{};
    std::int64_t course_id{};
    std::string grade;
    One<Student> student;
    One<Course> course;
};
void describe(Mapping<Student>& student) {
    student.table("cn_students");
    student.column<&Student::id>().primary_key();
    student.column<&Student::name>(String(20));
    student.relationship<&Student::enrollments>().back_populates<&Enrollment::student>();
    student.relationship<&Student::courses>()
        .through<&Student::enrollments, &Enrollment::course>()
        .order_by<&Course::title>();
}
void describe(Mapping<Course>& course) {
    course.table("cn_courses");
    course.column<&Course::id>().primary_key();
    course.column<&Course::title>(String(20));
}
void describe(Mapping<Enrollment>& enrollment) {
    enrollment.table("cn_enrollments");
    enrollment.column<&Enrollment::student_id>().references<&Student::id>();
    enrollment.column<&Enrollment::course_id>().references<&Course::id>();
    enrollment.column<&Enrollment::grade>(String(2));
    enrollment.primary_key<&Enrollment::student_id, &Enrollment::course_id>();
    enrollment.relationship<&Enrollment::student>().back_populates<&Student::enrollments>();
    enrollment.relationship<&Enrollment::course>();
}

struct Buyer;
/// Stalls and buyers, and what each has paid there: only who paid much is seen.
struct Stall {
    std::int64_t id{};
    std::string name;
    Many<Buyer> buyers;
    Many<Buyer> patrons;
};
struct Buyer {
    std::int64_t id{};
    std::string name;
};
Table paid() {
    return Table("cn_paid",
                 Column("stall_id", BigInteger()).primary_key().references("cn_stalls.id"),
                 Column("buyer_id", BigInteger()).primary_key().references("cn_buyers.id"),
                 Column("amount", Numeric(10, 2)), Column("kind", String(10)));
}
void describe(Mapping<Stall>& stall) {
    stall.table("cn_stalls");
    stall.column<&Stall::id>().primary_key();
    stall.column<&Stall::name>(String(20));
    stall.relationship<&Stall::buyers>().secondary(paid());
    stall.relationship<&Stall::patrons>()
        .secondary(paid())
        .primaryjoin([](auto own, auto link) {
            return link("stall_id") == own(&Stall::id) &&
                   (link("amount") >= Decimal("9.50") || link("kind") == "gift");
        })
        .viewonly();
}
void describe(Mapping<Buyer>& buyer) {
    buyer.table("cn_buyers");
    buyer.column<&Buyer::id>().primary_key();
    buyer.column<&Buyer::name>(String(20));
}

} // namespace conditions

using namespace conditions;

namespace {

constexpr Lazy strategies[] = {Lazy::select,   Lazy::batch,    Lazy::joined,
                               Lazy::subquery, Lazy::selectin, Lazy::immediate};

void fill(Backend& backend) {
    backend->create_all<Country, User, Post>();
    auto session = backend->session();
    const auto north = session.add(Country{.name = "north"});
    const auto south = session.add(Country{.name = "south"});
    session.flush();
    const auto ada = session.add(User{.name = "Ada", .country_id = north->id});
    const auto bob = session.add(User{.name = "Bob", .country_id = north->id});
    session.add(User{.name = "Cid", .country_id = south->id});
    ada->posts.add(session.add(Post{.state = "out", .title = "ada", .stars = 1}));
    ada->posts.add(session.add(Post{.state = "draft", .title = "zeta", .stars = 5}));
    ada->posts.add(session.add(Post{.state = "out", .title = "beta", .stars = 5}));
    bob->posts.add(session.add(Post{.state = "out", .title = "Ada!", .stars = 2}));
    session.commit();
}

template <class T>
std::string titles(const Many<T>& posts) {
    std::string text;
    for (const auto& post : posts) text += post->title + ",";
    return text;
}

} // namespace

TEST_CASE("REL-19 REL-21 conditions with constants and functions, and orders, by every strategy") {
    Backend backend;
    fill(backend);
    for (const Lazy strategy : strategies) {
        CAPTURE(static_cast<int>(strategy));
        auto session = backend->session();
        const auto users = session.query<User>()
                               .order_by(col(&User::name))
                               .options(all_others<User>(strategy))
                               .all();
        REQUIRE(users.size() == 3);
        // The most stars first; equal ones by title.
        CHECK(titles(users[0]->posts) == "beta,zeta,ada,");
        CHECK(titles(users[0]->published) == "ada,beta,"); // by key, without an order
        CHECK(titles(users[0]->mentions) == "ada,Ada!,");
        CHECK(titles(users[1]->published) == "Ada!,");
        CHECK(users[1]->mentions.empty());
        CHECK(users[2]->posts.empty());
        CHECK(users[2]->published.empty());
    }
}

TEST_CASE("REL-19 a condition on columns of the table between, by every strategy") {
    Backend backend;
    backend->create_all<Stall, Buyer>();
    {
        auto session = backend->session();
        const auto fish = session.add(Stall{.name = "fish"});
        std::vector<std::shared_ptr<Buyer>> buyers;
        for (const char* name : {"Ada", "Bob", "Cid", "Dan"})
            buyers.push_back(session.add(Buyer{.name = name}));
        session.commit();
        const auto pay = [&](std::size_t buyer, const char* amount, const char* kind) {
            session.execute(insert_into(paid()).values({{"stall_id", fish->id},
                                                        {"buyer_id", buyers[buyer]->id},
                                                        {"amount", Decimal(amount)},
                                                        {"kind", kind}}));
        };
        pay(0, "9.50", "cash");
        pay(1, "9.49", "cash");
        pay(2, "0.01", "gift");
        pay(3, "100.00", "cash");
        session.commit();
    }
    for (const Lazy strategy : strategies) {
        CAPTURE(static_cast<int>(strategy));
        auto session = backend->session();
        const auto fish = session.query<Stall>().options(all_others<Stall>(strategy)).one();
        CHECK(fish->buyers.size() == 4);
        std::string names;
        for (const auto& patron : fish->patrons) names += patron->name + ",";
        CHECK(names == "Ada,Cid,Dan,");
    }
}

TEST_CASE("REL-21 rows that are equal in the order come in the order of the key") {
    Backend backend;
    fill(backend);
    {
        auto session = backend->session();
        const auto cid = session.query<User>().where(col(&User::name) == "Cid").one();
        for (int i = 0; i < 5; ++i)
            cid->posts.add(session.add(Post{.state = std::to_string(i), .title = "same"}));
        session.commit();
    }
    for (const Lazy strategy : strategies) {
        CAPTURE(static_cast<int>(strategy));
        auto session = backend->session();
        const auto cid = session.query<User>()
                             .where(col(&User::name) == "Cid")
                             .options(all_others<User>(strategy))
                             .one();
        std::string states;
        for (const auto& post : cid->posts) states += post->state;
        CHECK(states == "01234");
    }
}

TEST_CASE("REL-43 what is two relationships away is read as if it were one, by every strategy") {
    Backend backend;
    fill(backend);
    for (const Lazy strategy : strategies) {
        CAPTURE(static_cast<int>(strategy));
        auto session = backend->session();
        const auto countries = session.query<Country>()
                                   .order_by(col(&Country::name))
                                   .options(all_others<Country>(strategy))
                                   .all();
        REQUIRE(countries.size() == 2);
        CHECK(countries[0]->posts.size() == 4);
        CHECK(countries[1]->posts.empty());
        CHECK_THROWS_AS(countries[1]->posts.add(countries[0]->posts[0]), StateError);
    }
    auto session = backend->session();
    CHECK(session.query<Country>()
              .join<&Country::posts>()
              .where(col(&Post::title) == "zeta")
              .one()
              ->name == "north");
}

TEST_CASE("REL-47 a many-to-many view skips the class between") {
    Backend backend;
    backend->create_all<Student, Course, Enrollment>();
    {
        auto session = backend->session();
        const auto logic = session.add(Course{.title = "logic"});
        const auto art = session.add(Course{.title = "art"});
        const auto ada = session.add(Student{.name = "Ada"});
        session.add(Student{.name = "Bob"});
        session.add(Enrollment{.grade = "A", .student = ada, .course = logic});
        session.add(Enrollment{.grade = "B", .student = ada, .course = art});
        session.commit();
    }
    for (const Lazy strategy : strategies) {
        CAPTURE(static_cast<int>(strategy));
        auto session = backend->session();
        SqlLog log(backend->engine());
        const auto students = session.query<Student>()
                                  .order_by(col(&Student::name))
                                  .options(load_as<&Student::courses>(strategy))
                                  .all();
        REQUIRE(students[0]->courses.size() == 2);
        CHECK(students[0]->courses[0]->title == "art");
        CHECK(students[1]->courses.empty());
        CHECK_FALSE(students[0]->enrollments.loaded());
        const bool for_each = strategy == Lazy::select || strategy == Lazy::immediate;
        CHECK_MESSAGE(log.count() == (for_each ? 3 : strategy == Lazy::joined ? 1 : 2), log.dump());
    }
}

TEST_CASE("REL-35 a tree by paths is a condition on them, by every strategy") {
    Backend backend;
    backend->create_all<Folder>();
    {
        auto session = backend->session();
        for (const char* path : {"/1/", "/1/2/", "/1/2/3/", "/1/20/", "/4/"})
            session.add(Folder{.path = path});
        session.commit();
    }
    for (const Lazy strategy : strategies) {
        CAPTURE(static_cast<int>(strategy));
        auto session = backend->session();
        std::string text;
        for (const auto& folder : session.query<Folder>()
                                      .order_by(col(&Folder::path))
                                      .options(all_others<Folder>(strategy))
                                      .all()) {
            text += folder->path + ":";
            for (const auto& below : folder->below) text += below->path + ",";
            text += " ";
        }
        CHECK(text == "/1/:/1/2/,/1/2/3/,/1/20/, /1/2/:/1/2/3/, /1/2/3/: /1/20/: /4/: ");
    }
}

TEST_CASE("REL-36 comments on objects of two classes, a statement for each class") {
    Backend backend;
    backend->create_all<Comment, Photo, Article>();
    {
        auto session = backend->session();
        const auto photo = session.add(Photo{.file = "sea"});
        const auto article = session.add(Article{.head = "news"});
        photo->comments.add(session.add(Comment{.text = "blue"}));
        session.add(Comment{.text = "old", .article = article});
        session.add(Comment{.text = "deep", .photo = photo});
        session.commit();
    }
    CHECK(backend.rows("SELECT subject, subject_id FROM cn_comments WHERE text = 'old'") ==
          ValueRows{{"article", std::int64_t{1}}});
    for (const Lazy strategy : strategies) {
        CAPTURE(static_cast<int>(strategy));
        auto session = backend->session();
        SqlLog log(backend->engine());
        const auto comments = session.query<Comment>()
                                  .order_by(col(&Comment::text))
                                  .options(all_others<Comment>(strategy))
                                  .all();
        REQUIRE(comments.size() == 3);
        CHECK(comments[0]->photo->file == "sea");
        CHECK(comments[0]->article == nullptr); // there is an article with that key
        CHECK(comments[1]->photo == comments[0]->photo);
        CHECK(comments[2]->photo == nullptr);
        CHECK(comments[2]->article->head == "news");
        if (strategy == Lazy::batch) CHECK_MESSAGE(log.count() == 3, log.dump());
        CHECK(comments[0]->photo->comments.size() == 2);
        CHECK(comments[2]->article->comments.size() == 1);
    }
}

TEST_CASE("REL-36 an object of the other class takes the place of the first") {
    Backend backend;
    backend->create_all<Comment, Photo, Article>();
    auto session = backend->session();
    const auto photo = session.add(Photo{.file = "sea"});
    const auto article = session.add(Article{.head = "news"});
    const auto comment = session.add(Comment{.text = "blue", .photo = photo});
    session.commit();
    CHECK(photo->comments.contains(comment));
    SqlLog log(backend->engine());
    SUBCASE("assigned") {
        comment->article = article;
    }
    SUBCASE("added on the other side") {
        article->comments.add(comment);
    }
    CHECK(comment->photo == nullptr);
    CHECK_FALSE(photo->comments.contains(comment));
    CHECK(article->comments.contains(comment));
    session.commit();
    CHECK_MESSAGE(log.count("UPDATE") == 1, log.dump());
    CHECK(backend.rows("SELECT subject, subject_id FROM cn_comments") ==
          ValueRows{{"article", std::int64_t{1}}});
}
