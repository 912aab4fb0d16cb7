// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/loading/relationship_expression.hpp>
#include <mercator/mapping/mixins.hpp>
#include <mercator/types/clock.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;

namespace {

DateTime noon(int day) {
    return DateTime(std::chrono::hours(24 * day + 12));
}

struct MixinReader {
    std::int64_t id{};
    std::string name;
};

void describe(Mapping<MixinReader>& reader) {
    reader.table("mixin_readers");
    reader.column<&MixinReader::id>().primary_key();
    reader.column<&MixinReader::name>(String(30));
}

/// A mixin of the application's own, with a foreign key, a relationship, a check and an index.
struct OwnedMixin {
    std::optional<std::int64_t> owner_id;
    One<MixinReader> owner;
    int weight = 1;
};

void describe(Mapping<OwnedMixin>& mixin) {
    mixin.column<&OwnedMixin::owner_id>().references<&MixinReader::id>();
    mixin.column<&OwnedMixin::weight>();
    mixin.relationship<&OwnedMixin::owner>();
    mixin.check(col(&OwnedMixin::weight) > 0, "");
    mixin.index<&OwnedMixin::weight>();
}

struct MixinNote : TimestampMixin, SoftDeleteMixin, OwnedMixin {
    std::int64_t id{};
    std::string text;
    std::optional<std::int64_t> shelf_id;
};

struct MixinShelf : TimestampMixin, OwnedMixin {
    std::int64_t id{};
    std::string label;
    Many<MixinNote> notes;
};

void describe(Mapping<MixinNote>& note) {
    note.table("mixin_notes");
    note.column<&MixinNote::id>().primary_key();
    note.include<TimestampMixin>().include<SoftDeleteMixin>().include<OwnedMixin>();
    note.column<&MixinNote::text>(String(40));
    note.column<&MixinNote::shelf_id>().references<&MixinShelf::id>();
}

void describe(Mapping<MixinShelf>& shelf) {
    shelf.table("mixin_shelves");
    shelf.column<&MixinShelf::id>().primary_key();
    shelf.include<TimestampMixin>().include<OwnedMixin>();
    shelf.column<&MixinShelf::label>(String(40));
    shelf.relationship<&MixinShelf::notes>();
}

/// Every column of another class, in a table of its own: the two have nothing to do with each
/// other.
struct MixinArchivedReader : MixinReader {
    std::string reason;
};

void describe(Mapping<MixinArchivedReader>& reader) {
    reader.table("mixin_archived_readers").include<MixinReader>();
    reader.column<&MixinArchivedReader::reason>(String(30));
}

struct MixinApproved {
    std::string by;
};
void describe(Mapping<MixinApproved>& mixin) {
    mixin.column<&MixinApproved::by>(String(30)).name("signed_by");
}
struct MixinSigned {
    std::string signed_by;
};
void describe(Mapping<MixinSigned>& mixin) {
    mixin.column<&MixinSigned::signed_by>(String(30));
}

struct MixinContract : MixinApproved, MixinSigned {
    std::int64_t id{};
};
void describe(Mapping<MixinContract>& contract) {
    contract.table("mixin_contracts");
    contract.column<&MixinContract::id>().primary_key();
    contract.include<MixinApproved>().include<MixinSigned>();
}

/// The same two, where the class says what it calls one of them.
struct MixinTreaty : MixinApproved, MixinSigned {
    std::int64_t id{};
};
void describe(Mapping<MixinTreaty>& treaty) {
    treaty.table("mixin_treaties");
    treaty.column<&MixinTreaty::id>().primary_key();
    treaty.include<MixinApproved>();
    treaty.column<&MixinApproved::by>().name("approved_by");
    treaty.include<MixinSigned>();
}

struct Desk : test::Backend {
    Desk() { database().create_all<MixinReader, MixinShelf, MixinNote>(); }
};

std::vector<std::string> names(const Table& table) {
    std::vector<std::string> list;
    for (const auto& column : table.columns) list.push_back(column.name);
    return list;
}

} // namespace

TEST_CASE("INH-08 INH-20 mixins give each class columns of its own, where they are included") {
    Desk db;
    CHECK(names(mapper_of<MixinNote>().table()) ==
          std::vector<std::string>{"id", "created_at", "updated_at", "deleted_at", "owner_id",
                                   "weight", "text", "shelf_id"});
    CHECK(
        names(mapper_of<MixinShelf>().table()) ==
        std::vector<std::string>{"id", "created_at", "updated_at", "owner_id", "weight", "label"});
    CHECK(db->verify().empty());
    Session session = db->session();
    auto note = session.add(MixinNote{});
    note->text = "one";
    auto shelf = session.add(MixinShelf{});
    shelf->label = "A";
    shelf->weight = 7;
    session.commit();
    const auto heavy = session.query<MixinShelf>()
                           .where(col<MixinShelf>(&OwnedMixin::weight) > 5)
                           .order_by(col<MixinShelf>(&TimestampMixin::created_at))
                           .all();
    REQUIRE(heavy.size() == 1);
    CHECK(heavy.front() == shelf);
    CHECK(note->weight == 1);
}

TEST_CASE("INH-10 time stamps are set once and on real changes, by a clock that tests can set") {
    Desk db;
    Session session = db->session();
    std::shared_ptr<MixinNote> note;
    {
        const ScopedClock clock([] { return noon(1); });
        note = session.add(MixinNote{});
        note->text = "draft";
        session.commit();
    }
    CHECK(note->created_at == noon(1));
    CHECK(note->updated_at == noon(1));
    const ScopedClock clock([] { return noon(2); });
    note->text = "draft"; // no change at all
    session.commit();
    CHECK(note->updated_at == noon(1));
    note->text = "final";
    session.commit();
    CHECK(note->created_at == noon(1));
    CHECK(note->updated_at == noon(2));
    session.clear();
    CHECK(session.query<MixinNote>().one()->updated_at == noon(2));
}

