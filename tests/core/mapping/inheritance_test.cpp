// SPDX-License-Identifier: MIT
#include <mercator/mapping/expression.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace mercator;

namespace inheritance_test {

struct Person {
    std::int64_t id{};
    std::string name;
    std::string type;
    virtual ~Person() = default;
};
struct Worker : Person {
    std::int32_t wage{};
    std::optional<std::string> badge;
};
struct Boss : Worker {
    std::optional<std::string> car;
};
struct Client : Person {
    std::string account;
};
struct Visitor : Person {
    std::string host;
};

void describe(Mapping<Person>& person) {
    person.table("it_people").polymorphic_on<&Person::type>().identity("person");
    person.column<&Person::id>().primary_key();
    person.column<&Person::name>(String(30));
    person.column<&Person::type>(String(30));
}
void describe(Mapping<Worker>& worker) {
    worker.inherits<Person>().table("it_workers").inherit_key("person_id").identity("worker");
    worker.column<&Worker::wage>();
    worker.column<&Worker::badge>(String(10)).unique();
}
void describe(Mapping<Boss>& boss) {
    boss.inherits<Worker>().identity("boss").polymorphic_load(PolymorphicLoad::Inline);
    boss.column<&Boss::car>(String(10));
}
void describe(Mapping<Client>& client) {
    client.inherits<Person>().identity("client");
    client.column<&Client::account>(String(10));
}
void describe(Mapping<Visitor>& visitor) {
    visitor.inherits<Person>().concrete().table("it_visitors").identity("visitor");
    visitor.column<&Visitor::host>(String(10));
}

std::vector<std::string> names(const Mapper& mapper) {
    std::vector<std::string> list;
    for (const auto& property : mapper.columns())
        list.push_back(property.table->name + "." + property.in_schema().name);
    return list;
}
using Names = std::vector<std::string>;

template <class T>
std::string refused() {
    try {
        static_cast<void>(mapper_of<T>());
    } catch (const MappingError& error) {
        return error.what();
    }
    return "(not refused)";
}

} // namespace inheritance_test

using namespace inheritance_test;

TEST_CASE("INH-13 columns of the bases come first, with the indices that they have there") {
    const Mapper& person = mapper_of<Person>();
    const Mapper& boss = mapper_of<Boss>();
    CHECK(names(boss) == Names{"it_people.id", "it_people.name", "it_people.type",
                               "it_workers.wage", "it_workers.badge", "it_workers.car"});
    for (std::size_t i = 0; i < person.columns().size(); ++i) {
        CHECK(boss.columns()[i].field.offset == person.columns()[i].field.offset);
        CHECK(boss.columns()[i].member == person.columns()[i].member);
    }
    CHECK(boss.columns()[1].where == "Boss.name");
    CHECK(boss.fields()[1].where == "Boss.name");
    CHECK(boss.primary_key() == person.primary_key());
    CHECK(boss.generated_key() == 0);
    CHECK(boss.has_integer_key());
}

TEST_CASE("INH-13 a mapper knows its place in the hierarchy") {
    const Mapper& boss = mapper_of<Boss>();
    const Mapper& worker = mapper_of<Worker>();
    const Mapper& person = mapper_of<Person>();
    const Mapper& client = mapper_of<Client>();
    const Mapper& visitor = mapper_of<Visitor>();
    CHECK(boss.base() == &worker);
    CHECK(&boss.root() == &person);
    CHECK(boss.is_a(person));
    CHECK_FALSE(person.is_a(boss));
    CHECK_FALSE(boss.is_a(client));
    CHECK(person.inheritance() == Inheritance::None);
    CHECK(worker.inheritance() == Inheritance::Joined);
    CHECK(boss.inheritance() == Inheritance::Single);
    CHECK(visitor.inheritance() == Inheritance::Concrete);
    CHECK(&boss.identity_root() == &person);
    CHECK(&visitor.identity_root() == &visitor);
    CHECK(&visitor.root() == &person);
    CHECK(person.descendants().front() == &person);
    CHECK(person.descendants().size() == 5);
    CHECK(worker.descendants() == std::vector<const Mapper*>{&worker, &boss});
    CHECK(person.mapper_of_identity("boss") == &boss);
    CHECK(client.mapper_of_identity("boss") == &boss);
    CHECK(person.mapper_of_identity("nobody") == nullptr);
    CHECK(boss.polymorphic_load() == PolymorphicLoad::Inline);
    CHECK_FALSE(worker.polymorphic_load().has_value());
}

