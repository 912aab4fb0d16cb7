// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/engine/engine_events.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/expression.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

using Lines = std::vector<std::string>;

struct Gauge {
    std::int64_t id{};
    std::string name;
    std::int64_t value{};
};

inline void describe(Mapping<Gauge>& gauge) {
    gauge.table("event_gauge");
    gauge.column<&Gauge::id>().primary_key();
    gauge.column<&Gauge::name>(String(40)).unique();
    gauge.column<&Gauge::value>();
}

struct Gauges : Backend {
    explicit Gauges(Config config = {}) : Backend(std::move(config)) {
        database().create_all<Gauge>();
    }
};

std::string joined(const Lines& lines) {
    std::string text;
    for (const auto& line : lines) text += (text.empty() ? "" : ", ") + line;
    return text;
}

struct Replaced : std::runtime_error {
    using std::runtime_error::runtime_error;
};

Config one_connection() {
    Config config;
    config.pool_size = 1;
    config.pool_timeout = std::chrono::milliseconds(200);
    return config;
}

} // namespace

TEST_CASE("EVT-12 before_execute changes text and parameters of a statement, or refuses it") {
    Gauges db;
    Session session = db->session();
    session.add(Gauge{.name = "a", .value = 1});
    session.add(Gauge{.name = "b", .value = 2});
    session.commit();
    Engine& engine = db->engine();
    SqlLog log(engine);
    {
        const ScopedSubscription tagging =
            engine.on().before_execute([](StatementDraft& draft) { draft.sql += " /* by me */"; });
        CHECK(session.query<Gauge>().count() == 2);
        CHECK(log.statements().back().sql.ends_with("/* by me */"));
        session.add(Gauge{.name = "c", .value = 3}); // a batch by plan
        session.commit();
        CHECK(log.statements().back().sql.ends_with("/* by me */"));
    }
    {
        const ScopedSubscription binding = engine.on().before_execute([](StatementDraft& draft) {
            CHECK(draft.compiled != nullptr);
            for (auto& value : draft.parameters) {
                if (value == Value("a")) value = Value("b");
            }
        });
        const auto found = session.query<Gauge>().where(col(&Gauge::name) == "a").one();
        CHECK(found->name == "b");
        CHECK(log.statements().back().parameters.at(0) == Value("b"));
    }
    session.rollback();
    {
        const ScopedSubscription refusing =
            engine.on().before_execute([](StatementDraft&) { throw Replaced("not on my watch"); });
        log.clear();
        CHECK_THROWS_AS(static_cast<void>(session.query<Gauge>().count()), Replaced);
        CHECK(log.count() == 0);
    }
    session.rollback();
    CHECK(session.query<Gauge>().count() == 3);
}

TEST_CASE("EVT-12 a listener that throws after a statement does not undo it") {
    Gauges db;
    Engine& engine = db->engine();
    std::chrono::nanoseconds spent{-1};
    const auto number = engine.on_statement([&](const StatementEvent& event) {
        spent = event.duration;
        throw std::runtime_error("after the fact");
    });
    Session session = db->session();
    session.add(Gauge{.name = "a"});
    session.commit();
    engine.remove_listener(number);
    CHECK(spent.count() >= 0);
    CHECK(db->session().query<Gauge>().count() == 1);
    Lines told;
    const ScopedSubscription transactions =
        engine.on().transaction([&](const TransactionEvent& event) {
            told.push_back(std::string(words_of(event.command)));
            throw std::runtime_error("after the fact");
        });
    session.add(Gauge{.name = "b"});
    session.commit();
    CHECK(told.size() == 2);
    CHECK(db->session().query<Gauge>().count() == 2);
}

TEST_CASE("EVT-13 handle_error sees a failure, and throws something else instead") {
    Gauges db;
    Engine& engine = db->engine();
    std::string seen;
    Session session = db->session();
    session.add(Gauge{.name = "same"});
    session.commit();
    {
        const ScopedSubscription handling = engine.on().handle_error([&](EngineFailure& failure) {
            seen = failure.sql;
            CHECK(failure.error.code() == ErrorCode::UniqueViolation);
            CHECK_FALSE(failure.is_disconnect);
            failure.replace_by(Replaced("taken"));
        });
        session.add(Gauge{.name = "same"});
        CHECK_THROWS_AS(session.commit(), Replaced);
        CHECK(seen.find("event_gauge") != std::string::npos);
        CHECK_FALSE(session.in_transaction());
    }
    CHECK_THROWS_AS(session.commit(), UniqueViolation); // it is still there, and told as it is
    session.rollback();
    session.add(Gauge{.name = "other"});
    session.commit();
    CHECK(db->session().query<Gauge>().count() == 2);
}

