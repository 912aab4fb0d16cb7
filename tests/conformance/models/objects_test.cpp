// SPDX-License-Identifier: MIT
// Objects of users' own classes: how they are made, called, copied and compared.
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mapping/clone.hpp>
#include <mercator/mapping/format.hpp>
#include <mercator/mercator.hpp>
#include <mercator/state/name.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

using mercator::col;
using mercator::members;
using mercator::same_row;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

struct Enrolled;

struct Lesson {
    std::int64_t id{};
    std::string title;
    mercator::Many<Enrolled> enrollments;
};

struct Pupil {
    std::int64_t id{};
    std::string name;
    std::string badge;
    std::optional<mercator::DateTime> deleted_at;
    mercator::Many<Enrolled> enrollments;

    // What users write themselves.
    void soft_delete() { deleted_at = mercator::DateTime(std::chrono::seconds(86400)); }
    [[nodiscard]] bool is_deleted() const { return deleted_at.has_value(); }
    [[nodiscard]] std::vector<std::string> courses() const;
};

struct Enrolled {
    std::int64_t pupil_id{};
    std::int64_t course_id{};
    std::string grade;
    mercator::One<Pupil> pupil;
    mercator::One<Lesson> course;
};

std::vector<std::string> Pupil::courses() const {
    std::vector<std::string> titles;
    for (const auto& enrollment : enrollments) titles.push_back(enrollment->course->title);
    return titles;
}

void describe(mercator::Mapping<Lesson>& course) {
    course.column<&Lesson::id>().primary_key();
    course.column<&Lesson::title>(mercator::String(40));
    course.relationship<&Lesson::enrollments>().back_populates<&Enrolled::course>();
}
void describe(mercator::Mapping<Pupil>& pupil) {
    pupil.column<&Pupil::id>().primary_key();
    pupil.column<&Pupil::name>(mercator::String(40));
    pupil.column<&Pupil::badge>(mercator::String(40)).unique();
    pupil.column<&Pupil::deleted_at>();
    pupil.relationship<&Pupil::enrollments>().back_populates<&Enrolled::pupil>();
}
void describe(mercator::Mapping<Enrolled>& enrolled) {
    enrolled.column<&Enrolled::pupil_id>().primary_key().references<&Pupil::id>();
    enrolled.column<&Enrolled::course_id>().primary_key().references<&Lesson::id>();
    enrolled.column<&Enrolled::grade>(mercator::String(4));
    enrolled.relationship<&Enrolled::pupil>().back_populates<&Pupil::enrollments>();
    enrolled.relationship<&Enrolled::course>().back_populates<&Lesson::enrollments>();
}

struct ApiToken {
    std::string secret;
    std::string owner;
};
void describe(mercator::Mapping<ApiToken>& token) {
    token.column<&ApiToken::secret>(mercator::String(40)).primary_key().sensitive();
    token.column<&ApiToken::owner>(mercator::String(40)).sensitive();
}

/// Its business constructor does work that a row has behind it already.
class Consignment {
public:
    explicit Consignment(std::string to) : to_(std::move(to)) { ++created; }

    [[nodiscard]] std::int64_t number() const noexcept { return number_; }
    [[nodiscard]] const std::string& to() const noexcept { return to_; }

    static int created;
    static int read;

    static void describe(mercator::Mapping<Consignment>& parcel) {
        parcel.column<&Consignment::number_>().primary_key().name("number");
        parcel.column<&Consignment::to_>(mercator::String(40)).name("recipient");
    }

private:
    friend struct mercator::ObjectFactory<Consignment>;
    struct FromRow {};
    explicit Consignment(FromRow) {}

    std::int64_t number_ = 0;
    std::string to_;
};
int Consignment::created = 0;
int Consignment::read = 0;

/// Has a default constructor, which is for rows, too.
struct Postcard {
    std::int64_t id{};
    std::string to;
    Postcard() = default;
    explicit Postcard(std::string recipient) : to(std::move(recipient)) { ++created; }
    static int created;
};
int Postcard::created = 0;
void describe(mercator::Mapping<Postcard>& letter) {
    letter.column<&Postcard::id>().primary_key();
    letter.column<&Postcard::to>(mercator::String(40)).name("recipient");
}

