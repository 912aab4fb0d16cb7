// SPDX-License-Identifier: MIT
// The first page's lines, as a program.
#include <mercator/mercator.hpp>

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <string>

struct Author;

struct Book {
    std::int64_t id{};
    std::string title;
    mercator::Decimal price;
    std::optional<std::int64_t> author_id;
    mercator::One<Author> author;
};

struct Author {
    std::int64_t id{};
    std::string name;
    mercator::Many<Book> books;
};

void describe(mercator::Mapping<Book>& book) {
    book.table("books");
    book.column<&Book::id>().primary_key();
    book.column<&Book::title>(mercator::String(200));
    book.column<&Book::price>(mercator::Numeric(10, 2));
    book.column<&Book::author_id>().references<&Author::id>();
}

void describe(mercator::Mapping<Author>& author) {
    author.table("authors");
    author.column<&Author::id>().primary_key();
    author.column<&Author::name>(mercator::String(100)).unique();
    author.relationship<&Author::books>().backref<&Book::author>();
}

int main() {
    using mercator::col;

    mercator::Database db{mercator::Config{.uri = "sqlite://"}};
    db.create_all<Author, Book>();

    mercator::Session session = db.session();
    auto ursula = session.add(Author{.name = "Ursula K. Le Guin"});
    auto book = session.add(Book{.title = "The Dispossessed", .price = mercator::Decimal("9.90")});
    book->author = ursula;
    session.commit();

    book->price = mercator::Decimal("8.50");
    session.commit();

    const auto cheap = col(&Book::price) < mercator::Decimal("9");
    for (const auto& found : session.query<Book>().where(cheap).all())
        fmt::print("{} by {}\n", found->title, found->author->name);
}
