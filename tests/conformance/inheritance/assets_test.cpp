// SPDX-License-Identifier: MIT
// Hierarchies without a version, with discriminators of other types, defaults, links and moving
// keys.
#include "support/backend.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <mercator/mapping/expression.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace assets_test {

enum class Kind { asset, house, castle, boat };

struct Tag;
/// Joined tables over three levels; the discriminator is an enum.
struct Asset {
    std::int64_t id{};
    Kind kind{};
    std::string name;
    std::int32_t edits{};
    Many<Tag> tags;
    virtual ~Asset() = default;
};
/// No objects of its own, but a table.
struct Building : Asset {
    std::int32_t floors{};
    [[nodiscard]] virtual int rooms() const = 0;
};
struct House : Building {
    std::string street;
    std::int32_t rent{};
    [[nodiscard]] int rooms() const override { return 4; }
};
struct Castle : House {
    std::int32_t towers{};
    [[nodiscard]] int rooms() const override { return 90; }
};
struct Boat : Asset {
    std::optional<std::string> harbour;
};
struct Tag {
    std::int64_t id{};
    std::string word;
    Many<Asset> assets;
};

inline const Table asset_tags("asset_tags",
                              Column("asset_id", BigInteger()).references("assets.id"),
                              Column("tag_id", BigInteger()).references("asset_words.id"));

void describe(Mapping<Asset>& asset) {
    asset.table("assets").polymorphic_on<&Asset::kind>().identity(Kind::asset);
    asset.column<&Asset::id>().primary_key();
    asset.column<&Asset::kind>();
    asset.column<&Asset::name>(String(40));
    asset.column<&Asset::edits>().on_update([] { return 1; });
    asset.relationship<&Asset::tags>().secondary(asset_tags).backref<&Tag::assets>();
}
void describe(Mapping<Building>& building) {
    building.inherits<Asset>().table("buildings").polymorphic_abstract();
    building.column<&Building::floors>().default_(2);
}
void describe(Mapping<House>& house) {
    house.inherits<Building>().table("houses").identity(Kind::house);
    house.column<&House::street>(String(40)).unique();
    house.column<&House::rent>().server_default(700);
}
void describe(Mapping<Castle>& castle) {
    castle.inherits<House>().table("castles").identity(Kind::castle);
    castle.column<&Castle::towers>();
}
void describe(Mapping<Boat>& boat) {
    boat.inherits<Asset>().identity(Kind::boat);
    boat.column<&Boat::harbour>(String(40));
}
void describe(Mapping<Tag>& tag) {
    tag.table("asset_words");
    tag.column<&Tag::id>().primary_key();
    tag.column<&Tag::word>(String(20));
}

/// A key that is given, and changes; the joined table follows it.
struct Paper {
    std::string code;
    std::int32_t kind{};
};
struct Contract : Paper {
    std::string party;
};
void describe(Mapping<Paper>& paper) {
    paper.table("papers").polymorphic_on<&Paper::kind>().identity(1);
    paper.column<&Paper::code>(String(20)).primary_key();
    paper.column<&Paper::kind>();
}
void describe(Mapping<Contract>& contract) {
    contract.inherits<Paper>()
        .table("contracts")
        .inherit_key("paper", {.on_update = ReferentialAction::Cascade})
        .identity(2);
    contract.column<&Contract::party>(String(20));
}

/// Told by a condition, not by a column of its own.
struct Account {
    std::int64_t id{};
    std::int32_t limit{};
};
struct Overdraft : Account {
    std::optional<std::string> reason;
};
void describe(Mapping<Account>& account) {
    account.table("accounts_by_limit")
        .polymorphic_on([] { return col(&Account::limit) * 0 + col(&Account::limit); })
        .identity(0);
    account.column<&Account::id>().primary_key();
    account.column<&Account::limit>().name("credit");
}
void describe(Mapping<Overdraft>& overdraft) {
    overdraft.inherits<Account>().identity(500);
    overdraft.column<&Overdraft::reason>(String(20));
}

struct Estate : Backend {
    Estate() {
        database().create_all<Castle, Boat, Tag, Contract, Overdraft>();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::string only(std::string_view table, std::string_view column) {
        const auto found = rows("SELECT " + quoted(column) + " FROM " + quoted(table));
        if (found.size() != 1) return std::to_string(found.size()) + " rows";
        const auto* text = found[0][0].get_if<std::string>();
        return text != nullptr ? *text : display(found[0][0]);
    }
    std::unique_ptr<SqlLog> log;
};

Castle castle(std::string name, std::string street) {
    Castle made;
    made.name = std::move(name);
    made.street = std::move(street);
    made.towers = 3;
    return made;
}

} // namespace assets_test

using namespace assets_test;

