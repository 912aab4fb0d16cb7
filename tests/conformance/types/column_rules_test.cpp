// SPDX-License-Identifier: MIT
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

using mercator::col;
using mercator::SqlType;
using mercator::Value;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

/// Stored in small letters, read in large ones.
struct Shout {
    std::string text;
    friend bool operator==(const Shout&, const Shout&) = default;
};

/// No statement with one is kept.
struct Fickle {
    std::int64_t number = 0;
    friend bool operator==(const Fickle&, const Fickle&) = default;
};

} // namespace

template <>
struct mercator::TypeDecorator<Shout> {
    using storage = std::string;
    static constexpr SqlType sql_type() { return String(40); }
    static constexpr std::string_view read_sql = "upper({})";
    static constexpr std::string_view write_sql = "lower({})";
    static std::string bind(const Shout& shout) { return shout.text; }
    static Shout result(std::string stored) { return {std::move(stored)}; }
};
template <>
struct mercator::TypeDecorator<Fickle> {
    using storage = std::int64_t;
    static constexpr bool cacheable = false;
    static std::int64_t bind(const Fickle& fickle) { return fickle.number; }
    static Fickle result(std::int64_t stored) { return {stored}; }
};

namespace {

struct ShoutRow {
    std::int64_t id{};
    Shout name;
    std::optional<Shout> nick;
    std::string plain;

    static void describe(mercator::Mapping<ShoutRow>& row) {
        row.table("shout_rows");
        row.column<&ShoutRow::id>().primary_key();
        row.column<&ShoutRow::name>();
        row.column<&ShoutRow::nick>();
        row.column<&ShoutRow::plain>(mercator::String(20)).read_sql("lower({})");
    }
};

/// The key itself is written through SQL.
struct ShoutKey {
    Shout id;
    std::int64_t number{};

    static void describe(mercator::Mapping<ShoutKey>& row) {
        row.table("shout_keys");
        row.column<&ShoutKey::id>().primary_key();
        row.column<&ShoutKey::number>();
    }
};

std::string rot13(const std::string& text) {
    std::string turned = text;
    for (char& c : turned) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + (c - 'a' + 13) % 26);
    }
    return turned;
}
/// Another form each time, as encryption makes it.
int salt = 0;
std::string sealed(const std::string& text) {
    return std::to_string(++salt % 10) + rot13(text);
}
std::string opened(const std::string& stored) {
    if (stored.empty()) throw std::runtime_error("nothing to open");
    return rot13(stored.substr(1));
}
std::string digits_of(const std::int64_t& number) {
    return "n" + std::to_string(number);
}
std::int64_t number_of(const std::string& stored) {
    return std::stoll(stored.substr(1));
}

struct SecretRow {
    std::int64_t id{};
    std::string name;
    std::optional<std::string> alias;
    std::string sealed_text;
    std::int64_t number{};

    static void describe(mercator::Mapping<SecretRow>& row) {
        row.table("secret_rows");
        row.column<&SecretRow::id>().primary_key();
        row.column<&SecretRow::name>(mercator::String(40)).convert<&rot13, &rot13>();
        row.column<&SecretRow::alias>(mercator::String(40)).convert<&rot13, &rot13>();
        row.column<&SecretRow::sealed_text>(mercator::String(40)).convert<&sealed, &opened>();
        row.column<&SecretRow::number>().convert<&digits_of, &number_of>();
    }
};

struct VariantRow {
    std::int64_t id{};
    std::int32_t number{};
    mercator::Uuid key;

    static void describe(mercator::Mapping<VariantRow>& row) {
        row.table("variant_rows");
        row.column<&VariantRow::id>().primary_key();
        row.column<&VariantRow::number>(mercator::Integer()
                                            .with_variant("postgresql", mercator::BigInteger())
                                            .with_variant("mysql", mercator::SmallInteger()));
        row.column<&VariantRow::key>()
            .variant("sqlite", mercator::LargeBinary(16))
            .variant("postgresql", mercator::String(36))
            .variant("mysql", mercator::String(36));
    }
};

struct AddressRow {
    std::int64_t id{};
    std::string address;
    std::optional<std::string> other;

    static void describe(mercator::Mapping<AddressRow>& row) {
        const SqlType inet = mercator::native_type("inet", mercator::String(45))
                                 .with_variant("mysql", mercator::String(45));
        row.table("address_rows");
        row.column<&AddressRow::id>().primary_key();
        row.column<&AddressRow::address>(inet);
        row.column<&AddressRow::other>(inet);
    }
};

struct FickleRow {
    std::int64_t id{};
    Fickle value;

    static void describe(mercator::Mapping<FickleRow>& row) {
        row.table("fickle_rows");
        row.column<&FickleRow::id>().primary_key();
        row.column<&FickleRow::value>();
    }
};

