// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/query.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

/// The untyped half of `ChunkedStream`: reads a query page by page in the order of the primary key,
/// each page into a graph of its own.
class MERCATOR_API ChunkReader {
public:
    /// ArgumentError for a query in another order, with an offset, or for pages of no rows.
    ChunkReader(const QueryState& query, std::size_t size);
    ChunkReader(const ChunkReader&) = delete;
    ChunkReader& operator=(const ChunkReader&) = delete;
    ~ChunkReader();

    /// The next page's objects; false when there is none. Ends the page before it: StateError if
    /// one of its objects was changed, since nobody would write that.
    [[nodiscard]] bool next(std::vector<std::shared_ptr<void>>& objects);

private:
    class Page;
    [[nodiscard]] ast::Select page_select() const;
    void remember_last(const InstanceState& state);

    QueryState query_;
    std::size_t size_;
    std::int64_t left_; ///< of the query's own limit; -1 for all
    std::vector<Value> last_;
    bool ended_ = false;
    std::unique_ptr<Page> page_;
};

/// A query whose result is too large to be held: `session.query<User>().yield_per(500).each(
/// [](const std::shared_ptr<const User>& user) { … })`. Objects come in the order of their primary
/// key, so many at a time by a statement of their own (since no backend but SQLite runs others
/// while a result is open), with what the query's options and the mapping load with them.
///
/// The objects are for reading. They are no objects of the session: those of one page live as long
/// as handles to them are held, so memory stays as large as a page. Relationships and deferred
/// columns load when touched while their page is the current one. Rows that others add or delete
/// meanwhile may be seen or not, as the transaction's isolation says.
template <class T>
class ChunkedStream {
public:
    ChunkedStream(QueryState query, std::size_t size) : query_(std::move(query)), size_(size) {}

    /// Calls `visit` for each object; stops when it returns false.
    template <class Visit>
    void each(Visit&& visit) const {
        chunks([&](const std::vector<std::shared_ptr<const T>>& objects) {
            for (const auto& object : objects) {
                if constexpr (std::is_same_v<decltype(visit(object)), bool>) {
                    if (!visit(object)) return false;
                } else {
                    visit(object);
                }
            }
            return true;
        });
    }
    /// Calls `visit` for each page; stops when it returns false.
    template <class Visit>
    void chunks(Visit&& visit) const {
        ChunkReader reader(query_, size_);
        std::vector<std::shared_ptr<void>> found;
        while (reader.next(found)) {
            std::vector<std::shared_ptr<const T>> objects;
            objects.reserve(found.size());
            for (auto& object : found)
                objects.push_back(std::static_pointer_cast<const T>(std::move(object)));
            found.clear();
            if constexpr (std::is_same_v<decltype(visit(std::as_const(objects))), bool>) {
                if (!visit(std::as_const(objects))) return;
            } else {
                visit(std::as_const(objects));
            }
        }
    }

private:
    QueryState query_;
    std::size_t size_;
};

} // namespace mercator
