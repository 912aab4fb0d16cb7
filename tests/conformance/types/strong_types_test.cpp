// SPDX-License-Identifier: MIT
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mapping/checked_text.hpp>
#include <mercator/mercator.hpp>
#include <mercator/types/serialized.hpp>

#include <doctest/doctest.h>

#include <string>
#include <type_traits>
#include <unordered_set>
#include <variant>
#include <vector>

using mercator::col;
using mercator::Id;
using mercator::test::Backend;

namespace {

struct IdTeam;

struct IdUser {
    Id<IdUser> id;
    std::string name;
    Id<IdTeam> team_id;
    std::optional<Id<IdUser>> boss_id;
    mercator::One<IdTeam> team;

    static void describe(mercator::Mapping<IdUser>& user);
};

struct IdTeam {
    Id<IdTeam> id;
    std::string name;
    mercator::Many<IdUser> users;

    static void describe(mercator::Mapping<IdTeam>& team) {
        team.table("id_teams");
        team.column<&IdTeam::id>().primary_key();
        team.column<&IdTeam::name>(mercator::String(20));
        team.relationship<&IdTeam::users>().back_populates<&IdUser::team>();
    }
};

void IdUser::describe(mercator::Mapping<IdUser>& user) {
    user.table("id_users");
    user.column<&IdUser::id>().primary_key();
    user.column<&IdUser::name>(mercator::String(20));
    user.column<&IdUser::team_id>().references<&IdTeam::id>();
    user.column<&IdUser::boss_id>().references<&IdUser::id>();
    user.relationship<&IdUser::team>().back_populates<&IdTeam::users>();
}

// No cost: a number in memory, and a type that drivers know.
static_assert(sizeof(Id<IdUser>) == sizeof(std::int64_t));
static_assert(std::is_trivially_copyable_v<Id<IdUser>>);
static_assert(std::is_standard_layout_v<Id<IdUser>>);
static_assert(mercator::TypeOf<Id<IdUser>>::kind == mercator::FieldKind::Int64);
static_assert(mercator::TypeOf<Id<IdUser>>::codec() == nullptr);
static_assert(mercator::TypeOf<Id<IdUser, std::uint32_t>>::kind == mercator::FieldKind::UInt32);
static_assert(!std::equality_comparable_with<Id<IdUser>, Id<IdTeam>>);
static_assert(!std::is_convertible_v<std::int64_t, Id<IdUser>>);
static_assert(!mercator::Comparable<Id<IdUser>, Id<IdTeam>>);

/// A sum type: text with the name of its alternative before it.
struct Mail {
    std::string address;
    friend bool operator==(const Mail&, const Mail&) = default;
};
struct Phone {
    std::int64_t number = 0;
    friend bool operator==(const Phone&, const Phone&) = default;
};
using Contact = std::variant<std::monostate, Mail, Phone>;

struct Options {
    int width = 0;
    std::vector<std::string> tags;
    friend bool operator==(const Options&, const Options&) = default;
};

struct OptionsCodec {
    static constexpr int version = 2;
    static std::string encode(const Options& options) {
        std::string text = std::to_string(options.width);
        for (const auto& tag : options.tags) text += ' ' + tag;
        return text;
    }
    static Options decode(const std::string& text, int version) {
        Options options;
        std::size_t end = 0;
        options.width = std::stoi(text, &end); // throws for what is no number
        while (version > 1 && end < text.size()) {
            const auto next = std::min(text.find(' ', end + 1), text.size());
            options.tags.push_back(text.substr(end + 1, next - end - 1));
            end = next;
        }
        return options;
    }
};
using StoredOptions = mercator::Serialized<Options, OptionsCodec>;

/// Binary, and without a word on versions.
struct BytesCodec {
    static constexpr int version = 3;
    static mercator::Bytes encode(const std::string& text) {
        const auto* data = reinterpret_cast<const std::byte*>(text.data());
        return {data, data + text.size()};
    }
    static std::string decode(const mercator::Bytes& bytes) {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
};
using StoredText = mercator::Serialized<std::string, BytesCodec>;

struct Euros {
    std::int64_t cents = 0;
    friend bool operator==(const Euros&, const Euros&) = default;
};

} // namespace

template <>
struct mercator::TypeDecorator<Contact> {
    using storage = std::optional<std::string>;
    static storage bind(const Contact& contact) {
        if (const auto* mail = std::get_if<Mail>(&contact)) return "mail:" + mail->address;
        if (const auto* phone = std::get_if<Phone>(&contact))
            return "phone:" + std::to_string(phone->number);
        return std::nullopt;
    }
    static Contact result(storage stored) {
        if (!stored) return {};
        const auto colon = stored->find(':');
        const std::string tag = stored->substr(0, colon);
        if (tag == "mail") return Mail{stored->substr(colon + 1)};
        if (tag == "phone") return Phone{std::stoll(stored->substr(colon + 1))};
        throw std::invalid_argument("an unknown kind of contact");
    }
};

template <>
struct mercator::TypeDecorator<Euros> {
    using storage = std::int64_t;
    static std::int64_t bind(const Euros& euros) { return euros.cents; }
    static Euros result(std::int64_t stored) { return {stored}; }
};
// One line for all models.
template <>
struct mercator::SqlTypeOf<Euros> {
    static constexpr SqlType value = Integer();
};
template <>
struct mercator::CompareRule<Euros, int> {
    static Euros convert(int whole) { return {std::int64_t{whole} * 100}; }
};
template <class Self>
struct mercator::OwnOperations<Euros, Self> {
    [[nodiscard]] mercator::Condition is_cheap() const {
        return static_cast<const Self&>(*this) < 10;
    }
};

namespace {

struct StrongRow {
    std::int64_t id{};
    Contact contact;
    StoredOptions options;
    StoredText blob;
    mercator::Varchar<8> code;
    mercator::PatternText<"[a-z]*(@[a-z.]+)?"> mail;
    Euros price;
    std::optional<Euros> discount;

