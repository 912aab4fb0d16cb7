// SPDX-License-Identifier: MIT
// Values on their way to the database: validators, the form in which they are stored, and what is
// for reading alone.
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <string>

using mercator::col;
using mercator::ValidationError;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

struct Guest;

struct Party {
    std::int64_t id{};
    std::string name;
    mercator::Many<Guest> guests;
};
struct Guest {
    std::int64_t id{};
    std::string mail;
    std::optional<int> age;
    std::string note;
    std::optional<std::int64_t> party_id;
    mercator::One<Party> party;
    static int validated;
};
int Guest::validated = 0;

void describe(mercator::Mapping<Party>& party) {
    party.column<&Party::id>().primary_key();
    party.column<&Party::name>(mercator::String(40));
    party.relationship<&Party::guests>().back_populates<&Guest::party>().validate(
        [](const Party& to, const Guest& guest) {
            if (guest.age && *guest.age < 18 && to.name != "kids")
                throw std::invalid_argument("is for adults");
        });
}
void describe(mercator::Mapping<Guest>& guest) {
    guest.column<&Guest::id>().primary_key();
    guest.column<&Guest::mail>(mercator::String(40)).validate([](std::string& mail) {
        ++Guest::validated;
        if (mail.find('@') == std::string::npos) throw ValidationError("must contain an @");
        if (mail.ends_with(".")) mail.pop_back();
    });
    guest.column<&Guest::age>().validate([](int& age) {
        if (age < 0) throw std::out_of_range("must not be negative");
    });
    guest.column<&Guest::note>(mercator::String(40));
    guest.column<&Guest::party_id>().references<&Party::id>();
    guest.relationship<&Guest::party>().back_populates<&Party::guests>();
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

struct Member {
    std::int64_t id{};
    mercator::Attribute<std::string> mail;
};
void describe(mercator::Mapping<Member>& member) {
    member.column<&Member::id>().primary_key();
    member.column<&Member::mail>(mercator::String(40))
        .stored_as([](std::string& mail) {
            while (mail.starts_with(' ')) mail.erase(0, 1);
        })
        .validate([](std::string& mail) {
            if (mail.find('@') == std::string::npos) throw ValidationError("must contain an @");
        });
}

struct Ledger;
struct Entry {
    std::int64_t id{};
    std::string booked_by;
    std::string text;
    std::int64_t ledger_id{};
    mercator::One<Ledger> ledger;
};
struct Ledger {
    std::int64_t id{};
    mercator::Many<Entry> entries;
};
void describe(mercator::Mapping<Ledger>& ledger) {
    ledger.column<&Ledger::id>().primary_key();
    ledger.relationship<&Ledger::entries>().back_populates<&Entry::ledger>();
}
void describe(mercator::Mapping<Entry>& entry) {
    entry.column<&Entry::id>().primary_key();
    entry.column<&Entry::booked_by>(mercator::String(40)).read_only();
    entry.column<&Entry::text>(mercator::String(40));
    entry.column<&Entry::ledger_id>().references<&Ledger::id>().read_only();
    entry.relationship<&Entry::ledger>().back_populates<&Ledger::entries>();
}

/// Rows that somebody else makes.
struct EntryReport {
    std::int64_t id{};
    std::string text;
};
void describe(mercator::Mapping<EntryReport>& report) {
    report.table("entry").read_only();
    report.column<&EntryReport::id>().primary_key();
    report.column<&EntryReport::text>(mercator::String(40));
}

} // namespace

TEST_CASE("MOD-37 a validator refuses a new object with class and member, and nothing is added") {
    Backend db;
    db->create_all<Party, Guest>();
    auto session = db->session();
    const SqlLog log(db->engine());
    try {
        session.add(Guest{.mail = "nobody", .age = -1});
        FAIL("both values are wrong");
    } catch (const ValidationError& error) {
        CHECK(error.class_name() == "Guest");
        CHECK(error.where() == "Guest.mail");
        CHECK(error.id() == "Validation");
        REQUIRE(error.fields().size() == 2);
        CHECK(error.fields()[0].reason == "must contain an @");
        CHECK(error.fields()[1].path == "Guest.age");
        CHECK(std::string(error.what()) == "Guest.mail: must contain an @; Guest.age: must not be "
                                           "negative (nothing was sent)");
    }
    session.commit();
    CHECK(log.count() == 0);
    const auto guest = session.add(Guest{.mail = "ada@x."});
    CHECK(guest->mail == "ada@x"); // the validator may replace the value
    session.commit();
    CHECK(log.count("INSERT") == 1);
}

