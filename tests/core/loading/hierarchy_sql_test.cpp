// SPDX-License-Identifier: MIT
// The statements of queries for classes of a hierarchy.
#include <mercator/dialect/recording.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

using namespace mercator;

namespace {

struct Yard;

struct Pet {
    std::int64_t id{};
    std::string kind;
    std::optional<std::int64_t> yard_id;
    One<Yard> yard;
    virtual ~Pet() = default;
};
struct Cat : Pet {
    std::optional<int> lives;
};
struct Lynx : Cat {};
struct Dog : Pet {};

struct Ship {
    std::int64_t id{};
    int kind{};
    virtual ~Ship() = default;
};
struct Ferry : Ship {
    std::int64_t cars{};
    std::optional<std::int64_t> yard_id;
    One<Yard> yard;
};
struct Yard {
    std::int64_t id{};
    Many<Pet> pets;
    Many<Ferry> ferries;
};

struct Coin {
    std::int64_t id{};
    int kind{};
};
struct Medal : Coin {
    std::string ribbon;
};

void describe(Mapping<Pet>& pet) {
    pet.table("pets");
    pet.column<&Pet::id>().primary_key();
    pet.column<&Pet::kind>(String(9));
    pet.column<&Pet::yard_id>().references<&Yard::id>();
    pet.relationship<&Pet::yard>().back_populates<&Yard::pets>();
    pet.polymorphic_on<&Pet::kind>().identity("pet");
}
void describe(Mapping<Cat>& cat) {
    cat.inherits<Pet>().identity("cat");
    cat.column<&Cat::lives>();
}
void describe(Mapping<Lynx>& lynx) {
    lynx.inherits<Cat>().identity("lynx");
}
void describe(Mapping<Dog>& dog) {
    dog.inherits<Pet>().identity("dog");
}
void describe(Mapping<Ship>& ship) {
    ship.table("ships");
    ship.column<&Ship::id>().primary_key();
    ship.column<&Ship::kind>();
    ship.polymorphic_on<&Ship::kind>().identity(0);
}
void describe(Mapping<Ferry>& ferry) {
    ferry.inherits<Ship>().table("ferries").inherit_key("ship_id").identity(1);
    ferry.column<&Ferry::cars>();
    ferry.column<&Ferry::yard_id>().references<&Yard::id>();
    ferry.relationship<&Ferry::yard>().back_populates<&Yard::ferries>();
}
void describe(Mapping<Yard>& yard) {
    yard.table("yards");
    yard.column<&Yard::id>().primary_key();
    yard.relationship<&Yard::pets>().back_populates<&Pet::yard>();
    yard.relationship<&Yard::ferries>().back_populates<&Ferry::yard>();
}
void describe(Mapping<Coin>& coin) {
    coin.table("coins");
    coin.column<&Coin::id>().primary_key();
    coin.column<&Coin::kind>();
    coin.polymorphic_on<&Coin::kind>().identity(0);
}
void describe(Mapping<Medal>& medal) {
    medal.inherits<Coin>().concrete().table("medals").identity(1);
    medal.column<&Medal::ribbon>(String(9));
}

/// Statements of a session whose database answers nothing.
struct Recorded {
    explicit Recorded(std::string_view name) :
        recorder(Recorder::named(name)),
        database("ansi://" + std::string(name)) {
        recorder->clear();
        database.map<Yard, Pet, Cat, Lynx, Dog, Ship, Ferry, Coin, Medal>();
    }
    [[nodiscard]] std::string last() const { return recorder->statements().back(); }
    std::shared_ptr<Recorder> recorder;
    Database database;
};

const std::string pet = R"("pets"."id", "pets"."kind", "pets"."yard_id")";
const std::string ferry = R"("ships"."id", "ships"."kind", "ferries"."cars", "ferries"."yard_id")";

} // namespace

TEST_CASE("INH-01 INH-06 a base reads the columns of all classes, a subclass its rows alone") {
    Recorded db("one-table");
    Session session = db.database.session();
    CHECK(session.query<Pet>().all().empty());
    CHECK(db.last() == "SELECT " + pet + R"(, "pets"."lives" FROM "pets")");
    CHECK(session.query<Cat>().all().empty());
    CHECK(db.last() == "SELECT " + pet + R"(, "pets"."lives" FROM "pets" )" +
                           R"(WHERE "pets"."kind" IN (?, ?))");
    CHECK(session.query<Dog>().all().empty());
    CHECK(db.last() == "SELECT " + pet + R"( FROM "pets" WHERE "pets"."kind" = ?)");
    CHECK(session.query<Cat>().count() == 0);
    CHECK(db.last() == R"(SELECT COUNT(*) FROM "pets" WHERE "pets"."kind" IN (?, ?))");
    CHECK(session.query<Pet>().count() == 0);
    CHECK(db.last() == R"(SELECT COUNT(*) FROM "pets")");
    CHECK(session.query<Pet>().where(col(&Cat::lives) > 7).all().empty());
    CHECK(db.last() ==
          "SELECT " + pet + R"(, "pets"."lives" FROM "pets" WHERE "pets"."lives" > ?)");
    CHECK_FALSE(session.query<Dog>().exists());
    CHECK(db.last() == R"(SELECT ? FROM "pets" WHERE "pets"."kind" = ? LIMIT ?)");
}

