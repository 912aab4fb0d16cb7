// SPDX-License-Identifier: MIT
#pragma once

#include "post.hpp"

#include <mercator/support/url.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace benchmarks {

/// What somebody writes by hand against a client library, with care: prepared statements kept, binary values, results
/// decoded straight into the struct. The yardstick of every ratio. One connection, one thread.
class Reference {
public:
    virtual ~Reference() = default;

    virtual void begin() = 0;
    virtual void rollback() = 0;
    /// One row of `posts` by its key.
    [[nodiscard]] virtual Post get(std::int64_t id) = 0;
    /// All rows of `posts` in the order of their keys.
    [[nodiscard]] virtual std::vector<Post> select_all() = 0;
    /// Into `drafts`, row at a time.
    virtual void insert(std::span<const Draft> drafts) = 0;
    /// Title, score and views of rows of `drafts` by their keys, row at a time.
    virtual void update(std::span<const Draft> drafts) = 0;
};

[[nodiscard]] std::unique_ptr<Reference> sqlite_reference(const mercator::Url& url);
[[nodiscard]] std::unique_ptr<Reference> postgresql_reference(const std::string& uri);
[[nodiscard]] std::unique_ptr<Reference> mariadb_reference(const mercator::Url& url);
/// The same through MySQL Connector/C++, the library that Mercator's dialect uses. Reads only.
[[nodiscard]] std::unique_ptr<Reference> connector_reference(const mercator::Url& url);

inline constexpr const char* select_by_key =
    "SELECT id, user_id, title, body, subtitle, score, views, created_at FROM posts WHERE id = ";
inline constexpr const char* select_all_rows =
    "SELECT id, user_id, title, body, subtitle, score, views, created_at FROM posts ORDER BY id";
inline constexpr const char* insert_row =
    "INSERT INTO drafts (id, user_id, title, body, subtitle, score, views, created_at) VALUES ";

}  // namespace benchmarks
