// SPDX-License-Identifier: MIT
#include <mercator/mercator.hpp>
#include <mercator/state/identity_key.hpp>
#include <mercator/state/identity_map.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

using namespace mercator;

namespace {

struct Numbered {
    std::int64_t id{};
};
void describe(Mapping<Numbered>& numbered) {
    numbered.column<&Numbered::id>().primary_key();
}

struct Large {
    std::uint64_t id{};
};
void describe(Mapping<Large>& large) {
    large.column<&Large::id>().primary_key();
}

struct Spot {
    std::string place;
    std::int32_t year{};
    Decimal depth;
};
void describe(Mapping<Spot>& spot) {
    spot.column<&Spot::place>().primary_key();
    spot.column<&Spot::year>().primary_key();
    spot.column<&Spot::depth>().primary_key();
}

IdentityKey key_of(const Spot& spot) {
    IdentityKey key;
    identity_of(mapper_of<Spot>(), reinterpret_cast<const std::byte*>(&spot), key);
    return key;
}
IdentityKey key_of(std::vector<Value> values) {
    IdentityKey key;
    identity_of(mapper_of<Spot>(), values, key);
    return key;
}
bool same(const IdentityKey& a, const IdentityKey& b) {
    return a.hash == b.hash && a.bytes == b.bytes;
}

/// States with keys that live as long as they do.
struct Entry {
    InstanceState state;
    std::string bytes;
};

} // namespace

TEST_CASE("mixing keys loses none") {
    std::unordered_map<std::uint64_t, std::uint64_t> seen;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        const std::uint64_t key = i < 5'000 ? i : ~i;
        CHECK(seen.emplace(mix_key(key), key).second);
    }
}

TEST_CASE("KEY-05 a key made of values is the key of the object that has them") {
    const Spot spot{.place = "Ulm", .year = 2001, .depth = Decimal("1.50")};
    CHECK(same(key_of(spot), key_of({Value("Ulm"), Value(2001), Value(Decimal("1.5"))})));
    CHECK(same(key_of(spot),
               key_of({Value("Ulm"), Value(std::uint64_t{2001}), Value(Decimal("1.500"))})));
    CHECK_FALSE(same(key_of(spot), key_of({Value("Ulm"), Value(2002), Value(Decimal("1.5"))})));
    CHECK_FALSE(same(key_of({Value("ab"), Value(1), Value(Decimal("1"))}),
                     key_of({Value("a"), Value(1), Value(Decimal("1"))})));
}

TEST_CASE("KEY-05 keys of the wrong number or kind of values are refused") {
    CHECK_THROWS_AS(key_of({Value("Ulm"), Value(2001)}), ArgumentError);
    CHECK_THROWS_AS(key_of({Value("Ulm"), Value("2001"), Value(Decimal("1"))}), DataError);
    CHECK_THROWS_AS(key_of({Value("Ulm"), Value(4'000'000'000LL), Value(Decimal("1"))}), DataError);
    IdentityKey key;
    const std::vector<Value> text{Value("1")};
    CHECK_THROWS_AS(identity_of(mapper_of<Numbered>(), text, key), DataError);
}

TEST_CASE("a negative number is not the key of a large unsigned one") {
    const Large large{.id = ~std::uint64_t{0}};
    IdentityKey object;
    identity_of(mapper_of<Large>(), reinterpret_cast<const std::byte*>(&large), object);
    IdentityKey asked;
    const std::vector<Value> negative{Value(-1)};
    try {
        identity_of(mapper_of<Large>(), negative, asked);
        CHECK(asked.hash != object.hash);
    } catch (const DataError& error) {
        CHECK(error.where() == "Large.id");
    }
}

TEST_CASE(
    "the identity map holds what a std::unordered_map would, through random inserts and erases") {
    std::mt19937 random(2'024);
    std::vector<std::unique_ptr<Entry>> entries;
    IdentityMap map;
    std::unordered_map<std::uint64_t, InstanceState*> expected; // by number
    // Few distinct low bits, so that probes run into each other.
    const auto hash_of = [](std::uint64_t number) {
        return number % 5 == 0 ? number << 32U | 3U : mix_key(number);
    };
    for (int step = 0; step < 20'000; ++step) {
        const std::uint64_t number = random() % 1'500;
        const auto found = expected.find(number);
        if (found == expected.end()) {
            auto& entry = entries.emplace_back(std::make_unique<Entry>());
            entry->state.key_hash = hash_of(number);
            map.insert(entry->state);
            expected[number] = &entry->state;
        } else if (random() % 2 == 0) {
            map.erase(*found->second);
            expected.erase(found);
        }
        CHECK(map.size() == expected.size());
        const std::uint64_t asked = random() % 1'500;
        const auto known = expected.find(asked);
        CHECK(map.find_integer(hash_of(asked)) ==
              (known == expected.end() ? nullptr : known->second));
    }
    for (std::uint64_t number = 0; number < 1'500; ++number) {
        const auto known = expected.find(number);
        CHECK(map.find_integer(hash_of(number)) ==
              (known == expected.end() ? nullptr : known->second));
    }
}

TEST_CASE("the identity map tells keys apart that share a hash") {
    IdentityMap map;
    std::vector<std::unique_ptr<Entry>> entries;
    for (int i = 0; i < 100; ++i) {
        auto& entry = entries.emplace_back(std::make_unique<Entry>());
        entry->bytes = "key " + std::to_string(i);
        entry->state.key_hash = 42;
        entry->state.key = reinterpret_cast<const std::byte*>(entry->bytes.data());
        entry->state.key_size = static_cast<std::uint32_t>(entry->bytes.size());
        map.insert(entry->state);
    }
    for (std::size_t i = 0; i < 100; i += 2) map.erase(entries[i]->state);
    for (std::size_t i = 0; i < 100; ++i) {
        const IdentityKey key{42, entries[i]->bytes};
        CHECK(map.find(key) == (i % 2 == 0 ? nullptr : &entries[i]->state));
    }
    map.reserve(10'000);
    CHECK(map.find({42, entries[1]->bytes}) == &entries[1]->state);
    CHECK(map.size() == 50);
}
