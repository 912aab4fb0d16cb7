// SPDX-License-Identifier: MIT
// Objects as JSON: only what a specification lists, and no statement that nobody asked for.
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mapping/input.hpp>
#include <mercator/mapping/json_output.hpp>
#include <mercator/mercator.hpp>
#include <mercator/types/json.hpp>

#include <doctest/doctest.h>

#include <string>

using mercator::json_spec;
using mercator::members;
using mercator::to_json;
using mercator::Unloaded;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

enum class TellerRank { junior, senior };

struct Teller;
struct Bureau {
    std::int64_t id{};
    std::string city;
    mercator::Many<Teller> clerks;
};
struct Teller {
    std::int64_t id{};
    std::string name;
    std::string password_hash;
    std::string card;
    mercator::DateTime hired;
    mercator::Decimal salary;
    mercator::Deferred<std::string> notes;
    std::optional<std::int64_t> branch_id;
    std::optional<std::int64_t> boss_id;
    mercator::One<Bureau> branch;
    mercator::One<Teller> boss;
    mercator::Many<Teller> team;

    [[nodiscard]] bool is_boss() const { return !boss_id; }
};
void describe(mercator::Mapping<Bureau>& branch) {
    branch.column<&Bureau::id>().primary_key();
    branch.column<&Bureau::city>(mercator::String(40));
    branch.relationship<&Bureau::clerks>().back_populates<&Teller::branch>();
}
void describe(mercator::Mapping<Teller>& clerk) {
    clerk.column<&Teller::id>().primary_key();
    clerk.column<&Teller::name>(mercator::String(40));
    clerk.column<&Teller::password_hash>(mercator::String(80)).sensitive();
    clerk.column<&Teller::card>(mercator::String(40)).shown_as([](const std::string& card) {
        return "..." + card.substr(card.size() - 4);
    });
    clerk.column<&Teller::hired>();
    clerk.column<&Teller::salary>(mercator::Numeric(12, 2));
    clerk.column<&Teller::notes>().deferred();
    clerk.column<&Teller::branch_id>().references<&Bureau::id>();
    clerk.column<&Teller::boss_id>().references<&Teller::id>();
    clerk.relationship<&Teller::branch>().back_populates<&Bureau::clerks>();
    clerk.relationship<&Teller::boss>().remote_side<&Teller::id>().back_populates<&Teller::team>();
    clerk.relationship<&Teller::team>().back_populates<&Teller::boss>();
}

/// One column of each type, without a value and with one.
struct Specimen {
    std::int64_t id{};
    std::optional<bool> truth;
    std::optional<std::int8_t> tiny;
    std::optional<std::int64_t> whole;
    std::optional<std::uint32_t> natural;
    std::optional<double> real;
    std::optional<float> single;
    std::optional<std::string> text;
    std::optional<mercator::Bytes> bytes;
    std::optional<mercator::Decimal> decimal;
    std::optional<mercator::DateTime> moment;
    std::optional<mercator::Date> day;
    std::optional<mercator::Time> time;
    std::optional<mercator::Interval> interval;
    std::optional<mercator::Uuid> uuid;
    std::optional<TellerRank> rank;
};
void describe(mercator::Mapping<Specimen>& specimen) {
    specimen.column<&Specimen::id>().primary_key().autoincrement(false);
    specimen.column<&Specimen::truth>();
    specimen.column<&Specimen::tiny>();
    specimen.column<&Specimen::whole>();
    specimen.column<&Specimen::natural>().name("natural_number");
    specimen.column<&Specimen::real>().name("real_number");
    specimen.column<&Specimen::single>();
    specimen.column<&Specimen::text>(mercator::String(40)).name("words");
    specimen.column<&Specimen::bytes>();
    specimen.column<&Specimen::decimal>(mercator::Numeric(20, 2)).name("decimal_number");
    specimen.column<&Specimen::moment>();
    specimen.column<&Specimen::day>();
    specimen.column<&Specimen::time>();
    specimen.column<&Specimen::interval>().name("duration");
    specimen.column<&Specimen::uuid>();
    specimen.column<&Specimen::rank>().name("clerk_rank");
}

