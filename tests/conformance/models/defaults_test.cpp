// SPDX-License-Identifier: MIT
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <set>

using mercator::col;
using mercator::DateTime;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

std::atomic<int> calls{0};

struct Account {
    std::int64_t id{};
    std::string role;
    bool is_admin{};
    bool active = true;
    std::optional<bool> newsletter;
    std::optional<std::string> greeting = "unset";
    int serial{};
    std::string token;
    int quota{};
    DateTime created_at{};
    DateTime updated_at{};
    std::optional<int> touched;
};

void describe(mercator::Mapping<Account>& account) {
    account.column<&Account::id>().primary_key();
    account.column<&Account::role>(mercator::String(20)).default_("user");
    account.column<&Account::is_admin>();
    account.column<&Account::active>();
    account.column<&Account::newsletter>().default_(true);
    account.column<&Account::greeting>(mercator::String(20)).default_("hello").sentinel("unset");
    account.column<&Account::serial>().default_factory([] { return ++calls; });
    account.column<&Account::token>(mercator::String(60))
        .default_factory(&Account::token, [](const Account& self) {
            return self.role + "-" + std::to_string(self.quota);
        });
    account.column<&Account::quota>().server_default(25);
    account.column<&Account::created_at>().server_default(mercator::func::now());
    account.column<&Account::updated_at>()
        .default_factory(mercator::utc_now)
        .on_update(mercator::utc_now);
    account.column<&Account::touched>().on_update([] { return ++calls; });
}

/// Only what the database makes.
struct Made {
    std::int64_t id{};
    std::optional<std::string> colour;
    int amount{};
};
void describe(mercator::Mapping<Made>& made) {
    made.column<&Made::id>().primary_key();
    made.column<&Made::colour>(mercator::String(20)).server_default("it's red");
    made.column<&Made::amount>().server_default(-3);
}

} // namespace

TEST_CASE("MOD-14 a default applies only where the member was never set") {
    Backend backend;
    backend->create_all<Account>();
    mercator::Session session = backend->session();
    const auto plain = session.add(Account{});
    const auto given = session.add(Account{.role = "owner", .newsletter = false, .greeting = "hi"});
    session.commit();
    CHECK(plain->role == "user");
    CHECK(plain->newsletter == true);
    CHECK(plain->greeting == "hello");
    CHECK(given->role == "owner");
    CHECK(given->newsletter == false);
    CHECK(given->greeting == "hi");
    mercator::Session reader = backend->session();
    CHECK(reader.get<Account>(plain->id)->role == "user");
    CHECK(reader.get<Account>(given->id)->newsletter == false);
}

TEST_CASE("MOD-14 an explicit NULL is kept and not replaced by the default") {
    Backend backend;
    backend->create_all<Account>();
    mercator::Session session = backend->session();
    const auto account = session.add(Account{.greeting = std::nullopt});
    session.commit();
    CHECK_FALSE(account->greeting.has_value());
    mercator::Session reader = backend->session();
    CHECK_FALSE(reader.get<Account>(account->id)->greeting.has_value());
    CHECK(reader.query<Account>().where(col(&Account::greeting).is_null()).count() == 1);
}