/// Nothing of it can be seen: pointer to implementation.
class Vault {
public:
    Vault();
    Vault(Vault&&) noexcept;
    Vault(const Vault&) = delete;
    ~Vault();
    [[nodiscard]] std::int64_t id() const;
    void set_id(std::int64_t id);
    [[nodiscard]] const std::string& code() const;
    void set_code(std::string code);

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};
struct Vault::Inside {
    std::int64_t id = 0;
    std::string code;
};
Vault::Vault() : inside_(std::make_unique<Inside>()) {}
Vault::Vault(Vault&&) noexcept = default;
Vault::~Vault() = default;
std::int64_t Vault::id() const {
    return inside_->id;
}
void Vault::set_id(std::int64_t id) {
    inside_->id = id;
}
const std::string& Vault::code() const {
    return inside_->code;
}
void Vault::set_code(std::string code) {
    inside_->code = std::move(code);
}
void describe(mercator::Mapping<Vault>& vault) {
    vault.property<&Vault::id, &Vault::set_id>("id").primary_key();
    vault.property<&Vault::code, &Vault::set_code>("code", mercator::String(20));
}

struct Keyword;
struct Essay {
    std::int64_t id{};
    std::string title;
    std::string slug;
    mercator::Deferred<std::string> body;
    std::int64_t section_id{};
    mercator::Many<Keyword> tags;
    int draft_number = 1; // not mapped
};
struct Keyword {
    std::int64_t id{};
    std::string word;
    mercator::Many<Essay> articles;
};
const mercator::Table essay_keyword(
    "essay_keyword",
    mercator::Column("essay_id", mercator::BigInteger()).primary_key().references("essay.id"),
    mercator::Column("keyword_id", mercator::BigInteger()).primary_key().references("keyword.id"));
void describe(mercator::Mapping<Essay>& article) {
    article.column<&Essay::id>().primary_key();
    article.column<&Essay::title>(mercator::String(40));
    article.column<&Essay::slug>(mercator::String(40)).unique();
    article.column<&Essay::body>().deferred();
    article.column<&Essay::section_id>();
    article.relationship<&Essay::tags>().secondary(essay_keyword).backref<&Keyword::articles>();
}
void describe(mercator::Mapping<Keyword>& tag) {
    tag.column<&Keyword::id>().primary_key();
    tag.column<&Keyword::word>(mercator::String(40));
}

} // namespace

template <>
struct mercator::ObjectFactory<Consignment> {
    static Consignment make() {
        ++Consignment::read;
        return Consignment(Consignment::FromRow());
    }
};

TEST_CASE("MOD-07 to_string names class and key, loads nothing and shows nothing sensitive") {
    Backend db;
    db->create_all<Pupil, Lesson, Enrolled, ApiToken>();
    auto session = db->session();
    CHECK(mercator::to_string(Pupil{.name = "Ada"}) == "<Pupil (transient)>");
    auto ada = session.add(Pupil{.name = "Ada", .badge = "a"});
    CHECK(mercator::to_string(ada) == "<Pupil (pending)>");
    auto maths = session.add(Lesson{.title = "Maths"});
    session.add(Enrolled{.grade = "A", .pupil = ada, .course = maths});
    session.add(ApiToken{.secret = "s3cr3t-key", .owner = "0wner"});
    session.commit();

    auto other = db->session();
    const auto loaded = other.query<Enrolled>().one();
    const auto token = other.query<ApiToken>().one();
    const SqlLog log(db->engine());
    CHECK(mercator::to_string(ada) == "<Pupil 1>");
    CHECK(mercator::to_string(*ada) == "<Pupil 1>");
    CHECK(mercator::to_string(loaded) == "<Enrolled 1, 1>");
    CHECK(fmt::format("{} and {}", *ada, *token) == "<Pupil 1> and <ApiToken ***>");
    CHECK(mercator::to_string(std::shared_ptr<Pupil>()) == "<no Pupil>");
    for (const auto& text : {mercator::to_string(token), mercator::represent(*token)}) {
        CHECK(text.find("s3cr3t") == std::string::npos);
        CHECK(text.find("0wner") == std::string::npos);
    }
    CHECK(log.count() == 0);
}