TEST_CASE("INH-09 rows that are deleted softly are seen by no query, and come back") {
    Desk db;
    Session session = db->session();
    auto shelf = session.add(MixinShelf{});
    for (const char* text : {"kept", "dropped", "other"}) {
        auto note = session.add(MixinNote{});
        note->text = text;
        shelf->notes.add(note);
    }
    session.commit();
    auto dropped = session.query<MixinNote>().where(col(&MixinNote::text) == "dropped").one();
    const auto id = dropped->id;
    CHECK_FALSE(dropped->is_deleted());
    dropped->soft_delete();
    session.commit();
    CHECK(dropped->is_deleted());

    Session other = db->session();
    test::SqlLog log(db->engine());
    CHECK(other.query<MixinNote>().count() == 2);
    CHECK(log.texts().back().find("deleted_at") != std::string::npos);
    CHECK(other.get<MixinNote>(id) == nullptr);
    const auto loaded = other.query<MixinShelf>().one();
    CHECK(loaded->notes.size() == 2);
    const auto eager = other.query<const MixinShelf>().options(joined<&MixinShelf::notes>()).one();
    CHECK(eager->notes.size() == 2);
    CHECK(other.query<MixinShelf>()
              .where(rel(&MixinShelf::notes).any(col(&MixinNote::text) == "dropped"))
              .count() == 0);
    CHECK(other.query<MixinNote>().update(set(&MixinNote::text, "changed")) == 2);
    other.commit();

    // Seen when it is asked for, and brought back.
    CHECK(other.query<MixinNote>().without_criteria<MixinNote>().count() == 3);
    auto found = other.query<MixinNote>()
                     .without_criteria<MixinNote>()
                     .where(col<MixinNote>(&SoftDeleteMixin::deleted_at).is_not_null())
                     .one();
    CHECK(found->text == "dropped");
    found->restore();
    other.commit();
    CHECK(other.query<MixinNote>().count() == 3);
}

TEST_CASE("INH-09 a session that began before the class was known hides its rows as well") {
    struct LateNote : SoftDeleteMixin {
        std::int64_t id{};
        static void describe(Mapping<LateNote>& note) {
            note.table("late_notes");
            note.column<&LateNote::id>().primary_key();
            note.include<SoftDeleteMixin>();
        }
    };
    Desk db;
    Session session = db->session();
    CHECK(session.query<MixinReader>().count() == 0);
    session.rollback();
    db->create_all<LateNote>();
    LateNote gone;
    gone.soft_delete();
    session.add(std::move(gone));
    session.add(LateNote{});
    session.commit();
    CHECK(session.query<LateNote>().count() == 1);
    const auto all = session.without_criteria();
    CHECK(session.query<LateNote>().count() == 2);
}

TEST_CASE("MOD-29 a mixin's foreign keys, relationships, checks and indexes are each class's own") {
    Desk db;
    Session session = db->session();
    auto ada = session.add(MixinReader{.name = "Ada"});
    auto note = session.add(MixinNote{});
    note->owner = ada;
    auto shelf = session.add(MixinShelf{});
    shelf->owner = ada;
    session.commit();
    CHECK(note->owner_id == ada->id);
    CHECK(shelf->owner_id == ada->id);
    session.clear();
    CHECK(session.query<MixinNote>().one()->owner->name == "Ada");
    CHECK(session.query<MixinShelf>()
              .options(joined<&OwnedMixin::owner, MixinShelf>())
              .one()
              ->owner->name == "Ada");
    const Table* notes = db->metadata().find("mixin_notes");
    const Table* shelves = db->metadata().find("mixin_shelves");
    REQUIRE(notes->foreign_keys.size() == 2);
    REQUIRE(shelves->foreign_keys.size() == 1);
    CHECK(notes->foreign_keys.front().name != shelves->foreign_keys.front().name);
    CHECK(notes->checks.size() == 1);
    CHECK(shelves->indexes.size() == 1);
    CHECK(shelves->indexes.front().name != notes->indexes.front().name);
}

TEST_CASE("INH-11 a class that includes another one has its columns in a table of its own") {
    Desk db;
    db->create_all<MixinArchivedReader>();
    Session session = db->session();
    session.add(MixinReader{.name = "Ada"});
    MixinArchivedReader gone;
    gone.name = "Bob";
    gone.reason = "left";
    session.add(std::move(gone));
    session.commit();
    session.clear();
    CHECK(session.query<MixinReader>().one()->name == "Ada");
    CHECK(session.query<MixinArchivedReader>()
              .where(col<MixinArchivedReader>(&MixinReader::name) == "Bob")
              .one()
              ->reason == "left");
    CHECK(session.get<MixinReader>(1)->name == "Ada");
    CHECK(session.get<MixinArchivedReader>(1)->name == "Bob");
}

TEST_CASE("INH-20 two mixins with one column name are an error, unless the class renames one") {
    test::Backend db;
    CHECK_THROWS_WITH_AS(db->map<MixinContract>(), doctest::Contains("signed_by"), MappingError);
    db->create_all<MixinTreaty>();
    CHECK(names(mapper_of<MixinTreaty>().table()) ==
          std::vector<std::string>{"id", "approved_by", "signed_by"});
    Session session = db->session();
    auto treaty = session.add(MixinTreaty{});
    treaty->by = "Ada";
    treaty->signed_by = "Bob";
    session.commit();
    session.clear();
    CHECK(session.query<MixinTreaty>().one()->by == "Ada");
    CHECK(session.query<MixinTreaty>().one()->signed_by == "Bob");
}