TEST_CASE("INH-02 INH-14 INH-15 joined tables are joined by those who name them") {
    Recorded db("joined-tables");
    Session session = db.database.session();
    CHECK(session.query<Ship>().all().empty());
    CHECK(db.last() == R"(SELECT "ships"."id", "ships"."kind" FROM "ships")");
    CHECK(session.query<Ferry>().all().empty());
    const std::string tables =
        R"( FROM "ships" JOIN "ferries" ON "ferries"."ship_id" = "ships"."id")";
    CHECK(db.last() == "SELECT " + ferry + tables);
    CHECK(session.query<Ship>().options(with_polymorphic<Ferry>()).all().empty());
    const std::string outer =
        R"( FROM "ships" LEFT JOIN "ferries" ON "ferries"."ship_id" = "ships"."id")";
    CHECK(db.last() == "SELECT " + ferry + outer);
    CHECK(session.query<Ship>().where(col(&Ferry::cars) > 3).count() == 0);
    CHECK(db.last() == "SELECT COUNT(*)" + outer + R"( WHERE "ferries"."cars" > ?)");
    CHECK(session.query<Ferry>().where(col(&Ship::id) == 3).count() == 0);
    CHECK(db.last() == "SELECT COUNT(*)" + tables + R"( WHERE "ships"."id" = ?)");
}

TEST_CASE("REL-39 INH-17 joins and questions name each table once, and the class in ON") {
    Recorded db("narrowed");
    Session session = db.database.session();
    CHECK(session.query<Yard>()
              .left_join(rel(&Yard::pets).of_type<Dog>().and_(col(&Pet::id) > 2))
              .all()
              .empty());
    CHECK(db.last() ==
          R"(SELECT "yards"."id" FROM "yards" LEFT JOIN "pets" ON "yards"."id" = "pets"."yard_id" )"
          R"(AND "pets"."kind" = ? AND "pets"."id" > ?)");
    CHECK(
        session.query<Yard>().where(rel(&Yard::ferries).any(col(&Ship::kind) == 1)).all().empty());
    CHECK(db.last() ==
          R"(SELECT "yards"."id" FROM "yards" WHERE EXISTS (SELECT 1 FROM "ships" JOIN "ferries" )"
          R"(ON "ferries"."ship_id" = "ships"."id" WHERE "yards"."id" = "ferries"."yard_id" )"
          R"(AND "ships"."kind" = ?))");
    CHECK(session.query<Yard>().options(joined<&Yard::ferries>()).all().empty());
    CHECK(db.last() ==
          R"(SELECT "yards"."id", "ferries_1__ships"."id", "ferries_1__ships"."kind", )"
          R"("ferries_1"."cars", "ferries_1"."yard_id", "ferries_1"."ship_id" FROM "yards" )"
          R"(LEFT JOIN "ferries" AS "ferries_1" ON "yards"."id" = "ferries_1"."yard_id" )"
          R"(LEFT JOIN "ships" AS "ferries_1__ships" ON )"
          R"("ferries_1__ships"."id" = "ferries_1"."ship_id")");
}

TEST_CASE("INH-12 tables that repeat a base's columns are read one after the other") {
    Recorded db("concrete");
    Session session = db.database.session();
    CHECK(session.query<Coin>().where(col(&Medal::ribbon) == "red").all().empty());
    CHECK(db.last() ==
          R"(SELECT "coins"."id", "coins"."kind", "coins"."ribbon" FROM )"
          R"((SELECT "coins"."id" AS "id", "coins"."kind" AS "kind", CAST(NULL AS VARCHAR(9)) AS )"
          R"("ribbon" FROM "coins" UNION ALL SELECT "medals"."id" AS "id", "medals"."kind" AS )"
          R"("kind", "medals"."ribbon" AS "ribbon" FROM "medals") AS "coins" )"
          R"(WHERE "coins"."ribbon" = ?)");
    CHECK(session.query<Medal>().all().empty());
    CHECK(db.last() == R"(SELECT "medals"."id", "medals"."kind", "medals"."ribbon" FROM "medals")");
}
