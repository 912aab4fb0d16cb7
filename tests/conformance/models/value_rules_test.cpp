// SPDX-License-Identifier: MIT
// Values on their way to the database: validators, the form in which they are stored, and what is
// for reading alone.
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mapping/introspection.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <string>

using mercator::col;
using mercator::set_attribute;
using mercator::ValidationError;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

struct Invitee;

struct Gathering {
    std::int64_t id{};
    std::string name;
    mercator::Many<Invitee> guests;
    mercator::Many<Invitee> hosts;
};
struct Invitee {
    std::int64_t id{};
    std::string mail;
    std::optional<int> age;
    std::string note;
    std::optional<std::int64_t> party_id;
    std::optional<std::int64_t> hosted_id;
    mercator::One<Gathering> party;
    mercator::One<Gathering> hosted;
    static int validated;
};
int Invitee::validated = 0;

void describe(mercator::Mapping<Gathering>& party) {
    party.column<&Gathering::id>().primary_key();
    party.column<&Gathering::name>(mercator::String(40));
    party.relationship<&Gathering::hosts>()
        .foreign_keys<&Invitee::hosted_id>()
        .back_populates<&Invitee::hosted>()
        .validate(
            [](const Gathering&, const Invitee& guest) {
                if (!guest.age) throw std::invalid_argument("needs an age");
            },
            false);
    party.relationship<&Gathering::guests>()
        .foreign_keys<&Invitee::party_id>()
        .back_populates<&Invitee::party>()
        .validate([](const Gathering& to, const Invitee& guest) {
            if (guest.age && *guest.age < 18 && to.name != "kids")
                throw std::invalid_argument("is for adults");
        });
}
void describe(mercator::Mapping<Invitee>& guest) {
    guest.column<&Invitee::id>().primary_key();
    guest.column<&Invitee::mail>(mercator::String(40)).validate([](std::string& mail) {
        ++Invitee::validated;
        if (mail.find('@') == std::string::npos) throw ValidationError("must contain an @");
        if (mail.ends_with(".")) mail.pop_back();
    });
    guest.column<&Invitee::age>().validate([](int& age) {
        if (age < 0) throw std::out_of_range("must not be negative");
    });
    guest.column<&Invitee::note>(mercator::String(40));
    guest.column<&Invitee::party_id>().references<&Gathering::id>();
    guest.column<&Invitee::hosted_id>().references<&Gathering::id>();
    guest.relationship<&Invitee::party>()
        .foreign_keys<&Invitee::party_id>()
        .back_populates<&Gathering::guests>();
    guest.relationship<&Invitee::hosted>()
        .foreign_keys<&Invitee::hosted_id>()
        .back_populates<&Gathering::hosts>();
}

