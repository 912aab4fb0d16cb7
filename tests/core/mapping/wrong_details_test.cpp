// SPDX-License-Identifier: MIT
// More models that are wrong, in what is said about a column: keys, defaults, types, foreign keys,
// actions. Each is refused when it is configured, and the error names the member and the way out.
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace mercator;

namespace {

/// What `describe` does comes as a function, so that a mistake needs no class of its own.
template <int Case>
struct Row {
    std::int64_t id{};
    std::int64_t other{};
    std::string text;
    std::optional<std::int32_t> number;
    std::int8_t small{};
    bool flag{};
    Decimal price;
    Date day{};
    One<Row> parent;
};

template <int Case>
void mistake(Mapping<Row<Case>>& row);

template <int Case>
void describe(Mapping<Row<Case>>& row) {
    row.table("row_" + std::to_string(Case));
    mistake(row);
}

struct Said {
    std::string text;
    std::string where;
};

/// Twice with the same words: nothing is left half configured.
template <int Case>
Said refused() {
    Said said;
    for (int attempt = 0; attempt < 2; ++attempt) {
        try {
            Database database("ansi://");
            static_cast<void>(database.create_all_sql<Row<Case>>());
            FAIL("the model was accepted");
        } catch (const MappingError& error) {
            if (attempt == 1) CHECK(said.text == error.what());
            said = {error.what(), error.where()};
        }
    }
    CAPTURE(said.text);
    CHECK(said.text.find("Row<") != std::string::npos); // names the struct
    return said;
}

bool says(const Said& said, std::initializer_list<const char*> parts) {
    bool all = true;
    for (const char* part : parts) all = all && said.text.find(part) != std::string::npos;
    if (!all) MESSAGE(said.text);
    return all;
}

template <int Case>
std::string member(const char* name) {
    return std::string(type_name<Row<Case>>()) + "." + name;
}

template <>
void mistake(Mapping<Row<1>>& row) { // the key twice, column by column
    row.column<&Row<1>::id>().primary_key().primary_key();
}
template <>
void mistake(Mapping<Row<2>>& row) { // a column, then a whole key without it
    row.column<&Row<2>::id>().primary_key();
    row.column<&Row<2>::other>();
    row.column<&Row<2>::text>(String(5));
    row.primary_key<&Row<2>::other, &Row<2>::text>();
}
template <>
void mistake(Mapping<Row<3>>& row) { // a whole key, then another column
    row.column<&Row<3>::id>();
    row.primary_key<&Row<3>::id>();
    row.column<&Row<3>::other>().primary_key();
}
template <>
void mistake(Mapping<Row<4>>& row) { // two whole keys
    row.column<&Row<4>::id>();
    row.column<&Row<4>::other>();
    row.primary_key<&Row<4>::id>();
    row.primary_key<&Row<4>::other>();
}
template <>
void mistake(Mapping<Row<5>>& row) { // a key in another order than its columns
    row.column<&Row<5>::id>();
    row.column<&Row<5>::other>();
    row.primary_key<&Row<5>::other, &Row<5>::id>();
}
template <>
void mistake(Mapping<Row<6>>& row) { // a member that is no column
    row.column<&Row<6>::id>();
    row.primary_key<&Row<6>::id, &Row<6>::other>();
}
template <>
void mistake(Mapping<Row<7>>& row) {
    row.column<&Row<7>::id>().primary_key();
    row.column<&Row<7>::small>().default_(300);
}
template <>
void mistake(Mapping<Row<8>>& row) {
    row.column<&Row<8>::id>().primary_key();
    row.column<&Row<8>::small>().server_default(300);
}
template <>
void mistake(Mapping<Row<9>>& row) {
    row.column<&Row<9>::id>().primary_key();
    row.column<&Row<9>::number>().server_default("many");
}
template <>
void mistake(Mapping<Row<10>>& row) {
    row.column<&Row<10>::id>().primary_key();
    row.column<&Row<10>::text>(String(3)).server_default("four");
}
template <>
void mistake(Mapping<Row<11>>& row) {
    row.column<&Row<11>::id>().primary_key();
    row.column<&Row<11>::day>().server_default("2024-02-30");
}
template <>
void mistake(Mapping<Row<12>>& row) {
    row.column<&Row<12>::id>().primary_key();
    row.column<&Row<12>::text>(String(5)).server_default(null);
}
template <>
void mistake(Mapping<Row<13>>& row) {
    row.column<&Row<13>::id>().primary_key();
    row.column<&Row<13>::text>(String(0));
}
template <>
void mistake(Mapping<Row<14>>& row) {
    row.column<&Row<14>::id>().primary_key();
    row.column<&Row<14>::price>(Numeric(4, 6));
}
template <>
void mistake(Mapping<Row<15>>& row) { // NULL is to be set where it cannot be
    row.column<&Row<15>::id>().primary_key();
    row.column<&Row<15>::other>().references<&Row<15>::id>().on_delete(ReferentialAction::SetNull);
}
template <>
void mistake(Mapping<Row<16>>& row) {
    row.column<&Row<16>::id>().primary_key();
    row.column<&Row<16>::other>().references<&Row<16>::id>().on_key_update(
        ReferentialAction::SetNull);
}
template <>
void mistake(Mapping<Row<17>>& row) { // a text refers to a number
    row.column<&Row<17>::id>().primary_key();
    row.column<&Row<17>::text>(String(5)).references<&Row<17>::id>();
}
template <>
void mistake(Mapping<Row<18>>& row) { // an action without a foreign key
    row.column<&Row<18>::id>().primary_key();
    row.column<&Row<18>::other>().on_delete(ReferentialAction::Cascade);
}
template <>
void mistake(Mapping<Row<19>>& row) { // only numbers count up
    row.column<&Row<19>::text>(String(5)).primary_key().autoincrement();
}
template <>
void mistake(Mapping<Row<20>>& row) { // an index over a member that is no column
    row.column<&Row<20>::id>().primary_key();
    row.index<&Row<20>::text>();
}
template <>
void mistake(Mapping<Row<21>>& row) { // the relationship names a foreign key that is none
    row.column<&Row<21>::id>().primary_key();
    row.column<&Row<21>::other>().references<&Row<21>::id>();
    row.column<&Row<21>::number>();
    row.relationship<&Row<21>::parent>().template foreign_key<&Row<21>::number>();
}
template <>
void mistake(Mapping<Row<22>>& row) { // a column without a name
    row.column<&Row<22>::id>().primary_key();
    row.column<&Row<22>::text>().name("");
}
template <>
void mistake(Mapping<Row<23>>& row) { // a unique constraint on a member that is no column
    row.column<&Row<23>::id>().primary_key();
    row.unique<&Row<23>::text>("one_name");
}
template <>
void mistake(Mapping<Row<24>>& row) { // a property of the same name as a member
    row.column<&Row<24>::id>().primary_key();
    row.column<&Row<24>::text>();
    row.template property<[](const Row<24>& r) { return r.text; },
                          [](Row<24>& r, const std::string& s) { r.text = s; }>("text");
}

} // namespace

