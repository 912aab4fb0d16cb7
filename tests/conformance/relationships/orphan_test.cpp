// SPDX-License-Identifier: MIT
// Objects that lose their owner. (Cases C08 and C09 of the reliability list.)
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct Line;
struct Seal;
struct Note;
struct Shelf;

struct Order {
    std::int64_t id{};
    std::string name;
    Many<Line> lines;
    One<Seal> seal;
};
/// Belongs to an order, and perhaps to a shelf: an orphan of either goes.
struct Line {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> order_id;
    std::optional<std::int64_t> shelf_id;
    One<Order> order;
    One<Shelf> shelf;
    Many<Note> notes;
};
struct Note {
    std::int64_t id{};
    std::string name;
    std::int64_t line_id{};
};
struct Shelf {
    std::int64_t id{};
    std::string name;
    Many<Line> lines;
};
struct Seal {
    std::int64_t id{};
    std::string name;
    std::int64_t order_id{};
    One<Order> order;
};

struct Chassis {
    std::int64_t id{};
    std::string name;
};
/// Refers to what it owns.
struct Car {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> chassis_id;
    One<Chassis> chassis;
};

void describe(Mapping<Order>& order) {
    order.table("orphan_orders");
    order.column<&Order::id>().primary_key();
    order.column<&Order::name>(String(40));
    order.relationship<&Order::lines>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .backref<&Line::order>();
    order.relationship<&Order::seal>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .backref<&Seal::order>();
}
void describe(Mapping<Line>& line) {
    line.table("orphan_lines");
    line.column<&Line::id>().primary_key();
    line.column<&Line::name>(String(40));
    line.column<&Line::order_id>().references<&Order::id>();
    line.column<&Line::shelf_id>().references<&Shelf::id>();
    line.relationship<&Line::notes>().cascade(Cascade::all | Cascade::delete_orphan);
}
void describe(Mapping<Note>& note) {
    note.table("orphan_notes");
    note.column<&Note::id>().primary_key();
    note.column<&Note::name>(String(40));
    note.column<&Note::line_id>().references<&Line::id>();
}
void describe(Mapping<Shelf>& shelf) {
    shelf.table("orphan_shelves");
    shelf.column<&Shelf::id>().primary_key();
    shelf.column<&Shelf::name>(String(40));
    shelf.relationship<&Shelf::lines>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .backref<&Line::shelf>();
}
void describe(Mapping<Seal>& seal) {
    seal.table("orphan_seals");
    seal.column<&Seal::id>().primary_key();
    seal.column<&Seal::name>(String(40));
    seal.column<&Seal::order_id>().references<&Order::id>().unique();
}
void describe(Mapping<Chassis>& chassis) {
    chassis.table("orphan_chassis");
    chassis.column<&Chassis::id>().primary_key();
    chassis.column<&Chassis::name>(String(40));
}
void describe(Mapping<Car>& car) {
    car.table("orphan_cars");
    car.column<&Car::id>().primary_key();
    car.column<&Car::name>(String(40));
    car.column<&Car::chassis_id>().references<&Chassis::id>();
    car.relationship<&Car::chassis>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .single_parent();
}

struct Album;
struct Photo {
    std::int64_t id{};
    std::string name;
    Many<Album> albums;
};
/// Owns its photos by a table between.
struct Album {
    std::int64_t id{};
    std::string name;
    Many<Photo> photos;
};
const Table pasted{"orphan_pasted",
                   Column("album_id", BigInteger()).references("orphan_albums.id").primary_key(),
                   Column("photo_id", BigInteger()).references("orphan_photos.id").primary_key()};
void describe(Mapping<Album>& album) {
    album.table("orphan_albums");
    album.column<&Album::id>().primary_key();
    album.column<&Album::name>(String(40));
    album.relationship<&Album::photos>()
        .secondary(pasted)
        .cascade(Cascade::all | Cascade::delete_orphan)
        .single_parent()
        .backref<&Photo::albums>();
}
void describe(Mapping<Photo>& photo) {
    photo.table("orphan_photos");
    photo.column<&Photo::id>().primary_key();
    photo.column<&Photo::name>(String(40));
}

