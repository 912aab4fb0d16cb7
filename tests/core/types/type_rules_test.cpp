// SPDX-License-Identifier: MIT
#include <mercator/mercator.hpp>
#include <mercator/types/type_rules.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace mercator;

namespace {

std::string same_text(const std::string& text) {
    return text;
}

struct ConvertedKeyFirst {
    std::string id;
    static void describe(Mapping<ConvertedKeyFirst>& row) {
        row.column<&ConvertedKeyFirst::id>().primary_key().convert<&same_text, &same_text>();
    }
};
struct ConvertedKeyLast {
    std::string id;
    static void describe(Mapping<ConvertedKeyLast>& row) {
        row.column<&ConvertedKeyLast::id>().convert<&same_text, &same_text>().primary_key();
    }
};
struct SqlWithoutPlace {
    std::int64_t id{};
    std::string text;
    static void describe(Mapping<SqlWithoutPlace>& row) {
        row.column<&SqlWithoutPlace::id>().primary_key();
        row.column<&SqlWithoutPlace::text>().read_sql("upper(text)");
    }
};
struct OverriddenEnum {
    enum class Size { small, large };
    std::int64_t id{};
    Size size{};
    static void describe(Mapping<OverriddenEnum>& row) {
        row.column<&OverriddenEnum::id>().primary_key();
        row.column<&OverriddenEnum::size>(NativeEnum("size"));
    }
};

template <class T>
std::string refused() {
    try {
        static_cast<void>(mapper_of<T>());
    } catch (const MappingError& error) {
        return error.where();
    }
    return "accepted";
}

} // namespace

TEST_CASE("equal rules of types are kept once, so that equal types are equal") {
    CHECK(native_type("inet") == native_type(std::string("inet")));
    CHECK(native_type("inet") != native_type("cidr"));
    CHECK(Integer().with_variant("a", Text()) == Integer().with_variant("a", Text()));
    CHECK(Integer().with_variant("a", Text()) != Integer().with_variant("b", Text()));
    CHECK(Integer().with_variant("a", Text()).on("a") == Text());
    CHECK(Integer().with_variant("a", Text()).on("b").kind == TypeKind::Int32);
    CHECK(merged(nullptr, nullptr) == nullptr);
    const auto* both = merged(native_type("inet").rules, Text().with_variant("a", Text(5)).rules);
    CHECK(both->native == "inet");
    CHECK(both->variant_count == 1);
    CHECK_THROWS_AS(static_cast<void>(native_type("")), ArgumentError);
    CHECK_THROWS_AS(static_cast<void>(NativeEnum("")), ArgumentError);
}

TEST_CASE("MOD-50 CUS-09 what a column cannot have is refused where it is described") {
    CHECK(refused<ConvertedKeyFirst>() == "ConvertedKeyFirst.id");
    CHECK(refused<ConvertedKeyLast>() == "ConvertedKeyLast.id");
    CHECK(refused<SqlWithoutPlace>() == "SqlWithoutPlace.text");
    const SqlType& type = mapper_of<OverriddenEnum>().table().column("size").type;
    CHECK(is_enum_type(type));
    CHECK(labels_of(type)->count == 2); // from the member
}

TEST_CASE("CUS-06 databases are numbered once, and there is an end to it") {
    DialectInfo facts;
    facts.name = "numbered";
    facts.version = "1";
    const DialectInfo& first = numbered_dialect(facts);
    CHECK(first.number != 0);
    CHECK(static_cast<bool>(first));
    CHECK(!static_cast<bool>(dialect_of_number(0)));
    CHECK(&numbered_dialect(facts) == &first);
    CHECK(dialect_of_number(first.number).name == "numbered");
    CHECK(!dialect_of_number(most_dialects + 5));
    bool ended = false;
    for (std::uint32_t i = 0; i <= most_dialects && !ended; ++i) {
        const std::string version = "version " + std::to_string(i);
        facts.version = version;
        try {
            const DialectInfo& numbered = numbered_dialect(facts);
            CHECK(numbered.version == version);
        } catch (const StateError& error) {
            ended = true;
            CHECK(std::string(error.what()).find("16") != std::string::npos);
        }
    }
    CHECK(ended);
}
