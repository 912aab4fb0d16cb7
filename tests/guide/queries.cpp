// SPDX-License-Identifier: MIT
#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <cstdlib>

using namespace mercator;

namespace {

struct Author;

struct Book {
    std::int64_t id{};
    std::string title;
    int pages{};
    int copies{};
    Decimal price;
    std::optional<Decimal> discount;
    std::int64_t author_id{};
    One<Author> author;
};

struct Author {
    std::int64_t id{};
    std::string name;
    Many<Book> books;
};

void describe(Mapping<Author>& author) {
    author.column<&Author::id>().primary_key();
    author.column<&Author::name>(String(80));
    author.relationship<&Author::books>().backref<&Book::author>();
}

void describe(Mapping<Book>& book) {
    book.column<&Book::id>().primary_key();
    book.column<&Book::title>(String(120));
    book.column<&Book::pages>();
    book.column<&Book::copies>();
    book.column<&Book::price>(Numeric(8, 2));
    book.column<&Book::discount>(Numeric(8, 2));
    book.column<&Book::author_id>().references<&Author::id>();
}

constexpr auto stock_value =
    hybrid<Book>([](auto e) { return e(&Book::price) * e(&Book::copies); });

void require(bool condition) {
    if (!condition) std::abort();
}

void fill(Session& session) {
    const auto author = session.add(Author{.name = "Ada"});
    const auto notes =
        session.add(Book{.title = "Notes", .pages = 100, .copies = 4, .price = Decimal("12.00")});
    const auto engine = session.add(
        Book{.title = "100% Engine", .pages = 300, .copies = 1, .price = Decimal("30.00")});
    notes->author = author;
    engine->author = author;
    session.commit();
}

} // namespace

int main() {
    Database db("sqlite://");
    db.create_all<Author, Book>();
    Session session = db.session();
    fill(session);

    auto thick = session.query<Book>().where(col(&Book::pages) > 200);
    auto first = thick.order_by(col(&Book::title).asc()).first(); // a handle, empty if none
    auto only = thick.one(); // NoResultFound, MultipleResultsFound
    auto number = thick.join<&Book::author>().where(col(&Author::name) == "Ada").count();
    require(first == only && number == 1);

    auto literal = session.query<Book>().where(col(&Book::title).contains("100%")).all();
    auto nothing = session.query<Book>().where(col(&Book::id).in(std::vector<int>{})).all();
    require(literal.size() == 1 && nothing.empty());

    auto size = case_when(col(&Book::pages) < 150, "thin").else_("thick").label("size");
    auto paid = col(&Book::price) - func::coalesce(col(&Book::discount), Decimal(0));
    for (const auto& [title, how_big, amount] :
         session.execute(select(col(&Book::title), size, paid).order_by(paid.desc())))
        fmt::print("{} is {} and costs {}\n", title, how_big, amount.to_string());

    std::vector<Condition> conditions;
    conditions.push_back(col_by_name<Book>("pages") > 50); // MappingError for other names
    conditions.push_back(col(&Book::price) <= Decimal("20.00"));
    auto found = session.query<Book>().join("author").where(all_of(conditions)).all();
    require(found.size() == 1);

    DynamicSelect report;
    for (const char* name : {"title", "pages"}) report = report.column(col_by_name<Book>(name));
    for (const auto& row : session.execute(report))
        fmt::print("{}: {} pages\n", row.get<std::string>("title"), row.get<int>("pages"));

    auto dearest = session.query<Book>().order_by(stock_value().desc()).first();
    require(stock_value(*dearest) == Decimal("48.00")); // the same formula, in memory
}
