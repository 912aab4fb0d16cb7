// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include <mercator/mapping/represent.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <mutex>

using mercator::col;
using mercator::test::Backend;

namespace {

struct Member {
    std::int64_t id{};
    std::string name;
    std::string password_hash;
    std::optional<std::string> token;
    mercator::Decimal salary;
    std::int32_t pin{};
};
void describe(mercator::Mapping<Member>& member) {
    member.column<&Member::id>().primary_key();
    member.column<&Member::name>(mercator::String(40));
    member.column<&Member::password_hash>(mercator::String(40)).sensitive().unique();
    member.column<&Member::token>(mercator::String(60)).name("api_token").sensitive();
    member.column<&Member::salary>(mercator::Numeric(12, 2)).sensitive();
    member.column<&Member::pin>().sensitive().comment("four digits");
}

/// The same table, written by somebody who does not care.
struct Careless {
    std::int64_t id{};
    std::string name;
    std::optional<std::string> password_hash;
    std::optional<std::string> salary;
};
void describe(mercator::Mapping<Careless>& careless) {
    careless.table("member");
    careless.column<&Careless::id>().primary_key();
    careless.column<&Careless::name>(mercator::String(40));
    careless.column<&Careless::password_hash>(mercator::String(40)).sensitive();
    careless.column<&Careless::salary>(mercator::String(40)).sensitive();
}

/// Even the key is a secret.
struct Pass {
    std::string code;
    int uses{};
};
void describe(mercator::Mapping<Pass>& pass) {
    pass.column<&Pass::code>(mercator::String(40)).primary_key().sensitive();
    pass.column<&Pass::uses>();
}

/// Keeps all that is logged and all that errors say.
class Everything final : public mercator::LogSink {
public:
    void write(mercator::LogLevel, std::string_view message) override {
        const std::lock_guard lock(mutex_);
        text_.append(message).push_back('\n');
    }
    void add(std::string_view message) { write(mercator::LogLevel::Info, message); }
    [[nodiscard]] std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }

private:
    mutable std::mutex mutex_;
    std::string text_;
};

/// Runs what must fail, and keeps what the error says.
template <class Action>
void fails(Everything& told, Action&& action) {
    try {
        action();
        FAIL("this was expected to fail");
    } catch (const mercator::Error& error) {
        told.add(error.what());
        told.add(error.where());
    }
}

const std::string secret = "s3cr3t";

void all_kinds_of_work(mercator::Database& database, Everything& told) {
    mercator::Session session = database.session();
    const auto member = session.add(Member{.name = "Ada",
                                           .password_hash = secret + "-hash",
                                           .token = secret + "-token",
                                           .salary = *mercator::Decimal::parse("98765.43"),
                                           .pin = 731'946});
    for (int i = 0; i < 3; ++i) {
        session.add(Member{.name = "batch",
                           .password_hash = secret + std::to_string(i),
                           .token = secret,
                           .pin = 731'946});
    }
    session.commit();
    told.add(mercator::represent(*member));
    member->password_hash = secret + "-new";
    member->pin = 731'947;
    session.commit();
    const auto count = [&](const mercator::Condition& condition) {
        return session.query<Member>().where(condition).count();
    };
    CHECK(count(col(&Member::password_hash) == secret + "-new") == 1);
    CHECK(count(col(&Member::password_hash).startswith(secret + "-n")) == 1);
    CHECK(count(col(&Member::token).in({secret, secret + "-token"})) == 4);
    CHECK(count(col(&Member::token).like(secret + "%")) == 4);
    CHECK(count(mercator::func::lower(col(&Member::password_hash)) == secret + "-new") == 1);
    CHECK(count(col(&Member::salary) == *mercator::Decimal::parse("98765.43")) == 1);
    CHECK(count(col(&Member::pin).between(731'946, 731'947)) == 4);
    CHECK(session.query<Member>()
              .where(col(&Member::password_hash) == secret + "-new")
              .update(mercator::set(&Member::token, secret + "-by-query")) == 1);
    CHECK(session.query<Member>().order_by(col(&Member::id)).all().size() == 4);
    session.commit();
}

void all_kinds_of_mistakes(mercator::Database& database, Everything& told) {
    const auto commit = [&](auto object) {
        mercator::Session session = database.session();
        session.add(std::move(object));
        session.commit();
    };
    fails(told, [&] { commit(Member{.password_hash = secret + "-new"}); }); // not unique
    fails(told,
          [&] { commit(Member{.password_hash = secret + std::string(60, 'x')}); }); // too long
    fails(told, [&] { commit(Member{.token = secret + "\xff"}); });                 // no UTF-8
    fails(told, [&] {
        commit(
            Member{.password_hash = "a", .salary = *mercator::Decimal::parse("7319467319467.1")});
    });
    fails(told, [&] { commit(Careless{.password_hash = secret, .salary = std::nullopt}); });
    fails(told, [&] {
        mercator::Session session = database.session();
        session.add(Pass{.code = secret + "-pass"});
        session.commit();
        CHECK(session.get<Pass>(secret + "-pass")->uses == 0);
        static_cast<void>(session.get_one<Pass>(secret + "-none"));
    });
    fails(told, [&] {
        mercator::Session session = database.session();
        const auto pass = session.query<Pass>().one();
        session.query<Pass>().delete_();
        pass->uses = 1;
        session.commit(); // its row is gone
    });
    fails(told, [&] {
        mercator::Session session = database.session();
        static_cast<void>(
            session.query<Member>().where(col(&Member::password_hash) == secret).one());
    });
}

} // namespace

TEST_CASE("MOD-25 values of sensitive columns stand in no log, no error and no representation") {
    const auto told = std::make_shared<Everything>();
    mercator::Config config;
    config.echo = mercator::Echo::Parameters;
    config.log = told;
    Backend backend(config);
    backend->create_all<Member, Pass>();
    all_kinds_of_work(*backend, *told);
    all_kinds_of_mistakes(*backend, *told);
    const std::string text = told->text();
    CAPTURE(text);
    for (const char* part : {"s3cr3t", "98765", "731946", "731947", "7319467"})
        CHECK(text.find(part) == std::string::npos);
    CHECK(text.find("'Ada'") != std::string::npos); // other values are shown
    CHECK(text.find("***") != std::string::npos);
    CHECK(text.find("name='Ada', password_hash=***, token=***, salary=***, pin=***)") !=
          std::string::npos);
    // What is masked is stored all the same.
    mercator::Session reader = backend->session();
    const auto found = reader.query<Member>().where(col(&Member::name) == "Ada").one();
    CHECK(found->password_hash == secret + "-new");
    CHECK(found->token == secret + "-by-query");
    CHECK(found->salary == *mercator::Decimal::parse("98765.43"));
    CHECK(found->pin == 731'947);
}