TEST_CASE("MOD-08 a business constructor runs once per new object and never for a row") {
    Backend db;
    db->create_all<Consignment, Postcard>();
    Consignment::created = Consignment::read = Postcard::created = 0;
    auto session = db->session();
    session.add(Consignment("Ada"));
    session.add(Consignment("Grace"));
    session.add(Postcard("Ada"));
    session.commit();
    CHECK(Consignment::created == 2);
    CHECK(Consignment::read == 0);
    CHECK(Postcard::created == 1);

    auto other = db->session();
    const auto parcels = other.query<Consignment>()
                             .order_by(mercator::col_by_name<Consignment>("recipient").asc())
                             .all();
    REQUIRE(parcels.size() == 2);
    CHECK(parcels[0]->to() == "Ada");
    CHECK(parcels[1]->to() == "Grace");
    CHECK(other.get<Postcard>(1)->to == "Ada");
    int streamed = 0;
    other.stream<Postcard>([&](const Postcard& letter) { streamed += letter.to == "Ada" ? 1 : 0; });
    CHECK(streamed == 1);
    CHECK(Consignment::created == 2);
    CHECK(Consignment::read >= 2);
    CHECK(Postcard::created == 1);
    CHECK(other.get_values<Consignment>(1)->to() == "Ada");
}

TEST_CASE("MOD-09 columns and relationships are given by name, and the other side follows") {
    Backend db;
    db->create_all<Pupil, Lesson, Enrolled>();
    auto session = db->session();
    auto ada = session.add(Pupil{.name = "Ada", .badge = "a"});
    auto maths = session.add(Lesson{.title = "Maths"});
    const auto first = session.add(Enrolled{.grade = "A", .pupil = ada, .course = maths});
    CHECK(maths->enrollments.size() == 1);
    CHECK(maths->enrollments[0] == first);
    CHECK(ada->enrollments.contains(first));
    auto art = session.add<Lesson>({.title = "Art"});
    session.add<Enrolled>({.grade = "B", .pupil = ada, .course = art});
    CHECK(art->enrollments.size() == 1);
    session.commit();
    CHECK(first->course_id == maths->id);
    CHECK(db->session().query<Enrolled>().where(col(&Enrolled::grade) == "B").one()->course_id ==
          art->id);
}

TEST_CASE("MOD-10 methods of the class work on objects in every state") {
    Backend db;
    db->create_all<Pupil, Lesson, Enrolled>();
    auto session = db->session();
    auto ada = session.add(Pupil{.name = "Ada", .badge = "a"});
    ada->soft_delete(); // pending
    session.flush();
    auto bob = session.add(Pupil{.name = "Bob", .badge = "b"});
    session.flush();
    bob->soft_delete(); // persistent
    session.commit();
    CHECK(db->session().query<Pupil>().where(col(&Pupil::deleted_at).is_not_null()).count() == 2);
}

TEST_CASE("MOD-11 computed members work on transient, persistent and detached objects") {
    Backend db;
    db->create_all<Pupil, Lesson, Enrolled>();
    Pupil transient{.name = "Ada", .badge = "a"};
    CHECK_FALSE(transient.is_deleted());
    CHECK(transient.courses().empty());
    {
        auto session = db->session();
        auto ada = session.add(std::move(transient));
        session.add(
            Enrolled{.grade = "A", .pupil = ada, .course = session.add(Lesson{.title = "Maths"})});
        session.commit();
    }
    std::shared_ptr<Pupil> complete;
    std::shared_ptr<Pupil> bare;
    {
        auto session = db->session();
        complete = session.query<Pupil>().one();
        CHECK(complete->courses() == std::vector<std::string>{"Maths"});
        CHECK_FALSE(complete->is_deleted());
    }
    {
        auto session = db->session();
        bare = session.query<Pupil>().one();
    }
    CHECK(complete->courses() == std::vector<std::string>{"Maths"});
    CHECK_FALSE(bare->is_deleted());
    CHECK_THROWS_AS(static_cast<void>(bare->courses()), mercator::DetachedError);
}