struct Login {
    std::int64_t id{};
    std::string name;
    std::string mail;
};
void describe(mercator::Mapping<Login>& login) {
    login.column<&Login::id>().primary_key();
    login.column<&Login::name>(mercator::String(40));
    login.column<&Login::mail>(mercator::String(40))
        .stored_as([](std::string& mail) {
            std::transform(mail.begin(), mail.end(), mail.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        })
        .validate([](std::string& mail) {
            if (mail.find('X') != std::string::npos)
                throw std::invalid_argument("was not put into its form");
        });
}

struct ClubFellow {
    std::int64_t id{};
    mercator::Attribute<std::string> mail;
};
void describe(mercator::Mapping<ClubFellow>& member) {
    member.column<&ClubFellow::id>().primary_key();
    member.column<&ClubFellow::mail>(mercator::String(40))
        .stored_as([](std::string& mail) {
            while (mail.starts_with(' ')) mail.erase(0, 1);
        })
        .validate([](std::string& mail) {
            if (mail.find('@') == std::string::npos) throw ValidationError("must contain an @");
        });
}

struct Ledger;
struct LedgerLine {
    std::int64_t id{};
    std::string booked_by;
    std::string text;
    std::int64_t ledger_id{};
    mercator::One<Ledger> ledger;
};
struct Ledger {
    std::int64_t id{};
    mercator::Many<LedgerLine> entries;
};
void describe(mercator::Mapping<Ledger>& ledger) {
    ledger.column<&Ledger::id>().primary_key();
    ledger.relationship<&Ledger::entries>().back_populates<&LedgerLine::ledger>();
}
void describe(mercator::Mapping<LedgerLine>& entry) {
    entry.column<&LedgerLine::id>().primary_key();
    entry.column<&LedgerLine::booked_by>(mercator::String(40)).read_only();
    entry.column<&LedgerLine::text>(mercator::String(40));
    entry.column<&LedgerLine::ledger_id>().references<&Ledger::id>().read_only();
    entry.relationship<&LedgerLine::ledger>().back_populates<&Ledger::entries>();
}

struct Coordinates {
    double x{};
    double y{};
};
void describe(mercator::Mapping<Coordinates>& at) {
    at.column<&Coordinates::x>();
    at.column<&Coordinates::y>().validate([](double& y) {
        if (y < 0) throw std::out_of_range("must not be negative");
    });
}
struct Site {
    std::int64_t id{};
    std::string name;
    std::string opened_by;
    std::string kind;
    Coordinates at;
};
struct Outlet : Site {
    std::string owner;
};
void describe(mercator::Mapping<Site>& site) {
    site.column<&Site::id>().primary_key();
    site.column<&Site::name>(mercator::String(40)).synonym("title").validate([](std::string& name) {
        if (name.empty()) throw std::invalid_argument("must not be empty");
    });
    site.column<&Site::opened_by>(mercator::String(40)).read_only();
    site.column<&Site::kind>(mercator::String(10));
    site.embed<&Site::at>();
    site.polymorphic_on<&Site::kind>().identity("site");
}
void describe(mercator::Mapping<Outlet>& shop) {
    shop.inherits<Site>().table("outlet").identity("outlet");
    shop.column<&Outlet::owner>(mercator::String(40)).stored_as([](std::string& owner) {
        while (owner.starts_with(' ')) owner.erase(0, 1);
    });
}

/// Rows that somebody else makes.
struct EntryReport {
    std::int64_t id{};
    std::string text;
};
void describe(mercator::Mapping<EntryReport>& report) {
    report.table("ledger_line").read_only();
    report.column<&EntryReport::id>().primary_key();
    report.column<&EntryReport::text>(mercator::String(40));
}

} // namespace

TEST_CASE("MOD-37 a validator refuses a new object with class and member, and nothing is added") {
    Backend db;
    db->create_all<Gathering, Invitee>();
    auto session = db->session();
    const SqlLog log(db->engine());
    try {
        session.add(Invitee{.mail = "nobody", .age = -1});
        FAIL("both values are wrong");
    } catch (const ValidationError& error) {
        CHECK(error.class_name() == "Invitee");
        CHECK(error.where() == "Invitee.mail");
        CHECK(error.id() == "Validation");
        REQUIRE(error.fields().size() == 2);
        CHECK(error.fields()[0].reason == "must contain an @");
        CHECK(error.fields()[1].path == "Invitee.age");
        CHECK(std::string(error.what()) ==
              "Invitee.mail: must contain an @; Invitee.age: must not be "
              "negative (nothing was sent)");
    }
    session.commit();
    CHECK(log.count() == 0);
    const auto guest = session.add(Invitee{.mail = "ada@x."});
    CHECK(guest->mail == "ada@x"); // the validator may replace the value
    session.commit();
    CHECK(log.count("INSERT") == 1);
}

TEST_CASE("MOD-37 a changed member is validated before anything is sent, and the session goes on") {
    Backend db;
    db->create_all<Gathering, Invitee>();
    auto session = db->session();
    auto guest = session.add(Invitee{.mail = "ada@x"});
    session.commit();
    const SqlLog log(db->engine());
    guest->mail = "wrong";
    try {
        session.commit();
        FAIL("the value is wrong");
    } catch (const ValidationError& error) {
        CHECK(error.where() == "Invitee.mail");
    }
    CHECK(log.count() == 0);
    CHECK(session.status(guest) == mercator::ObjectStatus::Persistent);
    guest->mail = "grace@x.";
    session.commit();
    CHECK(guest->mail == "grace@x");
    CHECK(log.count("UPDATE") == 1);
    CHECK(db->session().get<Invitee>(guest->id)->mail == "grace@x");
}

TEST_CASE("MOD-37 validators see what is written, and not what was loaded") {
    Backend db;
    db->create_all<Gathering, Invitee>();
    {
        auto session = db->session();
        session.add(Invitee{.mail = "a@x", .age = 20});
        session.add(Invitee{.mail = "b@x"});
        session.commit();
    }
    auto session = db->session();
    auto guests = session.query<Invitee>().all();
    Invitee::validated = 0;
    for (const auto& guest : guests) guest->note = "new";
    session.commit();
    CHECK(Invitee::validated == 0);
    guests.front()->mail = "c@x";
    session.commit();
    CHECK(Invitee::validated == 1);
    guests.back()->mail = "none";
    session.rollback();
    CHECK(Invitee::validated == 1);
}