/// Two orders, the first with two lines of one note each; two cars with a chassis each.
struct World : Backend {
    World() {
        database().create_all<Order, Shelf, Line, Note, Seal, Chassis, Car>();
        Session session = database().session();
        const auto order = session.add(Order{.name = "first"});
        const auto other = session.add(Order{.name = "second"});
        for (const char* name : {"a", "b"}) {
            const auto line = session.add(Line{.name = name});
            order->lines.add(line);
            line->notes.add(session.add(Note{.name = name}));
        }
        const auto car = session.add(Car{.name = "one"});
        const auto spare = session.add(Car{.name = "two"});
        car->chassis = session.add(Chassis{.name = "one"});
        spare->chassis = session.add(Chassis{.name = "two"});
        session.commit();
        first = order->id;
        second = other->id;
        car_id = car->id;
        spare_id = spare->id;
        log = std::make_unique<SqlLog>(database().engine());
    }
    template <class T>
    std::size_t count() {
        return static_cast<std::size_t>(database().session().query<T>().count());
    }
    std::int64_t first = 0;
    std::int64_t second = 0;
    std::int64_t car_id = 0;
    std::int64_t spare_id = 0;
    std::unique_ptr<SqlLog> log;
};

std::shared_ptr<Line> line_named(Session& session, const char* name) {
    return session.query<Line>().where(col(&Line::name) == name).one();
}

} // namespace

TEST_CASE("REL-25 a child that is taken out of its collection is deleted, with what it owns") {
    World world;
    Session session = world->session();
    const auto order = session.get<Order>(world.first);
    const auto line = line_named(session, "a");
    REQUIRE(order->lines.size() == 2);

    SUBCASE("by the collection") {
        order->lines.remove(line);
    }
    SUBCASE("by its own side") {
        line->order = nullptr;
    }
    CHECK(session.status(line) == ObjectStatus::Persistent);
    world.log->clear();
    session.flush();
    CHECK(session.status(line) == ObjectStatus::Deleted);
    CHECK_MESSAGE(world.log->count("DELETE") == 2, world.log->dump()); // its note, then the line
    CHECK(world.log->count("UPDATE") == 0);
    CHECK(world.log->texts("DELETE").front().find("orphan_notes") != std::string::npos);
    session.commit();
    CHECK(session.status(line) == ObjectStatus::Detached);
    CHECK(order->lines.size() == 1);
    CHECK(world.count<Line>() == 1);
    CHECK(world.count<Note>() == 1);
}

TEST_CASE("REL-25 an orphan that was not in memory with its parent is found by its key") {
    World world;
    Session session = world->session();
    const auto line = line_named(session, "a");
    line->order = nullptr; // the order was never loaded
    session.commit();
    CHECK(world.count<Line>() == 1);
    CHECK(world->session().get<Order>(world.first)->lines.size() == 1);
}

TEST_CASE("REL-25 C08 a child moved to another parent is one UPDATE and no DELETE") {
    World world;
    Session session = world->session();
    const auto order = session.get<Order>(world.first);
    const auto other = session.get<Order>(world.second);
    const auto line = line_named(session, "a");
    REQUIRE(order->lines.size() == 2);
    REQUIRE(other->lines.empty());

    SUBCASE("into the other collection") {
        other->lines.add(line);
    }
    SUBCASE("by its own side") {
        line->order = other;
    }
    SUBCASE("out of the one, then into the other") {
        order->lines.remove(line);
        other->lines.add(line);
    }
    SUBCASE("let go, then taken by the other") {
        line->order = nullptr;
        line->order = other;
    }
    CHECK(order->lines.size() == 1);
    world.log->clear();
    session.commit();
    CHECK_MESSAGE(world.log->count() == 1, world.log->dump());
    CHECK(world.log->count("UPDATE") == 1);
    CHECK(order->lines.size() == 1);
    CHECK(other->lines.size() == 1);
    CHECK(session.contains(line));
    CHECK(line->order_id == other->id);
    CHECK(world.count<Line>() == 2);
    CHECK(world.count<Note>() == 2);
}

