// SPDX-License-Identifier: MIT
// Structs as members: several columns that are one value; and second names of columns.
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <string>

using mercator::col;
using mercator::col_by_name;
using mercator::composite;
using mercator::Decimal;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

struct Amount {
    Decimal amount;
    std::string currency;
    friend bool operator==(const Amount&, const Amount&) = default;
    friend auto operator<=>(const Amount&, const Amount&) = default;
};
void describe(mercator::Mapping<Amount>& price) {
    price.column<&Amount::amount>(mercator::Numeric(12, 2));
    price.column<&Amount::currency>(mercator::String(3));
}

struct Receipt {
    std::int64_t id{};
    Amount total;
    Amount paid;
};
void describe(mercator::Mapping<Receipt>& invoice) {
    invoice.column<&Receipt::id>().primary_key();
    invoice.embed<&Receipt::total>();
    invoice.embed<&Receipt::paid>("paid_");
}

struct GeoPoint {
    double x{};
    double y{};
};
void describe(mercator::Mapping<GeoPoint>& point) {
    point.column<&GeoPoint::x>();
    point.column<&GeoPoint::y>();
}
struct StreetAddress {
    std::string street;
    std::optional<std::string> city;
    GeoPoint at;
};
void describe(mercator::Mapping<StreetAddress>& address) {
    address.column<&StreetAddress::street>(mercator::String(40));
    address.column<&StreetAddress::city>(mercator::String(40)).name("town");
    address.embed<&StreetAddress::at>("geo_");
}
struct Resident {
    std::int64_t id{};
    StreetAddress home;
    StreetAddress work;
};
void describe(mercator::Mapping<Resident>& resident) {
    resident.column<&Resident::id>().primary_key();
    resident.embed<&Resident::home>("home_");
    resident.embed<&Resident::work>("work_");
}

struct Lodger {
    std::int64_t id{};
    StreetAddress home;
    StreetAddress work;
};
void describe(mercator::Mapping<Lodger>& lodger) {
    lodger.column<&Lodger::id>().primary_key();
    lodger.embed<&Lodger::home>("");
    lodger.embed<&Lodger::work>("");
}

struct Mailbox {
    std::int64_t id{};
    std::string address;
    /// The member's former name, for code that still has it.
    static constexpr auto mail = &Mailbox::address;
};
void describe(mercator::Mapping<Mailbox>& mailbox) {
    mailbox.column<&Mailbox::id>().primary_key();
    mailbox.column<&Mailbox::address>(mercator::String(40)).synonym("mail");
}

Amount euro(const char* amount) {
    return {Decimal(amount), "EUR"};
}

void add_invoices(mercator::Session& session) {
    session.add(Receipt{.total = {Decimal("20.00"), "EUR"}, .paid = euro("20")});
    session.add(Receipt{.total = {Decimal("5.00"), "USD"}, .paid = euro("0")});
    session.add(Receipt{.total = {Decimal("5.00"), "EUR"}, .paid = euro("5")});
    session.add(Receipt{.total = {Decimal("20.00"), "CHF"}, .paid = euro("1")});
    session.commit();
}

template <class Query>
std::string totals(Query query) {
    std::string text;
    for (const auto& invoice : query.all())
        text += invoice->total.amount.to_string() + invoice->total.currency + " ";
    return text;
}

} // namespace

TEST_CASE("MOD-34 a value over two columns compares, orders and filters as one") {
    Backend db;
    db->create_all<Receipt>();
    auto session = db->session();
    add_invoices(session);
    const auto total = composite(&Receipt::total);
    const auto query = session.query<Receipt>().order_by(total.asc());
    CHECK(totals(query) == "5.00EUR 5.00USD 20.00CHF 20.00EUR ");
    CHECK(totals(session.query<Receipt>().order_by(total.desc())) ==
          "20.00EUR 20.00CHF 5.00USD 5.00EUR ");
    CHECK(totals(query.where(total == euro("5"))) == "5.00EUR ");
    CHECK(totals(query.where(total != euro("5"))) == "5.00USD 20.00CHF 20.00EUR ");
    CHECK(totals(query.where(total < Amount{Decimal("20"), "CHF"})) == "5.00EUR 5.00USD ");
    CHECK(totals(query.where(total <= Amount{Decimal("20"), "CHF"})) ==
          "5.00EUR 5.00USD 20.00CHF ");
    CHECK(totals(query.where(total > Amount{Decimal("5"), "EUR"})) == "5.00USD 20.00CHF 20.00EUR ");
    CHECK(totals(query.where(total >= Amount{Decimal("20"), "EUR"})) == "20.00EUR ");
    CHECK(totals(query.where(total.in({euro("20"), euro("7")}))) == "20.00EUR ");
    CHECK(totals(query.where(total == composite(&Receipt::paid))) == "5.00EUR 20.00EUR ");
    CHECK(totals(query.where(total.part(&Amount::currency) == "USD")) == "5.00USD ");
    const auto other = mercator::alias<Receipt>("other");
    const auto pairs = session.execute(mercator::select(other.col(&Receipt::id))
                                           .where(composite(other, &Receipt::total) > euro("5"))
                                           .order_by(other.col(&Receipt::id).asc()));
    CHECK(pairs.all().size() == 3);
}