TEST_CASE("MOD-37 MOD-38 an Attribute is validated and put into its form when it is set") {
    Backend db;
    db->create_all<ClubFellow>();
    auto session = db->session();
    auto member = session.add(ClubFellow{.mail = " ada@x"});
    CHECK(member->mail.get() == "ada@x");
    session.commit();
    try {
        member->mail = "nobody";
        FAIL("the value is wrong");
    } catch (const ValidationError& error) {
        CHECK(error.where() == "ClubFellow.mail");
        CHECK(error.class_name() == "ClubFellow");
    }
    CHECK(member->mail.get() == "ada@x");
    CHECK_THROWS_AS(set_attribute(*member, "mail", "nobody"), ValidationError);
    CHECK(member->mail.get() == "ada@x");
    set_attribute(*member, "mail", " eve@x"); // by its name it is set as by an assignment
    CHECK(member->mail.get() == "eve@x");
    member->mail = "  grace@x";
    CHECK(member->mail.get() == "grace@x");
    int told = 0;
    db->on<ClubFellow>().set<&ClubFellow::mail>(
        [&](ClubFellow&, std::string& mail, const std::string& old) {
            ++told;
            CHECK(old == "grace@x");
            mail += ".org";
        });
    auto other = db->session();
    session.commit();
    const auto seen = other.get<ClubFellow>(member->id);
    set_attribute(*seen, "mail", "mary@x");
    CHECK(seen->mail.get() == "mary@x.org");
    CHECK(told == 1);
    CHECK(db->session().get<ClubFellow>(member->id)->mail.get() == "grace@x");
}

TEST_CASE("MOD-37 a collection refuses a member, on whichever side it is given") {
    Backend db;
    db->create_all<Gathering, Invitee>();
    auto session = db->session();
    auto party = session.add(Gathering{.name = "dance"});
    auto kids = session.add(Gathering{.name = "kids"});
    auto child = session.add(Invitee{.mail = "child@x", .age = 9});
    try {
        party->guests.add(child);
        FAIL("too young");
    } catch (const ValidationError& error) {
        CHECK(error.where() == "Gathering.guests");
        CHECK(error.class_name() == "Gathering");
        CHECK(error.fields().front().reason == "is for adults");
    }
    CHECK(party->guests.empty());
    CHECK_THROWS_AS(child->party = party, ValidationError);
    CHECK_FALSE(child->party);
    CHECK_THROWS_AS(session.add(Invitee{.mail = "b@x", .age = 3, .party = party}), ValidationError);
    // Back references are left to the other side where the description says so.
    auto nobody = session.add(Invitee{.mail = "nobody@x"});
    CHECK_THROWS_AS(party->hosts.add(nobody), ValidationError);
    nobody->hosted = party;
    CHECK(party->hosts.size() == 1);
    session.expunge(nobody);
    kids->guests.add(child);
    session.commit();
    CHECK(session.query<Invitee>().count() == 1);
    CHECK(child->party_id == kids->id);
}

TEST_CASE("MOD-38 a value is put into its form before changes are looked for") {
    Backend db;
    db->create_all<Login>();
    auto session = db->session();
    auto login = session.add(Login{.name = "Ada", .mail = "Ada@X"});
    CHECK(login->mail == "ada@x");
    session.commit();
    const SqlLog log(db->engine());
    login->mail = "ADA@x";
    CHECK_FALSE(session.is_modified(login));
    session.commit();
    CHECK(log.count("UPDATE") == 0);
    CHECK(login->mail == "ada@x");
    login->mail = "LOVELACE@X";
    session.commit();
    CHECK(log.count("UPDATE") == 1);
    CHECK(db->session().get<Login>(login->id)->mail == "lovelace@x");
}

TEST_CASE("MOD-38 what was read in another form is left alone until it is changed") {
    Backend db;
    db->create_all<Login>();
    db.run("INSERT INTO " + db.quoted("login") + " (" + db.quoted("name") + ", " +
           db.quoted("mail") + ") VALUES ('Ada', 'ADA@Y')");
    auto session = db->session();
    auto login = session.query<Login>().one();
    const SqlLog log(db->engine());
    session.commit();
    login->name = "Countess";
    session.commit();
    CHECK(login->mail == "ADA@Y");
    REQUIRE(log.count("UPDATE") == 1);
    CHECK(log.texts("UPDATE").front().find("mail") == std::string::npos);
}

