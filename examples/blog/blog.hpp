// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace blog {

/// Drops the blog's tables and makes them anew, with some authors, categories and posts.
void open_blog(mercator::Database& db);

/// A line of the front page.
struct Teaser {
    std::string title;
    std::string author;
    std::string tags; ///< "maps, travel"
    std::size_t comments = 0;
};
/// What is published, newest first. Three statements, however many posts there are (posts with
/// their authors, tags, comments), and one that counts unless this is the last page.
std::vector<Teaser> front_page(mercator::Session& session, std::int64_t page,
                               std::int64_t per_page);

/// Tags with the number of published posts that have them, most used first.
std::vector<std::pair<std::string, std::int64_t>> tag_cloud(mercator::Session& session);

/// A new draft. Category and tags are made where they are missing.
std::shared_ptr<Post> write_draft(mercator::Session& session, const std::string& author,
                                  const std::string& title, const std::string& content,
                                  const std::string& category,
                                  const std::vector<std::string>& tags);

/// Of a guest, if no user of that name exists.
void comment_on(mercator::Session& session, const std::string& title, const std::string& username,
                const std::string& text);

/// Hides a post. NoResultFound if nobody can see it.
void remove_post(mercator::Session& session, const std::string& title);
/// Posts that were removed: titles.
std::vector<std::string> bin(mercator::Session& session);
void bring_back(mercator::Session& session, const std::string& title);

} // namespace blog