TEST_CASE("MOD-47 a clone has the values, without what tells rows apart") {
    Backend db;
    db->create_all<Essay, Keyword>();
    auto session = db->session();
    auto news = session.add(Keyword{.word = "news"});
    auto article = session.add(
        Essay{.title = "One", .slug = "one", .body = "long", .section_id = 7, .draft_number = 3});
    article->tags.add(news);
    session.commit();

    auto plain = mercator::clone(*article);
    CHECK(plain.id == 0);
    CHECK(plain.slug.empty());
    CHECK(plain.title == "One");
    CHECK(plain.body == "long");
    CHECK(plain.section_id == 7);
    CHECK(plain.tags.empty());
    CHECK(plain.draft_number == 1);

    auto related = mercator::clone(*article, members<&Essay::tags>);
    related.slug = "one-again";
    const auto added = session.add(std::move(related));
    session.commit();
    CHECK(added->id != article->id);
    CHECK(added->tags.size() == 1);
    CHECK(article->tags.size() == 1);
    CHECK(news->articles.size() == 2);
    CHECK(db->session().query<Essay>().count() == 2);
}

TEST_CASE("MOD-47 a clone shares no members that have one owner") {
    const Lesson course{.title = "Maths"};
    try {
        static_cast<void>(mercator::clone(course, members<&Lesson::enrollments>));
        FAIL("the members would have left their owner");
    } catch (const mercator::ArgumentError& error) {
        CHECK(error.where() == "Lesson.enrollments");
    }
}

TEST_CASE("MOD-48 handles of two sessions are the same row by class, key and database") {
    Backend db;
    db->create_all<Pupil, Lesson, Enrolled>();
    auto session = db->session();
    auto ada = session.add(Pupil{.name = "Ada", .badge = "a"});
    auto bob = session.add(Pupil{.name = "Bob", .badge = "b"});
    auto maths = session.add(Lesson{.title = "Maths"});
    CHECK(same_row(ada, ada));
    CHECK_FALSE(same_row(ada, bob)); // no rows yet
    session.commit();

    auto other = db->session();
    auto again = other.get<Pupil>(ada->id);
    CHECK(again != ada);
    CHECK(same_row(ada, again));
    CHECK(same_row(ada, other.get<const Pupil>(ada->id)));
    CHECK_FALSE(same_row(ada, bob));
    CHECK(ada->id == maths->id);
    CHECK_FALSE(same_row(ada, maths)); // of another class
    CHECK_FALSE(same_row(ada, std::shared_ptr<Pupil>()));
    CHECK(same_row(std::shared_ptr<Pupil>(), std::shared_ptr<Pupil>()));
    other.close();
    CHECK(same_row(ada, again)); // detached

    const auto elsewhere = db.another();
    auto stranger = elsewhere->session().get<Pupil>(ada->id);
    CHECK_FALSE(same_row(ada, stranger)); // of another Database
    const auto loose = std::make_shared<Pupil>();
    CHECK(same_row(loose, loose));
    CHECK_FALSE(same_row(loose, std::make_shared<Pupil>()));
}

TEST_CASE("MOD-49 private members and pointers to implementation are mapped") {
    Backend db;
    db->create_all<Consignment, Vault>();
    auto session = db->session();
    Vault vault;
    vault.set_code("4711");
    const auto kept = session.add(std::move(vault));
    session.commit();
    CHECK(kept->id() == 1);
    kept->set_code("0815");
    const SqlLog log(db->engine());
    session.commit();
    CHECK(log.count("UPDATE") == 1);
    session.commit();
    CHECK(log.count("UPDATE") == 1);

    auto other = db->session();
    const auto found = other.query<Vault>()
                           .where(mercator::col_by_name<Vault, std::string>("code") == "0815")
                           .one();
    CHECK(found->id() == kept->id());
    const auto parcel = other.add(Consignment("Ada")); // its columns are private members
    other.commit();
    CHECK(parcel->number() == 1);
    CHECK(db->session().get<Consignment>(1)->to() == "Ada");
}
