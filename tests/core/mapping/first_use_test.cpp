// SPDX-License-Identifier: MIT
#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/expression.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace mercator;

namespace {

struct Country {
    std::string code;
};
struct City {
    std::int64_t id{};
    std::string country;
};

void describe(Mapping<Country>& country) {
    country.column<&Country::code>(String(8)).primary_key();
}
void describe(Mapping<City>& city) {
    city.column<&City::id>().primary_key();
    city.column<&City::country>().references<&Country::code>();
}

} // namespace

TEST_CASE("many threads use a class for the first time at once, in expressions and as a mapper") {
    constexpr int count = 32;
    std::atomic<int> waiting{0};
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < count; ++number) {
        threads.emplace_back([&, number] {
            ++waiting;
            while (waiting < count) std::this_thread::yield();
            for (int i = 0; i < 100; ++i) {
                const auto length = col(&City::country).node()->type.length;
                if (length != 0 && length != 8) ++wrong;
                if (number % 2 == 0 && mapper_of<City>().columns().size() != 2) ++wrong;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
    CHECK(col(&City::country).node()->type == String(8));
    CHECK(mapper_of<City>().fields().at(1).type == String(8));
}
