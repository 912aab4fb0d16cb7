// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mercator {

/// Which page is wanted, as it comes from a user: `query.paginate({.page = 3})`.
struct PageRequest {
    std::int64_t page = 1;      ///< counted from 1
    std::int64_t per_page = 20; ///< at most `max_per_page`, whatever is asked for
    std::int64_t max_per_page = 100;
    bool count = true; ///< ask how many objects there are in all: one statement more,
                       ///< unless the page tells
    /// A page that there is not (0, or behind the last) is a NoResultFound; otherwise the first
    /// page is given for numbers below 1, and an empty one behind the last.
    bool error_out = true;
};

/// What is told of a page besides its objects. A value.
struct MERCATOR_API PageNumbers {
    std::int64_t page = 1;
    std::int64_t per_page = 20;
    std::optional<std::int64_t> total; ///< objects of all pages, if they were counted
    bool has_next = false;

    [[nodiscard]] bool has_prev() const noexcept { return page > 1; }
    [[nodiscard]] std::int64_t prev_page() const noexcept { return page - 1; }
    [[nodiscard]] std::int64_t next_page() const noexcept { return page + 1; }
    /// Number of pages; empty if nothing was counted.
    [[nodiscard]] std::optional<std::int64_t> pages() const noexcept;
    /// The numbers that a row of links shows; an empty one stands for a gap, to be shown as dots:
    /// 1 2 … 5 6 7 8 … 19 20. So many at the left edge, left and right of this page, and at the
    /// right edge. Empty if nothing was counted.
    [[nodiscard]] std::vector<std::optional<std::int64_t>>
    iter_pages(std::int64_t left_edge = 2, std::int64_t left_current = 2,
               std::int64_t right_current = 4, std::int64_t right_edge = 2) const;
};

/// One page of a query's objects (Flask-SQLAlchemy's term). Order the query, or pages may
/// repeat rows. For long lists see `keyset`, which does not slow down towards the end.
template <class T>
struct Pagination : PageNumbers {
    std::vector<std::shared_ptr<T>> items;
};

/// Which part of an ordered list is wanted: the first, or what follows or precedes a cursor.
struct KeysetRequest {
    std::int64_t per_page = 20;
    std::string after;  ///< `next` of another page; empty: from the start
    std::string before; ///< `previous` of another page
};

/// A part of an ordered list that was found by the values it begins behind, not by counting rows
/// (keyset or cursor pagination): as fast at the end as at the beginning, and rows that are
/// inserted or deleted meanwhile neither repeat nor hide others. Cursors are text for a URL. They
/// hold the values of the sort columns, readable for who decodes them; whatever is done to them,
/// values stay bound.
struct KeysetCursors {
    std::string next;     ///< empty at the end
    std::string previous; ///< empty at the start
};
template <class T>
struct KeysetPage : KeysetCursors {
    std::vector<std::shared_ptr<T>> items;
};

class QueryState;
struct InstanceState;

/// The untyped halves of `paginate` and `keyset`.
[[nodiscard]] MERCATOR_API PageNumbers load_page(const QueryState& query,
                                                 const PageRequest& request, bool read_only,
                                                 std::vector<InstanceState*>& objects);
[[nodiscard]] MERCATOR_API KeysetCursors load_keyset(const QueryState& query,
                                                     const KeysetRequest& request, bool read_only,
                                                     std::vector<InstanceState*>& objects);

} // namespace mercator
