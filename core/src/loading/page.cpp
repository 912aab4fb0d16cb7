// SPDX-License-Identifier: MIT
#include <mercator/loading/page.hpp>

#include "loading/keyset.hpp"

#include <mercator/loading/query.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace mercator {
namespace {

[[noreturn]] void refuse_page(std::int64_t page, const Mapper& mapper) {
    throw NoResultFound(fmt::format("there is no page {} of {}", page, mapper.class_name()),
                        std::string(mapper.class_name()));
}

constexpr std::int64_t most_rows = std::numeric_limits<std::int64_t>::max() - 1;

/// The page and its size as they can be, however they were asked for.
PageNumbers numbers_of(const PageRequest& request, const Mapper& mapper) {
    if (request.page < 1 && request.error_out) refuse_page(request.page, mapper);
    if (request.max_per_page < 1)
        throw ArgumentError("max_per_page must be at least 1", "max_per_page");
    if (request.per_page < 1 && request.error_out)
        throw ArgumentError("per_page must be at least 1", "per_page");
    PageNumbers numbers;
    numbers.per_page =
        std::clamp<std::int64_t>(request.per_page, 1, std::min(request.max_per_page, most_rows));
    numbers.page = std::max<std::int64_t>(request.page, 1);
    return numbers;
}

/// How many rows stand before the page. No table is as long as the most, where it would overflow.
std::int64_t rows_before(const PageNumbers& numbers) {
    const std::int64_t pages = numbers.page - 1;
    return pages < most_rows / numbers.per_page ? pages * numbers.per_page : most_rows;
}

} // namespace

std::optional<std::int64_t> PageNumbers::pages() const noexcept {
    if (!total) return std::nullopt;
    return *total / per_page + (*total % per_page == 0 ? 0 : 1);
}

std::vector<std::optional<std::int64_t>> PageNumbers::iter_pages(std::int64_t left_edge,
                                                                 std::int64_t left_current,
                                                                 std::int64_t right_current,
                                                                 std::int64_t right_edge) const {
    std::vector<std::optional<std::int64_t>> list;
    const std::int64_t last = pages().value_or(0);
    for (std::int64_t number = 1; number <= last; ++number) {
        const bool shown = number <= left_edge || number > last - right_edge ||
                           (number >= page - left_current && number <= page + right_current);
        if (shown) {
            list.emplace_back(number);
        } else if (list.empty() || list.back().has_value()) {
            list.emplace_back(std::nullopt);
        }
    }
    return list;
}

PageNumbers load_page(const QueryState& query, const PageRequest& request, bool read_only,
                      std::vector<InstanceState*>& objects) {
    PageNumbers numbers = numbers_of(request, *query.mapper);
    const std::int64_t first = rows_before(numbers);
    QueryState part = query;
    // One row more tells whether there is another page, without counting.
    part.select.limit = row_count(numbers.per_page + 1, "limit");
    part.select.offset = first == 0 ? nullptr : row_count(first, "offset");
    part.load(read_only, objects);
    const auto found = static_cast<std::int64_t>(objects.size());
    numbers.has_next = found > numbers.per_page;
    if (numbers.has_next) objects.resize(static_cast<std::size_t>(numbers.per_page));
    if (found == 0 && numbers.page > 1 && request.error_out)
        refuse_page(numbers.page, *query.mapper);
    if (!request.count) return numbers;
    const bool is_known = !numbers.has_next && (found > 0 || numbers.page == 1);
    numbers.total = is_known ? first + found : query.count();
    return numbers;
}

KeysetCursors load_keyset(const QueryState& query, const KeysetRequest& request, bool read_only,
                          std::vector<InstanceState*>& objects) {
    if (request.per_page < 1) throw ArgumentError("per_page must be at least 1", "per_page");
    if (!request.after.empty() && !request.before.empty())
        throw ArgumentError("a page follows one cursor or precedes one, not both", "before");
    const KeysetOrder order(*query.mapper, query.select.order_by);
    const bool backward = !request.before.empty();
    const std::string& cursor = backward ? request.before : request.after;
    QueryState part = query;
    if (!cursor.empty())
        part.select.where.push_back(order.beyond(order.values_of(cursor), backward));
    part.select.order_by = order.terms(backward);
    part.select.limit = row_count(std::min(request.per_page, most_rows) + 1, "limit");
    part.load(read_only, objects);
    const bool more = static_cast<std::int64_t>(objects.size()) > request.per_page;
    if (more) objects.resize(static_cast<std::size_t>(request.per_page));
    if (backward) std::reverse(objects.begin(), objects.end());
    KeysetCursors cursors;
    if (objects.empty()) return cursors;
    // Behind a page that was reached from a later one there is that one.
    if (backward || more) cursors.next = order.cursor_of(objects.back()->object());
    if (backward ? more : !cursor.empty())
        cursors.previous = order.cursor_of(objects.front()->object());
    return cursors;
}

} // namespace mercator