class Warnings : public mercator::LogSink {
public:
    void write(mercator::LogLevel level, std::string_view message) override {
        const std::lock_guard lock(mutex_);
        if (level == mercator::LogLevel::Warning) lines_.emplace_back(message);
    }
    std::size_t count(std::string_view word) const {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(
            std::count_if(lines_.begin(), lines_.end(),
                          [&](const auto& line) { return line.find(word) != line.npos; }));
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
}

} // namespace

TEST_CASE("CUS-09 a column is read and written through SQL, under its own name") {
    Backend backend;
    backend->create_all<ShoutRow, ShoutKey>();
    SqlLog log(backend->engine());
    mercator::Session session = backend->session();
    auto first = session.add(ShoutRow{.name = {"Anna"}, .plain = "ABC"});
    for (int i = 0; i < 3; ++i)
        session.add(ShoutRow{.name = {"Bob"}, .nick = Shout{"Bo"}, .plain = "x"});
    session.commit();
    CHECK(holds(log.texts("INSERT").front(), "lower("));
    CHECK(backend.rows("select name, nick from shout_rows order by id")[1] ==
          std::vector<Value>{"bob", "bo"});

    log.clear();
    mercator::Session other = backend->session();
    const auto found = other.get<ShoutRow>(first->id);
    CHECK(found->name == Shout{"ANNA"});
    CHECK(found->plain == "abc");
    CHECK(holds(log.texts().front(), "upper("));
    CHECK(holds(log.texts().front(), ") AS " + backend.quoted("name")));
    // A condition sees the column itself, and sends its value through SQL.
    log.clear();
    CHECK(other.query<ShoutRow>().where(col(&ShoutRow::name) == Shout{"BOB"}).count() == 3);
    CHECK(holds(log.texts().front(), "= lower("));
    CHECK(!holds(log.texts().front(), "upper("));
    CHECK(other.query<ShoutRow>()
              .where(col(&ShoutRow::name).in({Shout{"BOB"}, Shout{"anna"}}))
              .count() == 4);
    // Labels are kept, and what a subquery hands out is not read twice.
    log.clear();
    const auto called = other
                            .execute(select(col(&ShoutRow::nick).label("called"))
                                         .where(col(&ShoutRow::nick).is_not_null()))
                            .scalars();
    REQUIRE(called.size() == 3);
    CHECK(called[0] == Shout{"BO"});
    CHECK(holds(log.texts().front(), ") AS " + backend.quoted("called")));
    other.query<ShoutRow>()
        .where(col(&ShoutRow::name) == Shout{"Anna"})
        .update(mercator::set(&ShoutRow::nick, Shout{"Nan"}));
    found->name = {"Zoe"};
    other.commit();
    const auto all = other.query<ShoutRow>().where(col(&ShoutRow::name) == Shout{"zoe"}).all();
    REQUIRE(all.size() == 1);
    CHECK(backend.rows("select name, nick from shout_rows order by id")[0] ==
          std::vector<Value>{"zoe", "nan"});
}

TEST_CASE("CUS-09 batches and keys are written through SQL as well") {
    Backend backend;
    backend->create_all<ShoutRow, ShoutKey>();
    mercator::Session session = backend->session();
    std::vector<std::shared_ptr<ShoutRow>> rows;
    for (int i = 0; i < 20; ++i) rows.push_back(session.add(ShoutRow{.name = {"A"}}));
    for (int i = 0; i < 20; ++i)
        session.add(ShoutKey{.id = {"k" + std::to_string(i)}, .number = i});
    session.commit();
    for (auto& row : rows) row->name = {"B"};
    session.commit();
    CHECK(backend.rows("select count(*) from shout_rows where name = 'b'")[0][0] == Value(20));
    const auto keys = session.query<ShoutKey>().all();
    REQUIRE(keys.size() == 20);
    for (const auto& key : keys) key->number += 100;
    session.commit();
    CHECK(backend.rows("select min(number) from shout_keys")[0][0] == Value(100));
    for (const auto& key : keys) session.delete_(key);
    session.commit();
    CHECK(session.query<ShoutKey>().count() == 0);
}

