// SPDX-License-Identifier: MIT
// A model that is wrong fails when it is first used, with one error that names the struct, the
// member and the way out.
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace mercator;

namespace {

/// Configuring T fails, twice with the same text (nothing is half configured), and the text says
/// all this.
template <class... Ts>
void check_wrong(std::initializer_list<const char*> says, const std::string& where = {}) {
    std::string first;
    for (int attempt = 0; attempt < 2; ++attempt) {
        try {
            Database database("ansi://");
            static_cast<void>(database.create_all_sql<Ts...>());
            FAIL("the model was accepted");
        } catch (const MappingError& error) {
            const std::string text = error.what();
            if (attempt == 0) first = text;
            CHECK(text == first);
            for (const char* part : says) {
                CAPTURE(text);
                CAPTURE(part);
                CHECK(text.find(part) != std::string::npos);
            }
            if (!where.empty()) CHECK(error.where() == where);
        }
    }
}

struct Author {
    std::int64_t id{};
    std::string name;
};
void describe(Mapping<Author>& author) {
    author.column<&Author::id>().primary_key();
    author.column<&Author::name>();
}

struct NoColumn {
    int value{};
};
void describe(Mapping<NoColumn>& none) {
    none.table("none");
}

struct NoKey {
    int value{};
};
void describe(Mapping<NoKey>& none) {
    none.column<&NoKey::value>();
}

struct NullableKey {
    std::optional<std::int64_t> id;
};
void describe(Mapping<NullableKey>& wrong) {
    wrong.column<&NullableKey::id>().primary_key();
}

struct KeySaidNullable {
    std::int64_t id{};
};
void describe(Mapping<KeySaidNullable>& wrong) {
    wrong.column<&KeySaidNullable::id>().nullable().primary_key();
}

struct Twice {
    std::int64_t id{};
};
void describe(Mapping<Twice>& wrong) {
    wrong.column<&Twice::id>().primary_key();
    wrong.column<&Twice::id>();
}

struct SameColumn {
    std::int64_t id{};
    int a{};
    int b{};
};
void describe(Mapping<SameColumn>& wrong) {
    wrong.column<&SameColumn::id>().primary_key();
    wrong.column<&SameColumn::a>().name("x");
    wrong.column<&SameColumn::b>().name("x");
}

struct NoName {
    std::int64_t id{};
};
void describe(Mapping<NoName>& wrong) {
    wrong.table("");
}

struct CascadeUpwards {
    std::int64_t id{};
    std::optional<std::int64_t> author_id;
    One<Author> author;
};

struct NoForeignKey {
    std::int64_t id{};
    One<Author> author;
};
void describe(Mapping<CascadeUpwards>& mapping) {
    mapping.column<&CascadeUpwards::id>().primary_key();
    mapping.column<&CascadeUpwards::author_id>().references<&Author::id>();
    mapping.relationship<&CascadeUpwards::author>().cascade_delete();
}

void describe(Mapping<NoForeignKey>& wrong) {
    wrong.column<&NoForeignKey::id>().primary_key();
    wrong.relationship<&NoForeignKey::author>();
}

struct TwoForeignKeys {
    std::int64_t id{};
    std::int64_t writer_id{};
    std::int64_t editor_id{};
    One<Author> writer;
};
void describe(Mapping<TwoForeignKeys>& wrong) {
    wrong.column<&TwoForeignKeys::id>().primary_key();
    wrong.column<&TwoForeignKeys::writer_id>().references<&Author::id>();
    wrong.column<&TwoForeignKeys::editor_id>().references<&Author::id>();
    wrong.relationship<&TwoForeignKeys::writer>();
}

struct Resolved {
    std::int64_t id{};
    std::int64_t writer_id{};
    std::int64_t editor_id{};
    One<Author> writer;
    One<Author> editor;
};
void describe(Mapping<Resolved>& right) {
    right.column<&Resolved::id>().primary_key();
    right.column<&Resolved::writer_id>().references<&Author::id>();
    right.column<&Resolved::editor_id>().references<&Author::id>().on_delete(
        ReferentialAction::Cascade);
    right.relationship<&Resolved::writer>().foreign_key<&Resolved::writer_id>();
    right.relationship<&Resolved::editor>().foreign_key<&Resolved::editor_id>();
}

struct SameRelationship {
    std::int64_t id{};
    std::int64_t author_id{};
    One<Author> author;
};
void describe(Mapping<SameRelationship>& wrong) {
    wrong.column<&SameRelationship::id>().primary_key();
    wrong.column<&SameRelationship::author_id>().references<&Author::id>();
    wrong.relationship<&SameRelationship::author>();
    wrong.relationship<&SameRelationship::author>();
}

// back_populates: the other side does not answer.
struct Shelf;
struct Book {
    std::int64_t id{};
    std::int64_t shelf_id{};
    One<Shelf> shelf;
};
struct Shelf {
    std::int64_t id{};
    Many<Book> books;
};
void describe(Mapping<Book>& book) {
    book.column<&Book::id>().primary_key();
    book.column<&Book::shelf_id>().references<&Shelf::id>();
    book.relationship<&Book::shelf>().back_populates<&Shelf::books>();
}
void describe(Mapping<Shelf>& shelf) {
    shelf.column<&Shelf::id>().primary_key();
    shelf.relationship<&Shelf::books>();
}

// Both describe themselves, and one makes a backref of the other.
struct Box;
struct Toy {
    std::int64_t id{};
    std::int64_t box_id{};
    One<Box> box;
};
struct Box {
    std::int64_t id{};
    Many<Toy> toys;
};
void describe(Mapping<Toy>& toy) {
    toy.column<&Toy::id>().primary_key();
    toy.column<&Toy::box_id>().references<&Box::id>();
    toy.relationship<&Toy::box>();
}
void describe(Mapping<Box>& box) {
    box.column<&Box::id>().primary_key();
    box.relationship<&Box::toys>().backref<&Toy::box>();
}

struct NotUnique {
    std::int64_t id{};
    std::string author_name;
};
void describe(Mapping<NotUnique>& wrong) {
    wrong.column<&NotUnique::id>().primary_key();
    wrong.column<&NotUnique::author_name>().references<&Author::name>();
}

struct UnknownTable {
    std::int64_t id{};
    std::int64_t author_id{};
};
void describe(Mapping<UnknownTable>& wrong) {
    wrong.column<&UnknownTable::id>().primary_key();
    wrong.column<&UnknownTable::author_id>().references("autor.id");
}

struct UnknownColumn {
    std::int64_t id{};
    std::int64_t author_id{};
};
void describe(Mapping<UnknownColumn>& wrong) {
    wrong.column<&UnknownColumn::id>().primary_key();
    wrong.column<&UnknownColumn::author_id>().references("author.number");
}

struct Malformed {
    std::int64_t id{};
    std::int64_t author_id{};
};
void describe(Mapping<Malformed>& wrong) {
    wrong.column<&Malformed::id>().primary_key();
    wrong.column<&Malformed::author_id>().references("author");
}

struct UnmappedTarget {
    std::int64_t id{};
    int hidden{};
};
void describe(Mapping<UnmappedTarget>& target) {
    target.column<&UnmappedTarget::id>().primary_key();
}
struct RefersToUnmapped {
    std::int64_t id{};
    int hidden{};
};
void describe(Mapping<RefersToUnmapped>& wrong) {
    wrong.column<&RefersToUnmapped::id>().primary_key();
    wrong.column<&RefersToUnmapped::hidden>().references<&UnmappedTarget::hidden>();
}

struct OtherAuthor {
    std::int64_t id{};
};
void describe(Mapping<OtherAuthor>& other) {
    other.table("author");
    other.column<&OtherAuthor::id>().primary_key();
}

} // namespace

