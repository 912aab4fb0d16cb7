// SPDX-License-Identifier: MIT
// Collections of classes: their rule for table names, and what may not cross from one to another.
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace mercator;

namespace {

const Registry plural_shop("plural shop", PluralNames());

struct ProductCategory {
    std::int64_t id{};
};
struct GiftBox {
    std::int64_t id{};
    std::int64_t category_id{};
};
struct NamedItself {
    std::int64_t id{};
};
void describe(Mapping<ProductCategory>& category) {
    category.registry(plural_shop);
    category.column<&ProductCategory::id>().primary_key();
}
void describe(Mapping<GiftBox>& box) {
    box.column<&GiftBox::id>().primary_key();
    box.column<&GiftBox::category_id>().references<&ProductCategory::id>();
    box.registry(plural_shop); // after the columns as well
}
void describe(Mapping<NamedItself>& itself) {
    itself.table("by_hand").registry(plural_shop);
    itself.column<&NamedItself::id>().primary_key();
}

namespace ledger {
const Registry books("ledger");
struct Account;
struct Booking {
    std::int64_t id{};
    std::int64_t account_id{};
    One<Account> account;
};
struct Account {
    std::int64_t id{};
    Many<Booking> bookings;
};
void describe(Mapping<Booking>& booking) {
    booking.registry(books);
    booking.column<&Booking::id>().primary_key();
    booking.column<&Booking::account_id>().references<&Account::id>();
    booking.relationship<&Booking::account>().back_populates<&Account::bookings>();
}
void describe(Mapping<Account>& account) {
    account.registry(books);
    account.column<&Account::id>().primary_key();
    account.relationship<&Account::bookings>().back_populates<&Booking::account>();
}
} // namespace ledger

namespace portal {
const Registry web("portal");
struct Account {
    std::int64_t id{};
    std::string login;
};
void describe(Mapping<Account>& account) {
    account.registry(web);
    account.column<&Account::id>().primary_key();
    account.column<&Account::login>(String(40));
}
struct Passerby {
    std::int64_t id{};
    std::int64_t account_id{};
    One<ledger::Account> account;
};
void describe(Mapping<Passerby>& stranger) {
    stranger.registry(web);
    stranger.column<&Passerby::id>().primary_key();
    stranger.column<&Passerby::account_id>().references<&ledger::Account::id>();
    stranger.relationship<&Passerby::account>();
}
struct Homeless {
    std::int64_t id{};
    std::int64_t account_id{};
    One<Account> account;
};
void describe(Mapping<Homeless>& homeless) {
    homeless.column<&Homeless::id>().primary_key();
    homeless.column<&Homeless::account_id>().references<&Account::id>();
    homeless.relationship<&Homeless::account>();
}
} // namespace portal

struct Noted {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> twin_id;
    One<Noted> twin;
};
void describe(Mapping<Noted>& noted) {
    noted.info("export", true);
    noted.column<&Noted::id>().primary_key();
    noted.column<&Noted::name>(String(40)).info("label", "Name").info("order", 2);
    noted.column<&Noted::twin_id>().references<&Noted::id>();
    noted.relationship<&Noted::twin>().remote_side<&Noted::id>().info("label", "Twin");
}

std::string wrong(auto map) {
    try {
        Database database("ansi://");
        map(database);
    } catch (const MappingError& error) {
        return error.where() + "|" + error.what();
    }
    return "accepted";
}

bool mentions(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("MOD-06 plural names follow the endings of English, and a table of what does not") {
    PluralNames names;
    for (const auto& [singular, plural] :
         std::initializer_list<std::pair<const char*, const char*>>{
             {"product", "products"},
             {"category", "categories"},
             {"box", "boxes"},
             {"bus", "buses"},
             {"branch", "branches"},
             {"wish", "wishes"},
             {"day", "days"},
             {"person", "people"},
             {"child", "children"},
             {"series", "series"},
             {"order_box", "order_boxes"},
             {"contact_person", "contact_people"}})
        CHECK(names.plural_of(singular) == plural);
    CHECK(names("UserProfile") == "user_profiles");
    CHECK(names("HTTPProxy") == "http_proxies");
    names.irregular("mongoose", "mongooses").irregular("person", "persons");
    CHECK(names.plural_of("mongoose") == "mongooses");
    CHECK(names.plural_of("person") == "persons");
    CHECK(names("ContactPerson") == "contact_persons");
}

TEST_CASE("MOD-06 the rule is the registry's, off elsewhere, and behind a name that is given") {
    Database database("ansi://");
    const auto statements = database.create_all_sql<ProductCategory, GiftBox, NamedItself, Noted>();
    CHECK(mapper_of<ProductCategory>().table().name == "product_categories");
    CHECK(mapper_of<GiftBox>().table().name == "gift_boxes");
    CHECK(mapper_of<NamedItself>().table().name == "by_hand");
    CHECK(mapper_of<Noted>().table().name == "noted");
    CHECK(mapper_of<GiftBox>().table().foreign_keys.front().target_table == "product_categories");
    CHECK(col(&GiftBox::id).node() != nullptr);
    CHECK(statements.size() == 4);
}

TEST_CASE("MOD-41 two registries have classes and tables of one name, each in its database") {
    Database books("ansi://");
    Database web("ansi://");
    CHECK(books.create_all_sql<ledger::Account, ledger::Booking>().size() == 2);
    CHECK(web.create_all_sql<portal::Account>().size() == 1);
    CHECK(books.metadata().find("account")->columns.size() == 1);
    CHECK(web.metadata().find("account")->columns.size() == 2);
    CHECK(mapper_of<ledger::Account>().registry() == &ledger::books);
    CHECK(mapper_of<portal::Account>().registry() == &portal::web);
    // In one database they are in each other's way, and that is said.
    CHECK(mentions(wrong([](Database& one) { one.map<ledger::Account, portal::Account>(); }),
                   "both mapped to the table account"));
}

TEST_CASE("MOD-41 a relationship does not lead from one registry to another") {
    for (int attempt = 0; attempt < 2; ++attempt) {
        const std::string text = wrong([](Database& one) { one.map<portal::Passerby>(); });
        CHECK(text.starts_with("Passerby.account|"));
        CHECK(mentions(text, "the registry portal"));
        CHECK(mentions(text, "the registry ledger"));
    }
    CHECK(mentions(wrong([](Database& one) { one.map<portal::Homeless>(); }), "no registry"));
}

TEST_CASE("MOD-42 notes on tables, columns and relationships are kept with them") {
    Database database("ansi://");
    database.map<Noted>();
    const Table& table = *database.metadata().find("noted");
    REQUIRE(table.info.find("export") != nullptr);
    CHECK(*table.info.find("export") == Value(true));
    const Table copy = table;
    CHECK(*copy.column("name").info.find("label") == Value("Name"));
    CHECK(*copy.column("name").info.find("order") == Value(2));
    CHECK(copy.column("name").info.find("other") == nullptr);
    CHECK(copy.column("id").info.empty());
    const Relationship& twin = *mapper_of<Noted>().find_relationship("twin");
    CHECK(*twin.info.find("label") == Value("Twin"));

    // A naming convention makes a table of its own.
    Database named("ansi://");
    named.set_naming_convention({});
    named.map<Noted>();
    CHECK(*named.metadata().find("noted")->column("name").info.find("label") == Value("Name"));
}

TEST_CASE("MOD-42 notes survive when a description is completed by what is in the database") {
    Table described("stock", Column("id", BigInteger()).primary_key(), Column("name", String(40)));
    described.info.set("export", true);
    described.columns[1].info.set("label", "Name");
    Table found("stock", Column("id", BigInteger()).primary_key(), Column("name", Text()),
                Column("added", DateTime()));
    found.columns[1].info.set("label", "as found").set("source", "legacy");
    found.columns[2].comment("when it came");
    found.comment = "all that is there";
    found.uniques.push_back({"uq", {"name"}});
    const Table whole = described.completed_by(found);
    REQUIRE(whole.columns.size() == 3);
    CHECK(whole.columns[1].type == String(40)); // as described
    CHECK(*whole.columns[1].info.find("label") == Value("Name"));
    CHECK(*whole.columns[1].info.find("source") == Value("legacy"));
    CHECK(whole.columns[2].comment_text == "when it came");
    CHECK(*whole.info.find("export") == Value(true));
    CHECK(whole.comment == "all that is there");
    CHECK(whole.uniques.size() == 1);
}