struct Preference {
    std::int64_t id{};
    nlohmann::json settings;
    std::optional<nlohmann::json> draft;
};
void describe(mercator::Mapping<Preference>& profile) {
    profile.column<&Preference::id>().primary_key();
    profile.column<&Preference::settings>();
    profile.column<&Preference::draft>();
}

const auto specimen_spec =
    json_spec<Specimen>()
        .fields<&Specimen::truth, &Specimen::tiny, &Specimen::whole, &Specimen::natural,
                &Specimen::real, &Specimen::single, &Specimen::text, &Specimen::bytes,
                &Specimen::decimal, &Specimen::moment, &Specimen::day, &Specimen::time,
                &Specimen::interval, &Specimen::uuid, &Specimen::rank>();

Specimen full_specimen() {
    return {.id = 1,
            .truth = true,
            .tiny = -8,
            .whole = 9007199254740993,
            .natural = 4000000000,
            .real = 0.5,
            .single = 0.25F,
            .text = "a \"quoted\"\n\xC3\xBC",
            .bytes = mercator::Bytes{std::byte{0}, std::byte{0xFF}},
            .decimal = mercator::Decimal("-12.50"),
            .moment = *mercator::parse_date_time("2024-02-29 12:30:00.25"),
            .day = *mercator::parse_date("2024-02-29"),
            .time = mercator::Time(std::chrono::hours(9), std::chrono::minutes(30)),
            .interval = std::chrono::minutes(90),
            .uuid = *mercator::Uuid::parse("00112233-4455-6677-8899-aabbccddeeff"),
            .rank = TellerRank::senior};
}

void add_clerks(Backend& db) {
    auto session = db->session();
    auto bonn = session.add(Bureau{.city = "Bonn"});
    auto ada = session.add(Teller{.name = "Ada",
                                  .password_hash = "s3cr3t",
                                  .card = "123456789",
                                  .hired = *mercator::parse_date_time("2020-01-02 03:04:05"),
                                  .salary = mercator::Decimal("1234.50"),
                                  .notes = "long",
                                  .branch = bonn});
    session.add(Teller{.name = "Bob",
                       .password_hash = "hunter2",
                       .card = "00001111",
                       .hired = *mercator::parse_date_time("2021-01-02 03:04:05"),
                       .salary = mercator::Decimal("1000"),
                       .notes = "longer",
                       .branch = bonn,
                       .boss = ada});
    session.commit();
}

} // namespace

TEST_CASE("MOD-12 JSON has what is listed, in that order, dates in ISO 8601, decimals as text") {
    Backend db;
    db->create_all<Bureau, Teller>();
    add_clerks(db);
    auto session = db->session();
    const auto ada = session.query<Teller>().where(mercator::col(&Teller::name) == "Ada").one();
    const auto spec = json_spec<Teller>()
                          .fields<&Teller::name, &Teller::hired, &Teller::salary>()
                          .field<&Teller::id>("no")
                          .computed("is_boss", [](const Teller& clerk) { return clerk.is_boss(); });
    const SqlLog log(db->engine());
    CHECK(to_json(ada, spec) == R"({"name":"Ada","hired":"2020-01-02T03:04:05Z",)"
                                R"("salary":"1234.50","no":1,"is_boss":true})");
    CHECK(to_json(*ada, json_spec<Teller>().fields<&Teller::salary>().decimals_as_numbers()) ==
          R"({"salary":1234.50})");
    CHECK(to_json(std::shared_ptr<Teller>(), spec) == "null");
    CHECK(log.count() == 0);
}

