// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mercator.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Ten classes as an application has them, for `run`, which measures what compiling them costs.
namespace library {

using mercator::Bytes;
using mercator::Date;
using mercator::DateTime;
using mercator::Decimal;
using mercator::Many;
using mercator::One;

struct Branch;
struct Author;
struct Publisher;
struct Subject;
struct Book;
struct BookAuthor;
struct Copy;
struct Member;
struct Loan;
struct Fine;

/// A mixin: its columns stand in the tables of the classes that include it.
struct Stamped {
    DateTime created_at{};
    DateTime changed_at{};
};

struct Branch {
    std::int64_t id{};
    std::string name;
    std::string city;
    std::optional<std::string> street;
    bool open_on_sunday{};
    Many<Copy> copies;
};

struct Author {
    std::int64_t id{};
    std::string name;
    std::optional<Date> born;
    std::optional<Date> died;
    Many<BookAuthor> books;
};

struct Publisher {
    std::int64_t id{};
    std::string name;
    std::optional<std::string> country;
    Many<Book> books;
};

/// A tree.
struct Subject {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> parent_id;
    One<Subject> parent;
    Many<Subject> children;
    Many<Book> books;
};

enum class Binding { Hardcover, Paperback, Loose };

struct Book : Stamped {
    std::int64_t id{};
    std::string title;
    std::optional<std::string> subtitle;
    std::string isbn;
    int pages{};
    Decimal price;
    Binding binding = Binding::Paperback;
    std::optional<Date> published;
    std::optional<Bytes> cover;
    std::optional<std::int64_t> publisher_id;
    std::optional<std::int64_t> subject_id;
    One<Publisher> publisher;
    One<Subject> subject;
    Many<BookAuthor> authors;
    Many<Copy> copies;
};

/// A composite key.
struct BookAuthor {
    std::int64_t book_id{};
    std::int64_t author_id{};
    int position{};
    One<Book> book;
    One<Author> author;
};

enum class Condition { New, Good, Worn, Lost };

struct Copy {
    std::int64_t id{};
    std::string barcode;
    Condition condition = Condition::New;
    std::int64_t book_id{};
    std::int64_t branch_id{};
    One<Book> book;
    One<Branch> branch;
    Many<Loan> loans;
};

struct Member : Stamped {
    std::int64_t id{};
    std::string name;
    std::string email;
    std::optional<std::string> phone;
    bool active = true;
    double rating{};
    Many<Loan> loans;
};

struct Loan {
    std::int64_t id{};
    std::int64_t copy_id{};
    std::int64_t member_id{};
    DateTime taken_at{};
    Date due{};
    std::optional<DateTime> returned_at;
    int renewals{};
    One<Copy> copy;
    One<Member> member;
    Many<Fine> fines;
};

struct Fine {
    std::int64_t id{};
    std::int64_t loan_id{};
    Decimal amount;
    std::string reason;
    bool paid{};
    One<Loan> loan;
};

} // namespace library
