// SPDX-License-Identifier: MIT
#pragma once

#include "family.hpp"

#include <mercator/support/url.hpp>

#include <memory>
#include <string>
#include <vector>

namespace benchmarks {

/// Parents with their children as somebody reads them by hand, with care: prepared statements kept,
/// binary values, decoded straight into the structs. One connection, one thread.
class FamilyReference {
public:
    virtual ~FamilyReference() = default;

    virtual void begin() = 0;
    virtual void rollback() = 0;
    /// By one join.
    [[nodiscard]] virtual std::vector<ShelfRow> by_join() = 0;
    /// By a statement for the parents and one for their children, with IN over all keys.
    [[nodiscard]] virtual std::vector<ShelfRow> by_two_statements() = 0;
    /// By a statement for the parents and one for the children of each: the pattern "N + 1".
    [[nodiscard]] virtual std::vector<ShelfRow> one_by_one() = 0;
};

[[nodiscard]] std::unique_ptr<FamilyReference> sqlite_family(const mercator::Url& url);
[[nodiscard]] std::unique_ptr<FamilyReference> postgresql_family(const std::string& uri);
[[nodiscard]] std::unique_ptr<FamilyReference> mariadb_family(const mercator::Url& url);

inline constexpr const char* family_join =
    "SELECT s.id, s.name, s.room, b.id, b.shelf_id, b.title, b.price, b.pages FROM shelves s "
    "LEFT JOIN books b ON b.shelf_id = s.id ORDER BY s.id, b.id";
inline constexpr const char* family_shelves = "SELECT id, name, room FROM shelves ORDER BY id";
inline constexpr const char* family_books_of =
    "SELECT id, shelf_id, title, price, pages FROM books WHERE shelf_id ";
inline constexpr const char* family_book_order = " ORDER BY shelf_id, id";

/// Hands children that come in the order of their parents to them.
void put_on_shelves(std::vector<ShelfRow>& shelves, std::vector<BookRow>& books);

} // namespace benchmarks
