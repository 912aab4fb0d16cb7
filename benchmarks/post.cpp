// SPDX-License-Identifier: MIT
#include "post.hpp"

#include <bit>
#include <chrono>
#include <string_view>

namespace benchmarks {

namespace {

/// A small generator with the same numbers everywhere (SplitMix64).
class Numbers {
public:
    explicit Numbers(std::int64_t seed) : state_(static_cast<std::uint64_t>(seed) * 0x2545F4914F6CDD1DULL) {}

    std::uint64_t next() {
        std::uint64_t mixed = (state_ += 0x9E3779B97F4A7C15ULL);
        mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
        return mixed ^ (mixed >> 31U);
    }
    std::int64_t below(std::uint64_t limit) { return static_cast<std::int64_t>(next() % limit); }
    std::string text(std::uint64_t shortest, std::uint64_t lengths) {
        std::string result(shortest + next() % lengths, ' ');
        for (char& letter : result) letter = static_cast<char>('a' + below(26));
        return result;
    }

private:
    std::uint64_t state_;
};

/// FNV-1a.
class Checksum {
public:
    void add(std::string_view bytes) {
        for (const char byte : bytes) sum_ = (sum_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
    }
    void add(std::int64_t number) { sum_ = (sum_ ^ static_cast<std::uint64_t>(number)) * 0x100000001B3ULL; }
    [[nodiscard]] std::uint64_t value() const { return sum_; }

private:
    std::uint64_t sum_ = 0xCBF29CE484222325ULL;
};

template <class Row>
void describe_columns(mercator::Mapping<Row>& row) {
    row.template column<&Post::id>().primary_key();
    row.template column<&Post::user_id>();
    row.template column<&Post::title>(mercator::String(120));
    row.template column<&Post::body>(mercator::Text());
    row.template column<&Post::subtitle>(mercator::String(80));
    row.template column<&Post::score>();
    row.template column<&Post::views>();
    row.template column<&Post::created_at>();
}

}  // namespace

void describe(mercator::Mapping<Post>& post) {
    post.table("posts");
    describe_columns(post);
}

void describe(mercator::Mapping<Draft>& draft) {
    draft.table("drafts");
    describe_columns(draft);
}

Post make_post(std::int64_t id) {
    Numbers numbers(id);
    Post post;
    post.id = id;
    post.user_id = 1 + id / 10;
    post.title = numbers.text(30, 30);
    post.body = numbers.text(150, 150);
    if (numbers.below(2) == 0) post.subtitle = numbers.text(20, 20);
    post.score = static_cast<double>(numbers.below(1'000'000)) / 128.0;
    post.views = numbers.below(1'000'000);
    post.created_at = mercator::DateTime(std::chrono::seconds(1'577'836'800 + numbers.below(100'000'000)));
    return post;
}

std::vector<Draft> make_drafts(std::int64_t count) {
    std::vector<Draft> drafts;
    drafts.reserve(static_cast<std::size_t>(count));
    for (std::int64_t id = 1; id <= count; ++id) drafts.push_back(Draft{make_post(id)});
    return drafts;
}

void revise(Post& post) {
    post.title.front() = post.title.front() == 'Z' ? 'Y' : 'Z';
    post.score += 0.5;
    ++post.views;
}

std::uint64_t checksum(const Post& post) {
    Checksum sum;
    sum.add(post.id);
    sum.add(post.user_id);
    sum.add(post.title);
    sum.add(post.body);
    sum.add(post.subtitle ? std::string_view(*post.subtitle) : std::string_view("NULL"));
    sum.add(std::bit_cast<std::int64_t>(post.score));
    sum.add(post.views);
    sum.add(post.created_at.time_since_epoch().count());
    return sum.value();
}

}  // namespace benchmarks
