// SPDX-License-Identifier: MIT
// One of two modules whose models refer to each other: this one knows of Post only that there is
// such a class. The other is forward_post_test.cpp.
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <string>

namespace forward {

struct Post;
void declare_posts();

struct Writer {
    std::int64_t id{};
    std::string name;
    mercator::Many<Post> posts;
};
void describe(mercator::Mapping<Writer>& writer) {
    writer.column<&Writer::id>().primary_key();
    writer.column<&Writer::name>();
    writer.relationship<&Writer::posts>().back_populates("writer");
}

struct Pots; // misspelled, and defined nowhere
struct Shelf {
    std::int64_t id{};
    mercator::Many<Pots> posts;
};
void describe(mercator::Mapping<Shelf>& shelf) {
    shelf.column<&Shelf::id>().primary_key();
    shelf.relationship<&Shelf::posts>();
}

struct Lonely;
struct Stranger {
    std::int64_t id{};
    mercator::One<Lonely> other;
};
void describe(mercator::Mapping<Stranger>& stranger) {
    stranger.column<&Stranger::id>().primary_key();
    stranger.relationship<&Stranger::other>();
}

struct Reader {
    std::int64_t id{};
    std::int64_t post_id{};
    mercator::One<Post> post;
};
void describe(mercator::Mapping<Reader>& reader) {
    reader.column<&Reader::id>().primary_key();
    reader.column<&Reader::post_id>().references("post.id");
    reader.relationship<&Reader::post>().back_populates("redaers");
}

} // namespace forward

using namespace forward;

TEST_CASE("MOD-23 MOD-24 two modules refer to each other by forward declaration and by name") {
    mercator::declare<Writer>();
    declare_posts();
    const mercator::Mapper& writer = mercator::mapper_of<Writer>();
    const auto& posts = writer.relationships()[0];
    CHECK(posts.target->class_name() == "Post");
    CHECK(posts.direction == mercator::Direction::OneToMany);
    REQUIRE(posts.reverse != nullptr);
    CHECK(posts.reverse->where == "Post.writer");
    CHECK(posts.reverse->reverse == &posts);
    CHECK(posts.reverse->target == &writer);
}

TEST_CASE("MOD-24 a class that nobody declared fails the configuration, with the nearest name") {
    declare_posts();
    for (int attempt = 0; attempt < 2; ++attempt) { // nothing is left half configured
        try {
            static_cast<void>(mercator::mapper_of<Shelf>());
            FAIL("the class is not there");
        } catch (const mercator::MappingError& error) {
            const std::string text = error.what();
            CAPTURE(text);
            CHECK(error.where() == "Shelf.posts");
            CHECK(text.find("Shelf.posts") != std::string::npos);
            CHECK(text.find("forward::Pots") != std::string::npos);
            CHECK(text.find("did you mean forward::Post?") != std::string::npos);
            CHECK(text.find("forward::Shelf") != std::string::npos); // among the known ones
            CHECK(text.find("mercator::declare<forward::Pots>()") != std::string::npos);
        }
    }
}

TEST_CASE("MOD-23 an unresolved name lists the known classes, and guesses only what is near") {
    try {
        static_cast<void>(mercator::mapper_of<Stranger>());
        FAIL("the class is not there");
    } catch (const mercator::MappingError& error) {
        const std::string text = error.what();
        CAPTURE(text);
        CHECK(text.find("known are") != std::string::npos);
        CHECK(text.find("forward::Stranger") != std::string::npos);
        CHECK(text.find("did you mean") == std::string::npos);
    }
}

TEST_CASE("MOD-24 a side that is named wrongly fails the configuration") {
    declare_posts();
    try {
        static_cast<void>(mercator::mapper_of<Reader>());
        FAIL("Post has no such member");
    } catch (const mercator::MappingError& error) {
        const std::string text = error.what();
        CAPTURE(text);
        CHECK(error.where() == "Reader.post");
        CHECK(text.find("Post.redaers") != std::string::npos);
    }
}
