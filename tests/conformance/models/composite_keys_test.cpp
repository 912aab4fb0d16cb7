// SPDX-License-Identifier: MIT
// Keys of several columns, keys that are foreign keys, keys that the program makes, and keys of
// other names than `id`.
#include "backend.hpp"
#include "sql_log.hpp"
#include "sql_text.hpp"

#include <mercator/mapping/key_in.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <array>
#include <tuple>

using mercator::col;
using mercator::key_in;
using mercator::Uuid;
using mercator::test::Backend;
using mercator::test::mentions;
using mercator::test::SqlLog;

namespace {

struct Place {
    std::string row;
    std::int32_t number{};
    std::string guest;
};
void describe(mercator::Mapping<Place>& place) {
    place.column<&Place::row>(mercator::String(5)).primary_key();
    place.column<&Place::number>().primary_key();
    place.column<&Place::guest>(mercator::String(20));
}

struct Measure {
    std::string station;
    mercator::Date day{};
    std::int16_t hour{};
    double value{};
};
void describe(mercator::Mapping<Measure>& measure) {
    measure.table("hourly");
    measure.column<&Measure::station>(mercator::String(20));
    measure.column<&Measure::day>();
    measure.column<&Measure::hour>();
    measure.column<&Measure::value>();
    measure.primary_key<&Measure::station, &Measure::day, &Measure::hour>();
}

// Orders and products, with names of their own for the keys, joined by an association row.
struct Item;
struct Order {
    std::int64_t order_no{};
    std::string customer;
    mercator::Many<Item> items;
};
struct Product {
    std::int64_t product_id{};
    std::string title;
    mercator::Many<Item> items;
};
struct Item {
    std::int64_t order_no{};
    std::int64_t product_id{};
    int quantity = 1;
    mercator::One<Order> order;
    mercator::One<Product> product;
};
void describe(mercator::Mapping<Order>& order) {
    order.table("orders");
    order.column<&Order::order_no>().primary_key();
    order.column<&Order::customer>(mercator::String(20));
    order.relationship<&Order::items>().backref<&Item::order>().cascade_delete();
}
void describe(mercator::Mapping<Product>& product) {
    product.column<&Product::product_id>().primary_key();
    product.column<&Product::title>(mercator::String(20));
    product.relationship<&Product::items>().backref<&Item::product>();
}
void describe(mercator::Mapping<Item>& item) {
    item.table("order_items");
    item.column<&Item::order_no>().primary_key().references<&Order::order_no>();
    item.column<&Item::product_id>().primary_key().references<&Product::product_id>();
    item.column<&Item::quantity>();
}

// A foreign key of two columns, each of which may be NULL.
struct Hold;
struct Ship {
    std::string line;
    std::int32_t number{};
    mercator::Many<Hold> holds;
};
struct Hold {
    std::int64_t hold_id{};
    std::optional<std::string> line;
    std::optional<std::int32_t> number;
    mercator::One<Ship> ship;
};
void describe(mercator::Mapping<Ship>& ship) {
    ship.column<&Ship::line>(mercator::String(10)).primary_key();
    ship.column<&Ship::number>().primary_key();
    ship.relationship<&Ship::holds>().backref<&Hold::ship>();
}
void describe(mercator::Mapping<Hold>& hold) {
    hold.column<&Hold::hold_id>().primary_key();
    hold.column<&Hold::line>(mercator::String(10));
    hold.column<&Hold::number>();
    hold.foreign_key(mercator::members<&Hold::line, &Hold::number>,
                     mercator::members<&Ship::line, &Ship::number>);
}

// Keys that the program makes.
struct Page;
struct Document {
    Uuid uuid;
    std::string title;
    mercator::Many<Page> pages;
};
struct Page {
    Uuid uuid;
    Uuid document_uuid;
    int number{};
    mercator::One<Document> document;
};
void describe(mercator::Mapping<Document>& document) {
    document.column<&Document::uuid>().primary_key().default_factory(mercator::uuid4);
    document.column<&Document::title>(mercator::String(20));
    document.relationship<&Document::pages>().backref<&Page::document>();
}
void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::uuid>().primary_key().default_factory(mercator::uuid4);
    page.column<&Page::document_uuid>().references<&Document::uuid>();
    page.column<&Page::number>();
}

mercator::Date march(unsigned day) {
    return {std::chrono::year(2024), std::chrono::month(3), std::chrono::day(day)};
}