TEST_CASE("REL-25 a child that returns to its parent is left alone") {
    World world;
    Session session = world->session();
    const auto order = session.get<Order>(world.first);
    const auto line = line_named(session, "a");
    order->lines.remove(line);
    order->lines.add(line);
    world.log->clear();
    session.commit();
    CHECK_MESSAGE(world.log->count("DELETE") + world.log->count("UPDATE") == 0, world.log->dump());
    CHECK(world.count<Line>() == 2);
}

TEST_CASE("REL-25 a collection that is replaced deletes those that are not in it any more") {
    World world;
    Session session = world->session();
    const auto order = session.get<Order>(world.first);
    const auto kept = line_named(session, "b");
    REQUIRE(order->lines.size() == 2);
    order->lines = {kept, session.add(Line{.name = "c"})};
    world.log->clear();
    session.commit();
    CHECK_MESSAGE(world.log->rows("DELETE") == 2, world.log->dump());
    CHECK(world.log->count("INSERT") == 1);
    CHECK(world.log->count("UPDATE") == 0);
    CHECK(order->lines.size() == 2);
    CHECK(world.count<Line>() == 2);
}

TEST_CASE("REL-25 C09 a pending orphan is never inserted, nor what it owns") {
    World world;
    Session session = world->session();
    const auto order = session.get<Order>(world.first);
    REQUIRE(order->lines.size() == 2);
    const auto line = session.add(Line{.name = "new"});
    line->notes.add(session.add(Note{.name = "new"}));
    order->lines.add(line);
    order->lines.remove(line);
    world.log->clear();
    session.commit();
    CHECK_MESSAGE(world.log->count("INSERT") == 0, world.log->dump());
    CHECK(world.log->count("DELETE") == 0);
    CHECK(session.status(line) == ObjectStatus::Transient);
    CHECK(world.count<Line>() == 2);
    CHECK(world.count<Note>() == 2);

    SUBCASE("and comes back when it gets a parent again") {
        order->lines.add(line);
        CHECK(session.status(line) == ObjectStatus::Pending);
        session.commit();
        CHECK(world.count<Line>() == 3);
        CHECK(line->order_id == order->id);
    }
}

TEST_CASE("REL-25 a new object that never had a parent is no orphan") {
    World world;
    Session session = world->session();
    const auto line = session.add(Line{.name = "free"});
    session.commit();
    CHECK(session.status(line) == ObjectStatus::Persistent);
    CHECK(world.count<Line>() == 3);
}

TEST_CASE("REL-25 of two owners one lost is enough, as in SQLAlchemy") {
    World world;
    Session session = world->session();
    const auto shelf = session.add(Shelf{.name = "shelf"});
    const auto line = line_named(session, "a");
    shelf->lines.add(line);
    session.commit();
    REQUIRE(line->shelf_id == shelf->id);
    shelf->lines.remove(line);
    session.commit();
    CHECK(session.status(line) == ObjectStatus::Detached);
    CHECK(world.count<Line>() == 1);
    CHECK(world->session().get<Order>(world.first)->lines.size() == 1);
}

TEST_CASE("REL-25 what a One held is deleted when something else takes its place") {
    World world;
    Session session = world->session();
    const auto order = session.get<Order>(world.first);
    REQUIRE(order->seal == nullptr);
    const auto old = session.add(Seal{.name = "old"});
    order->seal = old;
    session.commit();
    const auto other = session.get<Order>(world.second);
    REQUIRE(other->seal == nullptr);
    world.log->clear();

    SUBCASE("another one") {
        const auto fresh = session.add(Seal{.name = "new"});
        order->seal = fresh;
        session.commit();
        CHECK_MESSAGE(world.log->count("DELETE") == 1, world.log->dump());
        CHECK(world.log->count("INSERT") == 1);
        CHECK(world.log->count() == 2);
        CHECK(world.count<Seal>() == 1);
        CHECK(world->session().get<Order>(world.first)->seal->name == "new");
    }
    SUBCASE("nothing") {
        order->seal = nullptr;
        session.commit();
        CHECK_MESSAGE(world.log->count() == 1, world.log->dump());
        CHECK(world.count<Seal>() == 0);
    }
    SUBCASE("it goes to another owner instead") {
        other->seal = old;
        session.commit();
        CHECK_MESSAGE(world.log->count("UPDATE") == 1, world.log->dump());
        CHECK(world.log->count("DELETE") == 0);
        CHECK(world->session().get<Order>(world.second)->seal->name == "old");
    }
}

