// SPDX-License-Identifier: MIT
// Rows that refer to each other. (Cases C04, C05 and C06 of the reliability list.)
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct Ball;

/// A person has balls, and a favourite among them.
struct Person {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> favourite_id;
    One<Ball> favourite;
    Many<Ball> balls;
};
struct Ball {
    std::int64_t id{};
    std::string name;
    std::int64_t person_id{};
    One<Person> person;
};
void describe(Mapping<Person>& person) {
    person.table("post_people");
    person.column<&Person::id>().primary_key();
    person.column<&Person::name>(String(40));
    person.column<&Person::favourite_id>().references<&Ball::id>();
    person.relationship<&Person::favourite>().foreign_keys<&Person::favourite_id>().post_update();
    person.relationship<&Person::balls>()
        .foreign_keys<&Ball::person_id>()
        .cascade_delete()
        .backref<&Ball::person>();
}
void describe(Mapping<Ball>& ball) {
    ball.table("post_balls");
    ball.column<&Ball::id>().primary_key();
    ball.column<&Ball::name>(String(40));
    ball.column<&Ball::person_id>().references<&Person::id>();
}

/// Both sides may be empty; nothing says which is to wait.
struct Right;
struct Left {
    std::int64_t id{};
    std::optional<std::int64_t> right_id;
    One<Right> right;
};
struct Right {
    std::int64_t id{};
    std::optional<std::int64_t> left_id;
    One<Left> left;
};
void describe(Mapping<Left>& left) {
    left.table("post_left");
    left.column<&Left::id>().primary_key();
    left.column<&Left::right_id>().references<&Right::id>();
    left.relationship<&Left::right>().foreign_keys<&Left::right_id>();
}
void describe(Mapping<Right>& right) {
    right.table("post_right");
    right.column<&Right::id>().primary_key();
    right.column<&Right::left_id>().references<&Left::id>();
    right.relationship<&Right::left>().foreign_keys<&Right::left_id>();
}

struct Node {
    std::int64_t id{};
    std::optional<std::int64_t> next_id;
    One<Node> next;
};
void describe(Mapping<Node>& node) {
    node.table("post_nodes");
    node.column<&Node::id>().primary_key();
    node.column<&Node::next_id>().references<&Node::id>();
    node.relationship<&Node::next>().remote_side<&Node::id>();
}

struct Pair {
    std::int64_t id{};
    std::int64_t self_id{};
    One<Pair> self;
};
void describe(Mapping<Pair>& pair) {
    pair.table("post_pairs");
    pair.column<&Pair::id>().primary_key().autoincrement(false);
    pair.column<&Pair::self_id>().references<&Pair::id>();
    pair.relationship<&Pair::self>().remote_side<&Pair::id>();
}

/// Three classes in a circle of keys that cannot be NULL; `Late` tells whether the database looks
/// at them only at the end. Keys are the program's own.
template <bool Late>
struct Stone;
template <bool Late>
struct Paper;
template <bool Late>
struct Scissors {
    std::int64_t id{};
    std::int64_t paper_id{};
    One<Paper<Late>> paper;
};
template <bool Late>
struct Stone {
    std::int64_t id{};
    std::int64_t scissors_id{};
    One<Scissors<Late>> scissors;
};
template <bool Late>
struct Paper {
    std::int64_t id{};
    std::int64_t stone_id{};
    One<Stone<Late>> stone;
};
template <class Mapping, class Column>
void in_circle(Mapping& mapping, Column column, bool late) {
    static_cast<void>(mapping);
    if (late) column.deferrable();
}
template <bool Late>
void describe(Mapping<Scissors<Late>>& scissors) {
    scissors.table(Late ? "late_scissors" : "scissors");
    scissors.template column<&Scissors<Late>::id>().primary_key().autoincrement(false);
    in_circle(scissors,
              scissors.template column<&Scissors<Late>::paper_id>()
                  .template references<&Paper<Late>::id>(),
              Late);
    scissors.template relationship<&Scissors<Late>::paper>();
}
template <bool Late>
void describe(Mapping<Stone<Late>>& stone) {
    stone.table(Late ? "late_stones" : "stones");
    stone.template column<&Stone<Late>::id>().primary_key().autoincrement(false);
    in_circle(stone,
              stone.template column<&Stone<Late>::scissors_id>()
                  .template references<&Scissors<Late>::id>(),
              Late);
    stone.template relationship<&Stone<Late>::scissors>();
}
template <bool Late>
void describe(Mapping<Paper<Late>>& paper) {
    paper.table(Late ? "late_papers" : "papers");
    paper.template column<&Paper<Late>::id>().primary_key().autoincrement(false);
    in_circle(
        paper,
        paper.template column<&Paper<Late>::stone_id>().template references<&Stone<Late>::id>(),
        Late);
    paper.template relationship<&Paper<Late>::stone>();
}