TEST_CASE("INH-13 parts are the tables of one object, from the root down") {
    const auto& boss = mapper_of<Boss>().parts();
    REQUIRE(boss.size() == 2);
    CHECK(boss[0].table->name == "it_people");
    CHECK(boss[0].key_names == Names{"id"});
    CHECK(boss[0].end_column == 3);
    CHECK(boss[1].table->name == "it_workers");
    CHECK(boss[1].key_names == Names{"person_id"});
    CHECK(boss[1].first_column == 3);
    CHECK(boss[1].end_column == 6);
    CHECK(mapper_of<Boss>().part_of(2) == 0);
    CHECK(mapper_of<Boss>().part_of(3) == 1);
    CHECK(mapper_of<Boss>().column_in(*boss[1].table, "person_id") == std::uint16_t{0});
    CHECK(mapper_of<Client>().parts().size() == 1);
    CHECK(mapper_of<Client>().parts()[0].end_column == 4);
    CHECK(mapper_of<Visitor>().parts()[0].table->name == "it_visitors");
}

TEST_CASE("INH-02 a joined table has the key of its base's, which refers to it") {
    const Table& table = mapper_of<Worker>().table();
    const Column& key = table.column("person_id");
    CHECK(key.is_primary_key);
    CHECK(table.autoincrement_column() == nullptr);
    REQUIRE(table.foreign_keys.size() == 1);
    CHECK(table.foreign_keys[0].target_table == "it_people");
    CHECK(table.foreign_keys[0].target_columns == Names{"id"});
    CHECK(table.foreign_keys[0].on_delete == ReferentialAction::NoAction);
}

TEST_CASE("INH-05 a column that only some classes of a table have may be NULL for the others") {
    const Mapper& client = mapper_of<Client>();
    CHECK(&client.table() == &mapper_of<Person>().table());
    CHECK(client.table().column("account").accepts_null());
    CHECK_FALSE(client.columns()[3].field.optional);
    const auto& checks = client.table().checks;
    REQUIRE(checks.size() == 1);
    CHECK(client.table().columns_of_constraint(checks[0].name) == Names{"type", "account"});
}

TEST_CASE("INH-12 a concrete table repeats the columns of the base") {
    CHECK(names(mapper_of<Visitor>()) ==
          Names{"it_visitors.id", "it_visitors.name", "it_visitors.type", "it_visitors.host"});
    CHECK(mapper_of<Visitor>().generated_key() == 0);
    CHECK(mapper_of<Visitor>().table().foreign_keys.empty());
}

TEST_CASE("INH-03 col names the column of an inherited member in its own table") {
    CHECK(col(&Boss::name).node() != nullptr);
    const auto& ref = static_cast<const ast::ColumnRef&>(*col<Boss>(&Boss::name).node());
    CHECK(ref.qualifier == "it_people");
    const auto& own = static_cast<const ast::ColumnRef&>(*col<Boss>(&Boss::wage).node());
    CHECK(own.qualifier == "it_workers");
}

// Identities and discriminators
// ------------------------------------------------------------------------------------------------

namespace inheritance_test {

enum class Rank { private_, general };
struct Soldier {
    std::int64_t id{};
    Rank rank{};
};
struct General : Soldier {};
void describe(Mapping<Soldier>& soldier) {
    soldier.table("it_soldiers").polymorphic_on<&Soldier::rank>().identity(Rank::private_);
    soldier.column<&Soldier::id>().primary_key();
    soldier.column<&Soldier::rank>();
}
void describe(Mapping<General>& general) {
    general.inherits<Soldier>().identity(Rank::general);
}

struct Level {
    std::int64_t id{};
    std::uint8_t kind{};
};
struct Upper : Level {};
void describe(Mapping<Level>& level) {
    level.table("it_levels").polymorphic_on<&Level::kind>().identity(1);
    level.column<&Level::id>().primary_key();
    level.column<&Level::kind>();
}
void describe(Mapping<Upper>& upper) {
    upper.inherits<Level>().identity(2U);
}

struct Figure {
    std::int64_t id{};
    std::int32_t corners{};
};
struct Triangle : Figure {};
void describe(Mapping<Figure>& figure) {
    figure.table("it_figures").polymorphic_on([] { return col(&Figure::corners) + 0; }).identity(0);
    figure.column<&Figure::id>().primary_key();
    figure.column<&Figure::corners>();
}
void describe(Mapping<Triangle>& triangle) {
    triangle.inherits<Figure>().identity(3);
}

} // namespace inheritance_test

