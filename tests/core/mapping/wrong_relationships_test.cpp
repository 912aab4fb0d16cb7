// SPDX-License-Identifier: MIT
// A relationship that cannot be as it is described fails when it is first used: with its name, what
// there is to choose from, and a line to write.
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace mercator;

namespace wrong {

/// One mistake each, in the relationships of `From<n>` and `To<n>`.
template <int n>
struct To;
template <int n>
struct From {
    std::int64_t id{};
    std::int64_t first_id{};
    std::int64_t second_id{};
    std::string kind;
    One<To<n>> one;
    Many<To<n>> many;
    Many<From<n>> selves;
    One<From<n>> self;
};
template <int n>
struct To {
    std::int64_t id{};
    std::int64_t from_id{};
    std::int64_t other_id{};
    std::string text;
    One<From<n>> one;
    Many<From<n>> many;
};

template <int n>
void mistake(Mapping<From<n>>& from);
template <int n>
void mistake(Mapping<To<n>>&) {}

template <int n>
void describe(Mapping<From<n>>& from) {
    using F = From<n>;
    from.table("from");
    from.template column<&F::id>().primary_key();
    from.template column<&F::first_id>().template references<&To<n>::id>();
    from.template column<&F::second_id>().template references<&F::id>();
    from.template column<&F::kind>();
    mistake(from);
}
template <int n>
void describe(Mapping<To<n>>& to) {
    using T = To<n>;
    to.table("to");
    to.template column<&T::id>().primary_key();
    to.template column<&T::from_id>().template references<&From<n>::id>();
    to.template column<&T::other_id>().template references<&From<n>::id>();
    to.template column<&T::text>();
    mistake(to);
}

Table between(const char* first = "from.id", const char* second = "to.id") {
    return Table("between", Column("from_id", BigInteger()).primary_key().references(first),
                 Column("to_id", BigInteger()).primary_key().references(second));
}

template <>
void mistake(Mapping<From<1>>& from) { // ambiguous
    from.relationship<&From<1>::many>();
}
template <>
void mistake(Mapping<From<2>>& from) { // a collection on the side of the foreign key
    from.relationship<&From<2>::many>().foreign_keys<&From<2>::first_id>();
}
template <>
void mistake(Mapping<From<3>>& from) { // the remote side is the own one
    from.relationship<&From<3>::selves>().remote_side<&From<3>::id>();
}
template <>
void mistake(Mapping<From<4>>& from) { // a remote side that is in no key
    from.relationship<&From<4>::self>().remote_side<&From<4>::kind>();
}
template <>
void mistake(Mapping<From<5>>& from) { // asserted to be something else
    from.relationship<&From<5>::one>().direction(Direction::OneToMany);
}
template <>
void mistake(Mapping<From<6>>& from) { // a table between that leads nowhere
    from.relationship<&From<6>::many>().secondary(
        Table("between", Column("from_id", BigInteger()).primary_key().references("from.id"),
              Column("to_id", BigInteger()).primary_key()));
}
template <>
void mistake(Mapping<From<7>>& from) { // which of the two?
    from.relationship<&From<7>::selves>().secondary(between("from.id", "from.id"));
}
template <>
void mistake(Mapping<From<8>>& from) { // a column that the table between does not have
    from.relationship<&From<8>::many>().secondary(between()).primaryjoin(
        [](auto own, auto link) { return link("form_id") == own(&From<8>::id); });
}
template <>
void mistake(Mapping<From<9>>& from) { // one of many
    from.relationship<&From<9>::one>().secondary(between());
}
template <>
void mistake(Mapping<From<10>>& from) { // a condition on one side alone
    from.relationship<&From<10>::many>().primaryjoin(
        [](auto, auto other) { return other(&To<10>::text) == "x"; });
}
template <>
void mistake(Mapping<From<11>>& from) { // nothing to write
    from.relationship<&From<11>::many>().primaryjoin(
        [](auto own, auto other) { return other(&To<11>::text) == own(&From<11>::kind); });
}
template <>
void mistake(Mapping<From<12>>& from) {
    from.relationship<&From<12>::many>().secondaryjoin(
        [](auto link, auto other) { return link("to_id") == other(&To<12>::id); });
}
template <>
void mistake(Mapping<From<13>>& from) { // orphans of a parent
    from.relationship<&From<13>::one>().cascade(Cascade::save_update | Cascade::delete_orphan);
}
template <>
void mistake(Mapping<From<14>>& from) { // orphans that others may have
    from.relationship<&From<14>::many>().secondary(between()).cascade(Cascade::all |
                                                                      Cascade::delete_orphan);
}
template <>
void mistake(Mapping<From<15>>& from) {
    from.relationship<&From<15>::many>()
        .foreign_keys<&To<15>::from_id>()
        .cascade(Cascade::all)
        .viewonly();
}
template <>
void mistake(Mapping<From<16>>& from) {
    from.relationship<&From<16>::many>()
        .foreign_keys<&To<16>::from_id>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .passive_deletes(PassiveDeletes::all);
}
template <>
void mistake(Mapping<From<17>>& from) { // the first three of no order
    from.relationship<&From<17>::many>().foreign_keys<&To<17>::from_id>().limit(3);
}
template <>
void mistake(Mapping<From<18>>& from) { // an order of one
    from.relationship<&From<18>::one>().order_by<&To<18>::text>();
}
template <>
void mistake(Mapping<From<19>>& from) {
    from.relationship<&From<19>::many>().foreign_keys<&To<19>::from_id>().batch_size(0);
}
template <>
void mistake(Mapping<From<20>>& from) { // the other side goes by another key
    from.relationship<&From<20>::many>()
        .foreign_keys<&To<20>::from_id>()
        .back_populates<&To<20>::one>();
}
template <>
void mistake(Mapping<To<20>>& to) {
    to.relationship<&To<20>::one>()
        .foreign_keys<&To<20>::other_id>()
        .back_populates<&From<20>::many>();
}
template <>
void mistake(Mapping<From<21>>& from) { // by another table
    from.relationship<&From<21>::many>().secondary(between()).back_populates<&To<21>::many>();
}
template <>
void mistake(Mapping<To<21>>& to) {
    Table other = between();
    other.name = "another";
    to.relationship<&To<21>::many>().secondary(other).back_populates<&From<21>::many>();
}
template <>
void mistake(Mapping<From<22>>& from) { // the foreign key on both sides
    from.relationship<&From<22>::one>()
        .foreign_keys<&From<22>::first_id>()
        .back_populates<&To<22>::one>();
}
template <>
void mistake(Mapping<To<22>>& to) {
    to.relationship<&To<22>::one>()
        .foreign_keys<&To<22>::from_id>()
        .back_populates<&From<22>::one>();
}
template <>
void mistake(Mapping<From<23>>& from) { // two steps that lead to many, held by one
    from.relationship<&From<23>::one>().through<&From<23>::selves, &From<23>::many>();
    from.relationship<&From<23>::selves>();
    from.relationship<&From<23>::many>().foreign_keys<&To<23>::from_id>();
}
template <>
void mistake(Mapping<From<24>>& from) { // a step that is not described
    from.relationship<&From<24>::many>().through<&From<24>::selves, &From<24>::many>();
}
template <>
void mistake(Mapping<From<25>>& from) { // names rows of one table without saying which
    from.relationship<&From<25>::selves>().primaryjoin(
        [](auto, auto) { return col(&From<25>::second_id) == col(&From<25>::id); });
}
template <>
void mistake(Mapping<From<26>>& from) { // a key that is none, of more columns than the other's
    from.relationship<&From<26>::many>().foreign_keys<&To<26>::id, &To<26>::text>();
}
template <>
void mistake(Mapping<From<27>>& from) { // two descriptions of one table
    from.relationship<&From<27>::many>().secondary(between()).back_populates<&To<27>::many>();
}
template <>
void mistake(Mapping<To<27>>& to) {
    Table other = between();
    other.add(Column("since", Date()));
    to.relationship<&To<27>::many>().secondary(other).back_populates<&From<27>::many>();
}
template <>
void mistake(Mapping<From<28>>& from) { // dynamic is for collections
    from.relationship<&From<28>::one>().lazy(Lazy::dynamic);
}
template <>
void mistake(Mapping<From<29>>& from) { // the place would be the row's between
    from.relationship<&From<29>::many>().secondary(between()).ordering_list<&To<29>::other_id>();
}
template <>
void mistake(Mapping<From<30>>& from) { // not here to be numbered
    from.relationship<&From<30>::many>()
        .foreign_key<&To<30>::from_id>()
        .ordering_list<&To<30>::other_id>()
        .lazy(Lazy::write_only);
}
template <>
void mistake(Mapping<From<31>>& from) { // never written
    from.relationship<&From<31>::many>()
        .foreign_key<&To<31>::from_id>()
        .ordering_list<&To<31>::other_id>()
        .viewonly();
}

} // namespace wrong

