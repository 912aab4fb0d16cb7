// SPDX-License-Identifier: MIT
// The other module: see forward_writer_test.cpp.
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace forward {

struct Writer;

struct Post {
    std::int64_t id{};
    std::string title;
    std::optional<std::int64_t> writer_id;
    mercator::One<Writer> writer;
};
void describe(mercator::Mapping<Post>& post) {
    post.column<&Post::id>().primary_key();
    post.column<&Post::title>();
    post.column<&Post::writer_id>().references("writer.id");
    post.relationship<&Post::writer>().back_populates("posts");
}

void declare_posts() {
    mercator::declare<Post>();
}

} // namespace forward

TEST_CASE("MOD-23 a module may use its own class as soon as the others have declared theirs") {
    forward::declare_posts();
    CHECK(mercator::registered_mapper(mercator::object_type_of<forward::Post>()).columns().size() ==
          3);
}
