// SPDX-License-Identifier: MIT
// Mapped classes looked at while the program runs.
#include <mercator/mapping/introspection.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace mercator;

namespace {

struct Rack;
struct Berth {
    int row{};
    int place{};
};
void describe(Mapping<Berth>& spot) {
    spot.column<&Berth::row>().name("spot_row");
    spot.column<&Berth::place>();
}
struct Crate {
    std::int64_t id{};
    std::string label;
    std::optional<double> weight;
    std::string owner_secret;
    DateTime stored_at{};
    Berth spot;
    std::int64_t rack_id{};
    One<Rack> rack;
};
struct Rack {
    std::int64_t id{};
    Many<Crate> crates;
};
void describe(Mapping<Crate>& crate) {
    crate.column<&Crate::id>().primary_key();
    crate.column<&Crate::label>(String(20))
        .unique()
        .synonym("name")
        .comment("what stands on it")
        .info("widget", "text");
    crate.column<&Crate::weight>().name("kilograms");
    crate.column<&Crate::owner_secret>(String(20)).sensitive();
    crate.column<&Crate::stored_at>().read_only();
    crate.embed<&Crate::spot>("at_");
    crate.column<&Crate::rack_id>().references<&Rack::id>();
    crate.relationship<&Crate::rack>().back_populates<&Rack::crates>().info("widget", "choice");
}
void describe(Mapping<Rack>& rack) {
    rack.column<&Rack::id>().primary_key();
    rack.relationship<&Rack::crates>().back_populates<&Crate::rack>();
}

/// A view.
struct CrateTotal {
    std::int64_t id{};
    std::int64_t total{};
};
void describe(Mapping<CrateTotal>& total) {
    total.read_only();
    total.column<&CrateTotal::id>().primary_key();
    total.column<&CrateTotal::total>();
}

AttributeInfo named(std::string_view name) {
    for (const auto& attribute : attributes_of<Crate>()) {
        if (attribute.name == name) return attribute;
    }
    FAIL("no attribute " << name);
    return {};
}

} // namespace

TEST_CASE("CLI-09 attributes, types and relationships of a class are listed") {
    std::string names;
    for (const auto& attribute : attributes_of<Crate>()) names += std::string(attribute.name) + " ";
    CHECK(names == "id label weight owner_secret stored_at spot.row spot.place rack_id spot rack "
                   "name ");
    CHECK(named("id").primary_key);
    CHECK(named("id").cpp_type == "int64");
    const auto label = named("label");
    CHECK(label.kind == AttributeKind::Column);
    CHECK(label.type == String(20));
    CHECK(label.cpp_type == "std::string");
    CHECK(label.unique);
    CHECK_FALSE(label.nullable);
    CHECK(label.comment == "what stands on it");
    REQUIRE(label.info != nullptr);
    CHECK(*label.info->find("widget") == Value("text"));
    CHECK(named("weight").nullable);
    CHECK(named("weight").column == "kilograms");
    CHECK(named("owner_secret").sensitive);
    CHECK(named("stored_at").read_only);
    CHECK(named("spot").kind == AttributeKind::Embedded);
    CHECK(named("spot.row").column == "at_spot_row");
    const auto rack = named("rack");
    CHECK(rack.kind == AttributeKind::One);
    CHECK(rack.target == "Rack");
    CHECK(rack.reverse == "crates");
    CHECK(*rack.info->find("widget") == Value("choice"));
    CHECK(attributes_of<Rack>().back().kind == AttributeKind::Many);
    CHECK(named("name").kind == AttributeKind::Synonym);
    CHECK(named("name").column == "label");
}

TEST_CASE("CLI-09 the classes that are mapped are listed") {
    static_cast<void>(mapper_of<Crate>());
    const auto classes = mapped_classes();
    const auto is_there = [&](std::string_view name) {
        return std::any_of(classes.begin(), classes.end(),
                           [&](const Mapper* mapper) { return mapper->class_name() == name; });
    };
    CHECK(is_there("Crate"));
    CHECK(is_there("Rack"));
}

TEST_CASE("CLI-09 MOD-35 values are read and set by name, under every name a column has") {
    Crate crate{.label = "tea", .weight = 1.5};
    CHECK(get_attribute(crate, "label") == Value("tea"));
    CHECK(get_attribute<std::string>(crate, "name") == "tea");
    CHECK(get_attribute<std::optional<double>>(crate, "kilograms") == 1.5);
    set_attribute(crate, "name", "coffee");
    CHECK(crate.label == "coffee");
    set_attribute(crate, "weight", null);
    CHECK_FALSE(crate.weight);
    CHECK(get_attribute(crate, "weight").is_null());
    set_attribute(crate, "spot.row", 4);
    CHECK(crate.spot.row == 4);
    set_attribute(crate, "at_place", 5);
    CHECK(crate.spot.place == 5);
    set_attribute(crate, "stored_at", "2024-02-29 12:00:00");
    CHECK(to_string(crate.stored_at) == "2024-02-29 12:00:00");
}

TEST_CASE("CLI-09 a value of another type is refused, and so is what is no column") {
    Crate crate{.label = "tea"};
    const auto where = [&](std::string_view name, const Value& value) -> std::string {
        try {
            set_attribute(crate, name, value);
        } catch (const Error& error) {
            return std::string(error.id()) + " " + error.where();
        }
        return "accepted";
    };
    CHECK(where("rack_id", "seven") == "Data Crate.rack_id");
    CHECK(where("spot.row", std::int64_t{1} << 40) == "Data Crate.spot.row");
    CHECK(where("label", null) == "Data Crate.label");
    CHECK(where("label", 7) == "Data Crate.label");
    CHECK(where("rack", 7) == "InvalidArgument Crate");
    CHECK(where("color", "red") == "InvalidArgument Crate");
    CHECK(crate.label == "tea");
    CHECK_THROWS_AS(static_cast<void>(get_attribute<int>(crate, "label")), DataError);
    CHECK_THROWS_AS(static_cast<void>(get_attribute<double>(crate, "weight")), DataError);
    try {
        static_cast<void>(get_attribute(crate, "color"));
        FAIL("there is none");
    } catch (const ArgumentError& error) {
        CHECK(std::string(error.what()).find("it has id, label, weight") != std::string::npos);
    }
    CrateTotal total;
    CHECK_THROWS_AS(set_attribute(total, "total", 1), StateError);
}
