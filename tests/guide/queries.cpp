// SPDX-License-Identifier: MIT
#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <cstdlib>

using namespace mercator;

namespace {

struct Author;
struct Topic;

struct Book {
    std::int64_t id{};
    std::string title;
    int pages{};
    int copies{};
    Decimal price;
    std::optional<Decimal> discount;
    std::optional<std::int64_t> author_id;
    One<Author> author;
    Many<Topic> topics;
};

struct Country {
    std::int64_t id{};
    std::string name;
};

struct Author {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> country_id;
    One<Country> country;
    Many<Book> books;
};

struct Topic {
    std::int64_t id{};
    std::string name;
};

void describe(Mapping<Country>& country) {
    country.column<&Country::id>().primary_key();
    country.column<&Country::name>(String(60));
}

void describe(Mapping<Topic>& topic) {
    topic.column<&Topic::id>().primary_key();
    topic.column<&Topic::name>(String(60));
}

void describe(Mapping<Author>& author) {
    author.column<&Author::id>().primary_key();
    author.column<&Author::name>(String(80));
    author.column<&Author::country_id>().references<&Country::id>();
    author.relationship<&Author::country>();
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
    book.relationship<&Book::topics>().secondary(
        Table("book_topic", Column("book_id", BigInteger()).references("book.id").primary_key(),
              Column("topic_id", BigInteger()).references("topic.id").primary_key()));
}

constexpr auto stock_value =
    hybrid<Book>([](auto e) { return e(&Book::price) * e(&Book::copies); });

void require(bool condition) {
    if (!condition) std::abort();
}

void fill(Session& session) {
    const auto author = session.add(Author{.name = "Ada"});
    author->country = session.add(Country{.name = "England"});
    const auto notes =
        session.add(Book{.title = "Notes", .pages = 100, .copies = 4, .price = Decimal("12.00")});
    const auto engine = session.add(
        Book{.title = "100% Engine", .pages = 300, .copies = 1, .price = Decimal("30.00")});
    notes->author = author;
    engine->author = author;
    engine->topics.add(session.add(Topic{.name = "mathematics"}));
    session.commit();
}

void related_rows(Session& session) {
    auto long_writers =
        session.query<Author>().where(rel(&Author::books).any(col(&Book::pages) > 200)).all();
    auto idle = session.query<Author>().where(!rel(&Author::books).any()).all();
    auto of_ada = session.query<Book>().where(rel(&Book::author).has(col(&Author::name) == "Ada"));
    auto on_maths =
        session.query<Author>()
            .where(
                rel(&Author::books).any(rel(&Book::topics).any(col(&Topic::name) == "mathematics")))
            .all();
    require(long_writers.size() == 1 && idle.empty() && of_ada.count() == 2);
    require(on_maths == long_writers);
}

void compared_with_objects(Session& session) {
    auto ada = session.query<Author>().where(col(&Author::name) == "Ada").one();
    auto bob = session.add(Author{.name = "Bob"});
    auto maths = session.query<Topic>().one();

    auto hers = session.query<Book>().where(rel(&Book::author) == ada).all();
    auto others = session.query<Book>().where(rel(&Book::author) != ada).all(); // nobody's as well
    auto orphans = session.query<Book>().where(rel(&Book::author) == nullptr).all();
    auto of_both = session.query<Book>().where(rel(&Book::author).in({ada, bob})).all();
    auto tagged = session.query<Book>().where(rel(&Book::topics).contains(maths)).all();
    require(hers.size() == 2 && others.empty() && orphans.empty());
    require(of_both.size() == 2 && tagged.size() == 1);
}

void paths(Session& session) {
    const auto writer = rel(&Book::author).col(&Author::name);
    auto by_writer = session.query<Book>().where(writer == "Ada").order_by(writer).all();
    auto english = session.query<Book>().where(
        rel(&Book::author).rel(&Author::country).col(&Country::name) == "England");
    for (const auto& [name, books] :
         session.execute(select(writer, func::count(col(&Book::id))).group_by(writer)))
        fmt::print("{}: {}\n", name.value_or("nobody"), books);
    require(by_writer.size() == 2 && english.count() == 2);

    auto sorted = session.query<Book>().order_by(path<Book>("author.country.name")).all();
    require(sorted.size() == 2);
}

void pages(Session& session) {
    auto list = session.query<Book>().order_by(col(&Book::title).asc());
    auto page = list.paginate({.page = 1, .per_page = 1});
    for (const auto& book : page.items) fmt::print("{}\n", book->title);
    fmt::print("page {} of {}, {} books\n", page.page, page.pages().value(), page.total.value());
    for (const auto& number : page.iter_pages()) // 1 2 … 5 6 7 8 … 19 20
        fmt::print("{} ", number ? fmt::to_string(*number) : "…");
    require(page.has_next && page.next_page() == 2);

    auto newest = session.query<Book>().order_by(col(&Book::pages).desc());
    auto some = newest.keyset({.per_page = 1});
    auto more = newest.keyset({.per_page = 1, .after = some.next}); // some.next is text for a URL
    auto back = newest.keyset({.per_page = 1, .before = more.previous});
    require(back.items == some.items && back.previous.empty());
}

} // namespace

int main() {
    Database db("sqlite://");
    db.create_all<Author, Book, Country, Topic>();
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

    related_rows(session);
    compared_with_objects(session);
    paths(session);
    pages(session);
}