TEST_CASE("INH-03 the discriminator is a text, a number, an enum, or an expression") {
    const Mapper& general = mapper_of<General>();
    CHECK(general.identity() == Value("general"));
    CHECK(general.mapper_of_identity("private_") == &mapper_of<Soldier>());
    const Mapper& upper = mapper_of<Upper>();
    std::uint8_t two = 2;
    CHECK(upper.identity() == Value(two));
    CHECK(upper.discriminator() == 1);
    const Mapper& triangle = mapper_of<Triangle>();
    CHECK(triangle.discriminator() == -1);
    CHECK(triangle.is_polymorphic());
    CHECK(triangle.discriminator_node()->kind == ast::NodeKind::Binary);
    CHECK(triangle.mapper_of_identity(3) == &triangle);
}

// What is refused
// ------------------------------------------------------------------------------------------------

namespace inheritance_test {

struct TwinA : Person {};
struct TwinB : Person {};
void describe(Mapping<TwinA>& twin) {
    twin.inherits<Person>().identity("twin");
}
void describe(Mapping<TwinB>& twin) {
    twin.inherits<Person>().identity("twin");
}

struct Nameless : Person {};
void describe(Mapping<Nameless>& nameless) {
    nameless.inherits<Person>();
}

struct Unmarked {
    std::int64_t id{};
    std::string kind;
};
void describe(Mapping<Unmarked>& unmarked) {
    unmarked.table("it_unmarked").polymorphic_on<&Unmarked::kind>().identity("x");
    unmarked.column<&Unmarked::id>().primary_key();
}

struct Plain {
    std::int64_t id{};
};
struct OfPlain : Plain {
    int more{};
};
void describe(Mapping<Plain>& plain) {
    plain.table("it_plain");
    plain.column<&Plain::id>().primary_key();
}
void describe(Mapping<OfPlain>& of_plain) {
    of_plain.inherits<Plain>().table("it_of_plain");
    of_plain.column<&OfPlain::more>();
}

struct Virtual : Plain {
    virtual ~Virtual() = default;
};
void describe(Mapping<Virtual>& mapping) {
    mapping.inherits<Plain>().identity("virtual");
}

struct OwnKey : Person {
    std::int64_t no{};
};
void describe(Mapping<OwnKey>& mapping) {
    mapping.inherits<Person>().table("it_own_key").identity("own_key");
    mapping.column<&OwnKey::no>().primary_key();
}

struct KeyAgain : Person {};
void describe(Mapping<KeyAgain>& mapping) {
    mapping.inherits<Person>().table("it_key_again").identity("key_again");
    mapping.primary_key<&KeyAgain::id>();
}

struct Noted : Person {};
void describe(Mapping<Noted>& mapping) {
    mapping.inherits<Person>().identity("noted").comment("a table of its own?");
}

struct Late : Person {
    int x{};
};
void describe(Mapping<Late>& mapping) {
    mapping.column<&Late::x>();
    mapping.inherits<Person>().identity("late");
}

struct Wide : Soldier {};
void describe(Mapping<Wide>& mapping) {
    mapping.inherits<Soldier>().identity("field marshal");
}

struct Strict : Worker {
    int needed{};
};
void describe(Mapping<Strict>& mapping) {
    mapping.inherits<Worker>().identity("strict");
    mapping.column<&Strict::needed>();
}

struct Same : Person {
    std::string account;
};
void describe(Mapping<Same>& mapping) {
    mapping.inherits<Person>().identity("same");
    mapping.column<&Same::account>();
}

struct Rooted : Person {};
void describe(Mapping<Rooted>& mapping) {
    mapping.inherits<Person>().polymorphic_on<&Person::name>().identity("rooted");
}

struct Ghost : Person {};
void describe(Mapping<Ghost>& mapping) {
    mapping.inherits<Person>().polymorphic_abstract().identity("ghost");
}

struct Pure : Person {
    virtual void act() = 0;
};
void describe(Mapping<Pure>& mapping) {
    mapping.inherits<Person>().identity("pure");
}

/// Gives others its columns, and has no table.
struct Record {
    std::int64_t id{};
    std::string note;
};
struct Letter : Record {};
struct Reply {
    std::int64_t id{};
    std::optional<std::int64_t> record_id;
    One<Record> record;
};
struct Copy : Record {};
void describe(Mapping<Record>& record) {
    record.abstract();
    record.column<&Record::id>().primary_key();
    record.column<&Record::note>();
}
void describe(Mapping<Letter>& letter) {
    letter.table("it_letters").include<Record>();
}
void describe(Mapping<Reply>& reply) {
    reply.table("it_replies");
    reply.column<&Reply::id>().primary_key();
    reply.column<&Reply::record_id>();
    reply.relationship<&Reply::record>();
}
void describe(Mapping<Copy>& copy) {
    copy.inherits<Record>();
}

} // namespace inheritance_test