std::size_t place_of(const std::vector<std::string>& texts, std::string_view word,
                     std::string_view table) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i].starts_with(word) && texts[i].find(table) != std::string::npos) return i;
    }
    return texts.size();
}

} // namespace

TEST_CASE("REL-27 C04 two rows that refer to each other are inserted with one more UPDATE") {
    Backend backend;
    backend->create_all<Person, Ball>();
    SqlLog log(backend->engine());
    std::int64_t id = 0;
    {
        Session session = backend->session();
        const auto person = session.add(Person{.name = "Ann"});
        const auto ball = session.add(Ball{.name = "red"});
        person->balls.add(ball);
        person->favourite = ball;
        log.clear();
        session.commit();
        CHECK_MESSAGE(log.count("INSERT") == 2, log.dump());
        CHECK(log.count("UPDATE") == 1);
        CHECK(log.count("DELETE") == 0);
        const auto texts = log.texts();
        CHECK(place_of(texts, "INSERT", "post_people") < place_of(texts, "INSERT", "post_balls"));
        CHECK(place_of(texts, "UPDATE", "post_people") > place_of(texts, "INSERT", "post_balls"));
        id = person->id;
        CHECK(person->favourite_id == ball->id);
    }
    Session session = backend->session();
    const auto person = session.get<Person>(id);
    CHECK(person->favourite->name == "red");
    CHECK(person->favourite->person.handle() == person);

    SUBCASE("and deleted after one of them has let go") {
        log.clear();
        session.delete_(person);
        session.commit();
        CHECK_MESSAGE(log.count("UPDATE") == 1, log.dump());
        CHECK(log.count("DELETE") == 2);
        const auto texts = log.texts();
        CHECK(place_of(texts, "UPDATE", "post_people") < place_of(texts, "DELETE", "post_balls"));
        CHECK(place_of(texts, "DELETE", "post_balls") < place_of(texts, "DELETE", "post_people"));
        CHECK(backend->session().query<Ball>().count() == 0);
    }
    SUBCASE("and another favourite is one UPDATE after its INSERT") {
        const auto blue = session.add(Ball{.name = "blue"});
        blue->person = person;
        person->favourite = blue;
        log.clear();
        session.commit();
        CHECK_MESSAGE(log.count("INSERT") == 1, log.dump());
        CHECK(log.count("UPDATE") == 1);
        CHECK(backend->session().get<Person>(id)->favourite->name == "blue");
    }
    SUBCASE("and the plan of the flush shows it") {
        const auto other = session.add(Person{.name = "Bob"});
        const auto ball = session.add(Ball{.name = "green"});
        ball->person = other;
        other->favourite = ball;
        std::vector<FlushStep::Action> actions;
        for (const auto& step : session.flush_plan()) actions.push_back(step.action);
        CHECK(actions == std::vector{FlushStep::Action::Insert, FlushStep::Action::Insert,
                                     FlushStep::Action::Update});
    }
}

TEST_CASE("C04 where both sides can be empty, one waits without being told") {
    Backend backend;
    backend->create_all<Left, Right>();
    SqlLog log(backend->engine());
    Session session = backend->session();
    std::vector<std::shared_ptr<Left>> lefts;
    for (int i = 0; i < 3; ++i) {
        lefts.push_back(session.add(Left{}));
        lefts.back()->right = session.add(Right{});
        lefts.back()->right->left = lefts.back();
    }
    log.clear();
    session.commit();
    CHECK_MESSAGE(log.rows("INSERT") == 6, log.dump());
    CHECK(log.rows("UPDATE") == 3);
    for (const auto& left : lefts) {
        Session fresh = backend->session();
        CHECK(fresh.get<Left>(left->id)->right->left->id == left->id);
    }
    log.clear();
    for (const auto& left : lefts) {
        session.delete_(left->right.handle());
        session.delete_(left);
    }
    session.commit();
    CHECK_MESSAGE(log.rows("DELETE") == 6, log.dump());
    CHECK(log.rows("UPDATE") == 3);
    CHECK(backend->session().query<Left>().count() == 0);
}