TEST_CASE("MOD-37 a changed member is validated before anything is sent, and the session goes on") {
    Backend db;
    db->create_all<Party, Guest>();
    auto session = db->session();
    auto guest = session.add(Guest{.mail = "ada@x"});
    session.commit();
    const SqlLog log(db->engine());
    guest->mail = "wrong";
    try {
        session.commit();
        FAIL("the value is wrong");
    } catch (const ValidationError& error) {
        CHECK(error.where() == "Guest.mail");
    }
    CHECK(log.count() == 0);
    CHECK(session.status(guest) == mercator::ObjectStatus::Persistent);
    guest->mail = "grace@x.";
    session.commit();
    CHECK(guest->mail == "grace@x");
    CHECK(log.count("UPDATE") == 1);
    CHECK(db->session().get<Guest>(guest->id)->mail == "grace@x");
}

TEST_CASE("MOD-37 validators see what is written, and not what was loaded") {
    Backend db;
    db->create_all<Party, Guest>();
    {
        auto session = db->session();
        session.add(Guest{.mail = "a@x", .age = 20});
        session.add(Guest{.mail = "b@x"});
        session.commit();
    }
    auto session = db->session();
    auto guests = session.query<Guest>().all();
    Guest::validated = 0;
    for (const auto& guest : guests) guest->note = "new";
    session.commit();
    CHECK(Guest::validated == 0);
    guests.front()->mail = "c@x";
    session.commit();
    CHECK(Guest::validated == 1);
    guests.back()->mail = "none";
    session.rollback();
    CHECK(Guest::validated == 1);
}

TEST_CASE("MOD-37 MOD-38 an Attribute is validated and put into its form when it is set") {
    Backend db;
    db->create_all<Member>();
    auto session = db->session();
    auto member = session.add(Member{.mail = " ada@x"});
    CHECK(member->mail.get() == "ada@x");
    session.commit();
    try {
        member->mail = "nobody";
        FAIL("the value is wrong");
    } catch (const ValidationError& error) {
        CHECK(error.where() == "Member.mail");
        CHECK(error.class_name() == "Member");
    }
    CHECK(member->mail.get() == "ada@x");
    member->mail = "  grace@x";
    CHECK(member->mail.get() == "grace@x");
    session.commit();
    CHECK(db->session().get<Member>(member->id)->mail.get() == "grace@x");
}

TEST_CASE("MOD-37 a collection refuses a member, on whichever side it is given") {
    Backend db;
    db->create_all<Party, Guest>();
    auto session = db->session();
    auto party = session.add(Party{.name = "dance"});
    auto kids = session.add(Party{.name = "kids"});
    auto child = session.add(Guest{.mail = "child@x", .age = 9});
    try {
        party->guests.add(child);
        FAIL("too young");
    } catch (const ValidationError& error) {
        CHECK(error.where() == "Party.guests");
        CHECK(error.class_name() == "Party");
        CHECK(error.fields().front().reason == "is for adults");
    }
    CHECK(party->guests.empty());
    CHECK_THROWS_AS(child->party = party, ValidationError);
    CHECK_FALSE(child->party);
    CHECK_THROWS_AS(session.add(Guest{.mail = "b@x", .age = 3, .party = party}), ValidationError);
    kids->guests.add(child);
    session.commit();
    CHECK(session.query<Guest>().count() == 1);
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
    db->create_all<Ledger, Entry>();
    auto session = db->session();
    auto ledger = session.add(Ledger{});
    auto other = session.add(Ledger{});
    auto entry = session.add(Entry{.booked_by = "ada", .text = "a", .ledger = ledger});
    session.commit();
    CHECK(entry->ledger_id == ledger->id);
    const SqlLog log(db->engine());
    entry->booked_by = "eve";
    entry->text = "b";
    try {
        session.commit();
        FAIL("it is read-only");
    } catch (const mercator::StateError& error) {
        CHECK(error.where() == "Entry.booked_by");
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
    CHECK_THROWS_AS(session.query<Entry>().update(mercator::set(&Entry::booked_by, "eve")),
                    mercator::StateError);
    CHECK(session.query<Entry>().update(mercator::set(&Entry::text, "c")) == 1);
    CHECK(db->session().get<Entry>(entry->id)->booked_by == "ada");
}

TEST_CASE("MOD-46 objects of a read-only class are neither added, changed nor deleted") {
    Backend db;
    db->create_all<Ledger, Entry>();
    auto session = db->session();
    session.add(Entry{.booked_by = "ada", .text = "a", .ledger = session.add(Ledger{})});
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