TEST_CASE("a class without columns is refused") {
    check_wrong<NoColumn>({"NoColumn", "column<&NoColumn::"}, "NoColumn");
}

TEST_CASE("KEY-01 a class without a primary key is refused") {
    check_wrong<NoKey>({"NoKey", ".primary_key()"}, "NoKey");
}

TEST_CASE("MOD-03 a primary key that may be NULL is refused") {
    check_wrong<NullableKey>({"NullableKey.id", "nullable"}, "NullableKey.id");
    check_wrong<KeySaidNullable>({"KeySaidNullable.id", "nullable()"}, "KeySaidNullable.id");
}

TEST_CASE("MOD-03 a member or column that is described twice is refused") {
    check_wrong<Twice>({"Twice.id", "once"}, "Twice.id");
    check_wrong<SameColumn>({"same_column", "x", "rename"});
    check_wrong<SameRelationship>({"SameRelationship.author", "once"}, "SameRelationship.author");
}

TEST_CASE("a table without a name is refused") {
    check_wrong<NoName>({"NoName", "name"}, "NoName");
}

TEST_CASE("a relationship without a foreign key is refused") {
    check_wrong<NoForeignKey, Author>({"NoForeignKey.author", "author", ".references<&Author::"},
                                      "NoForeignKey.author");
}

TEST_CASE("a relationship with two foreign keys to go by is refused, and both are listed") {
    check_wrong<TwoForeignKeys, Author>(
        {"TwoForeignKeys.writer", "writer_id", "editor_id", ".foreign_key<&"},
        "TwoForeignKeys.writer");
    Database database("ansi://");
    const auto statements = database.create_all_sql<Resolved, Author>();
    CHECK(statements.back().find("ON DELETE CASCADE") != std::string::npos);
}

TEST_CASE("deleting a parent with its child is refused") {
    check_wrong<CascadeUpwards, Author>({"CascadeUpwards.author", "cascade_delete()", "other side"},
                                        "CascadeUpwards.author");
}

TEST_CASE("a side that is not answered is refused") {
    check_wrong<Book, Shelf>({"Book.shelf", "Shelf.books", "back_populates"}, "Book.shelf");
    check_wrong<Box, Toy>({"Box.toys", "Toy.box", "back_populates"}, "Box.toys");
}

TEST_CASE("KEY-13 a foreign key to a member that is not unique is refused") {
    check_wrong<NotUnique, Author>({"NotUnique.author_name", "Author.name", "unique"},
                                   "NotUnique.author_name");
}

TEST_CASE("KEY-12 a foreign key to what is not there is refused, and what there is is listed") {
    check_wrong<UnknownTable, Author>({"UnknownTable.author_id", "autor", "author"});
    check_wrong<UnknownColumn, Author>({"UnknownColumn.author_id", "number", "id, name"});
    check_wrong<Malformed, Author>({"author_id", "table.column"});
    check_wrong<RefersToUnmapped, UnmappedTarget>({"UnmappedTarget", "column<&UnmappedTarget::"});
}

TEST_CASE("MOD-01 two classes on one table are refused") {
    check_wrong<Author, OtherAuthor>({"Author", "OtherAuthor", "author"});
}

TEST_CASE("a wrong model does not spoil the right ones") {
    Database database("ansi://");
    CHECK_THROWS_AS(database.map<NoKey>(), MappingError);
    CHECK(database.create_all_sql<Author>().size() == 1);
}
