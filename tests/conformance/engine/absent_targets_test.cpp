// SPDX-License-Identifier: MIT
// What a joined load stands on: one row becomes several objects, and that of an outer join may be
// absent.
#include "support/backend.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;

namespace {

struct Book {
    std::int64_t id = 0;
    std::string title;
    std::optional<std::int64_t> writer_id;
};

struct Person {
    std::int64_t id = 0;
    std::string name;
    std::optional<std::int64_t> age;
};

Field field(std::size_t offset, FieldKind kind, SqlType type, std::string_view where,
            bool optional = false) {
    return {static_cast<std::uint32_t>(offset), kind, optional, type, nullptr, where};
}

constexpr std::uint16_t book = 0;
constexpr std::uint16_t writer = 1;
constexpr std::uint16_t editor = 2;

void add_book(DecodePlan& plan, std::uint16_t column, std::uint16_t target) {
    plan.steps.push_back(
        {column, target, field(offsetof(Book, id), FieldKind::Int64, BigInteger(), "Book.id")});
    plan.steps.push_back({static_cast<std::uint16_t>(column + 1), target,
                          field(offsetof(Book, title), FieldKind::String, Text(), "Book.title")});
    plan.steps.push_back(
        {static_cast<std::uint16_t>(column + 2), target,
         field(offsetof(Book, writer_id), FieldKind::Int64, BigInteger(), "Book.writer_id", true)});
}

void add_person(DecodePlan& plan, std::uint16_t column, std::uint16_t target) {
    plan.steps.push_back(
        {column, target, field(offsetof(Person, id), FieldKind::Int64, BigInteger(), "Person.id")});
    plan.steps.push_back(
        {static_cast<std::uint16_t>(column + 1), target,
         field(offsetof(Person, name), FieldKind::String, String(40), "Person.name")});
    plan.steps.push_back(
        {static_cast<std::uint16_t>(column + 2), target,
         field(offsetof(Person, age), FieldKind::Int64, BigInteger(), "Person.age", true)});
}

/// Columns 0 to 2 are a book, 3 to 5 its writer, 6 to 8 its editor.
DecodePlan joined_plan() {
    DecodePlan plan;
    add_book(plan, 0, book);
    add_person(plan, 3, writer);
    add_person(plan, 6, editor);
    plan.presence = {{3, writer}, {6, editor}};
    return plan;
}

std::shared_ptr<const Compiled> text_of(std::string sql) {
    auto compiled = std::make_shared<Compiled>();
    compiled->sql = std::move(sql);
    return compiled;
}

std::shared_ptr<const Compiled> joined_select() {
    return text_of("SELECT b.id, b.title, b.writer_id, w.id, w.name, w.age, e.id, e.name, e.age "
                   "FROM books b LEFT JOIN people w ON w.id = b.writer_id "
                   "LEFT JOIN people e ON e.id = b.editor_id ORDER BY b.id");
}

void fill(Backend& backend) {
    backend.run("CREATE TABLE people (id BIGINT NOT NULL PRIMARY KEY, "
                "name VARCHAR(40) NOT NULL, age BIGINT)");
    backend.run("CREATE TABLE books (id BIGINT NOT NULL PRIMARY KEY, title TEXT NOT NULL, "
                "writer_id BIGINT, editor_id BIGINT)");
    backend.run("INSERT INTO people VALUES (1, 'Ada', 36)");
    backend.run("INSERT INTO people VALUES (2, 'Bob', NULL)");
    backend.run("INSERT INTO books VALUES (10, 'both', 1, 2)");
    backend.run("INSERT INTO books VALUES (11, 'no writer', NULL, 2)");
    backend.run("INSERT INTO books VALUES (12, 'no editor', 2, NULL)");
    backend.run("INSERT INTO books VALUES (13, 'nobody', NULL, NULL)");
    backend.run("INSERT INTO books VALUES (14, 'same', 1, 1)");
}

std::byte* address(auto& object) {
    return static_cast<std::byte*>(static_cast<void*>(&object));
}

struct JoinedRow {
    Book book;
    std::optional<Person> writer;
    std::optional<Person> editor;
};

std::vector<JoinedRow> read_all(DriverStatement& statement, const DecodePlan& plan) {
    std::vector<JoinedRow> rows;
    for (;;) {
        Book one;
        Person people[2];
        std::array<std::byte*, 3> targets = {address(one), address(people[0]), address(people[1])};
        if (!statement.fetch(plan, targets.data())) return rows;
        REQUIRE(targets[book] == address(one));
        JoinedRow row{one, {}, {}};
        if (targets[writer] != nullptr) row.writer = people[0];
        if (targets[editor] != nullptr) row.editor = people[1];
        // Nothing was written into what is absent.
        if (!row.writer) CHECK((people[0].id == 0 && people[0].name.empty() && !people[0].age));
        if (!row.editor) CHECK((people[1].id == 0 && people[1].name.empty() && !people[1].age));
        rows.push_back(std::move(row));
    }
}

} // namespace