TEST_CASE("EVT-13 handle_error calls a failure a disconnect, and the connections are replaced") {
    Gauges db;
    Engine& engine = db->engine();
    auto idle = std::make_unique<Connection>(engine.connect());
    Connection broken = engine.connect();
    idle.reset(); // opened before
    Lines told;
    const ScopedSubscription invalidations = engine.on().invalidate(
        [&](const Invalidation& event) { told.push_back(event.lost ? "lost" : "given up"); });
    const ScopedSubscription handling =
        engine.on().handle_error([](EngineFailure& failure) { failure.is_disconnect = true; });
    CHECK_THROWS_AS(static_cast<void>(broken.fetch_all("select nonsense from nowhere")),
                    DisconnectError);
    CHECK_THROWS_AS(static_cast<void>(broken.fetch_all("select 1")), StateError);
    const auto opened = engine.statistics().connections_opened;
    { const Connection gone = std::move(broken); }
    CHECK(told == Lines{"lost"});
    CHECK(engine.connect().fetch_all("select 1").size() == 1);
    CHECK(engine.statistics().connections_opened == opened + 1); // the idle one is not trusted
}

TEST_CASE("EVT-14 pool events come in order; connect prepares each link") {
    Gauges db(one_connection());
    const auto other = db.another();
    Engine& engine = other->engine();
    Lines told;
    const auto note = [&](const char* what) {
        return [&told, what](Connection& connection) {
            CHECK_FALSE(connection.in_transaction());
            told.emplace_back(what);
        };
    };
    const auto pool = engine.on();
    pool.connect([&](Connection& connection) {
        CHECK(connection.fetch_all("select 1").size() == 1);
        told.emplace_back("connect");
    });
    pool.checkout(note("checkout"));
    pool.checkin(note("checkin"));
    pool.reset(note("reset"));
    pool.invalidate([&](const Invalidation&) { told.emplace_back("invalidate"); });
    { const Connection first = engine.connect(); }
    CHECK(joined(std::exchange(told, {})) == "connect, checkout, checkin, reset");
    { const Connection again = engine.connect(); }
    CHECK(joined(std::exchange(told, {})) == "checkout, checkin, reset");
    {
        Connection given_up = engine.connect();
        given_up.invalidate();
        told.clear();
    }
    CHECK(told.back() == "invalidate");
    told.clear();
    { const Connection fresh = engine.connect(); }
    CHECK(told.front() == "connect");
}

TEST_CASE("EVT-14 G34 a connection whose listener throws is closed, and its place is free") {
    Gauges db(one_connection());
    const auto other = db.another();
    Engine& engine = other->engine();
    const auto refuse = [](Connection&) { throw Replaced("no"); };
    static_cast<void>(engine.capabilities());
    const auto closed = [&] { return engine.statistics().connections_closed; };
    {
        const ScopedSubscription checkout = engine.on().checkout(refuse);
        const auto before = closed();
        CHECK_THROWS_AS(static_cast<void>(engine.connect()), Replaced);
        CHECK(closed() == before + 1);
    }
    {
        const ScopedSubscription connecting = engine.on().connect(refuse);
        CHECK_THROWS_AS(static_cast<void>(engine.connect()), Replaced);
        CHECK(engine.statistics().in_use == 0);
    }
    {
        const ScopedSubscription checkin = engine.on().checkin(refuse);
        const auto before = closed();
        { const Connection link = engine.connect(); }
        CHECK(closed() == before + 1);
    }
    {
        const ScopedSubscription reset = engine.on().reset(refuse);
        const auto before = closed();
        { const Connection link = engine.connect(); }
        CHECK(closed() == before + 1);
        CHECK(engine.statistics().idle == 0);
    }
    {
        // A stale link that a listener finds is replaced by another one.
        int tries = 0;
        const ScopedSubscription doubtful = engine.on().checkout([&](Connection&) {
            if (++tries < 3) throw DisconnectError({ErrorCode::Disconnected, "stale"});
        });
        const Connection link = engine.connect();
        CHECK(tries == 3);
    }
    CHECK(engine.connect().fetch_all("select 1").size() == 1);
}

TEST_CASE("EVT-15 column_reflect changes what inspect tells of a column") {
    Gauges db;
    const ScopedSubscription listening =
        db->engine().on().column_reflect([](const TableName& table, ReflectedColumn& column) {
            if (table.name == "event_gauge" && column.name == "value") column.comment = "measured";
        });
    const Table table = db->inspect().reflect("event_gauge");
    CHECK(table.find_column("value")->comment_text == "measured");
    CHECK(table.find_column("name")->comment_text.empty());
    CHECK(db->inspect().columns("event_gauge").size() == 3);
}
