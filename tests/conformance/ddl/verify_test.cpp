// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace mercator;
using test::Backend;
using Kind = SchemaDifference::Kind;

namespace {

enum class Mood { calm, angry };

struct Everything {
    std::int64_t id{};
    bool flag{};
    std::int8_t i8{};
    std::int16_t i16{};
    std::int32_t i32{};
    std::uint8_t u8{};
    std::uint16_t u16{};
    std::uint32_t u32{};
    std::uint64_t u64{};
    float single{};
    double real{};
    Decimal money;
    Decimal exact;
    std::string name;
    std::string text;
    Bytes data;
    DateTime at{};
    Date on{};
    Time time{};
    Interval span{};
    Uuid token{};
    Mood mood{};
    std::optional<std::string> note;
    std::optional<Decimal> rate;
};
void describe(Mapping<Everything>& all) {
    all.column<&Everything::id>().primary_key();
    all.column<&Everything::flag>().server_default(true);
    all.column<&Everything::i8>().server_default(-8);
    all.column<&Everything::i16>();
    all.column<&Everything::i32>();
    all.column<&Everything::u8>();
    all.column<&Everything::u16>();
    all.column<&Everything::u32>();
    all.column<&Everything::u64>();
    all.column<&Everything::single>();
    all.column<&Everything::real>();
    all.column<&Everything::money>(Numeric(10, 2)).server_default(Decimal("9.50"));
    all.column<&Everything::exact>(Numeric(38, 10));
    all.column<&Everything::name>(String(60)).unique().index().comment("what it's called");
    all.column<&Everything::text>();
    all.column<&Everything::data>();
    all.column<&Everything::at>();
    all.column<&Everything::on>();
    all.column<&Everything::time>();
    all.column<&Everything::span>();
    all.column<&Everything::token>();
    all.column<&Everything::mood>();
    all.column<&Everything::note>(String(30)).unique();
    all.column<&Everything::rate>(Numeric(6, 3));
    all.index<&Everything::i32, &Everything::i16>();
    all.check(col(&Everything::i32) >= -5, "i32_enough");
    all.comment("one of each");
}

struct Part {
    std::int32_t year{};
    std::string code;
    std::int64_t whole_id{};
    std::optional<std::int64_t> maker_id;
};
void describe(Mapping<Part>& part) {
    part.column<&Part::year>().primary_key();
    part.column<&Part::code>(String(10)).primary_key();
    part.column<&Part::whole_id>().references<&Everything::id>().on_delete(
        ReferentialAction::Cascade);
    part.column<&Part::maker_id>()
        .references<&Everything::id>()
        .on_delete(ReferentialAction::SetNull)
        .on_key_update(ReferentialAction::Restrict);
    part.unique<&Part::whole_id, &Part::code>("one_code_per_whole");
}

struct Detail {
    std::int64_t id{};
    std::int32_t year{};
    std::string code;
};
void describe(Mapping<Detail>& detail) {
    detail.column<&Detail::id>().primary_key().autoincrement(false);
    detail.column<&Detail::year>();
    detail.column<&Detail::code>(String(10));
    detail.foreign_key(members<&Detail::year, &Detail::code>, members<&Part::year, &Part::code>,
                       ForeignKey{.on_delete = ReferentialAction::Cascade});
}

std::string listed(const std::vector<SchemaDifference>& differences) {
    std::string text;
    for (const auto& difference : differences) text += difference.text() + '\n';
    return text;
}

bool has(const std::vector<SchemaDifference>& list, Kind kind, const std::string& table,
         const std::string& name) {
    return std::any_of(list.begin(), list.end(), [&](const SchemaDifference& one) {
        return one.kind == kind && one.table == table && one.name == name;
    });
}

} // namespace

TEST_CASE("DDL-03 UOW-02 what create_all has made differs in nothing from the models (B26)") {
    Backend backend;
    backend->create_all<Everything, Part, Detail>();
    CHECK(backend->inspect().has_table("everything"));
    CHECK(backend->inspect().has_table("part"));
    CHECK_FALSE(backend->inspect().has_table("nobody"));
    CHECK(listed(backend->verify<Everything, Part, Detail>({.extra_tables = true})) == "");
    const auto another = backend.another();
    CHECK(listed(another->verify<Everything, Part, Detail>()) == "");
}