using namespace wrong;

namespace {

template <int n>
std::string refused() {
    std::string first;
    for (int attempt = 0; attempt < 2; ++attempt) { // nothing is half configured
        Database database("ansi://");
        try {
            database.map<From<n>, To<n>>();
            FAIL("the model was accepted: " << n);
        } catch (const MappingError& error) {
            if (attempt == 0) first = error.what();
            CHECK(std::string(error.what()) == first);
        }
    }
    CAPTURE(first);
    return first;
}

void check_says(const std::string& text, std::initializer_list<const char*> parts) {
    CAPTURE(text);
    for (const char* part : parts) {
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    }
}

} // namespace

TEST_CASE("REL-18 an ambiguous join lists its foreign keys as lines to write") {
    check_says(refused<1>(),
               {"From<1>.many is ambiguous", "from_id, other_id", ".foreign_key<&To<1>::from_id>()",
                ".foreign_key<&To<1>::other_id>()"});
}

TEST_CASE("a relationship in the wrong direction is refused") {
    check_says(refused<2>(), {"From<2>.many", "One<To<2>>"});
    check_says(refused<3>(), {"From<3>.selves", "One<From<3>>", "remote_side"});
    check_says(refused<4>(), {"From<4>.self", "&From<4>::kind", ".remote_side<&From<4>::id>()"});
    check_says(refused<5>(), {"From<5>.one", "one-to-many", "many-to-one"});
    check_says(refused<9>(), {"From<9>.one", "between", "Many<To<9>>"});
    check_says(refused<28>(), {"From<28>.one", "Lazy::dynamic", "collections"});
}

