// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/members.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace mercator;
using namespace fixtures::members;
using test::Backend;

namespace {

using Lines = std::vector<std::string>;

Config tracking(bool on) {
    Config config;
    config.track_modifications = on;
    return config;
}

struct Tracked : Backend {
    explicit Tracked(bool on = true) : Backend(tracking(on)) {
        database().create_all<Club, Skill, Member>();
        database().on().before_models_committed(
            [this](Session&, std::span<const ModelChange> all) { note("before", all); });
        database().on().models_committed(
            [this](Session&, std::span<const ModelChange> all) { note("after", all); });
    }
    void note(std::string_view when, std::span<const ModelChange> all) {
        constexpr std::string_view verbs[] = {"insert", "update", "delete"};
        for (const auto& change : all) {
            const auto member = change.object.as<Member>();
            told.push_back(std::string(when) + " " +
                           std::string(verbs[static_cast<std::size_t>(change.change)]) + " " +
                           (member ? *member->email : std::string(change.object.class_name())));
        }
    }
    Lines take() { return std::exchange(told, {}); }
    Lines told;
};

class LastLine final : public LogSink {
public:
    void write(LogLevel level, std::string_view text) override {
        const std::lock_guard lock(mutex_);
        if (level == LogLevel::Warning) line_ = text;
    }
    [[nodiscard]] std::string line() {
        const std::lock_guard lock(mutex_);
        return line_;
    }

private:
    std::mutex mutex_;
    std::string line_;
};

} // namespace

TEST_CASE("EVT-05 models_committed tells before and after each commit what it writes, once each") {
    Tracked db;
    Session session = db->session();
    const auto ada = session.add(Member{.email = "ada"});
    session.flush();
    ada->nick = "inserted and updated";
    session.commit();
    CHECK(db.take() == Lines{"before insert ada", "after insert ada"});
    session.commit();
    CHECK(db.take().empty());
    ada->nick = "one";
    session.flush();
    ada->nick = "two";
    const auto bob = session.add(Member{.email = "bob"});
    session.flush();
    session.delete_(bob); // never there, for others
    session.commit();
    CHECK(db.take() == Lines{"before update ada", "after update ada"});
    ada->nick = "three";
    session.flush();
    session.delete_(ada);
    session.commit();
    CHECK(db.take() == Lines{"before delete ada", "after delete ada"});
}

TEST_CASE("EVT-05 what is rolled back is not told, with savepoints to their part") {
    Tracked db;
    Session session = db->session();
    session.add(Member{.email = "ada"});
    session.flush();
    session.rollback();
    session.commit();
    CHECK(db.take().empty());
    session.add(Member{.email = "bob"});
    {
        auto part = session.begin_nested();
        session.add(Member{.email = "carl"});
        session.flush();
        part.rollback();
    }
    {
        auto part = session.begin_nested();
        session.add(Member{.email = "dora"});
        part.commit();
    }
    session.commit();
    CHECK(db.take() == Lines{"before insert bob", "before insert dora", "after insert bob",
                             "after insert dora"});
    // A failed flush is no change, and what is tried again is one.
    session.add(Member{.email = "bob"});
    const auto emil = session.add(Member{.email = "emil"});
    CHECK_THROWS_AS(session.commit(), IntegrityError);
    CHECK(db.take().empty());
    session.rollback();
    session.add(emil);
    session.commit();
    CHECK(db.take() == Lines{"before insert emil", "after insert emil"});
    const ScopedSubscription veto = session.on().before_models_committed(
        [](Session&, std::span<const ModelChange>) { throw StateError("no"); });
    session.add(Member{.email = "fay"});
    CHECK_THROWS_AS(session.commit(), ListenerError);
    CHECK(db->session().query<Member>().count() == 3);
}

TEST_CASE("EVT-05 what is inserted and deleted again is not told, among many that stay") {
    Tracked db;
    Session session = db->session();
    std::size_t inserted = 0;
    std::size_t other = 0;
    session.on().models_committed([&](Session&, std::span<const ModelChange> changes) {
        for (const auto& change : changes)
            ++(change.change == RowChange::Insert ? inserted : other);
    });
    std::vector<Member> many;
    for (int i = 0; i < 3000; ++i) many.push_back({.email = "m" + std::to_string(i)});
    const auto members = session.add_all(std::move(many));
    session.flush();
    for (std::size_t i = 0; i < members.size(); i += 3) session.delete_(members[i]);
    for (std::size_t i = 1; i < members.size(); i += 3) members[i]->nick = "again";
    session.commit();
    CHECK(inserted == 2000);
    CHECK(other == 0);
}

TEST_CASE("EVT-06 track_modifications is off unless the configuration switches it on") {
    CHECK_FALSE(Config().track_modifications);
    CHECK(Config::from_map({{"track_modifications", "true"}}).track_modifications);
    CHECK_FALSE(Config::from_map({{"track_modifications", "off"}}).track_modifications);
    CHECK(tracking(true).to_string().find("track_modifications = true") != std::string::npos);
    Tracked db(false);
    Session session = db->session();
    session.add(Member{.email = "ada"});
    session.commit();
    CHECK(db.take().empty());
    // Who listens in vain is told so.
    const auto log = std::make_shared<LastLine>();
    Config config = db.config();
    config.log = log;
    Database other(config);
    other.on().models_committed([](Session&, std::span<const ModelChange>) {});
    CHECK(log->line().find("models_committed") != std::string::npos);
    CHECK(log->line().find("track_modifications is off") != std::string::npos);
}
