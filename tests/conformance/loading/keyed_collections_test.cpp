// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace keyed_models {

struct Board;

struct Note {
    std::int64_t id{};
    std::string name;
    std::string text;
    std::optional<std::int64_t> board_id;
};
struct Task {
    std::int64_t id{};
    int hours{};
    std::optional<std::int64_t> board_id;
    One<Board> board;
};
struct Label {
    std::int64_t id{};
    std::string word;
};

/// A container of the user's own.
class TaskList : public Many<Task> {
public:
    using Many<Task>::Many;
    [[nodiscard]] int hours() const {
        int sum = 0;
        for (const auto& task : *this) sum += task->hours;
        return sum;
    }
};

struct Board {
    std::int64_t id{};
    std::string title;
    KeyedMany<&Note::name> notes;
    TaskList tasks;
    UniqueMany<&Label::word> labels;
};

void describe(Mapping<Board>& board) {
    board.table("keyed_boards");
    board.column<&Board::id>().primary_key();
    board.column<&Board::title>(String(40));
    board.relationship<&Board::notes>().order_by<&Note::name>();
    board.relationship<&Board::tasks>().backref<&Task::board>();
    board.relationship<&Board::labels>().secondary(
        Table("keyed_board_labels",
              Column("board_id", BigInteger()).references("keyed_boards.id").primary_key(),
              Column("label_id", BigInteger()).references("keyed_labels.id").primary_key()));
}
void describe(Mapping<Note>& note) {
    note.table("keyed_notes");
    note.column<&Note::id>().primary_key();
    note.column<&Note::name>(String(40));
    note.column<&Note::text>(String(40));
    note.column<&Note::board_id>().references<&Board::id>();
}
void describe(Mapping<Task>& task) {
    task.table("keyed_tasks");
    task.column<&Task::id>().primary_key();
    task.column<&Task::hours>();
    task.column<&Task::board_id>().references<&Board::id>();
}
void describe(Mapping<Label>& label) {
    label.table("keyed_labels");
    label.column<&Label::id>().primary_key();
    label.column<&Label::word>(String(40));
}

/// A board with the notes b and a, tasks of 2 and 3 hours, and the label "red".
struct Office : Backend {
    Office() {
        database().create_all<Board, Note, Task, Label>();
        Session session = database().session();
        const auto board = session.add(Board{.title = "plans"});
        for (const char* name : {"b", "a"})
            board->notes.add(session.add(Note{.name = name, .text = std::string("text ") + name}));
        for (const int hours : {2, 3}) board->tasks.add(session.add(Task{.hours = hours}));
        CHECK(board->labels.add(session.add(Label{.word = "red"})));
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;
};

} // namespace keyed_models

using namespace keyed_models;

TEST_CASE("REL-31 a keyed collection finds its members by what they hold") {
    Office office;
    Session session = office->session();
    const auto board = session.query<Board>().one();
    office.log->clear();
    CHECK(board->notes.find("a")->text == "text a");
    CHECK(board->notes.at("b")->text == "text b");
    CHECK(board->notes["c"] == nullptr);
    CHECK(board->notes.contains_key("a"));
    CHECK_FALSE(board->notes.contains_key("A note"));
    CHECK_THROWS_AS(static_cast<void>(board->notes.at("c")), std::out_of_range);
    const auto entries = board->notes.entries();
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].first == "a");
    CHECK(entries[1].second->text == "text b");
    CHECK(office.log->count() == 1);

    SUBCASE("a key that changes in memory") {
        board->notes.find("a")->name = "z";
        CHECK(board->notes.find("a") == nullptr);
        CHECK(board->notes.find("z")->text == "text a");
        session.commit();
        CHECK(office->session().query<Board>().one()->notes.contains_key("z"));
    }
    SUBCASE("members come, go and take another's place") {
        board->notes.add(session.add(Note{.name = "c", .text = "third"}));
        CHECK(board->notes.at("c")->text == "third");
        board->notes.put(session.add(Note{.name = "a", .text = "new"}));
        CHECK(board->notes.size() == 3);
        CHECK(board->notes.at("a")->text == "new");
        CHECK(board->notes.remove_key("b"));
        CHECK_FALSE(board->notes.remove_key("b"));
        session.commit();
        Session other = office->session();
        const auto again = other.query<Board>().one();
        REQUIRE(again->notes.size() == 2);
        CHECK(again->notes.at("a")->text == "new");
        CHECK(again->notes.contains_key("c"));
        CHECK(other.query<Note>().where(col(&Note::board_id) == null).count() == 2);
    }
    SUBCASE("many members") {
        for (int i = 0; i < 300; ++i)
            board->notes.add(session.add(Note{.name = "n" + std::to_string(i)}));
        for (int i = 0; i < 300; ++i) CHECK(board->notes.contains_key("n" + std::to_string(i)));
        for (int i = 0; i < 300; i += 2) CHECK(board->notes.remove_key("n" + std::to_string(i)));
        CHECK(board->notes.size() == 152);
        CHECK_FALSE(board->notes.contains_key("n0"));
        CHECK(board->notes.contains_key("n1"));
    }
}

TEST_CASE("REL-31 a set has one member for each key") {
    Office office;
    Session session = office->session();
    const auto board = session.query<Board>().one();
    CHECK_FALSE(board->labels.add(session.add(Label{.word = "red"})));
    CHECK(board->labels.add(session.add(Label{.word = "blue"})));
    CHECK_FALSE(board->labels.add(board->labels.find("blue")));
    CHECK(board->labels.size() == 2);
    session.commit();
    Session other = office->session();
    const auto again = other.query<Board>().options(selectin<&Board::labels>()).one();
    CHECK(again->labels.size() == 2);
    CHECK(again->labels.contains_key("blue"));
    CHECK(other.query<Label>().count() == 3);
}

TEST_CASE("REL-31 a container of the user's own is a collection like others") {
    Office office;
    Session session = office->session();
    const auto board = session.query<Board>().one();
    CHECK(board->tasks.hours() == 5);
    const auto late = session.add(Task{.hours = 4});
    late->board = board;
    CHECK(board->tasks.hours() == 9);
    session.commit();
    Session other = office->session();
    const auto eager = other.query<Board>().options(joined<&Board::tasks>()).one();
    CHECK(eager->tasks.loaded());
    CHECK(eager->tasks.hours() == 9);
    const std::vector<std::shared_ptr<Task>> list(eager->tasks.begin(), eager->tasks.end());
    CHECK(list.size() == 3);
}