TEST_CASE("MOD-50 two functions of a column convert its values, also in conditions") {
    Backend backend;
    backend->create_all<SecretRow>();
    mercator::Session session = backend->session();
    auto row =
        session.add(SecretRow{.name = "anna", .alias = "an", .sealed_text = "deep", .number = 7});
    session.add(SecretRow{.name = "bob", .sealed_text = "x"});
    session.commit();
    const auto stored = backend.rows("select name, alias, number from secret_rows order by id");
    CHECK(stored[0] == std::vector<Value>{"naan", "na", "n7"});
    CHECK(stored[1][1].is_null());

    mercator::Session other = backend->session();
    SqlLog log(backend->engine());
    const auto found = other.query<SecretRow>().order_by(col(&SecretRow::id)).all();
    CHECK(found[0]->name == "anna");
    CHECK(found[0]->alias == "an");
    CHECK(found[0]->sealed_text == "deep");
    CHECK(found[0]->number == 7);
    CHECK(!found[1]->alias);
    other.commit();
    CHECK(log.count("UPDATE") == 0); // although it would be sealed in another form
    CHECK(other.query<SecretRow>().where(col(&SecretRow::name) == "anna").count() == 1);
    CHECK(other.query<SecretRow>().where(col(&SecretRow::alias) == "an").count() == 1);
    CHECK(other.query<SecretRow>().where(col(&SecretRow::number) == 7).count() == 1);
    CHECK(other.query<SecretRow>()
              .where(col(&SecretRow::name).in(std::vector<std::string>{"anna", "bob"}))
              .count() == 2);
    CHECK(other.query<SecretRow>().where(col(&SecretRow::alias).is_null()).count() == 1);
    // What is stored has no beginning that a program knows.
    CHECK_THROWS_AS(static_cast<void>(col(&SecretRow::name).startswith("a")),
                    mercator::CompileError);
    CHECK(
        other
            .execute(select(col(&SecretRow::name), col(&SecretRow::alias), col(&SecretRow::number))
                         .order_by(col(&SecretRow::id)))
            .first() == std::tuple("anna", std::optional<std::string>("an"), 7));
    other.query<SecretRow>()
        .where(col(&SecretRow::name) == "bob")
        .update(mercator::set(&SecretRow::alias, "bo"));
    found[0]->sealed_text = "other";
    other.commit();
    CHECK(log.count("UPDATE") == 2);
    CHECK(backend.rows("select alias from secret_rows order by id")[1][0] == Value("ob"));

    backend.run("update secret_rows set sealed_text = ''");
    mercator::Session third = backend->session();
    try {
        static_cast<void>(third.query<SecretRow>().all());
        FAIL("it was read");
    } catch (const mercator::DataError& error) {
        CHECK(error.where() == "SecretRow.sealed_text");
    }
}

TEST_CASE("TYP-29 a type is another one on one dialect") {
    Backend backend;
    backend->create_all<VariantRow>();
    const mercator::Uuid key("123e4567-e89b-12d3-a456-426614174000");
    {
        mercator::Session session = backend->session();
        for (int i = 1; i <= 3; ++i) session.add(VariantRow{.number = i, .key = key});
        session.commit();
    }
    CHECK(backend->verify().empty());
    mercator::Session session = backend->session();
    const auto found = session.query<VariantRow>().where(col(&VariantRow::key) == key).all();
    REQUIRE(found.size() == 3);
    CHECK(found[1]->key == key);
    CHECK(found[1]->number == 2);
    CHECK(session.query<VariantRow>().where(col(&VariantRow::number) == 2).count() == 1);
    const auto raw = backend.rows("select " + backend.quoted("key") + " from variant_rows")[0][0];
    CHECK((raw.get_if<mercator::Bytes>() != nullptr || raw == Value(key.to_string())));
}

TEST_CASE("CUS-14 a type that the database alone knows is used by its name") {
    Backend backend;
    backend->create_all<AddressRow>();
    {
        mercator::Session session = backend->session();
        for (int i = 0; i < 10; ++i)
            session.add(AddressRow{.address = "10.0.0." + std::to_string(i)});
        session.flush();
        auto row = session.query<AddressRow>().where(col(&AddressRow::address) == "10.0.0.3").one();
        row->other = "::1";
        session.commit();
    }
    CHECK(backend->verify().empty());
    mercator::Session session = backend->session();
    const auto found = session.query<AddressRow>().where(col(&AddressRow::other) == "::1").one();
    CHECK(found->address.starts_with("10.0.0.3"));
    CHECK(session.query<AddressRow>()
              .where(col(&AddressRow::address).in(std::vector<std::string>{"10.0.0.1", "10.0.0.2"}))
              .count() == 2);
}

TEST_CASE("CUS-12 statements with values of a type that is not cacheable are compiled each time") {
    mercator::Config config;
    const auto warnings = std::make_shared<Warnings>();
    config.log = warnings;
    Backend backend(config);
    backend->create_all<FickleRow>();
    mercator::Session session = backend->session();
    session.add(FickleRow{.value = {1}});
    session.commit();
    const auto ask = [&] {
        return session.query<FickleRow>().where(col(&FickleRow::value) == Fickle{1}).count();
    };
    CHECK(ask() == 1);
    const auto before = backend->engine().statistics();
    CHECK(ask() == 1);
    CHECK(ask() == 1);
    const auto after = backend->engine().statistics();
    CHECK(after.compile_misses == before.compile_misses + 2);
    CHECK(warnings->count("Fickle") == 1);
}
