// SPDX-License-Identifier: MIT
// Threads that meet where they must not, and where they may.
#include <mercator/loading/query.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/session/database.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

using namespace mercator;

namespace {

struct Shared {
    std::int64_t id{};
    std::string name;
};
void describe(Mapping<Shared>& shared) {
    shared.table("shared");
    shared.column<&Shared::id>().primary_key();
    shared.column<&Shared::name>(String(40));
}

template <int number>
struct FirstUsed {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> other_id;
    One<FirstUsed<(number + 1) % 8>> other;
};
template <int number>
void describe(Mapping<FirstUsed<number>>& used) {
    using Own = FirstUsed<number>;
    using Other = FirstUsed<(number + 1) % 8>;
    used.table("first_used_" + std::to_string(number));
    used.template column<&Own::id>().primary_key();
    used.template column<&Own::name>(String(40)).index();
    used.template column<&Own::other_id>().template references<&Other::id>();
    used.template relationship<&Own::other>();
}

/// What one thread does with classes that nobody has used before.
template <int number>
std::string use_first() {
    const Mapper& mapper = mapper_of<FirstUsed<number>>();
    const auto condition = col(&FirstUsed<number>::name) == "x";
    const Relationship& other = mapper.relationships()[0];
    return mapper.table().name + ' ' + std::to_string(mapper.columns().size()) + ' ' +
           other.target->table().name + ' ' +
           std::to_string(static_cast<int>(condition.node()->kind));
}

std::string use_all(int from) {
    std::string text[8];
    for (int i = 0; i < 8; ++i) {
        const int number = (from + i) % 8;
        switch (number) {
        case 0:
            text[0] = use_first<0>();
            break;
        case 1:
            text[1] = use_first<1>();
            break;
        case 2:
            text[2] = use_first<2>();
            break;
        case 3:
            text[3] = use_first<3>();
            break;
        case 4:
            text[4] = use_first<4>();
            break;
        case 5:
            text[5] = use_first<5>();
            break;
        case 6:
            text[6] = use_first<6>();
            break;
        default:
            text[7] = use_first<7>();
            break;
        }
    }
    std::string all;
    for (const auto& one : text) all += one + '\n';
    return all;
}

} // namespace

TEST_CASE("UOW-23 32 threads use classes for the first time at once, and all see the same") {
    constexpr int threads = 32;
    std::atomic<int> ready{0};
    std::vector<std::string> seen(threads);
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) {
        running.emplace_back([&, i] {
            ++ready;
            while (ready.load() < threads) std::this_thread::yield();
            seen[static_cast<std::size_t>(i)] = use_all(i);
        });
    }
    for (auto& thread : running) thread.join();
    for (const auto& text : seen) CHECK(text == seen.front());
    CHECK(seen.front().find("first_used_7 4 first_used_0") == std::string::npos); // three columns
    CHECK(seen.front().find("first_used_7 3 first_used_0") != std::string::npos);
}

TEST_CASE("UOW-22 D13 a second thread is refused, and both places are named") {
    Database database("sqlite:///:memory:");
    database.create_all<Shared>();
    Session session = database.session();
    for (int i = 0; i < 3; ++i) session.add(Shared{.name = "row"});
    session.commit();
    std::string told;
    const auto from_another_thread = [&](auto&& action) {
        std::thread([&] {
            try {
                action();
            } catch (const StateError& error) {
                told = error.what();
            }
        }).join();
    };
    const unsigned query_line = __LINE__ + 1;
    session.query<Shared>().stream(
        [&](const Shared&) { from_another_thread([&] { session.commit(); }); });
    const unsigned commit_line = query_line + 1;
    INFO(told);
    CHECK(told.find("two threads use this session") != std::string::npos);
    CHECK(told.find("two_threads_test.cpp:" + std::to_string(commit_line)) != std::string::npos);
    CHECK(told.find("two_threads_test.cpp:" + std::to_string(query_line)) != std::string::npos);
    CHECK(session.query<Shared>().count() == 3); // nothing is torn
}

TEST_CASE("UOW-22 threads that do collide get an error or an answer, never a torn session") {
    const auto file = std::filesystem::temp_directory_path() /
                      ("mercator_collisions_" + std::to_string(::getpid()) + ".db");
    {
        Database database("sqlite:///" + file.string());
        database.create_all<Shared>();
        Session session = database.session();
        std::atomic<bool> go{false};
        std::atomic<int> refused{0};
        std::thread other([&] {
            while (!go) std::this_thread::yield();
            for (int i = 0; i < 200; ++i) {
                try {
                    session.flush();
                } catch (const StateError&) {
                    ++refused;
                }
            }
        });
        int visited = 0;
        for (int i = 0; i < 100; ++i) session.add(Shared{.name = "row"});
        session.flush();
        session.query<Shared>().stream([&](const Shared&) {
            go = true;
            if (visited++ == 0) {
                while (refused.load() < 200) std::this_thread::yield();
            }
        });
        other.join();
        CHECK(refused == 200);
        CHECK(visited == 100);
        session.commit();
        CHECK(session.query<Shared>().count() == 100);
    }
    std::filesystem::remove(file);
}