TEST_CASE("C06 a row that refers to itself with a generated key: INSERT, then UPDATE") {
    Backend backend;
    backend->create_all<Node>();
    SqlLog log(backend->engine());
    Session session = backend->session();
    const auto node = session.add(Node{});
    node->next = node;
    log.clear();
    session.commit();
    CHECK_MESSAGE(log.count("INSERT") == 1, log.dump());
    CHECK(log.count("UPDATE") == 1);
    CHECK(node->next_id == node->id);
    const auto again = backend->session().get<Node>(node->id);
    CHECK(again->next_id == node->id);
    log.clear();
    session.delete_(node);
    session.commit();
    CHECK_MESSAGE(log.count("DELETE") == 1, log.dump());
    CHECK(backend->session().query<Node>().count() == 0);
}

TEST_CASE("C06 a row that refers to itself by a key of its own is one INSERT") {
    Backend backend;
    backend->create_all<Pair>();
    SqlLog log(backend->engine());
    Session session = backend->session();
    const auto pair = session.add(Pair{.id = 7});
    pair->self = pair;
    log.clear();
    session.commit();
    CHECK_MESSAGE(log.count() == 1, log.dump());
    CHECK(backend->session().get<Pair>(7)->self_id == 7);
}

TEST_CASE("C05 a cycle of three NOT NULL foreign keys is written where the database looks at the "
          "end") {
    Backend backend;
    if (!backend.can().deferrable_foreign_keys) {
        test::skip("foreign keys are checked at once here; the refusal is another case");
        return;
    }
    backend->create_all<Scissors<true>, Stone<true>, Paper<true>>();
    SqlLog log(backend->engine());
    Session session = backend->session();
    const auto scissors = session.add(Scissors<true>{.id = 1});
    const auto stone = session.add(Stone<true>{.id = 2});
    const auto paper = session.add(Paper<true>{.id = 3});
    scissors->paper = paper;
    paper->stone = stone;
    stone->scissors = scissors;
    log.clear();
    session.commit();
    CHECK_MESSAGE(log.count() == 3, log.dump());
    CHECK(log.count("INSERT") == 3);
    Session fresh = backend->session();
    CHECK(fresh.get<Scissors<true>>(1)->paper->stone->scissors->id == 1);

    session.delete_(scissors);
    session.delete_(stone);
    session.delete_(paper);
    log.clear();
    session.commit();
    CHECK_MESSAGE(log.count("DELETE") == 3, log.dump());
    CHECK(log.count() == 3);
}

TEST_CASE("C05 a cycle of three NOT NULL foreign keys that are checked at once is refused before "
          "any SQL") {
    Backend backend;
    static_cast<void>(backend->session().query<Node>()); // nothing is sent
    SqlLog log(backend->engine());
    Session session = backend->session();
    const auto scissors = session.add(Scissors<false>{.id = 1});
    const auto stone = session.add(Stone<false>{.id = 2});
    const auto paper = session.add(Paper<false>{.id = 3});
    scissors->paper = paper;
    paper->stone = stone;
    stone->scissors = scissors;
    try {
        session.flush();
        FAIL("a cycle was accepted");
    } catch (const StateError& error) {
        const std::string text = error.what();
        CHECK(text.find("unresolvable cycle") != std::string::npos);
        for (const char* named :
             {"paper_id", "stone_id", "scissors_id", "Paper", "Stone", "Scissors"})
            CHECK_MESSAGE(text.find(named) != std::string::npos, text);
    }
    CHECK_MESSAGE(log.count() == 0, log.dump());
    CHECK(session.status(scissors) == ObjectStatus::Pending);
}

TEST_CASE("C05 objects that form no cycle are written though their classes do") {
    Backend backend;
    if (!backend.can().alter_constraints && !backend.can().deferrable_foreign_keys) {
        test::skip("tables that refer to each other cannot be created here");
        return;
    }
    backend->create_all<Person, Ball>();
    SqlLog log(backend->engine());
    Session session = backend->session();
    // Ann's favourite belongs to Bob: Bob, his ball, then Ann.
    const auto ann = session.add(Person{.name = "Ann"});
    const auto bob = session.add(Person{.name = "Bob"});
    const auto ball = session.add(Ball{.name = "red"});
    ball->person = bob;
    ann->favourite = ball;
    log.clear();
    session.commit();
    CHECK_MESSAGE(log.rows("INSERT") == 3, log.dump());
    CHECK(log.count("UPDATE") == 1); // post_update is kept to
    CHECK(backend->session().get<Person>(ann->id)->favourite->person->name == "Bob");
}
