// SPDX-License-Identifier: MIT
// The page on types, as a program: types of a program's own.
#include <mercator/mapping/array.hpp>
#include <mercator/mapping/checked_text.hpp>
#include <mercator/mapping/json.hpp>
#include <mercator/mercator.hpp>
#include <mercator/types/id.hpp>
#include <mercator/types/serialized.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <variant>

using namespace mercator;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct Money {
    std::int64_t cents = 0;
};

struct Price { // what is asked for, on top of Money
    Money net;
};

struct Mail {
    std::string address;
    friend bool operator==(const Mail&, const Mail&) = default; // std::variant wants it
};
struct Phone {
    std::string number;
    friend bool operator==(const Phone&, const Phone&) = default;
};
using Contact = std::variant<std::monostate, Mail, Phone>;

struct Hostname {
    std::string text;
};

struct Theme {
    std::string name = "light";
    int size = 12;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Theme, name, size)

} // namespace

template <>
struct mercator::TypeDecorator<Money> {
    using storage = std::int64_t;
    static std::int64_t bind(const Money& money) { return money.cents; }
    static Money result(std::int64_t stored) { return {stored}; }
};

template <>
struct mercator::SqlTypeOf<Money> { // in all models; a type given to a column still wins
    static constexpr SqlType value = Integer();
};

template <>
struct mercator::CompareRule<Money, int> { // col(&Item::cost) == 9 compares with 9 euros
    static Money convert(int euros) { return {std::int64_t{euros} * 100}; }
};

template <class Self>
struct mercator::OwnOperations<Money, Self> { // col(&Item::cost).is_cheap(), for no other type
    [[nodiscard]] Condition is_cheap() const { return static_cast<const Self&>(*this) < 10; }
};

template <>
struct mercator::TypeDecorator<Price> {
    using storage = Money;
    static Money bind(const Price& price) { return price.net; }
    static Price result(Money stored) { return {stored}; }
};

template <>
struct mercator::TypeDecorator<Contact> {
    using storage = std::optional<std::string>;
    static storage bind(const Contact& contact) {
        if (const auto* mail = std::get_if<Mail>(&contact)) return "mail:" + mail->address;
        if (const auto* phone = std::get_if<Phone>(&contact)) return "phone:" + phone->number;
        return std::nullopt;
    }
    static Contact result(storage stored) {
        if (!stored) return {};
        const auto colon = stored->find(':');
        if (stored->substr(0, colon) == "mail") return Mail{stored->substr(colon + 1)};
        if (stored->substr(0, colon) == "phone") return Phone{stored->substr(colon + 1)};
        throw std::invalid_argument("an unknown kind of contact");
    }
};

template <>
struct mercator::TypeDecorator<Hostname> {
    using storage = std::string;
    static constexpr SqlType sql_type() noexcept { return String(253); }
    static constexpr std::string_view write_sql = "lower({})"; // around every value that is sent
    // The old system, on MySQL, ends them in a dot.
    static std::string bind(const Hostname& host, const DialectInfo& db) {
        return db.name == "mysql" ? host.text + '.' : host.text;
    }
    static Hostname result(std::string stored) {
        if (stored.ends_with('.')) stored.pop_back();
        return {std::move(stored)};
    }
};

template <>
struct mercator::TypeDecorator<Theme> : mercator::StoredAsJson<Theme> {};

