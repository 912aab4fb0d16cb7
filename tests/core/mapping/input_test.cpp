// SPDX-License-Identifier: MIT
// Input from outside: only what is listed is set, all that is wrong is told at once.
#include <mercator/mapping/input.hpp>
#include <mercator/support/error.hpp>
#include <mercator/types/json.hpp>

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

using mercator::assign;
using mercator::from_json;
using mercator::members;
using mercator::Unlisted;
using mercator::ValidationError;

namespace {

enum class Plan { free, paid };

struct Living {
    std::string street;
    std::optional<std::string> city;
};
void describe(mercator::Mapping<Living>& living) {
    living.column<&Living::street>(mercator::String(10));
    living.column<&Living::city>(mercator::String(10));
}

struct Applicant {
    std::int64_t id{};
    std::string name;
    std::int32_t age{};
    std::optional<double> height;
    bool admin = false;
    mercator::Decimal fee;
    std::optional<mercator::Date> born;
    mercator::Bytes photo;
    Plan plan = Plan::free;
    Living home;
};
void describe(mercator::Mapping<Applicant>& applicant) {
    applicant.column<&Applicant::id>().primary_key();
    applicant.column<&Applicant::name>(mercator::String(5))
        .synonym("nick")
        .stored_as([](std::string& name) {
            while (name.starts_with(' ')) name.erase(0, 1);
        });
    applicant.column<&Applicant::age>().validate([](int& age) {
        if (age < 0) throw ValidationError("must not be negative");
    });
    applicant.column<&Applicant::height>();
    applicant.column<&Applicant::admin>().name("is_admin");
    applicant.column<&Applicant::fee>(mercator::Numeric(10, 2));
    applicant.column<&Applicant::born>();
    applicant.column<&Applicant::photo>();
    applicant.column<&Applicant::plan>();
    applicant.embed<&Applicant::home>("home_");
}

const auto listed =
    members<&Applicant::name, &Applicant::age, &Applicant::height, &Applicant::fee,
            &Applicant::born, &Applicant::photo, &Applicant::plan, &Applicant::home>;

std::string problems(const ValidationError& error) {
    std::string text;
    for (const auto& field : error.fields()) text += field.path + ": " + field.reason + "\n";
    return text;
}

/// What is wrong with the text; the object is as it was.
std::string refused(std::string_view json) {
    Applicant applicant{.name = "Ada", .age = 36};
    try {
        from_json(applicant, json, listed);
    } catch (const ValidationError& error) {
        CHECK(error.class_name() == "Applicant");
        CHECK(applicant.name == "Ada");
        CHECK(applicant.age == 36);
        return problems(error);
    }
    return "accepted";
}

} // namespace

TEST_CASE("MOD-39 values from a map of texts go to the members that are listed") {
    Applicant applicant;
    const std::map<std::string, std::string> form{
        {"nick", "  Ada"},      {"age", "36"},    {"height", "1.65"},      {"fee", "12.50"},
        {"born", "1815-12-10"}, {"plan", "paid"}, {"home.street", "Main"}, {"home_city", "Bonn"}};
    CHECK(assign(applicant, form, listed).empty());
    CHECK(applicant.name == "Ada");
    CHECK(applicant.age == 36);
    CHECK(applicant.height == 1.65);
    CHECK(applicant.fee == mercator::Decimal("12.50"));
    CHECK(applicant.born == mercator::parse_date("1815-12-10"));
    CHECK(applicant.plan == Plan::paid);
    CHECK(applicant.home.street == "Main");
    CHECK(applicant.home.city == "Bonn");
    assign(applicant,
           std::vector<std::pair<std::string, mercator::Value>>{{"height", {}}, {"age", 7}},
           listed);
    CHECK_FALSE(applicant.height);
    CHECK(applicant.age == 7);
}

TEST_CASE("MOD-39 what is not listed is rejected, or reported and left alone") {
    Applicant applicant{.name = "Ada"};
    const std::map<std::string, std::string> form{
        {"name", "Eve"}, {"is_admin", "true"}, {"id", "1"}, {"rank", "king"}};
    try {
        assign(applicant, form, members<&Applicant::name>);
        FAIL("three of them may not be set");
    } catch (const ValidationError& error) {
        CHECK(problems(error) == "id: may not be set\nis_admin: may not be set\n"
                                 "rank: there is no such field\n");
    }
    CHECK(applicant.name == "Ada");
    CHECK(assign(applicant, form, members<&Applicant::name>, Unlisted::ignore) ==
          std::vector<std::string>{"id", "is_admin", "rank"});
    CHECK(applicant.name == "Eve");
    CHECK_FALSE(applicant.admin);
    CHECK(applicant.id == 0);
}

