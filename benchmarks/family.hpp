// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/related.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace benchmarks {

inline constexpr std::int64_t family_parents = 1'000;
inline constexpr std::int64_t family_children = 10; ///< of each parent

/// What one to many is measured with: shelves of ten books each.
struct Book;

struct Shelf {
    std::int64_t id{};
    std::string name;
    std::int64_t room{};
    mercator::Many<Book> books;
};

struct Book {
    std::int64_t id{};
    std::int64_t shelf_id{};
    std::string title;
    double price{};
    std::int64_t pages{};
    mercator::One<Shelf> shelf;
};

void describe(mercator::Mapping<Shelf>& shelf);
void describe(mercator::Mapping<Book>& book);

/// The same as somebody declares it who writes SQL by hand.
struct BookRow {
    std::int64_t id{};
    std::int64_t shelf_id{};
    std::string title;
    double price{};
    std::int64_t pages{};
};
struct ShelfRow {
    std::int64_t id{};
    std::string name;
    std::int64_t room{};
    std::vector<BookRow> books;
};

[[nodiscard]] ShelfRow make_shelf(std::int64_t id);

/// Over all members of all, in order, so that a contender that reads anything wrong is found out.
[[nodiscard]] std::uint64_t checksum(const std::vector<ShelfRow>& shelves);
[[nodiscard]] std::uint64_t checksum(const std::vector<std::shared_ptr<Shelf>>& shelves);

} // namespace benchmarks