namespace {

std::string encrypt(const std::string& text) {
    std::string turned = text;
    std::reverse(turned.begin(), turned.end()); // yours is better
    return turned;
}
std::string decrypt(const std::string& stored) {
    return encrypt(stored);
}

struct Item {
    std::int64_t id{};
    Money cost;
    std::optional<Price> price;
    Contact seller;
    Hostname host;
    std::string account;
};
void describe(Mapping<Item>& item) {
    item.column<&Item::id>().primary_key();
    item.column<&Item::cost>();
    item.column<&Item::price>(BigInteger());
    item.column<&Item::seller>();
    item.column<&Item::host>();
    item.column<&Item::account>(String(60)).convert<&encrypt, &decrypt>();
}

enum class Status { open, paid };

struct Device {
    Status status = Status::open;
    std::string address;
    std::int64_t id{};
    std::int32_t number{};
};
void describe(Mapping<Device>& device) {
    device.column<&Device::id>().primary_key();
    device.column<&Device::number>(Integer().with_variant("sqlite", BigInteger()));
    device.column<&Device::status>(NativeEnum("device_status"));
    device.column<&Device::address>(native_type("inet").with_variant("mysql", String(45)));
}

struct Team;
struct Member {
    Id<Member> id;
    std::optional<Id<Team>> team_id;
    Varchar<40> name;
    PatternText<"[a-z.]+@[a-z.]+"> mail;
    One<Team> team;
};
struct Team {
    Id<Team> id;
    Varchar<40> name;
};
void describe(Mapping<Team>& team) {
    team.column<&Team::id>().primary_key();
    team.column<&Team::name>();
}
void describe(Mapping<Member>& member) {
    member.column<&Member::id>().primary_key();
    member.column<&Member::team_id>().references<&Team::id>();
    member.column<&Member::name>();
    member.column<&Member::mail>();
    member.relationship<&Member::team>();
}

struct SearchesCodec {
    static constexpr int version = 2;
    static std::string encode(const std::vector<std::string>& words) {
        return fmt::format("{}\n", fmt::join(words, "\n"));
    }
    static std::vector<std::string> decode(const std::string& stored, int version) {
        std::vector<std::string> words;
        std::istringstream lines(stored); // version 1 had commas between the words
        for (std::string word; std::getline(lines, word, version == 1 ? ',' : '\n');)
            words.push_back(word);
        return words;
    }
};

struct Settings {
    std::int64_t id{};
    nlohmann::json preferences = nlohmann::json::object(); // NOT NULL
    std::optional<nlohmann::json> extra;                   // may be SQL's NULL
    std::vector<std::string> tags;
    Theme theme;
    Serialized<std::vector<std::string>, SearchesCodec> searches;
};
void describe(Mapping<Settings>& settings) {
    settings.column<&Settings::id>().primary_key();
    settings.column<&Settings::preferences>();
    settings.column<&Settings::extra>();
    settings.column<&Settings::tags>(Array(Text()).as_json());
    settings.column<&Settings::theme>();
    settings.column<&Settings::searches>();
}

void own_types(Session& session) {
    auto pen = session.add(Item{.cost = {900},
                                .price = Price{{1200}},
                                .seller = Phone{"112"},
                                .host = {"Shop.Example"},
                                .account = "AT61"});
    session.commit();
    auto cheap = session.query<Item>().where(col(&Item::cost).is_cheap()).all();
    auto nine = session.query<Item>().where(col(&Item::cost) == 9).one();
    auto by_account = session.query<Item>().where(col(&Item::account) == "AT61").one();
    require(cheap.size() == 1 && nine == pen && by_account == pen);
    session.refresh(pen);
    require(pen->host.text == "shop.example" && std::get<Phone>(pen->seller).number == "112");
    require(session.connection().fetch_all("select account from item")[0][0] == Value("16TA"));
}

void strong_types(Session& session) {
    auto team = session.add(Team{.name = "Analysts"});
    auto ada = session.add(Member{.name = "Ada", .mail = "ada@example.org"});
    ada->team = team;
    session.commit();
    auto found = session.get<Member>(Id<Member>(1)); // Id<Team>(1) does not compile
    require(found == ada && found->team_id == team->id);
    try {
        ada->mail = "nobody";
    } catch (const DataError& error) {
        fmt::print("{}\n", error.what());
    }
}

void documents(Session& session) {
    session.add(Settings{
        .preferences = {{"theme", {{"name", "dark"}, {"sizes", {12, 14}}}}},
        .extra = json_null,
        .tags = {"sql", "maps"},
        .searches = std::vector<std::string>{"globe"},
    });
    session.commit();
    const auto preferences = col(&Settings::preferences);
    auto dark = session.query<Settings>()
                    .where(preferences["theme"]["name"].as_text() == "dark" &&
                           preferences["theme"]["sizes"][0].as<int>() > 10 &&
                           any_(col(&Settings::tags), std::string("sql")))
                    .one();
    dark->preferences["theme"]["name"] = "black"; // the flush sees it, at any depth
    dark->searches->push_back("atlas");
    require(session.is_modified(dark));
    session.commit();
    require(session.query<Settings>().where(col(&Settings::extra).is_json_null()).count() == 1);
    require(session.query<Settings>().where(col(&Settings::extra) == null).count() == 0);
}

} // namespace

int main() {
    Database db("sqlite://");
    db.create_all<Item, Device, Member, Team, Settings>();
    Session session = db.session();
    own_types(session);
    strong_types(session);
    documents(session);
    session.add(Device{.address = "10.0.0.1", .number = 7});
    session.commit();
    require(session.query<Device>().where(col(&Device::status) == Status::open).count() == 1);
}
