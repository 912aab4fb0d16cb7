// SPDX-License-Identifier: MIT
#include "models.hpp"

namespace blog {

using mercator::col;
using mercator::String;

namespace {

const mercator::Table post_tags{
    "post_tags",
    mercator::Column("post_id", mercator::BigInteger()).references("posts.id").primary_key(),
    mercator::Column("tag_id", mercator::BigInteger()).references("tags.id").primary_key()};

void check_not_empty(const std::string& text) {
    if (text.find_first_not_of(" \t\n") == std::string::npos)
        throw mercator::ValidationError("is empty");
}

} // namespace

void describe(mercator::Mapping<User>& user) {
    user.table("users");
    user.column<&User::id>().primary_key();
    user.column<&User::username>(String(50)).unique().validate(check_not_empty);
    user.column<&User::email>(String(100)).unique();
    user.column<&User::password_hash>(String(128)).sensitive();
    user.column<&User::is_admin>();
    user.column<&User::created_at>().default_factory(mercator::utc_now);
    user.relationship<&User::posts>().back_populates<&Post::author>();
    user.relationship<&User::comments>().back_populates<&Comment::author>();
}

void describe(mercator::Mapping<Category>& category) {
    category.table("categories");
    category.column<&Category::id>().primary_key();
    category.column<&Category::name>(String(50)).unique();
    category.relationship<&Category::posts>().back_populates<&Post::category>();
}

void describe(mercator::Mapping<Tag>& tag) {
    tag.table("tags");
    tag.column<&Tag::id>().primary_key();
    tag.column<&Tag::name>(String(30)).unique();
}

void describe(mercator::Mapping<Post>& post) {
    post.table("posts");
    post.column<&Post::id>().primary_key();
    post.column<&Post::title>(String(100)).validate(check_not_empty);
    post.column<&Post::content>(mercator::Text());
    post.column<&Post::status>().default_(Status::draft);
    post.column<&Post::published_at>();
    post.column<&Post::author_id>().references<&User::id>().index();
    post.column<&Post::category_id>().references<&Category::id>();
    post.version<&Post::revision>();
    post.include<mercator::TimestampMixin>().include<mercator::SoftDeleteMixin>();
    // The front page, and a category's page, each without sorting.
    post.index<&Post::status, &Post::published_at>("ix_posts_front_page");
    post.index<&Post::category_id, &Post::status, &Post::published_at>("ix_posts_of_category");
    post.relationship<&Post::author>().back_populates<&User::posts>();
    post.relationship<&Post::category>().back_populates<&Category::posts>();
    post.relationship<&Post::tags>().secondary(post_tags).backref<&Tag::posts>();
    post.relationship<&Post::comments>()
        .back_populates<&Comment::post>()
        .order_by<&Comment::created_at>()
        .cascade(mercator::Cascade::all | mercator::Cascade::delete_orphan);
}

void describe(mercator::Mapping<Comment>& comment) {
    comment.table("comments");
    comment.column<&Comment::id>().primary_key();
    comment.column<&Comment::text>(mercator::Text()).validate(check_not_empty);
    comment.column<&Comment::created_at>().default_factory(mercator::utc_now);
    comment.column<&Comment::post_id>().references<&Post::id>().index();
    comment.column<&Comment::author_id>().references<&User::id>().index();
    comment.relationship<&Comment::post>().back_populates<&Post::comments>();
    comment.relationship<&Comment::author>().back_populates<&User::comments>();
}

PostQuery PostQuery::published() const {
    return where(col(&Post::status) == Status::published);
}
PostQuery PostQuery::in_category(const std::string& name) const {
    return where(mercator::rel(&Post::category).has(col(&Category::name) == name));
}
PostQuery PostQuery::tagged(const std::string& tag) const {
    return where(mercator::rel(&Post::tags).any(col(&Tag::name) == tag));
}
PostQuery PostQuery::newest_first() const {
    return order_by(col(&Post::published_at).desc(), col(&Post::id).desc());
}

void Post::publish() {
    status = Status::published;
    if (!published_at) published_at = mercator::utc_now();
}

std::string Post::excerpt(std::size_t length) const {
    if (content.size() <= length) return content;
    const std::size_t blank = content.rfind(' ', length);
    return content.substr(0, blank == std::string::npos ? length : blank) + " ...";
}

} // namespace blog