TEST_CASE("a table between that does not say whose its keys are is refused") {
    check_says(refused<6>(), {"From<6>.many", "between", "to.id", ".secondaryjoin("});
    check_says(refused<7>(), {"From<7>.selves is ambiguous", "from_id, to_id",
                              ".primaryjoin([](auto own, auto link) { return link(\"from_id\") == "
                              "own(&From<7>::id); })"});
    check_says(refused<8>(), {"From<8>.many", "form_id", "from_id, to_id"});
    check_says(refused<27>(), {"between", "other columns"});
}

TEST_CASE("REL-19 a condition that joins nothing is refused") {
    check_says(refused<10>(), {"From<10>.many", "without any column of From<10>"});
    check_says(refused<11>(), {"From<11>.many", ".foreign_keys<&To<11>::text>()", ".viewonly()"});
    check_says(refused<12>(), {"From<12>.many", "secondaryjoin", ".secondary(table)"});
    check_says(refused<25>(), {"From<25>.selves", "col()", "own(&From<25>::id)"});
    check_says(refused<26>(),
               {"From<26>.many", "&To<26>::text", ".foreign_keys<&To<26>::from_id>()"});
}

TEST_CASE("REL-25 REL-30 cascades that would delete what others have are refused") {
    check_says(refused<13>(), {"From<13>.one", "delete_orphan", ".single_parent()"});
    check_says(refused<14>(), {"From<14>.many", "delete_orphan", ".single_parent()"});
    check_says(refused<15>(), {"From<15>.many", "for reading only", "cascade"});
    check_says(refused<16>(), {"From<16>.many", "PassiveDeletes::all"});
}

TEST_CASE("REL-21 orders and limits that mean nothing are refused") {
    check_says(refused<17>(), {"From<17>.many", "limited", ".order_by<...>()"});
    check_says(refused<18>(), {"From<18>.one", "order_by"});
    check_says(refused<19>(), {"From<19>.many", "batch_size"});
}

TEST_CASE("REL-33 lists whose places cannot be kept are refused") {
    check_says(refused<29>(), {"From<29>.many", "many-to-many", "between", "association object"});
    check_says(refused<30>(), {"From<30>.many", "ordering_list", "Lazy::write_only"});
    check_says(refused<31>(), {"From<31>.many", "for reading only", "ordering_list"});
}

TEST_CASE("REL-14 sides that do not go by the same are refused") {
    check_says(refused<20>(), {"From<20>.many", "To<20>.one", "different foreign keys"});
    check_says(refused<21>(), {"From<21>.many", "To<21>.many", "between", "another"});
    check_says(refused<22>(), {"From<22>.one", "To<22>.one", "same direction"});
}

TEST_CASE("steps that lead elsewhere are refused") {
    check_says(refused<23>(), {"From<23>.one", "Many<To<23>>"});
    check_says(refused<24>(), {"From<24>.many", "not described"});
}