void add_order(Backend& backend) {
    mercator::Session session = backend->session();
    const auto order = session.add(Order{.customer = "Ann"});
    for (const char* title : {"pen", "ink", "pad"}) {
        const auto product = session.add(Product{.title = title});
        const auto item = session.add(Item{.quantity = 2}); // both keys come from its parents
        item->order = order;
        item->product = product;
    }
    session.commit();
}

} // namespace

TEST_CASE("KEY-05 get takes a tuple, and IN takes keys of two and of three columns") {
    Backend backend;
    backend->create_all<Place, Measure>();
    {
        mercator::Session session = backend->session();
        for (const char* row : {"A", "B", "C"}) {
            for (int number = 1; number <= 3; ++number) {
                session.add(
                    Place{.row = row, .number = number, .guest = row + std::to_string(number)});
                session.add(Measure{.station = row,
                                    .day = march(static_cast<unsigned>(number)),
                                    .hour = 7,
                                    .value = number / 2.0});
            }
        }
        session.commit();
    }
    SqlLog log(backend->engine());
    mercator::Session session = backend->session();
    const auto place = session.get<Place>(std::tuple("B", 2));
    REQUIRE(place);
    CHECK(place->guest == "B2");
    CHECK(session.get<Place>(mercator::KeyTuple<&Place::row, &Place::number>("B", 2)) == place);
    CHECK(session.get<Place>("B", 2) == place);
    CHECK(log.count("SELECT") == 1); // the identity map knows it
    CHECK(session.get<Measure>(std::tuple(std::string("C"), march(3), 7))->value == 1.5);
    CHECK(session.get<Place>(std::tuple("B", 9)) == nullptr);
    CHECK_THROWS_AS(static_cast<void>(session.get<Place>(std::tuple("B"))),
                    mercator::ArgumentError);

    const auto two = session.query<Place>()
                         .where(key_in<&Place::row, &Place::number>({{"A", 1}, {"B", 2}, {"C", 9}}))
                         .order_by(col(&Place::row))
                         .all();
    REQUIRE(two.size() == 2);
    CHECK(two[0]->guest == "A1");
    CHECK(two[1] == place);
    std::vector<std::tuple<std::string, mercator::Date, std::int16_t>> keys;
    for (unsigned day = 1; day <= 5; ++day) keys.emplace_back("A", march(day), std::int16_t{7});
    CHECK(session.query<Measure>()
              .where(key_in<&Measure::station, &Measure::day, &Measure::hour>(keys))
              .count() == 3);
    keys.clear();
    CHECK(session.query<Measure>()
              .where(key_in<&Measure::station, &Measure::day, &Measure::hour>(keys))
              .count() == 0);
}

TEST_CASE("KEY-06 an association row takes its key from its parents at the flush") {
    Backend backend;
    backend->create_all<Order, Product, Item>();
    add_order(backend);
    mercator::Session session = backend->session();
    const auto order = session.query<Order>().one();
    REQUIRE(order->items.size() == 3);
    for (const auto& item : order->items) {
        CHECK(item->order_no == order->order_no);
        CHECK(item->product_id == item->product->product_id);
        CHECK(session.get<Item>(order->order_no, item->product_id) == item);
    }
    // Another product for the row: its key changes.
    const auto item = order->items[0];
    const auto brush = session.add(Product{.title = "brush"});
    item->product = brush;
    session.commit();
    CHECK(session.get<Item>(order->order_no, brush->product_id) == item);
    mercator::Session reader = backend->session();
    CHECK(reader.get<Item>(order->order_no, brush->product_id)->quantity == 2);
    CHECK(reader.query<Item>().count() == 3);
    // The same key again in one flush, given by the parents.
    session.delete_(item);
    const auto again = session.add(Item{.quantity = 5});
    again->order = order;
    again->product = brush;
    session.commit();
    CHECK(backend->session().get<Item>(order->order_no, brush->product_id)->quantity == 5);
}

TEST_CASE("KEY-06 deleting a parent deletes the row where the cascade says so, and never empties "
          "its key") {
    Backend backend;
    backend->create_all<Order, Product, Item>();
    add_order(backend);
    mercator::Session session = backend->session();
    const auto pen = session.query<Product>().where(col(&Product::title) == "pen").one();
    session.delete_(pen); // no cascade on this side
    SqlLog log(backend->engine());
    CHECK_THROWS_AS(session.commit(), mercator::Error);
    CHECK(log.count("UPDATE") == 0);
    session.rollback();
    // Taken out of a collection, the row would have no key: found before any SQL.
    const auto order = session.query<Order>().one();
    order->items.remove(order->items[0]);
    log.clear();
    CHECK_THROWS_AS(session.commit(), mercator::NotNullViolation);
    CHECK(log.count("UPDATE") == 0);
    session.rollback();
    session.delete_(session.query<Order>().one());
    session.commit();
    CHECK(session.query<Item>().count() == 0);
    CHECK(session.query<Product>().count() == 3);
}