TEST_CASE("MOD-34 the order of the database is that of the struct") {
    Backend db;
    db->create_all<Receipt>();
    auto session = db->session();
    add_invoices(session);
    const auto sorted = session.query<Receipt>().order_by(composite(&Receipt::total).asc()).all();
    for (std::size_t i = 1; i < sorted.size(); ++i) CHECK(sorted[i - 1]->total < sorted[i]->total);
}

TEST_CASE("MOD-34 assigning the value writes all of its columns that differ") {
    Backend db;
    db->create_all<Receipt>();
    auto session = db->session();
    auto invoice = session.add(Receipt{.total = euro("20"), .paid = euro("0")});
    session.commit();
    const SqlLog log(db->engine());
    invoice->total = Amount{Decimal("7.50"), "CHF"};
    CHECK(session.is_modified(invoice));
    session.commit();
    REQUIRE(log.count("UPDATE") == 1);
    const std::string update = log.texts("UPDATE").front();
    CHECK(update.find("total_amount") != std::string::npos);
    CHECK(update.find("total_currency") != std::string::npos);
    CHECK(update.find("paid_") == std::string::npos);
    const auto read = db->session().get<Receipt>(invoice->id);
    CHECK(read->total == Amount{Decimal("7.50"), "CHF"});
    CHECK(read->paid == euro("0"));
}

TEST_CASE("MOD-34 a part that is absent is equal to one that is absent") {
    Backend db;
    db->create_all<Resident>();
    auto session = db->session();
    session.add(
        Resident{.home = {"Main St", std::nullopt, {}}, .work = {"Main St", std::nullopt, {}}});
    session.add(Resident{.home = {"Main St", "Bonn", {}}, .work = {"Main St", std::nullopt, {}}});
    session.commit();
    const auto home = composite(&Resident::home);
    const auto work = composite(&Resident::work);
    CHECK(session.query<Resident>().where(home == StreetAddress{"Main St", {}, {}}).count() == 1);
    CHECK(session.query<Resident>().where(home != StreetAddress{"Main St", {}, {}}).count() == 1);
    CHECK(session.query<Resident>().where(home == StreetAddress{"Main St", "Bonn", {}}).count() ==
          1);
    CHECK(session.query<Resident>().where(home != StreetAddress{"Main St", "Bonn", {}}).count() ==
          1);
    CHECK(session.query<Resident>().where(home == work).count() == 1);
    CHECK(session.query<Resident>().where(home != work).count() == 1);
    CHECK(session.query<Resident>().where(home.is_null()).count() == 0);
    CHECK(session.query<Resident>().where(work.is_not_null()).count() == 2);
}

TEST_CASE("MOD-43 a struct is embedded twice under two prefixes, its own structs included") {
    Backend db;
    db->create_all<Resident>();
    auto session = db->session();
    session.add(Resident{.home = {"Main St", "Bonn", {1.5, 2.5}}, .work = {"Wall St", {}, {3, 4}}});
    session.commit();
    auto other = db->session();
    const auto read = other.query<Resident>()
                          .where(composite(&Resident::home).part(&StreetAddress::city) == "Bonn")
                          .one();
    CHECK(read->home.street == "Main St");
    CHECK(read->home.at.y == 2.5);
    CHECK(read->work.street == "Wall St");
    CHECK_FALSE(read->work.city);
    CHECK(read->work.at.x == 3);
    const mercator::Table& table = *db->metadata().find("resident");
    CHECK(table.find_column("home_town") != nullptr);
    CHECK(table.find_column("work_geo_y") != nullptr);
    CHECK(table.columns.size() == 9);
    const SqlLog log(db->engine());
    read->work.at.x = 30;
    other.commit();
    REQUIRE(log.count("UPDATE") == 1);
    CHECK(log.texts("UPDATE").front().find("work_geo_x") != std::string::npos);
    CHECK(log.texts("UPDATE").front().find("home_") == std::string::npos);
    CHECK(
        other.query<Resident>().where(col_by_name<Resident, double>("work.at.x") == 30.0).count() ==
        1);
}

TEST_CASE("MOD-43 the same struct twice under one prefix is refused, and told how to mend it") {
    Backend db;
    try {
        db->map<Lodger>();
        FAIL("two columns have one name");
    } catch (const mercator::MappingError& error) {
        CHECK(error.where() == "Lodger.work");
        CHECK(std::string(error.what()).find("embed<&Lodger::work>(\"work_\")") !=
              std::string::npos);
    }
}

TEST_CASE("MOD-35 the old and the new name of a member are one") {
    Backend db;
    db->create_all<Mailbox>();
    auto session = db->session();
    auto box = session.add(Mailbox{.address = "a@x"});
    session.commit();
    (*box).*Mailbox::mail = "b@x"; // the old name writes what the new one reads
    CHECK(box->address == "b@x");
    session.commit();
    CHECK(session.query<Mailbox>().where(col(Mailbox::mail) == "b@x").count() == 1);
    CHECK(session.query<Mailbox>().where(col(&Mailbox::address) == "b@x").count() == 1);
    CHECK(session.query<Mailbox>()
              .where(col_by_name<Mailbox, std::string>("mail") == "b@x")
              .count() == 1);
    CHECK(db->metadata().find("mailbox")->columns.size() == 2);
}