TEST_CASE("MOD-12 related objects are nested, and nothing is loaded unless the spec says so") {
    Backend db;
    db->create_all<Bureau, Teller>();
    add_clerks(db);
    const auto spec = json_spec<Teller>().fields<&Teller::name>().with<&Teller::branch>(
        json_spec<Bureau>().fields<&Bureau::city>());
    const std::string whole = R"({"name":"Ada","branch":{"city":"Bonn"}})";
    {
        auto session = db->session();
        const auto ada = session.get<Teller>(1);
        const SqlLog log(db->engine());
        try {
            static_cast<void>(to_json(ada, spec));
            FAIL("it is not loaded");
        } catch (const mercator::StateError& error) {
            CHECK(error.where() == "Teller.branch");
        }
        CHECK(to_json(ada, spec.unloaded(Unloaded::leave_out)) == R"({"name":"Ada"})");
        CHECK(log.count() == 0);
        CHECK(to_json(ada, spec.unloaded(Unloaded::load)) == whole);
        CHECK(log.count() == 1);
        CHECK(to_json(ada, spec) == whole);
        CHECK(log.count() == 1);
    }
    auto session = db->session();
    const auto clerks = session.query<Teller>()
                            .options(mercator::joined<&Teller::branch>())
                            .order_by(mercator::col(&Teller::id).asc())
                            .all();
    const SqlLog log(db->engine());
    CHECK(to_json(clerks, spec) == "[" + whole + R"(,{"name":"Bob","branch":{"city":"Bonn"}}])");
    CHECK(log.count() == 0);
}

TEST_CASE("MOD-12 a deferred column is not loaded unless the spec says so") {
    Backend db;
    db->create_all<Bureau, Teller>();
    add_clerks(db);
    auto session = db->session();
    const auto ada = session.get<Teller>(1);
    const auto spec = json_spec<Teller>().fields<&Teller::id, &Teller::notes>();
    const SqlLog log(db->engine());
    CHECK_THROWS_AS(static_cast<void>(to_json(ada, spec)), mercator::StateError);
    CHECK(to_json(ada, spec.unloaded(Unloaded::leave_out)) == R"({"id":1})");
    CHECK(log.count() == 0);
    CHECK(to_json(ada, spec.unloaded(Unloaded::load)) == R"({"id":1,"notes":"long"})");
    CHECK(log.count() == 1);
}

TEST_CASE("MOD-12 cycles end") {
    Backend db;
    db->create_all<Bureau, Teller>();
    add_clerks(db);
    auto session = db->session();
    const auto ada = session.get<Teller>(1);
    const auto spec = json_spec<Teller>()
                          .fields<&Teller::name>()
                          .recursive<&Teller::boss>()
                          .recursive<&Teller::team>("reports")
                          .unloaded(Unloaded::load);
    CHECK(to_json(ada, spec) == R"({"name":"Ada","boss":null,"reports":)"
                                R"([{"name":"Bob","boss":null,"reports":[]}]})");
    auto loner = session.add(Teller{.name = "Eve", .card = "0000"});
    loner->boss = loner; // within itself
    CHECK(to_json(loner, spec) == R"({"name":"Eve","boss":null,"reports":[]})");
}

TEST_CASE("MOD-12 an object that was detached gives what it has") {
    Backend db;
    db->create_all<Bureau, Teller>();
    add_clerks(db);
    std::shared_ptr<Teller> ada;
    {
        auto session = db->session();
        ada = session.get<Teller>(1);
    }
    const auto spec = json_spec<Teller>().fields<&Teller::name>();
    CHECK(to_json(ada, spec) == R"({"name":"Ada"})");
    CHECK_THROWS_AS(
        static_cast<void>(
            to_json(ada, spec.with<&Teller::branch>(json_spec<Bureau>()).unloaded(Unloaded::load))),
        mercator::DetachedError);
}

TEST_CASE("MOD-25 a sensitive column is masked in JSON unless it is revealed by name") {
    Backend db;
    db->create_all<Bureau, Teller>();
    add_clerks(db);
    auto session = db->session();
    const auto ada = session.get<Teller>(1);
    CHECK(to_json(ada, json_spec<Teller>().fields<&Teller::id, &Teller::password_hash>()) ==
          R"({"id":1,"password_hash":"***"})");
    CHECK(to_json(ada, json_spec<Teller>().field<&Teller::password_hash>("hash")) ==
          R"({"hash":"***"})");
    CHECK(to_json(ada, json_spec<Teller>().reveal<&Teller::password_hash>()) ==
          R"({"password_hash":"s3cr3t"})");
}

