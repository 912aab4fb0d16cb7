// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/recording.hpp>
#include <mercator/mercator.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// One relationship of each kind, over a database that only writes down what it is asked.
namespace blog {

using namespace mercator;

struct Post;
struct Tag;
struct Remark;

struct Writer {
    std::int64_t id{};
    std::string name;
    Many<Post> posts;
    Many<Post> newest;
    Many<Tag> tags;
    Many<Post> later;
};

struct Post {
    std::int64_t id{};
    std::string title;
    std::optional<std::int64_t> writer_id;
    One<Writer> writer;
    Many<Tag> tags;
    Many<Remark> remarks;
};

struct Tag {
    std::int64_t id{};
    std::string name;
    Many<Post> posts;
};

struct Remark {
    std::int64_t id{};
    std::string subject;
    std::int64_t subject_id{};
    One<Post> post;
};

struct Cell {
    std::int64_t row{};
    std::int64_t place{};
    std::optional<std::int64_t> left_row;
    std::optional<std::int64_t> left_place;
    One<Cell> left;
    Many<Cell> right;
};

inline Table post_tags() {
    return Table("post_tags", Column("post_id", BigInteger()).references("posts.id").primary_key(),
                 Column("tag_id", BigInteger()).references("tags.id").primary_key());
}

inline void describe(Mapping<Writer>& writer) {
    writer.table("writers");
    writer.column<&Writer::id>().primary_key();
    writer.column<&Writer::name>(String(80));
    writer.relationship<&Writer::posts>().back_populates<&Post::writer>();
    writer.relationship<&Writer::newest>()
        .viewonly()
        .order_by([](auto post) { return post(&Post::title).desc(); })
        .limit(2);
    writer.relationship<&Writer::tags>().through<&Writer::posts, &Post::tags>();
    writer.relationship<&Writer::later>().viewonly().primaryjoin(
        [](auto own, auto other) { return own(&Writer::name) < other(&Post::title); });
}

inline void describe(Mapping<Post>& post) {
    post.table("posts");
    post.column<&Post::id>().primary_key();
    post.column<&Post::title>(String(80));
    post.column<&Post::writer_id>().references<&Writer::id>();
    post.relationship<&Post::writer>().back_populates<&Writer::posts>();
    post.relationship<&Post::tags>()
        .secondary(post_tags())
        .order_by<&Tag::name>()
        .back_populates<&Tag::posts>();
    post.relationship<&Post::remarks>()
        .foreign_keys<&Remark::subject_id>()
        .when<&Remark::subject>("post")
        .back_populates<&Remark::post>();
}

inline void describe(Mapping<Tag>& tag) {
    tag.table("tags");
    tag.column<&Tag::id>().primary_key();
    tag.column<&Tag::name>(String(40));
    tag.relationship<&Tag::posts>().secondary(post_tags()).back_populates<&Post::tags>();
}

inline void describe(Mapping<Remark>& remark) {
    remark.table("remarks");
    remark.column<&Remark::id>().primary_key();
    remark.column<&Remark::subject>(String(20));
    remark.column<&Remark::subject_id>();
    remark.relationship<&Remark::post>()
        .foreign_keys<&Remark::subject_id>()
        .when<&Remark::subject>("post")
        .back_populates<&Post::remarks>();
}

inline void describe(Mapping<Cell>& cell) {
    cell.table("cells");
    cell.column<&Cell::row>();
    cell.column<&Cell::place>();
    cell.primary_key<&Cell::row, &Cell::place>();
    cell.column<&Cell::left_row>();
    cell.column<&Cell::left_place>();
    cell.foreign_key(members<&Cell::left_row, &Cell::left_place>,
                     members<&Cell::row, &Cell::place>);
    cell.relationship<&Cell::right>().backref<&Cell::left>();
}

struct Recorded {
    explicit Recorded(std::string_view name) :
        recorder(Recorder::named(name)),
        database("ansi://" + std::string(name)) {
        recorder->clear();
        database.map<Writer, Post, Tag, Remark, Cell>();
    }
    /// What was asked since the last time, without BEGIN.
    std::vector<std::string> asked() {
        std::vector<std::string> texts;
        for (const auto& text : recorder->statements()) {
            if (text != "BEGIN") texts.push_back(text);
        }
        recorder->clear();
        return texts;
    }
    std::shared_ptr<Recorder> recorder;
    Database database;
};

} // namespace blog