TEST_CASE("MOD-39 everything that is wrong is told at once, and nothing is changed") {
    Applicant applicant{.name = "Ada", .age = 36};
    const std::map<std::string, std::string> form{
        {"name", "Augusta"},   {"age", "-1"},    {"height", "tall"},
        {"born", "yesterday"}, {"plan", "gold"}, {"home.street", "Wilhelmstrasse"}};
    try {
        assign(applicant, form, listed);
        FAIL("nothing of it fits");
    } catch (const ValidationError& error) {
        CHECK(error.fields().size() == 6);
        const std::string text = problems(error);
        CHECK(text.find("age: must not be negative") != std::string::npos);
        CHECK(text.find("height: is not a number of this kind") != std::string::npos);
        CHECK(text.find("home.street: is longer than 10 characters") != std::string::npos);
        CHECK(text.find("name: is longer than 5 characters") != std::string::npos);
        CHECK(text.find("plan: ") != std::string::npos);
        CHECK(text.find("born: ") != std::string::npos);
        for (const auto value : {"yesterday", "gold", "Augusta", "tall"}) // none is in a message
            CHECK(text.find(value) == std::string::npos);
    }
    CHECK(applicant.name == "Ada");
    CHECK(applicant.age == 36);
    CHECK_THROWS_AS(
        assign(applicant, std::map<std::string, std::string>{{"age", "99999999999"}}, listed),
        ValidationError);
}

TEST_CASE("MOD-12 JSON input sets listed members, each of its own type") {
    auto applicant = from_json<Applicant>(
        R"({"name": "Ada", "age": 36, "height": 1.65, "fee": "12.50", "born": "1815-12-10",
            "photo": "AP8=", "plan": "paid", "home": {"street": "Main", "city": null}})",
        listed);
    CHECK(applicant.name == "Ada");
    CHECK(applicant.fee == mercator::Decimal("12.50"));
    CHECK(applicant.photo == mercator::Bytes{std::byte{0}, std::byte{0xFF}});
    CHECK(applicant.plan == Plan::paid);
    CHECK(applicant.home.street == "Main");
    CHECK_FALSE(applicant.home.city);
    from_json(applicant, R"({"fee": 13, "height": null})", listed);
    CHECK(applicant.fee == mercator::Decimal(13));
    CHECK_FALSE(applicant.height);
    CHECK(applicant.name == "Ada"); // what is not given stays
    CHECK(from_json(applicant, R"({"name": "Eve", "is_admin": true})", listed, Unlisted::ignore) ==
          std::vector<std::string>{"is_admin"});
    CHECK_FALSE(applicant.admin);
}

TEST_CASE("MOD-12 JSON input of the wrong form names each path and why") {
    CHECK(refused("{\"name\": ") == "Applicant: the text is not JSON\n");
    CHECK(refused("[]") == "Applicant: must be a JSON object\n");
    CHECK(refused(R"({"is_admin": true, "id": 3})") ==
          "id: may not be set\nis_admin: may not be set\n");
    CHECK(refused(R"({"name": 7})") == "name: cannot be a number\n");
    CHECK(refused(R"({"name": null})") == "name: cannot be null\n");
    CHECK(refused(R"({"name": ["A"]})") == "name: cannot be an array\n");
    CHECK(refused(R"({"age": "36"})") == "age: cannot be a string\n");
    CHECK(refused(R"({"age": true})") == "age: cannot be a boolean\n");
    CHECK(refused(R"({"age": 36.5})").starts_with("age: a floating-point number"));
    CHECK(refused(R"({"age": 3600000000})").starts_with("age: the value is out of range"));
    CHECK(refused(R"({"age": -3})") == "age: must not be negative\n");
    CHECK(refused(R"({"fee": 12.5})") ==
          "fee: must be a text, since a number with a fraction loses digits\n");
    CHECK(refused(R"({"photo": "AP8"})") == "photo: is not text in base64\n");
    CHECK(refused(R"({"born": "2023-02-29"})").starts_with("born: the text is not a day"));
    CHECK(refused(R"({"home": "Main"})") == "home: must be an object\n");
    CHECK(refused(R"({"home": {"street": 1, "zip": "x"}})") ==
          "home.street: cannot be a number\nhome.zip: there is no such field\n");
}

namespace {

struct Survey {
    std::int64_t id{};
    nlohmann::json answers;
};
void describe(mercator::Mapping<Survey>& survey) {
    survey.column<&Survey::id>().primary_key();
    survey.column<&Survey::answers>();
}

} // namespace

TEST_CASE("MOD-12 JSON that is nested without end is refused, not followed") {
    Survey survey{.answers = {1, 2}};
    const auto nested = [](std::size_t levels) {
        return "{\"answers\":" + std::string(levels, '[') + std::string(levels, ']') + "}";
    };
    CHECK_THROWS_WITH_AS(from_json(survey, nested(300'000), members<&Survey::answers>),
                         doctest::Contains("nested deeper than 1000 levels"), ValidationError);
    CHECK((survey.answers == nlohmann::json{1, 2}));
    from_json(survey, nested(900), members<&Survey::answers>);
    CHECK(survey.answers.is_array());
}
