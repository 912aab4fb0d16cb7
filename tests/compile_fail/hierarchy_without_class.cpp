// SPDX-License-Identifier: MIT
// case: INH-19 a mapped class is in the list of its hierarchy
// expect: mercator: this class is not in the list of its hierarchy
#include <mercator/mapping/describe.hpp>

#include <string>

using namespace mercator;

struct Cat;
struct Dog;
struct Animal {
#ifdef MERCATOR_TWIN
    using hierarchy = Hierarchy<Animal, Cat, Dog>;
#else
    using hierarchy = Hierarchy<Animal, Cat>;
#endif
    std::int64_t id{};
    std::string kind;
    virtual ~Animal() = default;
};
struct Dog : Animal {};

void describe(Mapping<Animal>& animal) {
    animal.polymorphic_on<&Animal::kind>().identity("animal");
    animal.column<&Animal::id>().primary_key();
    animal.column<&Animal::kind>();
}
void describe(Mapping<Dog>& dog) {
    dog.inherits<Animal>().identity("dog");
}
