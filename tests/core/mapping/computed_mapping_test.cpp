// SPDX-License-Identifier: MIT
#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>

using namespace mercator;

namespace {

struct ComputedWithDefault {
    std::int64_t id{};
    std::int64_t twice{};
};
void describe(Mapping<ComputedWithDefault>& mapping) {
    mapping.column<&ComputedWithDefault::id>().primary_key();
    mapping.column<&ComputedWithDefault::twice>()
        .computed(col(&ComputedWithDefault::id) * 2)
        .default_(5);
}

struct ComputedKey {
    std::int64_t id{};
    std::int64_t number{};
};
void describe(Mapping<ComputedKey>& mapping) {
    mapping.column<&ComputedKey::number>();
    mapping.column<&ComputedKey::id>().primary_key().computed(col(&ComputedKey::number) * 2);
}

struct FilledTwice {
    std::int64_t id{};
    std::int64_t number{};
};
void describe(Mapping<FilledTwice>& mapping) {
    mapping.column<&FilledTwice::id>().primary_key();
    mapping.column<&FilledTwice::number>();
    mapping.column_property<&FilledTwice::number>([] { return col(&FilledTwice::id) * 2; });
}

struct CountedPart {
    std::int64_t number{};
    std::int64_t twice{};
};
void describe(Mapping<CountedPart>& mapping) {
    mapping.column<&CountedPart::number>();
    mapping.column<&CountedPart::twice>().computed(col(&CountedPart::number) * 2);
}
struct Counted : CountedPart {
    std::int64_t id{};
};
void describe(Mapping<Counted>& mapping) {
    mapping.column<&Counted::id>().primary_key();
    mapping.include<CountedPart>();
}

} // namespace

TEST_CASE("HYB-14 what the database computes, nobody gives") {
    CHECK_THROWS_WITH_AS(static_cast<void>(mapper_of<ComputedWithDefault>()),
                         doctest::Contains("ComputedWithDefault.twice is computed by the database, "
                                           "so it can neither be a primary key nor have a default"),
                         MappingError);
    CHECK_THROWS_WITH_AS(static_cast<void>(mapper_of<ComputedKey>()),
                         doctest::Contains("ComputedKey.id is computed by the database"),
                         MappingError);
}

TEST_CASE("HYB-14 a mixin brings its computed columns") {
    const Mapper& mapper = mapper_of<Counted>();
    CHECK(mapper.has_computed_columns());
    CHECK(mapper.find_column("twice")->computed);
    CHECK(mapper.table().find_column("twice")->computed_from != nullptr);
    CHECK_FALSE(mapper.find_column("number")->computed);
}

TEST_CASE("HYB-13 a member is a column or filled by an expression") {
    CHECK_THROWS_WITH_AS(static_cast<void>(mapper_of<FilledTwice>()),
                         doctest::Contains("FilledTwice.number is a column, so it cannot be a "
                                           "column_property as well"),
                         MappingError);
}