TEST_CASE("the objects of an outer join that a row does not have are told by a null target") {
    Backend backend;
    fill(backend);
    Connection connection = backend->engine().connect();
    const DecodePlan plan = joined_plan();
    const StatementLease statement = connection.execute(joined_select(), std::span<const Value>());
    const auto rows = read_all(*statement, plan);

    REQUIRE(rows.size() == 5);
    REQUIRE(rows[0].writer.has_value());
    CHECK(rows[0].writer->name == "Ada");
    CHECK(rows[0].writer->age == 36);
    REQUIRE(rows[0].editor.has_value());
    CHECK(rows[0].editor->name == "Bob");
    CHECK_FALSE(rows[0].editor->age.has_value()); // NULL in a present object

    CHECK(rows[1].book.title == "no writer");
    CHECK_FALSE(rows[1].book.writer_id.has_value());
    CHECK_FALSE(rows[1].writer.has_value());
    REQUIRE(rows[1].editor.has_value());
    CHECK(rows[1].editor->id == 2);

    REQUIRE(rows[2].writer.has_value());
    CHECK(rows[2].writer->name == "Bob");
    CHECK_FALSE(rows[2].editor.has_value());

    CHECK(rows[3].book.id == 13);
    CHECK_FALSE(rows[3].writer.has_value());
    CHECK_FALSE(rows[3].editor.has_value());

    REQUIRE(rows[4].writer.has_value());
    REQUIRE(rows[4].editor.has_value());
    CHECK(rows[4].writer->name == rows[4].editor->name);
}

TEST_CASE("a target without presence is never absent: its NULL is a DataError that names it") {
    Backend backend;
    fill(backend);
    Connection connection = backend->engine().connect();
    DecodePlan plan = joined_plan();
    plan.presence = {{6, editor}};
    const StatementLease statement = connection.execute(joined_select(), std::span<const Value>());
    Book one;
    Person people[2];
    const auto fetch = [&] {
        std::array<std::byte*, 3> targets = {address(one), address(people[0]), address(people[1])};
        return statement->fetch(plan, targets.data());
    };
    CHECK(fetch());
    std::string where;
    try {
        fetch();
    } catch (const DataError& error) {
        where = error.where();
    }
    CHECK(where == "Person.id");
    CHECK(fetch()); // and the statement goes on
    CHECK(one.title == "no editor");
}

TEST_CASE("a target that the caller does not want stays unwanted, present or not") {
    Backend backend;
    fill(backend);
    Connection connection = backend->engine().connect();
    const DecodePlan plan = joined_plan();
    const StatementLease statement = connection.execute(joined_select(), std::span<const Value>());
    Book one;
    Person person;
    std::size_t editors = 0;
    for (;;) {
        std::array<std::byte*, 3> targets = {address(one), nullptr, address(person)};
        if (!statement->fetch(plan, targets.data())) break;
        CHECK(targets[writer] == nullptr);
        editors += targets[editor] != nullptr ? 1U : 0U;
    }
    CHECK(editors == 3);
}

TEST_CASE("several targets may read the same columns, long texts too") {
    Backend backend;
    fill(backend);
    const std::string longest(5'000, 'x'); // longer than what a driver keeps room for
    backend.run("UPDATE books SET title = '" + longest + "' WHERE id = 13");
    Connection connection = backend->engine().connect();
    DecodePlan plan;
    add_book(plan, 0, 0);
    add_book(plan, 0, 1);
    add_book(plan, 0, 2);
    plan.presence = {{2, 1}, {2, 2}}; // one column may tell of two
    for (const bool ordered : {false, true}) {
        if (ordered) {
            std::stable_sort(plan.steps.begin(), plan.steps.end(),
                             [](const auto& a, const auto& b) { return a.column < b.column; });
        }
        const StatementLease statement = connection.execute(
            text_of("SELECT id, title, writer_id FROM books WHERE id IN (10, 13) ORDER BY id"),
            std::span<const Value>());
        std::array<Book, 3> books;
        const auto fetch = [&] {
            std::array<std::byte*, 3> targets = {address(books[0]), address(books[1]),
                                                 address(books[2])};
            REQUIRE(statement->fetch(plan, targets.data()));
            return targets;
        };
        fetch();
        for (const Book& each : books) {
            CHECK(each.id == 10);
            CHECK(each.title == "both");
            CHECK(each.writer_id == 1);
        }
        const auto targets = fetch();
        CHECK(books[0].title == longest);
        CHECK(targets[1] == nullptr);
        CHECK(targets[2] == nullptr);
        CHECK(books[2].id == 10); // as it was
    }
    plan.presence.clear();
    const StatementLease statement = connection.execute(
        text_of("SELECT id, title, writer_id FROM books WHERE id = 13"), std::span<const Value>());
    std::array<Book, 3> books;
    std::array<std::byte*, 3> targets = {address(books[0]), address(books[1]), address(books[2])};
    REQUIRE(statement->fetch(plan, targets.data()));
    for (const Book& each : books) CHECK(each.title == longest);
}