TEST_CASE("MOD-03 a primary key that is declared twice is refused") {
    CHECK(says(refused<1>(), {"two primary keys", "once"}));
    CHECK(refused<1>().where == member<1>("id"));
    CHECK(says(refused<2>(), {"two primary keys", "primary_key<...>()"}));
    CHECK(refused<2>().where == member<2>("id"));
    CHECK(refused<3>().where == member<3>("other"));
    CHECK(refused<4>().where == member<4>("other"));
}

TEST_CASE("KEY-05 a composite key has the order of its columns, and is made of columns") {
    CHECK(says(refused<5>(), {"order"}));
    CHECK(refused<5>().where == member<5>("id"));
    CHECK(says(refused<6>(), {"no column", "column<&"}));
}

TEST_CASE("MOD-14 a default that the member cannot hold is refused") {
    CHECK(says(refused<7>(), {"default", "range"}));
    CHECK(refused<7>().where == member<7>("small"));
}

TEST_CASE("MOD-18 a server default that the column cannot hold is refused") {
    CHECK(says(refused<8>(), {"server_default", "range"}));
    CHECK(refused<8>().where == member<8>("small"));
    CHECK(says(refused<9>(), {"server_default", "text"}));
    CHECK(refused<9>().where == member<9>("number"));
    CHECK(says(refused<10>(), {"server_default", "3 characters"}));
    CHECK(says(refused<11>(), {"server_default", "day"}));
    CHECK(says(refused<12>(), {"server_default", "NULL"}));
    CHECK(refused<12>().where == member<12>("text"));
}

TEST_CASE("MOD-03 types without sense are refused") {
    CHECK(says(refused<13>(), {"length 0", "Text()"}));
    CHECK(refused<13>().where == member<13>("text"));
    CHECK(says(refused<14>(), {"Numeric(4, 6)", "digits"}));
    CHECK(refused<14>().where == member<14>("price"));
}

TEST_CASE("KEY-12 foreign keys that cannot work are refused") {
    CHECK(says(refused<15>(), {"on_delete", "cannot be NULL", "std::optional"}));
    CHECK(refused<15>().where == member<15>("other"));
    CHECK(says(refused<16>(), {"on_key_update", "cannot be NULL"}));
    CHECK(says(refused<17>(), {"String(5)", "references", "same type"}));
    CHECK(refused<17>().where == member<17>("text"));
    CHECK(says(refused<18>(), {"references("}));
    CHECK(refused<18>().where == member<18>("other"));
}

TEST_CASE("MOD-03 contradictions are refused: what counts up, names, members that are no columns") {
    CHECK(says(refused<19>(), {"integer"}));
    CHECK(refused<19>().where == member<19>("text"));
    CHECK(says(refused<20>(), {"no column", "column<&"}));
    CHECK(says(refused<21>(), {"foreign key"}));
    CHECK(refused<21>().where == member<21>("parent"));
    CHECK(says(refused<22>(), {"no name"}));
    CHECK(says(refused<23>(), {"no column"}));
    CHECK(says(refused<24>(), {"twice"}));
}
