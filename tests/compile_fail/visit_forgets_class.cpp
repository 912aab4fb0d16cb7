// SPDX-License-Identifier: MIT
// case: INH-19 visit needs a function for every class of the hierarchy
// expect: mercator: visit() has no function for a class of the hierarchy
#include <mercator/mapping/visit.hpp>

#include <string>

using namespace mercator;

struct Cat;
struct Dog;
struct Animal {
    using hierarchy = Hierarchy<Animal, Cat, Dog>;
    std::int64_t id{};
    std::string kind;
    virtual ~Animal() = default;
};
struct Cat : Animal {};
struct Dog : Animal {};

void describe(Mapping<Animal>& animal) {
    animal.polymorphic_on<&Animal::kind>().identity("animal");
    animal.column<&Animal::id>().primary_key();
    animal.column<&Animal::kind>();
}
void describe(Mapping<Cat>& cat) {
    cat.inherits<Animal>().identity("cat");
}
void describe(Mapping<Dog>& dog) {
    dog.inherits<Animal>().identity("dog");
}

std::string sound(const Animal& animal) {
    return mercator::visit(animal, overloaded{[](const Animal&) { return "?"; },
#ifdef MERCATOR_TWIN
                                              [](const Dog&) { return "wuff"; },
#endif
                                              [](const Cat&) { return "miau"; }});
}