TEST_CASE("REL-25 REL-30 what a reference owns is deleted when it is let go") {
    World world;
    Session session = world->session();
    const auto car = session.get<Car>(world.car_id);
    world.log->clear();

    SUBCASE("loaded") {
        const auto old = car->chassis.handle();
        car->chassis = session.add(Chassis{.name = "new"});
        world.log->clear();
        session.commit();
        CHECK_MESSAGE(world.log->count() == 3, world.log->dump()); // INSERT, UPDATE, DELETE
        CHECK(session.status(old) == ObjectStatus::Detached);
        CHECK(world->session().get<Car>(world.car_id)->chassis->name == "new");
    }
    SUBCASE("not loaded") {
        car->chassis = nullptr;
        world.log->clear();
        session.commit();
        CHECK_MESSAGE(world.log->count("SELECT") == 1, world.log->dump());
        CHECK(world.log->count("UPDATE") == 1);
        CHECK(world.log->count("DELETE") == 1);
        CHECK(world->session().get<Car>(world.car_id)->chassis == nullptr);
    }
    SUBCASE("with its owner") {
        session.delete_(car);
        session.commit();
        CHECK_MESSAGE(world.log->count("DELETE") == 2, world.log->dump());
        CHECK(world.count<Car>() == 1);
        CHECK(world.count<Chassis>() == 1);
        return;
    }
    CHECK(world.count<Car>() == 2);
    CHECK(world.count<Chassis>() == (car->chassis == nullptr ? 1U : 2U));
}

TEST_CASE("REL-25 a new target that is let go before it was written is never inserted") {
    World world;
    Session session = world->session();
    const auto car = session.add(Car{.name = "new"});
    const auto rejected = session.add(Chassis{.name = "rejected"});
    car->chassis = rejected;
    car->chassis = session.add(Chassis{.name = "taken"});
    world.log->clear();
    session.commit();
    CHECK_MESSAGE(world.log->count("INSERT") == 2, world.log->dump());
    CHECK(session.status(rejected) == ObjectStatus::Transient);
    CHECK(world.count<Chassis>() == 3);
}

TEST_CASE("REL-30 a second owner is refused at once, and nothing changes") {
    World world;
    Session session = world->session();
    const auto car = session.get<Car>(world.car_id);
    const auto spare = session.get<Car>(world.spare_id);
    const auto chassis = car->chassis.handle();
    const auto taken = spare->chassis.handle();
    try {
        spare->chassis = chassis;
        FAIL("a second owner was accepted");
    } catch (const StateError& error) {
        const std::string text = error.what();
        CHECK(text.find("Car.chassis") != std::string::npos);
        CHECK(text.find("single_parent") != std::string::npos);
    }
    CHECK(spare->chassis.handle() == taken);
    CHECK_FALSE(session.is_dirty());

    car->chassis = nullptr;
    spare->chassis = chassis; // free by now
    session.commit();
    CHECK(world.count<Chassis>() == 1);
    CHECK(world->session().get<Car>(world.spare_id)->chassis->name == "one");
}

