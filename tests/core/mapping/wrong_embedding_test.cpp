// SPDX-License-Identifier: MIT
// Structs that cannot be embedded, and members that are not: one error that says what to do.
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace mercator;

namespace {

struct KeyedPart {
    std::int64_t id{};
};
void describe(Mapping<KeyedPart>& part) {
    part.column<&KeyedPart::id>().primary_key();
}
struct IndexedPart {
    std::int64_t a{};
};
void describe(Mapping<IndexedPart>& part) {
    part.column<&IndexedPart::a>();
    part.index<&IndexedPart::a>();
}
struct EmptyPart {
    std::int64_t a{};
};
void describe(Mapping<EmptyPart>&) {}
struct PlainPart {
    std::int64_t a{};
    std::int64_t not_described{};
};
void describe(Mapping<PlainPart>& part) {
    part.column<&PlainPart::a>();
}

template <class Part>
struct Whole {
    std::int64_t id{};
    Part part;
};
template <class Part>
void describe(Mapping<Whole<Part>>& whole) {
    whole.table("whole");
    whole.template column<&Whole<Part>::id>().primary_key();
    whole.template embed<&Whole<Part>::part>();
}
struct EmbeddedTwice {
    std::int64_t id{};
    PlainPart part;
};
void describe(Mapping<EmbeddedTwice>& twice) {
    twice.column<&EmbeddedTwice::id>().primary_key();
    twice.embed<&EmbeddedTwice::part>();
    twice.embed<&EmbeddedTwice::part>("again_");
}

template <class Use>
std::string wrong(Use use) {
    std::string first;
    for (int attempt = 0; attempt < 2; ++attempt) { // nothing is half configured
        try {
            use();
            return "accepted";
        } catch (const MappingError& error) {
            if (attempt == 0) first = error.what();
            CHECK(first == error.what());
        }
    }
    return first;
}

template <class Part>
std::string wrong_part() {
    return wrong([] { static_cast<void>(mapper_of<Whole<Part>>()); });
}

bool mentions(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("MOD-43 a part of a row has no key, no constraints and at least one column") {
    CHECK(mentions(wrong_part<KeyedPart>(), "a part of a row has no identity"));
    CHECK(mentions(wrong_part<IndexedPart>(), "its describe function can name columns alone"));
    CHECK(mentions(wrong_part<EmptyPart>(), "maps no column"));
    CHECK(wrong_part<PlainPart>() == "accepted");
    CHECK(mentions(wrong([] { static_cast<void>(mapper_of<EmbeddedTwice>()); }), "mapped twice"));
}

TEST_CASE("MOD-34 a member that is not embedded, or a part that is not described, is told of") {
    CHECK(mentions(wrong([] { static_cast<void>(composite(&Whole<PlainPart>::id)); }),
                   "embed<&Whole"));
    const auto part = composite(&Whole<PlainPart>::part);
    CHECK(mentions(wrong([&] { static_cast<void>(part.part(&PlainPart::not_described)); }),
                   "no column at the part"));
}