TEST_CASE("INH-04 two classes with one identity are refused") {
    CHECK(mapper_of<TwinA>().identity() == Value("twin"));
    CHECK(refused<TwinB>() ==
          "TwinB has the identity 'twin' that TwinA has; give each class of a hierarchy its own");
    CHECK(mapper_of<Person>().mapper_of_identity("twin") == &mapper_of<TwinA>());
}

TEST_CASE("INH-04 a class without an identity is refused") {
    CHECK(refused<Nameless>().find("Nameless has no identity") == 0);
    CHECK(refused<Wide>().find("Wide has an identity that Wide.rank cannot hold") == 0);
    CHECK(refused<Ghost>().find("Ghost is polymorphic_abstract() and has an identity") == 0);
}

TEST_CASE("INH-03 a discriminator that is no column is refused, and one below the root") {
    CHECK(refused<Unmarked>().find("Unmarked is polymorphic_on() a member that is no column") == 0);
    CHECK(refused<OfPlain>().find("OfPlain shares rows with Plain, and no column tells") == 0);
    CHECK(refused<Rooted>().find("Rooted has a polymorphic_on()") == 0);
}

TEST_CASE("INH-02 a base that does not come first is refused, and a key of one's own") {
    CHECK(refused<Virtual>().find("Virtual does not begin with its base Plain; name Plain first "
                                  "among its bases, and if Virtual has virtual functions, give "
                                  "Plain a virtual destructor") == 0);
    CHECK(refused<OwnKey>().find("OwnKey has a primary key of its own") == 0);
    CHECK(refused<KeyAgain>().find(
              "KeyAgain has the key of Person; leave primary_key<...>() out") == 0);
    CHECK(refused<Noted>().find("Noted has its columns in the table it_people of Person, and says "
                                "something of a table of its own") == 0);
    CHECK(refused<Late>().find("Late says inherits<...>() after its first member") == 0);
}

TEST_CASE("INH-05 NOT NULL that no check can say is refused, and a column that is there already") {
    CHECK(refused<Strict>().find(
              "Strict.needed cannot be NULL, but lies in the table it_workers") == 0);
    CHECK(mapper_of<Client>().table().find_column("account") != nullptr);
    CHECK(refused<Same>().find("Same has a column account, which the table it_people that it "
                               "shares has already") == 0);
    CHECK(refused<Pure>().find("Pure has pure virtual functions") == 0);
}

TEST_CASE("INH-07 an abstract class has no table, and nothing can refer to it") {
    CHECK(names(mapper_of<Letter>()) == Names{"it_letters.id", "it_letters.note"});
    CHECK(refused<Record>().find("Record is abstract: it has no table") == 0);
    CHECK(refused<Reply>().find("Reply.record refers to Record, which is abstract") == 0);
    CHECK(refused<Copy>().find("Copy inherits Record, which is abstract and has no table; take its "
                               "columns by include<Record>()") == 0);
}