TEST_CASE("REL-25 a flush that fails leaves orphans as they were, and the next one deletes them") {
    World world;
    Session session = world->session();
    const auto order = session.get<Order>(world.first);
    const auto line = line_named(session, "a");
    order->lines.remove(line);
    const auto twin = session.add(Line{.id = line_named(session, "b")->id, .name = "twin"});
    CHECK_THROWS_AS(session.flush(), Error); // two rows with one key
    CHECK(world.count<Line>() == 2);
    session.expunge(twin);
    session.commit();
    CHECK(world.count<Line>() == 1);
    CHECK(order->lines.size() == 1);
}

TEST_CASE("REL-25 a rollback brings orphans back to their parents") {
    World world;
    Session session = world->session();
    const auto order = session.get<Order>(world.first);
    const auto car = session.get<Car>(world.car_id);
    const auto line = line_named(session, "a");
    order->lines.remove(line);
    car->chassis = nullptr;
    SUBCASE("before a flush") {}
    SUBCASE("after a flush") {
        session.flush();
    }
    session.rollback();
    CHECK(session.status(line) == ObjectStatus::Persistent);
    CHECK(order->lines.size() == 2);
    CHECK(car->chassis->name == "one");
    session.commit();
    CHECK(world.count<Line>() == 2);
    CHECK(world.count<Chassis>() == 2);
}

TEST_CASE("REL-25 flush_plan shows orphans among the deletes and changes nothing") {
    World world;
    Session session = world->session();
    const auto order = session.get<Order>(world.first);
    const auto line = line_named(session, "a");
    order->lines.remove(line);
    std::size_t deletes = 0;
    const auto plan = session.flush_plan();
    for (const auto& step : plan) {
        CHECK(step.action == FlushStep::Action::Delete);
        deletes += step.objects.size();
    }
    CHECK(deletes == 2);
    CHECK(session.status(line) == ObjectStatus::Persistent);
    session.commit();
    CHECK(world.count<Line>() == 1);
}

TEST_CASE("REL-25 REL-30 what an owner holds by a table between is deleted when it is let go") {
    Backend backend;
    backend->create_all<Album, Photo>();
    Session session = backend->session();
    const auto album = session.add(Album{.name = "holidays"});
    const auto other = session.add(Album{.name = "work"});
    const auto sea = session.add(Photo{.name = "sea"});
    const auto hill = session.add(Photo{.name = "hill"});
    album->photos.add(sea);
    album->photos.add(hill);
    session.commit();
    REQUIRE(album->photos.size() == 2);
    REQUIRE(other->photos.empty());
    SqlLog log(backend->engine());

    SUBCASE("by its owner's side") {
        album->photos.remove(sea);
        log.clear();
        session.commit();
        CHECK_MESSAGE(log.count("INSERT") + log.count("UPDATE") == 0, log.dump());
        CHECK(session.status(sea) == ObjectStatus::Detached);
    }
    SUBCASE("by its own side") {
        sea->albums.remove(album);
        session.commit();
        CHECK(session.status(sea) == ObjectStatus::Detached);
    }
    SUBCASE("a second owner is refused, a new one after the first is not") {
        CHECK_THROWS_AS(other->photos.add(sea), StateError);
        CHECK(other->photos.empty());
        album->photos.remove(sea);
        other->photos.add(sea);
        log.clear();
        session.commit();
        CHECK_MESSAGE(log.count("DELETE") == 1, log.dump());
        CHECK(log.count("INSERT") == 1);
        CHECK(session.status(sea) == ObjectStatus::Persistent);
        CHECK(backend->session().query<Photo>().count() == 2);
        return;
    }
    SUBCASE("a new one that is let go before it was written is never inserted") {
        const auto fresh = session.add(Photo{.name = "rejected"});
        album->photos.add(fresh);
        album->photos.remove(fresh);
        log.clear();
        session.commit();
        CHECK_MESSAGE(log.count("INSERT") == 0, log.dump());
        CHECK(session.status(fresh) == ObjectStatus::Transient);
        CHECK(backend->session().query<Photo>().count() == 2);
        return;
    }
    CHECK(album->photos.size() == 1);
    Session now = backend->session();
    CHECK(now.query<Photo>().count() == 1);
    CHECK(now.get<Album>(album->id)->photos[0]->name == "hill");
}