TEST_CASE(
    "KEY-20 a relationship over a composite foreign key goes by all pairs, and a partial NULL "
    "refers to nothing") {
    Backend backend;
    backend->create_all<Ship, Hold>();
    mercator::Session session = backend->session();
    session.add(Ship{.line = "red", .number = 1});
    session.add(Ship{.line = "red", .number = 2});
    session.add(Ship{.line = "blue", .number = 1});
    session.flush();
    const auto whole = session.add(Hold{.line = "red", .number = 1});
    const auto partial = session.add(Hold{.line = "red"});
    session.add(Hold{.number = 99}); // no ship has it, and none needs to (MATCH SIMPLE)
    session.add(Hold{});
    session.commit();
    session.add(Hold{.line = "blue", .number = 2}); // each half exists, the pair does not
    CHECK_THROWS_AS(session.commit(), mercator::ForeignKeyViolation);
    session.rollback();

    SqlLog log(backend->engine());
    mercator::Session reader = backend->session();
    const auto ship = reader.get<Ship>("red", 1);
    CHECK(ship->holds.size() == 1);
    CHECK(reader.get<Ship>("red", 2)->holds.empty());
    CHECK(reader.get<Ship>("blue", 1)->holds.empty());
    CHECK(reader.get<Hold>(whole->hold_id)->ship == ship);
    const auto half = reader.get<Hold>(partial->hold_id);
    log.clear();
    CHECK(half->ship == nullptr);
    CHECK(log.count() == 0); // NULL in it: nobody needs to be asked
    CHECK(reader.query<Hold>().join<&Hold::ship>().count() == 1);
    const auto texts = [&] {
        log.clear();
        static_cast<void>(
            reader.query<Hold>().join<&Hold::ship>().where(col(&Ship::line) == "red").all());
        return log.texts("SELECT");
    }();
    REQUIRE(texts.size() == 1);
    CHECK(mentions(texts[0], "hold.line = ship.line"));
    CHECK(mentions(texts[0], "hold.number = ship.number"));
    // Both parts are written when a parent is given or taken away.
    half->ship = reader.get<Ship>("blue", 1);
    reader.commit();
    CHECK(half->line == "blue");
    CHECK(half->number == 1);
    half->ship.reset();
    reader.commit();
    const auto stored = backend->session().get<Hold>(partial->hold_id);
    CHECK_FALSE(stored->line.has_value());
    CHECK_FALSE(stored->number.has_value());
}

TEST_CASE("KEY-04 a UUID key is known before the INSERT, so parent and child need no SELECT") {
    Backend backend;
    backend->create_all<Document, Page>();
    SqlLog log(backend->engine());
    mercator::Session session = backend->session();
    const auto document = session.add(Document{.title = "report"});
    for (int number = 1; number <= 3; ++number)
        document->pages.add(session.add(Page{.number = number}));
    CHECK(document->uuid.is_nil()); // it is made by the flush, not before
    session.flush();
    INFO(log.dump());
    CHECK(log.count("INSERT") <= 4);
    CHECK(log.rows("INSERT") == 4);
    CHECK(log.count() == log.count("INSERT"));
    for (const auto& text : log.texts()) CHECK_FALSE(mentions(text, "RETURNING"));
    CHECK_FALSE(document->uuid.is_nil());
    for (const auto& page : document->pages) CHECK(page->document_uuid == document->uuid);
    CHECK(session.get<Document>(document->uuid) == document);
    session.commit();
    const Uuid given("123e4567-e89b-12d3-a456-426614174000");
    session.add(Document{.uuid = given, .title = "own key"});
    session.commit();
    mercator::Session reader = backend->session();
    CHECK(reader.get<Document>(given)->title == "own key");
    const auto found = reader.get<Document>(document->uuid);
    REQUIRE(found);
    CHECK(found->pages.size() == 3);
    CHECK(reader.query<Page>()
              .join<&Page::document>()
              .where(col(&Document::title) == "report")
              .count() == 3);
}