TEST_CASE("MOD-46 a read-only attribute is written with its row and never again") {
    Backend db;
    db->create_all<Ledger, LedgerLine>();
    auto session = db->session();
    auto ledger = session.add(Ledger{});
    auto other = session.add(Ledger{});
    auto entry = session.add(LedgerLine{.booked_by = "ada", .text = "a", .ledger = ledger});
    session.commit();
    CHECK(entry->ledger_id == ledger->id);
    const SqlLog log(db->engine());
    entry->booked_by = "eve";
    entry->text = "b";
    try {
        session.commit();
        FAIL("it is read-only");
    } catch (const mercator::StateError& error) {
        CHECK(error.where() == "LedgerLine.booked_by");
    }
    CHECK(log.count() == 0);
    entry->booked_by = "ada";
    session.commit();
    REQUIRE(log.count("UPDATE") == 1);
    CHECK(log.texts("UPDATE").front().find("booked_by") == std::string::npos);

    entry->ledger = other; // the foreign key is read-only
    CHECK_THROWS_AS(session.commit(), mercator::StateError);
    CHECK(log.count("UPDATE") == 1);
    entry->ledger = ledger;
    session.commit();
    CHECK_THROWS_AS(
        session.query<LedgerLine>().update(mercator::set(&LedgerLine::booked_by, "eve")),
        mercator::StateError);
    CHECK(session.query<LedgerLine>().update(mercator::set(&LedgerLine::text, "c")) == 1);
    CHECK(db->session().get<LedgerLine>(entry->id)->booked_by == "ada");
}

TEST_CASE("MOD-46 objects of a read-only class are neither added, changed nor deleted") {
    Backend db;
    db->create_all<Ledger, LedgerLine>();
    auto session = db->session();
    session.add(LedgerLine{.booked_by = "ada", .text = "a", .ledger = session.add(Ledger{})});
    session.commit();
    const SqlLog log(db->engine());
    const auto refused = [&](auto act) {
        auto reader = db->session();
        const auto report = reader.query<EntryReport>().one();
        act(reader, report);
        try {
            reader.commit();
            FAIL("it is read-only");
        } catch (const mercator::StateError& error) {
            CHECK(error.where() == "EntryReport");
        }
    };
    refused([](auto&, const auto& report) { report->text = "changed"; });
    refused([](auto& reader, const auto& report) { reader.delete_(report); });
    refused([](auto& reader, const auto&) { reader.add(EntryReport{.text = "new"}); });
    auto writer = db->session();
    CHECK_THROWS_AS(writer.query<EntryReport>().update(mercator::set(&EntryReport::text, "c")),
                    mercator::StateError);
    CHECK_THROWS_AS(writer.query<EntryReport>().delete_(), mercator::StateError);
    CHECK(log.count("UPDATE") + log.count("DELETE") + log.count("INSERT") == 0);
}

TEST_CASE("MOD-37 MOD-38 MOD-46 MOD-34 what is said of a class holds for those that inherit it") {
    Backend db;
    db->create_all<Site, Outlet>();
    auto session = db->session();
    Outlet made;
    made.at = {1, 2};
    CHECK_NOTHROW(static_cast<void>(session.add(made)));
    CHECK_THROWS_AS(session.commit(), ValidationError); // it has no name
    session.rollback();
    made.name = "Corner";
    made.opened_by = "ada";
    made.owner = "  Ada";
    const auto shop = session.add(made);
    CHECK(shop->owner == "Ada");
    session.commit();
    shop->at.y = -1;
    try {
        session.commit();
        FAIL("the part is wrong");
    } catch (const ValidationError& error) {
        CHECK(error.class_name() == "Outlet");
        CHECK(error.where() == "Outlet.at.y");
    }
    shop->at.y = 3;
    shop->opened_by = "eve";
    CHECK_THROWS_AS(session.commit(), mercator::StateError);
    shop->opened_by = "ada";
    session.commit();
    CHECK(session.query<Outlet>()
              .where(mercator::composite<Outlet>(&Site::at) == Coordinates{1, 3})
              .count() == 1);
    CHECK(session.query<Outlet>()
              .where(mercator::col_by_name<Outlet, std::string>("title") == "Corner")
              .count() == 1);
}