    static void describe(mercator::Mapping<StrongRow>& row) {
        row.table("strong_rows");
        row.column<&StrongRow::id>().primary_key();
        row.column<&StrongRow::contact>();
        row.column<&StrongRow::options>();
        row.column<&StrongRow::blob>();
        row.column<&StrongRow::code>();
        row.column<&StrongRow::mail>();
        row.column<&StrongRow::price>();
        row.column<&StrongRow::discount>(mercator::BigInteger());
    }
};

template <class Action>
mercator::DataError data_error_of(Action&& action) {
    try {
        action();
    } catch (const mercator::DataError& error) {
        return error;
    }
    FAIL("no DataError");
    throw 0;
}

} // namespace

TEST_CASE("TYP-35 an Id<T> is a primary key, a foreign key and a key to get by") {
    Backend backend;
    backend->create_all<IdTeam, IdUser>();
    Id<IdUser> boss_id;
    Id<IdTeam> team_id;
    {
        mercator::Session session = backend->session();
        auto team = session.add(IdTeam{.name = "red"});
        auto boss = session.add(IdUser{.name = "boss"});
        auto clerk = session.add(IdUser{.name = "clerk"});
        team->users.add(boss);
        team->users.add(clerk);
        session.flush();
        CHECK(boss->id != Id<IdUser>());
        CHECK(clerk->team_id == team->id);
        clerk->boss_id = boss->id;
        session.commit();
        boss_id = boss->id;
        team_id = team->id;
    }
    mercator::Session session = backend->session();
    mercator::test::SqlLog log(backend->engine());
    const auto boss = session.get<IdUser>(boss_id);
    REQUIRE(boss);
    CHECK(boss->name == "boss");
    CHECK(session.get<IdUser>(boss_id) == boss);
    CHECK(log.count() == 1);
    CHECK(session.query<IdUser>().where(col(&IdUser::boss_id) == boss_id).one()->name == "clerk");
    CHECK(session.query<IdUser>().where(col(&IdUser::id).in({boss_id})).count() == 1);
    CHECK(session.query<IdUser>().where(col(&IdUser::id) == col(&IdUser::boss_id)).count() == 0);
    CHECK(boss->team->name == "red");
    CHECK(session.get<IdTeam>(team_id)->users.size() == 2);
    const auto ids = session.execute(select(col(&IdUser::id)).order_by(col(&IdUser::id))).scalars();
    CHECK(ids.size() == 2);
    CHECK(ids.front() == boss_id);
    CHECK(std::unordered_set<Id<IdUser>>(ids.begin(), ids.end()).contains(boss_id));
    session.delete_(session.query<IdUser>().where(col(&IdUser::name) == "clerk").one());
    session.commit();
    CHECK(session.query<IdUser>().count() == 1);
}

TEST_CASE("TYP-36 a sum type is stored with its tag") {
    Backend backend;
    backend->create_all<StrongRow>();
    {
        mercator::Session session = backend->session();
        session.add(StrongRow{.contact = Mail{"a@b"}});
        session.add(StrongRow{.contact = Phone{7}});
        session.add(StrongRow{});
        session.commit();
    }
    const auto rows = backend.rows("select contact from strong_rows order by id");
    CHECK(rows[0][0] == mercator::Value("mail:a@b"));
    CHECK(rows[1][0] == mercator::Value("phone:7"));
    CHECK(rows[2][0].is_null());
    mercator::Session session = backend->session();
    const auto found = session.query<StrongRow>().order_by(col(&StrongRow::id)).all();
    CHECK(found[0]->contact == Contact(Mail{"a@b"}));
    CHECK(found[1]->contact == Contact(Phone{7}));
    CHECK(found[2]->contact == Contact());
    CHECK(session.query<StrongRow>().where(col(&StrongRow::contact) == Contact(Phone{7})).count() ==
          1);
    backend.run("update strong_rows set contact = 'fax:1' where contact like 'mail%'");
    mercator::Session other = backend->session();
    CHECK(data_error_of([&] { static_cast<void>(other.query<StrongRow>().all()); }).where() ==
          "StrongRow.contact");
}

TEST_CASE("TYP-09 CUS-08 a serialised object is stored with its version and compared by value") {
    Backend backend;
    backend->create_all<StrongRow>();
    {
        mercator::Session session = backend->session();
        session.add(StrongRow{.options = Options{3, {"a", "b"}}, .blob = std::string("x\0y", 3)});
        session.commit();
    }
    CHECK(backend.rows("select options from strong_rows")[0][0] == mercator::Value("2:3 a b"));
    mercator::Session session = backend->session();
    mercator::test::SqlLog log(backend->engine());
    const auto row = session.query<StrongRow>().one();
    CHECK(*row->options == Options{3, {"a", "b"}});
    CHECK(*row->blob == std::string("x\0y", 3));
    row->options = Options{3, {"a", "b"}};
    session.commit();
    CHECK(log.count("UPDATE") == 0);
    row->options->tags.push_back("c"); // in place
    session.commit();
    CHECK(log.count("UPDATE") == 1);
    CHECK(backend.rows("select options from strong_rows")[0][0] == mercator::Value("2:3 a b c"));

    SUBCASE("an old version is read, and compared by what it means") {
        backend.run("update strong_rows set options = '1:4'");
        mercator::Session old = backend->session();
        const auto found = old.query<StrongRow>().one();
        CHECK(*found->options == Options{4, {}});
        log.clear();
        old.commit();
        CHECK(log.count("UPDATE") == 0);
    }
    SUBCASE("a newer version, none, and nonsense are refused") {
        for (const char* stored : {"3:4", "4", ":4", "0:4", "2:x", ""}) {
            backend.run(std::string("update strong_rows set options = '") + stored + "'");
            mercator::Session other = backend->session();
            const auto error =
                data_error_of([&] { static_cast<void>(other.query<StrongRow>().all()); });
            CHECK(error.where() == "StrongRow.options");
        }
    }
}

TEST_CASE("TYP-33 a text that is too long or does not match is refused before any SQL") {
    using Code = mercator::Varchar<8>;
    using MailText = mercator::PatternText<"[a-z]*(@[a-z.]+)?">;
    CHECK_THROWS_AS(Code("123456789"), mercator::DataError);
    CHECK(Code("12345678").text() == "12345678");
    CHECK(Code("\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc").text().size() == 16);
    CHECK_THROWS_AS(MailText("a@B"), mercator::DataError);
    CHECK_THROWS_AS((mercator::PatternText<"a*", 2>("aaa")), mercator::DataError);
    CHECK_THROWS_AS(mercator::PatternText<"(">("a"), mercator::ArgumentError);
    const auto error = data_error_of([] { static_cast<void>(Code("a secret of mine")); });
    CHECK(std::string(error.what()).find("secret") == std::string::npos);

    Backend backend;
    backend->create_all<StrongRow>();
    mercator::Session session = backend->session();
    session.add(StrongRow{.code = "ab", .mail = "me@x.org"});
    session.commit();
    CHECK(session.query<StrongRow>().where(col(&StrongRow::code) == "ab").count() == 1);
    CHECK(session.query<StrongRow>().where(col(&StrongRow::code) == "far too long").count() == 0);
    CHECK(session.query<StrongRow>().where(col(&StrongRow::code).startswith("a")).count() == 1);
    CHECK(session.query<StrongRow>()
              .where(col(&StrongRow::code).in(std::vector<std::string>{"x", "ab"}))
              .count() == 1);
    CHECK(session.query<StrongRow>().where(col(&StrongRow::mail).like("me@%")).one()->mail.text() ==
          "me@x.org");
}

TEST_CASE(
    "CUS-10 CUS-11 MOD-32 a type has its rule of comparison, its operators and its SQL type") {
    Backend backend;
    backend->create_all<StrongRow>();
    const auto& table = mercator::mapper_of<StrongRow>().table();
    CHECK(table.column("price").type == mercator::Integer());
    CHECK(table.column("discount").type == mercator::BigInteger()); // the column's own word wins
    mercator::Session session = backend->session();
    session.add(StrongRow{.price = {900}, .discount = Euros{100}});
    session.add(StrongRow{.price = {1200}});
    session.commit();
    CHECK(session.query<StrongRow>().where(col(&StrongRow::price) == 9).count() == 1);
    CHECK(session.query<StrongRow>().where(12 == col(&StrongRow::price)).count() == 1);
    CHECK(session.query<StrongRow>().where(col(&StrongRow::price).between(8, 10)).count() == 1);
    CHECK(session.query<StrongRow>()
              .where(col(&StrongRow::price).in(std::vector<int>{9, 12}))
              .count() == 2);
    CHECK(session.query<StrongRow>().where(col(&StrongRow::discount) == 1).count() == 1);
    CHECK(session.query<StrongRow>().where(col(&StrongRow::price).is_cheap()).count() == 1);
    CHECK(session.query<StrongRow>().where(col(&StrongRow::discount).is_cheap()).count() == 1);
    session.query<StrongRow>()
        .where(col(&StrongRow::price) == 9)
        .update(mercator::set(&StrongRow::price, 30));
    CHECK(session.query<StrongRow>().where(col(&StrongRow::price) == Euros{3000}).count() == 1);
}
