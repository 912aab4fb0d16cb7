// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/types/temporal.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace benchmarks {

/// The row that is read: 8 columns, about 300 bytes. Every contender fills this same struct.
struct Post {
    std::int64_t id{};
    std::int64_t user_id{};
    std::string title;
    std::string body;
    std::optional<std::string> subtitle;
    double score{};
    std::int64_t views{};
    mercator::DateTime created_at{};
};

/// The same columns in a table of its own, which may be emptied: what is inserted and updated.
struct Draft : Post {};

void describe(mercator::Mapping<Post>& post);
void describe(mercator::Mapping<Draft>& draft);

/// Row number `id`; always the same.
[[nodiscard]] Post make_post(std::int64_t id);
/// Rows 1 to `count`.
[[nodiscard]] std::vector<Draft> make_drafts(std::int64_t count);

/// What an update does to an object: three columns.
void revise(Post& post);

/// Over all members, so that a contender that reads anything wrong is found out.
[[nodiscard]] std::uint64_t checksum(const Post& post);

}  // namespace benchmarks
