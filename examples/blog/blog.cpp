// SPDX-License-Identifier: MIT
#include "blog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace blog {

using mercator::col;
namespace func = mercator::func;

namespace {

/// The one of that name, or a new one.
template <class T>
std::shared_ptr<T> named(mercator::Session& session, const std::string& name) {
    auto found = session.query<T>().where(col(&T::name) == name).one_or_none();
    return found ? found : session.add(T{.name = name});
}

std::string joined_names(const mercator::Many<Tag>& tags) {
    std::vector<std::string> names;
    for (const auto& tag : tags) names.push_back(tag->name);
    std::sort(names.begin(), names.end());
    return fmt::format("{}", fmt::join(names, ", "));
}

std::shared_ptr<Post> post_titled(mercator::Session& session, const std::string& title) {
    return session.query<Post>().where(col(&Post::title) == title).one();
}

void write_first_posts(mercator::Session& session) {
    session.add(User{.username = "gerard",
                     .email = "gerard@example.org",
                     .password_hash = "$2b$12$secret",
                     .is_admin = true});
    session.add(
        User{.username = "maria", .email = "maria@example.org", .password_hash = "$2b$12$x"});
    const auto flat = write_draft(session, "gerard", "The round world on flat paper",
                                  "Every map lies, and a good one says where. Angles or areas: "
                                  "choose one, and be honest about the other.",
                                  "Maps", {"projections", "history"});
    const auto walk =
        write_draft(session, "maria", "A walk along the meridian",
                    "It starts in a garden and ends in the sea.", "Travel", {"walking", "history"});
    write_draft(session, "maria", "Notes for later", "Ask Gerard about the poles.", "Travel", {});
    flat->published_at = mercator::DateTime(std::chrono::hours(24 * 20'000));
    flat->publish();
    walk->publish();
    session.commit();
    comment_on(session, flat->title, "maria", "And the poles?");
    comment_on(session, flat->title, "a reader", "I always suspected Greenland.");
    session.commit();
}

} // namespace

void open_blog(mercator::Database& db) {
    db.drop_all<User, Category, Tag, Post, Comment>();
    db.create_all();
    auto session = db.session();
    write_first_posts(session);
}

std::vector<Teaser> front_page(mercator::Session& session, std::int64_t page,
                               std::int64_t per_page) {
    const auto posts =
        session.query<Post>()
            .published()
            .newest_first()
            .options(mercator::joined<&Post::author>(), mercator::selectin<&Post::tags>(),
                     mercator::selectin<&Post::comments>())
            .paginate({.page = page, .per_page = per_page});
    std::vector<Teaser> teasers;
    for (const auto& post : posts.items) {
        teasers.push_back(
            {post->title, post->author->username, joined_names(post->tags), post->comments.size()});
    }
    return teasers;
}

std::vector<std::pair<std::string, std::int64_t>> tag_cloud(mercator::Session& session) {
    std::vector<std::pair<std::string, std::int64_t>> cloud;
    const auto uses = func::count(col(&Post::id));
    for (const auto& [name, count] :
         session.execute(mercator::select(col(&Tag::name), uses)
                             .join<&Tag::posts>()
                             .where(col(&Post::status) == Status::published)
                             .group_by(col(&Tag::name))
                             .order_by(uses.desc(), col(&Tag::name))))
        cloud.emplace_back(name, count);
    return cloud;
}

std::shared_ptr<Post> write_draft(mercator::Session& session, const std::string& author,
                                  const std::string& title, const std::string& content,
                                  const std::string& category,
                                  const std::vector<std::string>& tags) {
    Post draft; // complete before the session has it: the queries below flush what it has
    draft.title = title;
    draft.content = content;
    draft.author = session.query<User>().where(col(&User::username) == author).one();
    draft.category = named<Category>(session, category);
    for (const auto& tag : tags) draft.tags.add(named<Tag>(session, tag));
    auto post = session.add(std::move(draft));
    return post;
}

void comment_on(mercator::Session& session, const std::string& title, const std::string& username,
                const std::string& text) {
    Comment comment{.text = text};
    comment.author = session.query<User>().where(col(&User::username) == username).one_or_none();
    comment.post = post_titled(session, title);
    session.add(std::move(comment));
}

void remove_post(mercator::Session& session, const std::string& title) {
    post_titled(session, title)->soft_delete();
    session.commit();
}

std::vector<std::string> bin(mercator::Session& session) {
    std::vector<std::string> titles;
    for (const auto& post : session.query<Post>()
                                .without_criteria<Post>()
                                .where(col<Post>(&Post::deleted_at).is_not_null())
                                .order_by(col(&Post::title))
                                .all())
        titles.push_back(post->title);
    return titles;
}

void bring_back(mercator::Session& session, const std::string& title) {
    session.query<Post>()
        .without_criteria<Post>()
        .where(col(&Post::title) == title)
        .one()
        ->restore();
    session.commit();
}

} // namespace blog
