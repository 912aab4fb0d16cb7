// SPDX-License-Identifier: MIT
// case: INH-02 only a mapped class can be inherited
// expect: mercator: inherits<Base>() needs Base to be mapped
#include <mercator/mapping/describe.hpp>

#include <string>

using namespace mercator;

struct Animal {
    std::int64_t id{};
    std::string kind;
};
struct Dog : Animal {};

#ifdef MERCATOR_TWIN
void describe(Mapping<Animal>& animal) {
    animal.polymorphic_on<&Animal::kind>().identity("animal");
    animal.column<&Animal::id>().primary_key();
    animal.column<&Animal::kind>();
}
#endif
void describe(Mapping<Dog>& dog) {
    dog.inherits<Animal>().identity("dog");
}