TEST_CASE("UOW-02 a table that somebody else changed is reported difference by difference") {
    Backend backend;
    MetaData models;
    const auto table = [](const char* name, auto&&... items) {
        auto made = std::make_shared<Table>(name, std::forward<decltype(items)>(items)...);
        made->complete();
        return made;
    };
    const auto key = Column("id", BigInteger()).primary_key();
    models.add(table("owners", key));
    models.add(table("gone", key));
    models.add(table("things", key, Column("name", String(20)).nullable(false).unique(),
                     Column("size", Integer()).index(), Column("missing", Integer()),
                     Column("state", Integer()).server_default(1),
                     Column("owner_id", BigInteger())
                         .references("owners.id")
                         .on_delete(ReferentialAction::Cascade)));
    backend->add(*table("owners", key));
    backend->add(*table("extra", key));
    backend->add(*table("things", key, Column("name", LargeBinary()), Column("size", Integer()),
                        Column("more", Integer()).index(), Column("state", Integer()),
                        Column("owner_id", BigInteger())
                            .references("owners.id")
                            .on_delete(ReferentialAction::SetNull),
                        Column("other_id", BigInteger()).references("owners.id")));
    backend->create_all<>();
    auto found = verify(models, backend->engine());
    CAPTURE(listed(found));
    CHECK(has(found, Kind::MissingTable, "gone", ""));
    CHECK(has(found, Kind::Type, "things", "name"));
    CHECK(has(found, Kind::Nullable, "things", "name"));
    CHECK(has(found, Kind::MissingUnique, "things", "uq_things_name"));
    CHECK(has(found, Kind::MissingIndex, "things", "ix_things_size"));
    CHECK(has(found, Kind::ExtraIndex, "things", "ix_things_more"));
    CHECK(has(found, Kind::MissingColumn, "things", "missing"));
    CHECK(has(found, Kind::ExtraColumn, "things", "more"));
    CHECK(has(found, Kind::Default, "things", "state"));
    CHECK(has(found, Kind::ForeignKeyActions, "things", "fk_things_owner_id_owners"));
    CHECK(has(found, Kind::ExtraForeignKey, "things", "fk_things_other_id_owners"));
    CHECK(has(found, Kind::ExtraColumn, "things", "other_id"));
    CHECK_FALSE(has(found, Kind::ExtraTable, "extra", ""));
    CHECK(found.size() == 12);
    found = verify(models, backend->engine(), {.extra_tables = true});
    CHECK(has(found, Kind::ExtraTable, "extra", ""));
    CHECK(found.size() == 13);
    const auto name = std::find_if(found.begin(), found.end(),
                                   [](const auto& one) { return one.kind == Kind::Nullable; });
    CHECK(name->text() == "things.name: the column is \"NULL allowed\" in the database, the models "
                          "say \"not null\"");
}

TEST_CASE(
    "UOW-02 keys, checks and comments that differ are reported where the backend keeps them") {
    Backend backend;
    MetaData models;
    auto wanted = std::make_shared<Table>(
        "pairs", Column("a", Integer()).primary_key(), Column("b", Integer()).primary_key(),
        CheckConstraint{"a_positive", ast::text("a > 0", Boolean())});
    wanted->comment = "pairs";
    wanted->columns[1].comment_text = "second";
    wanted->complete();
    models.add(wanted);
    backend->add(Table("pairs", Column("a", Integer()).primary_key().autoincrement(false),
                       Column("b", Integer()).nullable(false)));
    backend->create_all<>();
    const auto found = verify(models, backend->engine());
    CAPTURE(listed(found));
    CHECK(has(found, Kind::PrimaryKey, "pairs", ""));
    CHECK(has(found, Kind::MissingCheck, "pairs", "a_positive") == backend.can().check_constraints);
    CHECK(has(found, Kind::Comment, "pairs", "") == backend.can().comments);
    CHECK(has(found, Kind::Comment, "pairs", "b") == backend.can().comments);
    CHECK(found.size() ==
          1U + (backend.can().check_constraints ? 1U : 0U) + (backend.can().comments ? 2U : 0U));
}

TEST_CASE("UOW-02 a key that the database should make and does not is a difference") {
    Backend backend;
    MetaData models;
    auto wanted = std::make_shared<Table>("made", Column("id", Integer()).primary_key());
    wanted->complete();
    models.add(wanted);
    backend->add(Table("made", Column("id", Integer()).primary_key().autoincrement(false)));
    backend->create_all<>();
    const auto found = verify(models, backend->engine());
    const bool is_made_anyway = backend->inspect().columns("made").at(0).generated_key;
    CHECK(has(found, Kind::GeneratedKey, "made", "id") == !is_made_anyway);
}

TEST_CASE("B26 types with limits and decimals of all sizes are reflected without a difference") {
    Backend backend;
    Table table("limits", Column("id", BigInteger()).primary_key(), Column("short", Text(100)),
                Column("long", Text(30'000)), Column("one", String(1)),
                Column("bytes", LargeBinary(100)), Column("more", LargeBinary(70'000)),
                Column("whole", Numeric(5, 0)), Column("small", Numeric(1, 1)),
                Column("wide", Numeric(20, 5)), Column("widest", Numeric(38, 30)),
                Column("tiny", SqlType(TypeKind::Int8)), Column("huge", SqlType(TypeKind::UInt64)),
                Column("theirs", Numeric(9, 2, DecimalStorage::Number)));
    backend->add(table);
    backend->create_all<>();
    CHECK(listed(backend->verify()) == "");
    MetaData reflected = backend->inspect().reflect_all();
    CHECK(listed(verify(reflected, backend->engine(), {.extra_tables = true})) == "");
}

TEST_CASE("UOW-02 constraints under another name do the same, and are no difference") {
    Backend backend;
    MetaData models;
    const auto table = [](std::string prefix) {
        auto made = std::make_shared<Table>("same", Column("id", Integer()).primary_key(),
                                            Column("a", Integer()), Column("b", Integer()));
        made->add(UniqueConstraint{.name = prefix + "u", .columns = {"a"}});
        made->add(Index{.name = prefix + "i", .columns = {"b", "a"}});
        made->add(ForeignKey{.name = prefix + "f", .columns = {"b"}, .target_table = "same"});
        made->complete();
        return made;
    };
    models.add(table("first_"));
    backend->add(*table("second_"));
    backend->create_all<>();
    CHECK(listed(verify(models, backend->engine())) == "");
}
