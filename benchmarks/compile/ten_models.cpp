// SPDX-License-Identifier: MIT
#include "ten_models.hpp"

namespace library {

using mercator::col;
using mercator::Mapping;
using mercator::Numeric;
using mercator::select;
using mercator::Session;
using mercator::set;
using mercator::String;
using mercator::utc_now;
namespace func = mercator::func;

void describe(Mapping<Stamped>& stamped) {
    stamped.column<&Stamped::created_at>().default_factory(utc_now);
    stamped.column<&Stamped::changed_at>().default_factory(utc_now).on_update(utc_now);
}

void describe(Mapping<Branch>& branch) {
    branch.table("branches");
    branch.column<&Branch::id>().primary_key();
    branch.column<&Branch::name>(String(80)).unique();
    branch.column<&Branch::city>(String(60)).index();
    branch.column<&Branch::street>(String(120));
    branch.column<&Branch::open_on_sunday>().server_default(false);
    branch.relationship<&Branch::copies>().back_populates<&Copy::branch>();
}

void describe(Mapping<Author>& author) {
    author.table("authors");
    author.column<&Author::id>().primary_key();
    author.column<&Author::name>(String(120)).index();
    author.column<&Author::born>();
    author.column<&Author::died>();
    author.relationship<&Author::books>().back_populates<&BookAuthor::author>();
}

void describe(Mapping<Publisher>& publisher) {
    publisher.table("publishers");
    publisher.column<&Publisher::id>().primary_key();
    publisher.column<&Publisher::name>(String(120)).unique();
    publisher.column<&Publisher::country>(String(60)).default_("unknown");
    publisher.relationship<&Publisher::books>().back_populates<&Book::publisher>();
}

void describe(Mapping<Subject>& subject) {
    subject.table("subjects");
    subject.column<&Subject::id>().primary_key();
    subject.column<&Subject::name>(String(80)).unique();
    subject.column<&Subject::parent_id>().references<&Subject::id>().index();
    subject.relationship<&Subject::children>()
        .backref<&Subject::parent>()
        .remote_side<&Subject::id>();
    subject.relationship<&Subject::books>().back_populates<&Book::subject>();
}

void describe(Mapping<Book>& book) {
    book.table("books").include<Stamped>();
    book.column<&Book::id>().primary_key();
    book.column<&Book::title>(String(200)).index();
    book.column<&Book::subtitle>(String(200));
    book.column<&Book::isbn>(String(13)).unique();
    book.column<&Book::pages>().default_(1);
    book.column<&Book::price>(Numeric(10, 2));
    book.column<&Book::binding>();
    book.column<&Book::published>();
    book.column<&Book::cover>();
    book.column<&Book::publisher_id>().references<&Publisher::id>().index();
    book.column<&Book::subject_id>().references<&Subject::id>().index();
    book.check(col(&Book::price) >= Decimal(0), "check_price");
    book.check(col(&Book::pages) > 0, "check_pages");
    book.relationship<&Book::publisher>().back_populates<&Publisher::books>();
    book.relationship<&Book::subject>().back_populates<&Subject::books>();
    book.relationship<&Book::authors>().back_populates<&BookAuthor::book>().cascade_delete();
    book.relationship<&Book::copies>().back_populates<&Copy::book>();
}

void describe(Mapping<BookAuthor>& link) {
    link.table("book_authors");
    link.column<&BookAuthor::book_id>().references<&Book::id>();
    link.column<&BookAuthor::author_id>().references<&Author::id>();
    link.column<&BookAuthor::position>();
    link.primary_key<&BookAuthor::book_id, &BookAuthor::author_id>();
    link.relationship<&BookAuthor::book>().back_populates<&Book::authors>();
    link.relationship<&BookAuthor::author>().back_populates<&Author::books>();
}

void describe(Mapping<Copy>& copy) {
    copy.table("copies");
    copy.column<&Copy::id>().primary_key();
    copy.column<&Copy::barcode>(String(20)).unique();
    copy.column<&Copy::condition>();
    copy.column<&Copy::book_id>().references<&Book::id>().index();
    copy.column<&Copy::branch_id>().references<&Branch::id>().index();
    copy.relationship<&Copy::book>().back_populates<&Book::copies>();
    copy.relationship<&Copy::branch>().back_populates<&Branch::copies>();
    copy.relationship<&Copy::loans>().back_populates<&Loan::copy>();
}

void describe(Mapping<Member>& member) {
    member.table("members").include<Stamped>();
    member.column<&Member::id>().primary_key();
    member.column<&Member::name>(String(120));
    member.column<&Member::email>(String(200)).unique();
    member.column<&Member::phone>(String(30));
    member.column<&Member::active>().server_default(true);
    member.column<&Member::rating>();
    member.relationship<&Member::loans>().back_populates<&Loan::member>();
}

void describe(Mapping<Loan>& loan) {
    loan.table("loans");
    loan.column<&Loan::id>().primary_key();
    loan.column<&Loan::copy_id>().references<&Copy::id>().index();
    loan.column<&Loan::member_id>().references<&Member::id>();
    loan.column<&Loan::taken_at>().default_factory(utc_now);
    loan.column<&Loan::due>();
    loan.column<&Loan::returned_at>();
    loan.column<&Loan::renewals>().server_default(0);
    loan.index<&Loan::member_id, &Loan::due>("loans_by_member");
    loan.check(col(&Loan::renewals) >= 0, "check_renewals");
    loan.relationship<&Loan::copy>().back_populates<&Copy::loans>();
    loan.relationship<&Loan::member>().back_populates<&Member::loans>();
    loan.relationship<&Loan::fines>().back_populates<&Fine::loan>().cascade_delete();
}

void describe(Mapping<Fine>& fine) {
    fine.table("fines");
    fine.column<&Fine::id>().primary_key();
    fine.column<&Fine::loan_id>().references<&Loan::id>().index();
    fine.column<&Fine::amount>(Numeric(10, 2));
    fine.column<&Fine::reason>(String(200));
    fine.column<&Fine::paid>();
    fine.relationship<&Fine::loan>().back_populates<&Loan::fines>();
}

void create_schema(mercator::Database& db) {
    db.create_all<Branch, Author, Publisher, Subject, Book, BookAuthor, Copy, Member, Loan, Fine>();
}

std::int64_t take_in(Session& session, const std::string& title, const std::string& author_name) {
    const auto author = session.add(Author{.name = author_name});
    const auto book = session.add(Book{{}, 0, title});
    book->authors.add(session.add(BookAuthor{.position = 1, .author = author}));
    session.commit();
    return book->id;
}

void lend(Session& session, std::int64_t copy_id, std::int64_t member_id, Date due) {
    const auto copy = session.get<Copy>(copy_id);
    const auto member = session.get<Member>(member_id);
    session.add(Loan{.due = due, .copy = copy, .member = member});
    session.commit();
}

std::vector<std::string> cheap_titles(Session& session, const Decimal& limit) {
    std::vector<std::string> titles;
    const auto cheap = col(&Book::price) < limit && col(&Book::title).contains("history");
    for (const auto& book : session.query<Book>().where(cheap).order_by(col(&Book::title)).all())
        titles.push_back(book->title + " at " + (book->publisher ? book->publisher->name : "?"));
    return titles;
}

std::vector<Loan> overdue(Session& session, Date today) {
    return session.query<Loan>()
        .where(col(&Loan::due) < today, col(&Loan::returned_at).is_null())
        .order_by(col(&Loan::due).desc())
        .limit(100)
        .values();
}

std::size_t popular_subjects(Session& session) {
    const auto loans = func::count(col(&Loan::id));
    const auto rows = session.execute(select(col(&Subject::name), loans)
                                          .join<&Subject::books>()
                                          .join<&Book::copies>()
                                          .join<&Copy::loans>()
                                          .group_by(col(&Subject::name))
                                          .having(loans > 5)
                                          .order_by(loans.desc()));
    std::size_t length = 0;
    for (const auto& [name, number] : rows)
        length += name.size() * static_cast<std::size_t>(number);
    return length;
}

Decimal debts(Session& session, std::int64_t member_id) {
    return session
        .scalar(select(func::sum(col(&Fine::amount)))
                    .join<&Fine::loan>()
                    .where(col(&Loan::member_id) == member_id, col(&Fine::paid) == false))
        .value_or(Decimal());
}

std::uint64_t forgive_small_fines(Session& session) {
    return session.query<Fine>()
        .where(col(&Fine::amount) < Decimal(1))
        .update(set(&Fine::paid, true), set(&Fine::reason, "forgiven"));
}

void retire(Session& session, std::int64_t member_id) {
    if (const auto member =
            session.query<Member>().where(col(&Member::id) == member_id).one_or_none())
        session.delete_(member);
    session.commit();
}

} // namespace library
