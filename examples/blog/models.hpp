// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mixins.hpp>
#include <mercator/mercator.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

/// A blog: people write posts in categories, give them tags, and comment. What is deleted is kept
/// and hidden; what two people edit at the same time is noticed.
namespace blog {

struct Category;
struct Comment;
struct Post;
struct Tag;

struct User {
    std::int64_t id{};
    std::string username;
    std::string email;
    std::string password_hash;
    bool is_admin = false;
    mercator::DateTime created_at{};
    mercator::Many<Post> posts;
    mercator::Many<Comment> comments;
};

struct Category {
    std::int64_t id{};
    std::string name;
    mercator::Many<Post> posts;
};

struct Tag {
    std::int64_t id{};
    std::string name;
    mercator::Many<Post> posts;
};

enum class Status { draft, published, archived };

/// What readers ask for.
struct PostQuery : mercator::Query<Post, PostQuery> {
    [[nodiscard]] PostQuery published() const;
    [[nodiscard]] PostQuery in_category(const std::string& name) const;
    [[nodiscard]] PostQuery tagged(const std::string& tag) const;
    [[nodiscard]] PostQuery newest_first() const;
};

struct Post : mercator::TimestampMixin, mercator::SoftDeleteMixin {
    using query_type = PostQuery;
    std::int64_t id{};
    std::string title;
    std::string content;
    Status status = Status::draft;
    std::optional<mercator::DateTime> published_at;
    std::int64_t author_id{};
    std::optional<std::int64_t> category_id;
    int revision{}; ///< counts how often it was saved
    mercator::One<User> author;
    mercator::One<Category> category;
    mercator::Many<Tag> tags;
    mercator::Many<Comment> comments;

    void publish();
    void archive() { status = Status::archived; }
    [[nodiscard]] bool is_published() const { return status == Status::published; }
    /// The first words, for lists.
    [[nodiscard]] std::string excerpt(std::size_t length = 40) const;
};

struct Comment {
    std::int64_t id{};
    std::string text;
    mercator::DateTime created_at{};
    std::int64_t post_id{};
    std::optional<std::int64_t> author_id; ///< none of a guest
    mercator::One<Post> post;
    mercator::One<User> author;
};

void describe(mercator::Mapping<User>& user);
void describe(mercator::Mapping<Category>& category);
void describe(mercator::Mapping<Tag>& tag);
void describe(mercator::Mapping<Post>& post);
void describe(mercator::Mapping<Comment>& comment);

} // namespace blog