TEST_CASE("KEY-33 nothing assumes that a key is called id") {
    Backend backend;
    backend->create_all<Order, Product, Item, Ship, Hold, Document, Page>();
    add_order(backend);
    SqlLog log(backend->engine());
    mercator::Session session = backend->session();
    const auto pen = session.query<Product>().where(col(&Product::title) == "pen").one();
    CHECK(session.get<Product>(pen->product_id) == pen);
    CHECK(session.get<const Product>(pen->product_id)->title == "pen");
    CHECK(session.get_values<Product>(pen->product_id)->title == "pen");
    pen->title = "pencil";
    session.commit();
    session.refresh(pen);
    CHECK(pen->title == "pencil");
    CHECK(pen->items.size() == 1);
    CHECK(pen->items[0]->order->customer == "Ann");
    CHECK(session.query<Item>()
              .join<&Item::product>()
              .where(col(&Product::title) == "pencil")
              .count() == 1);
    CHECK(session.query<Product>()
              .where(col(&Product::product_id) == pen->product_id)
              .update(mercator::set(&Product::title, "chalk")) == 1);
    CHECK(session.query<Product>().where(col(&Product::title) == "chalk").count() == 1);
    session.delete_(session.query<Order>().one());
    session.delete_(pen);
    session.commit();
    CHECK(session.query<Product>().count() == 2);
    CHECK(session.query<Product>().where(col(&Product::title) == "none").delete_() == 0);
    for (const auto& text : log.texts()) {
        CAPTURE(text);
        CHECK_FALSE(mentions(text, ".id"));
        CHECK_FALSE(mentions(text, "(id"));
        CHECK_FALSE(mentions(text, " id"));
    }
    session.commit();
    // A foreign key without a named column goes to the key, whatever its name.
    mercator::Table note{"note", mercator::Column("note_no", mercator::Integer()).primary_key(),
                         mercator::Column("about", mercator::BigInteger())};
    note.add(mercator::ForeignKey{.columns = {"about"}, .target_table = "product"});
    backend->add(note);
    backend->create_all<>();
    CHECK_THROWS_AS(backend.run("INSERT INTO note (note_no, about) VALUES (1, 987654)"),
                    mercator::ForeignKeyViolation);
}

namespace {

// Two foreign keys that begin with the same column, as where every row belongs to a tenant.
struct Line;
struct Tenant {
    std::int64_t tenant_id{};
    mercator::Many<Line> lines;
};
struct Invoice {
    std::int64_t tenant_id{};
    std::int64_t number{};
    mercator::Many<Line> lines;
};
struct Line {
    std::int64_t line_id{};
    std::int64_t tenant_id{};
    std::int64_t number{};
    mercator::One<Tenant> tenant;
    mercator::One<Invoice> invoice;
};
void describe(mercator::Mapping<Tenant>& tenant) {
    tenant.column<&Tenant::tenant_id>().primary_key();
    tenant.relationship<&Tenant::lines>().backref<&Line::tenant>().cascade_delete();
}
void describe(mercator::Mapping<Invoice>& invoice) {
    invoice.column<&Invoice::tenant_id>().primary_key();
    invoice.column<&Invoice::number>().primary_key();
    invoice.relationship<&Invoice::lines>().backref<&Line::invoice>();
}
void describe(mercator::Mapping<Line>& line) {
    line.column<&Line::line_id>().primary_key();
    line.column<&Line::tenant_id>().references<&Tenant::tenant_id>();
    line.column<&Line::number>();
    line.foreign_key(mercator::members<&Line::tenant_id, &Line::number>,
                     mercator::members<&Invoice::tenant_id, &Invoice::number>,
                     mercator::ForeignKey{.on_delete = mercator::ReferentialAction::Cascade});
}

} // namespace

TEST_CASE("KEY-20 deleting a parent goes by its own foreign key, whatever another that begins with "
          "the same column does") {
    Backend backend;
    backend->create_all<Tenant, Invoice, Line>();
    {
        mercator::Session session = backend->session();
        const auto tenant = session.add(Tenant{});
        session.flush();
        const auto invoice = session.add(Invoice{.tenant_id = tenant->tenant_id, .number = 1});
        for (int i = 0; i < 2; ++i) {
            const auto line = session.add(Line{});
            line->tenant = tenant;
            line->invoice = invoice;
        }
        session.commit();
    }
    SUBCASE("the session deletes the lines of a tenant, which are not loaded") {
        mercator::Session session = backend->session();
        session.delete_(session.query<Tenant>().one());
        session.commit();
        CHECK(session.query<Invoice>().count() == 1);
    }
    SUBCASE("the database deletes those of an invoice") {
        mercator::Session session = backend->session();
        SqlLog log(backend->engine());
        session.delete_(session.query<Invoice>().one());
        session.commit();
        CHECK(log.rows("DELETE") == 1);
        CHECK(session.query<Tenant>().count() == 1);
    }
    CHECK(backend->session().query<Line>().count() == 0);
}