TEST_CASE("MOD-15 a callable runs once per inserted row, and never when rows are loaded") {
    Backend backend;
    backend->create_all<Account>();
    const int before = calls;
    {
        mercator::Session session = backend->session();
        for (int i = 0; i < 1'000; ++i) session.add(Account{.touched = 0});
        session.commit();
        CHECK(calls - before == 1'000);
    }
    mercator::Session session = backend->session();
    std::set<int> serials;
    for (const auto& account : session.query<Account>().all()) serials.insert(account->serial);
    CHECK(serials.size() == 1'000);
    static_cast<void>(session.query<Account>().values());
    static_cast<void>(session.query<const Account>().all());
    session.commit();
    CHECK(calls - before == 1'000);
}

TEST_CASE("MOD-15 a failed flush that is tried again gives each row one value") {
    Backend backend;
    backend->create_all<Account>();
    mercator::Session session = backend->session();
    const auto account = session.add(Account{.role = "far longer than its twenty letters"});
    CHECK_THROWS_AS(session.commit(), mercator::DataError);
    account->role = "short";
    session.commit();
    CHECK(backend->session().query<Account>().one()->serial == account->serial);
}

TEST_CASE("MOD-16 a lambda as default may look at the other members of its row") {
    Backend backend;
    backend->create_all<Account>();
    mercator::Session session = backend->session();
    const auto one = session.add(Account{.role = "one", .quota = 1});
    const auto two = session.add(Account{.role = "two", .quota = 2});
    session.commit();
    CHECK(one->token == "one-1");
    CHECK(two->token == "two-2");
    CHECK(backend->session().get<Account>(two->id)->token == "two-2");
}

TEST_CASE("MOD-18 what the database makes is in the object after the flush") {
    Backend backend;
    backend->create_all<Made>();
    SqlLog log(backend->engine());
    mercator::Session session = backend->session();
    const auto made = session.add(Made{});
    session.flush();
    INFO(log.dump());
    CHECK(made->colour == "it's red");
    CHECK(made->amount == -3);
    CHECK(log.count("INSERT") == 1);
    CHECK(log.count() <= (backend.can().insert_returning ? 1U : 2U));
    CHECK(log.texts("INSERT").front().find("VALUES (?") ==
          std::string::npos); // nothing of ours was sent
    CHECK_FALSE(session.is_dirty());
    session.commit();
    const auto found = backend->session().query<Made>().one();
    CHECK(found->colour == "it's red");
    CHECK(found->amount == -3);
}

TEST_CASE("MOD-18 rows of one flush each get what the database made for them") {
    Backend backend;
    backend->create_all<Made>();
    mercator::Session session = backend->session();
    std::vector<std::shared_ptr<Made>> all;
    for (int i = 0; i < 50; ++i) all.push_back(session.add(Made{.amount = i % 3}));
    session.commit();
    mercator::Session reader = backend->session();
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(all[i]->amount == (i % 3 == 0 ? -3 : static_cast<int>(i % 3)));
        const auto found = reader.get<Made>(all[i]->id);
        REQUIRE(found);
        CHECK(found->amount == all[i]->amount);
        CHECK(found->colour == "it's red");
    }
}

TEST_CASE("MOD-18 the database's clock as a default is read back") {
    Backend backend;
    backend->create_all<Account>();
    mercator::Session session = backend->session();
    const auto account = session.add(Account{});
    session.commit();
    CHECK(std::chrono::abs(account->created_at - mercator::utc_now()) < std::chrono::minutes(5));
    CHECK(account->quota == 25);
    CHECK(backend->session().query<Account>().one()->created_at == account->created_at);
}

TEST_CASE("MOD-18 the DEFAULT stands in the schema, for rows that others insert") {
    Backend backend;
    backend->create_all<Made>();
    backend.run("INSERT INTO " + backend.quoted("made") + " (" + backend.quoted("id") +
                ") VALUES (41)");
    const auto found = backend->session().get<Made>(41);
    REQUIRE(found);
    CHECK(found->colour == "it's red");
    CHECK(found->amount == -3);
}

TEST_CASE("MOD-20 an update of another column writes the on_update value, and a flush without "
          "changes nothing") {
    Backend backend;
    backend->create_all<Account>();
    SqlLog log(backend->engine());
    mercator::Session session = backend->session();
    const auto account = session.add(Account{});
    session.commit();
    const DateTime first = account->updated_at;
    CHECK_FALSE(account->touched.has_value());
    log.clear();
    session.commit();
    session.flush();
    CHECK(log.count() == 0);
    account->is_admin = true;
    session.commit();
    INFO(log.dump());
    CHECK(log.count("UPDATE") == 1);
    CHECK(account->updated_at > first);
    CHECK(account->touched.has_value());
    const auto found = backend->session().query<Account>().one();
    CHECK(found->is_admin);
    CHECK(found->updated_at == account->updated_at);
    CHECK(found->touched == account->touched);
}

TEST_CASE("MOD-20 a value given by hand is not overwritten by on_update") {
    Backend backend;
    backend->create_all<Account>();
    mercator::Session session = backend->session();
    const auto account = session.add(Account{});
    session.commit();
    account->touched = -77;
    session.commit();
    CHECK(account->touched == -77);
    CHECK(backend->session().query<Account>().one()->touched == -77);
}

TEST_CASE("MOD-26 flags with defaults are read back as bool") {
    Backend backend;
    backend->create_all<Account>();
    mercator::Session session = backend->session();
    session.add(Account{});
    session.add(Account{.is_admin = true, .active = false});
    session.commit();
    mercator::Session reader = backend->session();
    const auto all = reader.query<Account>().order_by(col(&Account::id)).all();
    CHECK_FALSE(all[0]->is_admin);
    CHECK(all[0]->active);
    CHECK(all[0]->newsletter == true);
    CHECK(all[1]->is_admin);
    CHECK_FALSE(all[1]->active);
    CHECK(
        reader.query<Account>().where(col(&Account::is_admin) && !col(&Account::active)).count() ==
        1);
    const auto row =
        reader.execute(select(col(&Account::active) && col(&Account::is_admin)).limit(1)).one();
    CHECK_FALSE(std::get<0>(row));
}