TEST_CASE("INH-13 defaults of every level are applied, and what the database makes is read back") {
    Estate estate;
    CHECK(estate->verify().empty());
    Session session = estate->session();
    const auto burg = session.add(castle("Burg", "Hill"));
    const auto twin = session.add(castle("Twin", "Lake"));
    CHECK(burg->kind == Kind::castle);
    session.commit();
    CHECK(burg->floors == 2);
    CHECK(burg->rent == 700);
    CHECK(twin->rent == 700);
    CHECK(burg->id != twin->id);
    session.delete_(twin);
    session.commit();
    CHECK(estate.only("assets", "kind") == "castle");
    CHECK(estate.only("buildings", "floors") == "2");
    CHECK(estate.only("houses", "rent") == "700");
    CHECK(estate.only("castles", "towers") == "3");
    const Mapper& mapper = mapper_of<Castle>();
    CHECK(mapper.parts().size() == 4);
}

TEST_CASE("INH-02 without a version an update writes the one table that it touches") {
    Estate estate;
    Session session = estate->session();
    const auto burg = session.add(castle("Burg", "Hill"));
    const auto hut = session.add(castle("Hut", "Lake"));
    session.commit();
    session.refresh(burg);
    estate.log->clear();
    burg->name = "Fort";
    session.commit();
    REQUIRE_MESSAGE(estate.log->count("UPDATE") == 1, estate.log->dump());
    CHECK(test::mentions(estate.log->texts("UPDATE")[0], "UPDATE assets"));
    CHECK(burg->edits == 1);

    // `edits` is renewed with each update, so the root's table is written, too.
    estate.log->clear();
    burg->towers = 5;
    hut->towers = 6;
    session.commit();
    CHECK_MESSAGE(estate.log->rows("UPDATE") == 4, estate.log->dump());

    const auto boat = session.add(Boat());
    session.commit();
    estate.log->clear();
    boat->harbour = "Kiel";
    session.commit();
    CHECK_MESSAGE(estate.log->count("UPDATE") == 1, estate.log->dump());
}

TEST_CASE("INH-16 a class without objects of its own lies in the middle") {
    Estate estate;
    const Mapper& building = mapper_of<Building>();
    CHECK(building.is_abstract());
    CHECK(building.identity().is_null());
    Session session = estate->session();
    House made;
    made.name = "Home";
    made.street = "Main";
    const std::shared_ptr<Building> home = session.add(std::move(made));
    session.commit();
    CHECK(home->rooms() == 4);
    home->floors = 7;
    session.commit();
    CHECK(estate.only("buildings", "floors") == "7");
    session.delete_(home);
    session.commit();
    CHECK(estate.only("assets", "id") == "0 rows");
}

namespace assets_test {

struct Item {
    std::int64_t id{};
    std::string kind;
};
struct Ware : Item {};
struct Book : Ware {};
void describe(Mapping<Item>& item) {
    item.table("abstract_items").polymorphic_on<&Item::kind>().identity("item");
    item.column<&Item::id>().primary_key();
    item.column<&Item::kind>(String(10));
}
void describe(Mapping<Ware>& ware) {
    ware.inherits<Item>().polymorphic_abstract();
}
void describe(Mapping<Book>& book) {
    book.inherits<Ware>().identity("book");
}

} // namespace assets_test

TEST_CASE("INH-16 an object of a class that is abstract for the database is refused") {
    Backend backend;
    backend->create_all<Book>();
    Session session = backend->session();
    CHECK_THROWS_WITH_AS(session.add(Ware()),
                         doctest::Contains("Ware is polymorphic_abstract(), so it has no objects"),
                         ArgumentError);
    session.add(Book());
    session.add(Item());
    session.commit();
    CHECK(backend.rows("SELECT * FROM " + backend.quoted("abstract_items")).size() == 2);
}

TEST_CASE("INH-17 links lead to any class, from the base's relationship") {
    Estate estate;
    Session session = estate->session();
    const auto old = session.add(Tag{.word = "old"});
    const auto wet = session.add(Tag{.word = "wet"});
    const auto burg = session.add(castle("Burg", "Hill"));
    const auto boat = session.add(Boat());
    old->assets.add(burg);
    old->assets.add(boat);
    boat->tags.add(wet);
    session.commit();
    CHECK(estate.rows("SELECT * FROM " + estate.quoted("asset_tags")).size() == 3);
    CHECK(boat->tags.size() == 2);
    CHECK(burg->tags.size() == 1);
    session.delete_(boat);
    session.commit();
    CHECK(estate.only("asset_tags", "asset_id") == std::to_string(burg->id));
    CHECK(old->assets.size() == 1);
}

