// SPDX-License-Identifier: MIT
#include "family.hpp"

#include <bit>
#include <memory>
#include <string_view>

namespace benchmarks {

void describe(mercator::Mapping<Shelf>& shelf) {
    shelf.table("shelves");
    shelf.column<&Shelf::id>().primary_key();
    shelf.column<&Shelf::name>(mercator::String(60));
    shelf.column<&Shelf::room>();
    shelf.relationship<&Shelf::books>().back_populates<&Book::shelf>();
}

void describe(mercator::Mapping<Book>& book) {
    book.table("books");
    book.column<&Book::id>().primary_key();
    book.column<&Book::shelf_id>().references<&Shelf::id>().index();
    book.column<&Book::title>(mercator::String(80));
    book.column<&Book::price>();
    book.column<&Book::pages>();
    book.relationship<&Book::shelf>().back_populates<&Shelf::books>();
}

ShelfRow make_shelf(std::int64_t id) {
    ShelfRow shelf{id, "shelf number " + std::to_string(id * 7919), id % 40, {}};
    for (std::int64_t place = 0; place < family_children; ++place) {
        const std::int64_t book = (id - 1) * family_children + place + 1;
        shelf.books.push_back({book, id,
                               "the book with the number " + std::to_string(book * 104'729),
                               static_cast<double>(book % 1'000) / 8.0, 50 + book % 700});
    }
    return shelf;
}

namespace {

/// FNV-1a.
class Sum {
public:
    void add(std::string_view bytes) {
        for (const char byte : bytes)
            sum_ = (sum_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
    }
    void add(std::int64_t number) {
        sum_ = (sum_ ^ static_cast<std::uint64_t>(number)) * 0x100000001B3ULL;
    }
    template <class AnyShelf>
    void add_shelf(const AnyShelf& shelf) {
        add(shelf.id);
        add(shelf.name);
        add(shelf.room);
    }
    template <class AnyBook>
    void add_book(const AnyBook& book) {
        add(book.id);
        add(book.shelf_id);
        add(book.title);
        add(std::bit_cast<std::int64_t>(book.price));
        add(book.pages);
    }
    [[nodiscard]] std::uint64_t value() const { return sum_; }

private:
    std::uint64_t sum_ = 0xCBF29CE484222325ULL;
};

} // namespace

std::uint64_t checksum(const std::vector<ShelfRow>& shelves) {
    Sum sum;
    for (const auto& shelf : shelves) {
        sum.add_shelf(shelf);
        for (const auto& book : shelf.books) sum.add_book(book);
    }
    return sum.value();
}

std::uint64_t checksum(const std::vector<std::shared_ptr<Shelf>>& shelves) {
    Sum sum;
    for (const auto& shelf : shelves) {
        sum.add_shelf(*shelf);
        for (const auto& book : shelf->books) sum.add_book(*book);
    }
    return sum.value();
}

} // namespace benchmarks
