// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mercator.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// What the cases of this folder misuse.
struct Book;

struct Author {
    std::int64_t id{};
    std::string name;
    mercator::Many<Book> books;
};

struct Book {
    std::int64_t id{};
    std::string title;
    int pages{};
    mercator::Decimal price;
    mercator::Date published{};
    std::optional<std::int64_t> author_id;
    mercator::One<Author> author;
};

/// Never described.
struct Stranger {
    std::int64_t id{};
    mercator::One<Author> author;
};

inline void describe(mercator::Mapping<Author>& author) {
    author.column<&Author::id>().primary_key();
    author.column<&Author::name>();
    author.relationship<&Author::books>().backref<&Book::author>();
}

inline void describe(mercator::Mapping<Book>& book) {
    book.column<&Book::id>().primary_key();
    book.column<&Book::title>();
    book.column<&Book::pages>();
    book.column<&Book::price>(mercator::Numeric(10, 2));
    book.column<&Book::published>();
    book.column<&Book::author_id>().references<&Author::id>();
}
