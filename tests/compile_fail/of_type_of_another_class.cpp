// SPDX-License-Identifier: MIT
// case: REL-39 of_type() names a class of the relationship's hierarchy
// expect: mercator: of_type() names a class that inherits the relationship's target
#include "models.hpp"

struct Garage;
struct Vehicle {
    std::int64_t id{};
    int kind{};
    std::optional<std::int64_t> garage_id;
    mercator::One<Garage> garage;
};
struct Car : Vehicle {};
struct Garage {
    std::int64_t id{};
    mercator::Many<Vehicle> vehicles;
};
inline void describe(mercator::Mapping<Vehicle>& vehicle) {
    vehicle.column<&Vehicle::id>().primary_key();
    vehicle.column<&Vehicle::kind>();
    vehicle.column<&Vehicle::garage_id>().references<&Garage::id>();
    vehicle.relationship<&Vehicle::garage>().back_populates<&Garage::vehicles>();
    vehicle.polymorphic_on<&Vehicle::kind>().identity(0);
}
inline void describe(mercator::Mapping<Car>& car) {
    car.inherits<Vehicle>().identity(1);
}
inline void describe(mercator::Mapping<Garage>& garage) {
    garage.column<&Garage::id>().primary_key();
    garage.relationship<&Garage::vehicles>().back_populates<&Vehicle::garage>();
}

auto cars() {
#ifdef MERCATOR_TWIN
    using Class = Car;
#else
    using Class = Garage;
#endif
    return mercator::selectin<&Garage::vehicles>().of_type<Class>();
}