TEST_CASE("MOD-38 JSON shows what the getter makes of a value") {
    Backend db;
    db->create_all<Bureau, Teller>();
    add_clerks(db);
    auto session = db->session();
    const auto ada = session.get<Teller>(1);
    CHECK(to_json(ada, json_spec<Teller>().fields<&Teller::card>()) == R"({"card":"...6789"})");
    CHECK(ada->card == "123456789");
}

TEST_CASE("MOD-13 values of all types, and null where there is none") {
    Backend db;
    db->create_all<Specimen>();
    {
        auto session = db->session();
        session.add(full_specimen());
        session.add(Specimen{.id = 2});
        session.commit();
    }
    auto session = db->session();
    CHECK(to_json(session.get<Specimen>(1), specimen_spec) ==
          R"({"truth":true,"tiny":-8,"whole":9007199254740993,"natural":4000000000,"real":0.5,)"
          R"("single":0.25,"text":"a \"quoted\"\nü","bytes":"AP8=","decimal":"-12.50",)"
          R"("moment":"2024-02-29T12:30:00.250000Z","day":"2024-02-29","time":"09:30:00",)"
          R"("interval":"01:30:00","uuid":"00112233-4455-6677-8899-aabbccddeeff",)"
          R"("rank":"senior"})");
    CHECK(to_json(session.get<Specimen>(2), specimen_spec) ==
          R"({"truth":null,"tiny":null,"whole":null,"natural":null,"real":null,"single":null,)"
          R"("text":null,"bytes":null,"decimal":null,"moment":null,"day":null,"time":null,)"
          R"("interval":null,"uuid":null,"rank":null})");
}

TEST_CASE("MOD-13 what was written as JSON is read again, with nulls and without") {
    Backend db;
    db->create_all<Specimen>();
    const auto listed =
        members<&Specimen::truth, &Specimen::tiny, &Specimen::whole, &Specimen::natural,
                &Specimen::real, &Specimen::single, &Specimen::text, &Specimen::bytes,
                &Specimen::decimal, &Specimen::moment, &Specimen::day, &Specimen::time,
                &Specimen::interval, &Specimen::uuid, &Specimen::rank>;
    for (const Specimen& original : {full_specimen(), Specimen{.id = 1}}) {
        const std::string text = to_json(original, specimen_spec);
        auto read = full_specimen();
        CHECK(mercator::from_json(read, text, listed).empty());
        CHECK(to_json(read, specimen_spec) == text);
        auto session = db->session();
        const auto added = session.merge(read);
        session.commit();
        CHECK(to_json(db->session().get<Specimen>(added->id), specimen_spec) == text);
    }
}

TEST_CASE("MOD-12 a JSON column is part of the JSON, and is set from it") {
    Backend db;
    db->create_all<Preference>();
    auto session = db->session();
    auto profile = session.add(Preference{.settings = {{"theme", "dark"}, {"sizes", {1, 2}}}});
    session.commit();
    const auto spec = json_spec<Preference>().fields<&Preference::settings, &Preference::draft>();
    const auto read = db->session().get<Preference>(profile->id);
    CHECK(nlohmann::json::parse(to_json(read, spec)) ==
          nlohmann::json::parse(
              R"({"settings": {"theme": "dark", "sizes": [1, 2]}, "draft": null})"));
    mercator::from_json(*profile, R"({"settings": [true], "draft": {"a": null}})",
                        members<&Preference::settings, &Preference::draft>);
    session.commit();
    const auto again = db->session().get<Preference>(profile->id);
    CHECK(again->settings == nlohmann::json::array({true}));
    REQUIRE(again->draft);
    CHECK(again->draft->at("a").is_null());
    mercator::from_json(*profile, R"({"draft": null})", members<&Preference::draft>);
    CHECK_FALSE(profile->draft);
}