TEST_CASE("INH-02 a key that changes is changed in every table") {
    Estate estate;
    Session session = estate->session();
    Contract made;
    made.code = "A-1";
    made.party = "Ada";
    const auto contract = session.add(std::move(made));
    session.commit();
    contract->code = "B-2";
    contract->party = "Bob";
    session.commit();
    CHECK(estate.only("papers", "code") == "B-2");
    CHECK(estate.only("contracts", "paper") == "B-2");
    CHECK(estate.only("contracts", "party") == "Bob");
    contract->party = "Cid";
    session.commit();
    session.delete_(contract);
    session.commit();
    CHECK(estate.only("papers", "code") == "0 rows");
}

TEST_CASE("INH-03 where an expression tells the class, nothing is set") {
    Estate estate;
    Session session = estate->session();
    Overdraft made;
    made.limit = 500;
    made.reason = "trusted";
    session.add(std::move(made));
    session.commit();
    CHECK(estate.only("accounts_by_limit", "credit") == "500");
    CHECK(estate.only("accounts_by_limit", "reason") == "trusted");
}

TEST_CASE("INH-13 a unique value moves from a row that goes to one of another class") {
    Estate estate;
    Session session = estate->session();
    House made;
    made.street = "Main";
    const auto home = session.add(std::move(made));
    session.commit();
    session.delete_(home);
    const auto burg = session.add(castle("Burg", "Main"));
    session.commit();
    CHECK(estate.only("houses", "street") == "Main");

    session.add(castle("Twin", "Main"));
    try {
        session.commit();
        FAIL("two castles in one street");
    } catch (const UniqueViolation& error) {
        CHECK(error.columns() == std::vector<std::string>{"street"});
    }
    session.rollback();
    CHECK(estate.only("assets", "name") == "Burg");
}

TEST_CASE("INH-13 what a flush would do is told for all tables, and merge keeps the class") {
    Estate estate;
    Session session = estate->session();
    const std::shared_ptr<Asset> burg = session.add(castle("Burg", "Hill"));
    CHECK(session.new_objects<Asset>().size() == 1);
    CHECK(session.new_objects<House>().size() == 1);
    CHECK(session.new_objects<Boat>().empty());
    CHECK_FALSE(session.flush_plan().empty());
    CHECK(estate.log->count("INSERT") == 0);
    session.commit();

    Session other = estate->session();
    burg->name = "Fort";
    std::static_pointer_cast<Castle>(burg)->towers = 8;
    const std::shared_ptr<Asset> merged = other.merge(burg);
    CHECK(dynamic_cast<Castle*>(merged.get()) != nullptr);
    other.commit();
    CHECK(estate.only("assets", "name") == "Fort");
    CHECK(estate.only("castles", "towers") == "8");
}

namespace assets_test {

/// Each refers to another, and none can be without: the first to itself.
struct Doc {
    std::int64_t id{};
    std::string kind;
    std::int64_t above_id{};
    One<Doc> above;
};
struct Section : Doc {};
struct Paragraph : Doc {
    std::optional<std::string> words;
};
void describe(Mapping<Doc>& doc) {
    doc.table("docs_above").polymorphic_on<&Doc::kind>().identity("doc");
    doc.column<&Doc::id>().primary_key().autoincrement(false);
    doc.column<&Doc::kind>(String(12));
    doc.column<&Doc::above_id>().references<&Doc::id>();
    doc.relationship<&Doc::above>().remote_side<&Doc::id>();
}
void describe(Mapping<Section>& section) {
    section.inherits<Doc>().identity("section");
}
void describe(Mapping<Paragraph>& paragraph) {
    paragraph.inherits<Doc>().table("paragraphs").identity("paragraph");
    paragraph.column<&Paragraph::words>(String(20));
}

} // namespace assets_test

TEST_CASE(
    "INH-17 INH-13 rows of a hierarchy that cannot do without each other come and go in order") {
    Backend backend;
    backend->create_all<Section, Paragraph>();
    Session session = backend->session();
    const auto root = session.add(Doc{.id = 1, .kind = {}, .above_id = 1, .above = {}});
    session.commit();
    const auto add = [&]<class T>(T object, std::int64_t id) {
        object.id = id;
        return session.add(std::move(object));
    };
    // Each below one of another class, the lowest first.
    const auto low = add(Section(), 5);
    const auto third = add(Paragraph(), 4);
    const auto second = add(Section(), 3);
    const auto first = add(Paragraph(), 2);
    low->above = third;
    third->above = second;
    second->above = first;
    first->above = root;
    session.commit();
    CHECK(low->above_id == 4);
    const SqlLog log(backend->engine());
    for (const std::shared_ptr<Doc>& doc :
         {std::shared_ptr<Doc>(first), std::shared_ptr<Doc>(low), std::shared_ptr<Doc>(second),
          std::shared_ptr<Doc>(third)})
        session.delete_(doc);
    session.commit();
    CHECK_MESSAGE(log.count("UPDATE") == 0, log.dump());
    CHECK(backend.rows("SELECT * FROM " + backend.quoted("docs_above")).size() == 1);
}
