// SPDX-License-Identifier: MIT
#include <mercator/mapping/visit.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace mercator;

namespace visit_test {

struct Truck;
struct Bus;
struct Vehicle {
    using hierarchy = Hierarchy<Vehicle, Truck, Bus>;
    std::int64_t id{};
    std::string kind;
    virtual ~Vehicle() = default;
};
struct Truck : Vehicle {
    int load{};
};
struct Bus : Vehicle {
    int seats{};
};
struct Tram : Bus {}; // not mapped

void describe(Mapping<Vehicle>& vehicle) {
    vehicle.table("visit_vehicles").polymorphic_on<&Vehicle::kind>().identity("vehicle");
    vehicle.column<&Vehicle::id>().primary_key();
    vehicle.column<&Vehicle::kind>();
}
void describe(Mapping<Truck>& truck) {
    truck.inherits<Vehicle>().identity("truck");
    truck.column<&Truck::load>();
}
void describe(Mapping<Bus>& bus) {
    bus.inherits<Vehicle>().identity("bus");
    bus.column<&Bus::seats>();
}

struct Circle;
/// Without virtual functions; the discriminator is a number.
struct Shape {
    using hierarchy = Hierarchy<Shape, Circle>;
    std::int64_t id{};
    int kind{};
};
struct Circle : Shape {
    int radius{};
};

void describe(Mapping<Shape>& shape) {
    shape.table("visit_shapes").polymorphic_on<&Shape::kind>().identity(1);
    shape.column<&Shape::id>().primary_key();
    shape.column<&Shape::kind>();
}
void describe(Mapping<Circle>& circle) {
    circle.inherits<Shape>().identity(2);
    circle.column<&Circle::radius>();
}

/// The root has no objects.
struct Leaf;
struct Node {
    using hierarchy = Hierarchy<Node, Leaf>;
    std::int64_t id{};
    std::string kind;
    virtual ~Node() = default;
    [[nodiscard]] virtual int size() const = 0;
};
struct Leaf : Node {
    [[nodiscard]] int size() const override { return 7; }
};

void describe(Mapping<Node>& node) {
    node.table("visit_nodes").polymorphic_on<&Node::kind>().polymorphic_abstract();
    node.column<&Node::id>().primary_key();
    node.column<&Node::kind>();
}
void describe(Mapping<Leaf>& leaf) {
    leaf.inherits<Node>().identity("leaf");
}

} // namespace visit_test

using namespace visit_test;

TEST_CASE("INH-19 visit calls the function for the real class") {
    const auto told = [](const Vehicle& vehicle) -> std::string {
        return mercator::visit(vehicle, overloaded{[](const Vehicle&) { return "a vehicle"; },
                                                   [](const Truck&) { return "a truck"; },
                                                   [](const Bus&) { return "a bus"; }});
    };
    CHECK(told(Vehicle()) == "a vehicle");
    CHECK(told(Truck()) == "a truck");
    CHECK(told(Bus()) == "a bus");
}

TEST_CASE("INH-19 visit gives objects that can be changed, and takes handles") {
    const std::shared_ptr<Vehicle> handle = std::make_shared<Bus>();
    mercator::visit(handle, overloaded{[](Vehicle&) {}, [](Truck& truck) { truck.load = 3; },
                                       [](Bus& bus) { bus.seats = 50; }});
    CHECK(static_cast<Bus&>(*handle).seats == 50);
    const auto id = [](const auto& any) { return any.id; };
    handle->id = 5;
    CHECK(mercator::visit(*handle, id) == 5);
    CHECK(mercator::visit(handle, overloaded{id, [](const Bus& bus) -> std::int64_t {
                                                 return bus.seats;
                                             }}) == 50);
}

TEST_CASE("INH-19 without virtual functions the discriminator tells the class") {
    Circle circle;
    circle.kind = 2;
    circle.radius = 9;
    const Shape& shape = circle;
    const auto size = overloaded{[](const Shape&) { return 0; },
                                 [](const Circle& round) { return round.radius; }};
    CHECK(mercator::visit(shape, size) == 9);
    circle.kind = 1;
    CHECK(mercator::visit(shape, size) == 0);
    circle.kind = 3;
    CHECK_THROWS_WITH_AS(static_cast<void>(mercator::visit(shape, size)),
                         doctest::Contains("Shape.kind is 3"), StateError);
}

TEST_CASE("INH-19 an abstract class needs no function, a class outside the list is refused") {
    const Leaf leaf;
    const Node& node = leaf;
    CHECK(mercator::visit(node, [](const Leaf& one) { return one.size(); }) == 7);
    const Tram tram;
    const Vehicle& vehicle = tram;
    CHECK_THROWS_WITH_AS(mercator::visit(vehicle, [](const auto&) {}),
                         doctest::Contains("not in the list Vehicle::hierarchy"), StateError);
}
