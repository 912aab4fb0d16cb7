// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/mail.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace mercator;
using namespace fixtures::mail;
using namespace std::chrono_literals;
using test::Backend;

namespace {

const DateTime noon{std::chrono::sys_days{2024y / 2 / 29} + 12h};

/// One letter a day from Ada to Bob, the first at noon of a leap day, each a microsecond later than
/// the day before.
struct PostOffice : Backend {
    PostOffice() {
        database().create_all<Person, Letter>();
        Session session = database().session();
        const auto ada = session.add(Person{.name = "Ada"});
        const auto bob = session.add(Person{.name = "Bob"});
        for (int day = 0; day < 10; ++day) {
            const auto sent = noon + std::chrono::days(day) + std::chrono::microseconds(day);
            const auto letter = session.add(Letter{
                .sent_at = sent, .dated = Date(std::chrono::floor<std::chrono::days>(sent))});
            letter->sender = ada;
            letter->recipient = bob;
        }
        session.commit();
    }
};

} // namespace

TEST_CASE("QRY-06 moments and days are compared by their own types, to the microsecond") {
    PostOffice office;
    Session session = office->session();
    const auto count = [&](const Condition& condition) {
        return session.query<Letter>().where(condition).count();
    };
    const auto sent = col(&Letter::sent_at);
    const auto dated = col(&Letter::dated);
    CHECK(count(sent > noon) == 9);
    CHECK(count(sent >= noon) == 10);
    CHECK(count(sent < noon + 24h) == 1);
    CHECK(count(sent <= noon + 24h + 1us) == 2);
    CHECK(count(sent == noon + 24h + 1us) == 1);
    CHECK(count(sent == noon + 24h) == 0);
    CHECK(count(sent.between(noon + 48h, noon + 96h)) == 2);
    CHECK(count(sent > utc_now() - std::chrono::days(7)) == 0);
    CHECK(count(dated == 2024y / 2 / 29) == 1);
    CHECK(count(dated < 2024y / 3 / 1) == 1);
    CHECK(count(dated >= 2024y / 3 / 1) == 9);
    CHECK(count(dated.in({2024y / 3 / 1, 2024y / 3 / 2})) == 2);
    CHECK(session.query<Letter>().order_by(sent.desc()).first()->sent_at ==
          noon + std::chrono::days(9) + 9us);
}

TEST_CASE("QRY-12 two foreign keys between two tables: choosing one by itself is an error that "
          "lists both") {
    PostOffice office;
    Session session = office->session();
    try {
        static_cast<void>(select(col(&Person::name)).select_from<Person>().join<Letter>());
        FAIL("an ambiguous join was built");
    } catch (const CompileError& error) {
        const std::string text = error.what();
        CHECK(text.find("letters.sender_id") != std::string::npos);
        CHECK(text.find("letters.recipient_id") != std::string::npos);
    }
    CHECK(session.query<Letter>()
              .join<&Letter::sender>()
              .where(col(&Person::name) == "Ada")
              .count() == 10);
    CHECK(session.query<Letter>()
              .join<&Letter::recipient>()
              .where(col(&Person::name) == "Ada")
              .count() == 0);
    const auto letter = session.query<Letter>().first();
    CHECK(letter->sender->name == "Ada");
    CHECK(letter->recipient->name == "Bob");
}

TEST_CASE("a path joins a table once by one way, and refuses a second way to it") {
    PostOffice office;
    Session session = office->session();
    const auto letters = session.query<Letter>();
    const auto to_ada = letters.join("recipient").where(col(&Person::name) == "Ada");
    CHECK(to_ada.count() == 0);
    CHECK(to_ada.join("recipient").count() == 0);
    CHECK_THROWS_AS(static_cast<void>(to_ada.join("sender")), CompileError);
    // A condition of one's own may demand more than the relationship does.
    const auto condition =
        col(&Letter::sender_id) == col(&Person::id) && col(&Person::name) == "Ada";
    CHECK(session.query<Letter>().join<Person>(condition).join("sender").count() == 10);
    CHECK_THROWS_AS(
        static_cast<void>(session.query<Letter>().join<Person>(condition).join("recipient")),
        CompileError);
}
