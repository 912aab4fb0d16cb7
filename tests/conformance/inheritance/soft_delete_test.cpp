// SPDX-License-Identifier: MIT
// Rows that are deleted softly, in every place of a hierarchy where the mixin may stand.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/loading/polymorphic.hpp>
#include <mercator/mapping/mixins.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace mercator;

namespace {

struct SoftDoc;
struct SoftReport;
struct SoftPart;
struct SoftBolt;
struct SoftNut;

struct SoftFolder {
    std::int64_t id{};
    std::string name;
    Many<SoftDoc> docs;
    Many<SoftReport> reports;
};

/// The mixin in the root, with a version.
struct SoftDoc : SoftDeleteMixin {
    std::int64_t id{};
    std::string kind;
    std::string title;
    std::int32_t version{};
    std::optional<std::int64_t> folder_id;
    One<SoftFolder> folder;
};
struct SoftReport : SoftDoc { // joined
    int pages{};
};
struct SoftMemo : SoftDoc { // single
    std::optional<std::string> note;
};

struct SoftBox {
    std::int64_t id{};
    std::string name;
    Many<SoftPart> parts;
    Many<SoftBolt> bolts;
    Many<SoftNut> nuts;
};

/// The mixin in some classes, of whatever kind.
struct SoftPart {
    std::int64_t id{};
    std::string kind;
    std::string name;
    std::optional<std::int64_t> box_id;
    One<SoftBox> box;
};
struct SoftBolt : SoftPart, SoftDeleteMixin { // joined
    int length{};
};
struct SoftRivet : SoftBolt { // single in a joined table
    std::optional<int> heads;
};
struct SoftScrew : SoftBolt { // joined to the joined table
    int pitch{};
};
struct SoftNut : SoftPart, SoftDeleteMixin { // single
    std::optional<int> sides;
};
struct SoftCapNut : SoftNut {
    std::optional<int> height;
};

/// Tables of their own.
struct SoftCup : SoftDeleteMixin {
    std::int64_t id{};
    std::string kind;
    std::string name;
};
struct SoftMug : SoftCup {
    int volume{};
};

void describe(Mapping<SoftFolder>& folder) {
    folder.table("soft_folders");
    folder.column<&SoftFolder::id>().primary_key();
    folder.column<&SoftFolder::name>(String(20));
    folder.relationship<&SoftFolder::docs>().back_populates<&SoftDoc::folder>();
    folder.relationship<&SoftFolder::reports>()
        .primaryjoin(
            [](auto own, auto doc) { return own(&SoftFolder::id) == doc(&SoftDoc::folder_id); })
        .viewonly();
}
void describe(Mapping<SoftDoc>& doc) {
    doc.table("soft_docs").polymorphic_on<&SoftDoc::kind>().identity("doc");
    doc.column<&SoftDoc::id>().primary_key();
    doc.column<&SoftDoc::kind>(String(20));
    doc.column<&SoftDoc::title>(String(20));
    doc.version<&SoftDoc::version>();
    doc.column<&SoftDoc::folder_id>().references<&SoftFolder::id>();
    doc.relationship<&SoftDoc::folder>().back_populates<&SoftFolder::docs>();
    doc.include<SoftDeleteMixin>();
}
void describe(Mapping<SoftReport>& report) {
    report.inherits<SoftDoc>().table("soft_reports").identity("report");
    report.column<&SoftReport::pages>();
}
void describe(Mapping<SoftMemo>& memo) {
    memo.inherits<SoftDoc>().identity("memo");
    memo.column<&SoftMemo::note>(String(20));
}
void describe(Mapping<SoftBox>& box) {
    box.table("soft_boxes");
    box.column<&SoftBox::id>().primary_key();
    box.column<&SoftBox::name>(String(20));
    box.relationship<&SoftBox::parts>().back_populates<&SoftPart::box>();
    box.relationship<&SoftBox::bolts>()
        .primaryjoin(
            [](auto own, auto part) { return own(&SoftBox::id) == part(&SoftPart::box_id); })
        .viewonly();
    box.relationship<&SoftBox::nuts>()
        .primaryjoin(
            [](auto own, auto part) { return own(&SoftBox::id) == part(&SoftPart::box_id); })
        .viewonly();
}
void describe(Mapping<SoftPart>& part) {
    part.table("soft_parts").polymorphic_on<&SoftPart::kind>().identity("part");
    part.column<&SoftPart::id>().primary_key();
    part.column<&SoftPart::kind>(String(20));
    part.column<&SoftPart::name>(String(20));
    part.column<&SoftPart::box_id>().references<&SoftBox::id>();
    part.relationship<&SoftPart::box>().back_populates<&SoftBox::parts>();
}
void describe(Mapping<SoftBolt>& bolt) {
    bolt.inherits<SoftPart>().table("soft_bolts").identity("bolt");
    bolt.include<SoftDeleteMixin>();
    bolt.column<&SoftBolt::length>();
}
void describe(Mapping<SoftRivet>& rivet) {
    rivet.inherits<SoftBolt>().identity("rivet");
    rivet.column<&SoftRivet::heads>();
}
void describe(Mapping<SoftScrew>& screw) {
    screw.inherits<SoftBolt>().table("soft_screws").identity("screw");
    screw.column<&SoftScrew::pitch>();
}
void describe(Mapping<SoftNut>& nut) {
    nut.inherits<SoftPart>().identity("nut");
    nut.include<SoftDeleteMixin>();
    nut.column<&SoftNut::sides>();
}
void describe(Mapping<SoftCapNut>& nut) {
    nut.inherits<SoftNut>().identity("capnut");
    nut.column<&SoftCapNut::height>();
}
void describe(Mapping<SoftCup>& cup) {
    cup.table("soft_cups").polymorphic_on<&SoftCup::kind>().identity("cup");
    cup.column<&SoftCup::id>().primary_key();
    cup.column<&SoftCup::kind>(String(20));
    cup.column<&SoftCup::name>(String(20));
    cup.include<SoftDeleteMixin>();
}
void describe(Mapping<SoftMug>& mug) {
    mug.inherits<SoftCup>().concrete().table("soft_mugs").identity("mug");
    mug.column<&SoftMug::volume>();
}

template <class T>
std::vector<std::string> names_of(const T& objects) {
    std::vector<std::string> names;
    for (const auto& object : objects) {
        if constexpr (requires { object->title; })
            names.push_back(object->title);
        else
            names.push_back(object->name);
    }
    std::sort(names.begin(), names.end());
    return names;
}
using Names = std::vector<std::string>;

template <class T>
void add_two(Session& session, const std::shared_ptr<SoftFolder>& folder, const char* kept,
             const char* gone) {
    for (const char* title : {kept, gone}) {
        auto doc = session.add(T{});
        doc->title = title;
        doc->folder = folder;
        if (title == gone) doc->soft_delete();
    }
}
template <class T>
void add_two(Session& session, const std::shared_ptr<SoftBox>& box, const char* kept,
             const char* gone) {
    for (const char* name : {kept, gone}) {
        auto part = session.add(T{});
        part->name = name;
        part->box = box;
        if (name == gone) part->soft_delete();
    }
}

struct SoftOffice : test::Backend {
    SoftOffice() {
        database().create_all<SoftFolder, SoftDoc, SoftReport, SoftMemo>();
        Session session = database().session();
        auto folder = session.add(SoftFolder{});
        add_two<SoftDoc>(session, folder, "d1", "d2");
        add_two<SoftReport>(session, folder, "r1", "r2");
        add_two<SoftMemo>(session, folder, "m1", "m2");
        session.commit();
    }
};
struct SoftStore : test::Backend {
    SoftStore() {
        database()
            .create_all<SoftBox, SoftPart, SoftBolt, SoftRivet, SoftScrew, SoftNut, SoftCapNut>();
        Session session = database().session();
        auto box = session.add(SoftBox{});
        auto part = session.add(SoftPart{});
        part->name = "p1";
        part->box = box;
        add_two<SoftBolt>(session, box, "b1", "b2");
        add_two<SoftRivet>(session, box, "r1", "r2");
        add_two<SoftScrew>(session, box, "s1", "s2");
        add_two<SoftNut>(session, box, "n1", "n2");
        add_two<SoftCapNut>(session, box, "c1", "c2");
        session.commit();
    }
};

} // namespace

TEST_CASE("INH-09 rows of all classes of a root that is deleted softly are seen by nobody") {
    SoftOffice db;
    Session session = db->session();
    const Names all{"d1", "m1", "r1"};
    CHECK(names_of(session.query<SoftDoc>().all()) == all);
    session.clear();
    CHECK(names_of(session.query<const SoftDoc>().all()) == all);
    CHECK(names_of(session.query<SoftDoc>().options(with_polymorphic<SoftReport>()).all()) == all);
    session.clear();
    CHECK(names_of(session.query<SoftReport>().all()) == Names{"r1"});
    CHECK(names_of(session.query<SoftMemo>().all()) == Names{"m1"});
    CHECK(session.query<SoftDoc>().count() == 3);
    CHECK(session.query<SoftReport>().count() == 1);
    CHECK(session.query<SoftMemo>().count() == 1);
    CHECK_FALSE(session.query<SoftReport>().where(col(&SoftDoc::title) == "r2").exists());
    CHECK_FALSE(session.query<SoftDoc>()
                    .where(col(&SoftReport::pages) >= 0)
                    .where(col(&SoftDoc::title) == "r2")
                    .exists());
    CHECK(names_of(session.query<SoftFolder>().one()->docs) == all);
    CHECK(names_of(session.query<SoftFolder>().one()->reports) == Names{"r1"});
    session.clear();
    CHECK(names_of(session.query<SoftFolder>().options(joined<&SoftFolder::docs>()).one()->docs) ==
          all);
    session.clear();
    CHECK(names_of(
              session.query<SoftFolder>().options(joined<&SoftFolder::reports>()).one()->reports) ==
          Names{"r1"});
    session.clear();
    CHECK(names_of(session.query<SoftFolder>()
                       .options(joined<&SoftFolder::reports>())
                       .limit(1)
                       .all()
                       .at(0)
                       ->reports) == Names{"r1"});
    session.clear();
    CHECK(
        names_of(
            session.query<SoftFolder>().options(subquery<&SoftFolder::reports>()).one()->reports) ==
        Names{"r1"});
    session.clear();
    CHECK(
        names_of(session.query<SoftFolder>().options(selectin<&SoftFolder::docs>()).one()->docs) ==
        all);
    session.clear();
    CHECK(session.query<SoftFolder>()
              .where(rel(&SoftFolder::reports).any(col(&SoftDoc::title) == "r2"))
              .count() == 0);
    CHECK(session.query<SoftFolder>()
              .where(rel(&SoftFolder::docs).of_type<SoftReport>().any(col(&SoftDoc::title) == "r2"))
              .count() == 0);
    auto hidden = [&](const char* title) {
        auto waived = session.without_criteria();
        auto id = session.query<SoftDoc>().where(col(&SoftDoc::title) == title).one()->id;
        session.clear();
        return id;
    };
    const auto r2 = hidden("r2");
    CHECK(session.get<SoftReport>(r2) == nullptr);
    CHECK(session.get<SoftDoc>(r2) == nullptr);
    CHECK(session.get<SoftMemo>(hidden("m2")) == nullptr);
    CHECK(session.query<SoftDoc>().update(set(&SoftDoc::title, "x")) == 3);
    session.rollback();
    CHECK(session.query<SoftMemo>().delete_() == 1);
    session.rollback();
    CHECK(session.query<SoftReport>().without_criteria<SoftDoc>().count() == 2);
    CHECK(session.query<SoftReport>().without_criteria<SoftReport>().count() == 2);
    CHECK(names_of(session.query<SoftReport>().without_criteria<SoftDoc>().all()) ==
          Names{"r1", "r2"});
    session.clear();
    CHECK(names_of(session.query<SoftDoc>().without_criteria<SoftDoc>().all()).size() == 6);
}

TEST_CASE("INH-09 rows of those classes that are deleted softly are seen by nobody") {
    SoftStore db;
    Session session = db->session();
    const Names all{"b1", "c1", "n1", "p1", "r1", "s1"};
    CHECK(names_of(session.query<SoftPart>().all()) == all);
    session.clear();
    CHECK(session.query<SoftPart>().count() == 6);
    CHECK_FALSE(session.query<SoftPart>().where(col(&SoftPart::name) == "b2").exists());
    CHECK(names_of(session.query<SoftPart>().order_by(col(&SoftPart::name)).limit(2).all()) ==
          Names{"b1", "c1"});
    session.clear();
    CHECK(names_of(session.query<SoftPart>()
                       .options(with_polymorphic<SoftBolt, SoftScrew, SoftNut>())
                       .all()) == all);
    session.clear();
    CHECK(names_of(session.query<const SoftPart>().all()) == all);
    CHECK(names_of(session.query<SoftBolt>().all()) == Names{"b1", "r1", "s1"});
    CHECK(names_of(session.query<SoftRivet>().all()) == Names{"r1"});
    CHECK(names_of(session.query<SoftScrew>().all()) == Names{"s1"});
    CHECK(names_of(session.query<SoftNut>().all()) == Names{"c1", "n1"});
    CHECK(names_of(session.query<SoftCapNut>().all()) == Names{"c1"});
    CHECK(session.query<SoftBolt>().count() == 3);
    CHECK(session.query<SoftRivet>().count() == 1);
    CHECK(session.query<SoftScrew>().count() == 1);
    CHECK(session.query<SoftNut>().count() == 2);
    CHECK(session.query<SoftCapNut>().count() == 1);
    session.clear();
    CHECK(names_of(session.query<SoftBox>().one()->parts) == all);
    session.clear();
    auto loaded = [&](auto option, auto member) {
        session.clear();
        return names_of(session.query<SoftBox>().options(option).one().get()->*member);
    };
    CHECK(loaded(joined<&SoftBox::parts>(), &SoftBox::parts) == all);
    CHECK(loaded(joined<&SoftBox::parts>().then(with_polymorphic<SoftBolt, SoftScrew>()),
                 &SoftBox::parts) == all);
    CHECK(loaded(selectin<&SoftBox::parts>(), &SoftBox::parts) == all);
    CHECK(loaded(subquery<&SoftBox::parts>(), &SoftBox::parts) == all);
    CHECK(loaded(joined<&SoftBox::bolts>(), &SoftBox::bolts) == Names{"b1", "r1", "s1"});
    CHECK(loaded(selectin<&SoftBox::bolts>(), &SoftBox::bolts) == Names{"b1", "r1", "s1"});
    CHECK(loaded(subquery<&SoftBox::bolts>(), &SoftBox::bolts) == Names{"b1", "r1", "s1"});
    CHECK(loaded(joined<&SoftBox::nuts>(), &SoftBox::nuts) == Names{"c1", "n1"});
    CHECK(loaded(selectin<&SoftBox::nuts>(), &SoftBox::nuts) == Names{"c1", "n1"});
    CHECK(loaded(subquery<&SoftBox::nuts>(), &SoftBox::nuts) == Names{"c1", "n1"});
    session.clear();
    CHECK(session.query<SoftBox>()
              .where(rel(&SoftBox::parts).any(col(&SoftPart::name) == "b2"))
              .count() == 0);
    CHECK(session.query<SoftBox>()
              .where(rel(&SoftBox::parts).any(col(&SoftPart::name) == "n2"))
              .count() == 0);
    CHECK(session.query<SoftBox>()
              .where(rel(&SoftBox::bolts).any(col(&SoftPart::name) == "s2"))
              .count() == 0);
    for (const char* name : {"b2", "r2", "s2", "n2", "c2"}) {
        CAPTURE(name);
        std::int64_t id = 0;
        {
            auto waived = session.without_criteria();
            id = session.query<SoftPart>().where(col(&SoftPart::name) == name).one()->id;
            session.clear();
        }
        CHECK(session.get<SoftPart>(id) == nullptr);
    }
    CHECK(session.query<SoftPart>().update(set(&SoftPart::name, "x")) == 6);
    session.rollback();
    CHECK(session.query<SoftPart>().without_criteria().all().size() == 11);
    session.clear();
    CHECK(session.query<SoftPart>().without_criteria<SoftBolt>().all().size() == 9);
}

TEST_CASE("INH-09 tables that repeat a base's columns have its criteria") {
    test::Backend db;
    db->create_all<SoftCup, SoftMug>();
    Session session = db->session();
    for (int i = 0; i < 2; ++i) {
        auto cup = session.add(SoftCup{});
        cup->name = i == 0 ? "c1" : "c2";
        auto mug = session.add(SoftMug{});
        mug->name = i == 0 ? "m1" : "m2";
        mug->id = 10 + i;
        if (i == 1) {
            cup->soft_delete();
            mug->soft_delete();
        }
    }
    session.commit();
    session.clear();
    CHECK(names_of(session.query<SoftCup>().all()) == Names{"c1", "m1"});
    CHECK(session.query<SoftCup>().count() == 2);
    CHECK(session.query<SoftMug>().count() == 1);
    CHECK(names_of(session.query<SoftMug>().all()) == Names{"m1"});
    session.clear();
    CHECK(session.get<SoftCup>(11) == nullptr);
    CHECK(session.get<SoftMug>(11) == nullptr);
    CHECK(session.query<SoftMug>().update(set(&SoftMug::volume, 3)) == 1);
    CHECK(session.query<SoftMug>().without_criteria<SoftCup>().count() == 2);
    CHECK(session.query<SoftMug>().without_criteria<SoftMug>().count() == 2);
    CHECK(session.query<SoftCup>().without_criteria<SoftCup>().count() == 4);
}

TEST_CASE("INH-09 a base's rows are looked up in a class's table only where it is not read") {
    SoftStore db;
    Session session = db->session();
    test::SqlLog log(db->engine());
    CHECK(session.query<SoftPart>().count() == 6);
    CHECK(log.count() == 1);
    const auto asks = [&] { return log.texts().back().find("NOT EXISTS") != std::string::npos; };
    CHECK_MESSAGE(asks(), log.dump());
    CHECK(session.query<SoftScrew>().count() == 1);
    CHECK_MESSAGE(!asks(), log.dump());
    CHECK(session.query<SoftPart>().where(col(&SoftScrew::pitch) >= 0).count() == 1);
    // Conditions of a session on classes that share a joined table, and on their bases' columns.
    session.criteria<SoftRivet>(col(&SoftRivet::heads).is_not_null());
    CHECK(session.query<SoftPart>().count() == 5);
    CHECK(session.query<SoftBolt>().count() == 2);
    CHECK(session.query<SoftBox>().options(joined<&SoftBox::bolts>()).one()->bolts.size() == 2);
    session.criteria<SoftScrew>(col(&SoftPart::name) != "s1");
    CHECK(session.query<SoftPart>().count() == 4);
    CHECK(session.query<SoftBolt>().count() == 1);
    CHECK(session.query<SoftScrew>().count() == 0);
    session.clear();
    CHECK(session.query<SoftBox>().options(joined<&SoftBox::parts>()).one()->parts.size() == 4);
    CHECK(session.query<SoftBox>().one()->bolts.size() == 1);
    CHECK(session.query<SoftPart>().without_criteria<SoftScrew>().count() == 6);
}

TEST_CASE("INH-09 criteria that become known while others are left off stay") {
    struct FirstSoft : SoftDeleteMixin {
        std::int64_t id{};
        static void describe(Mapping<FirstSoft>& of) {
            of.table("soft_first_soft");
            of.column<&FirstSoft::id>().primary_key();
            of.include<SoftDeleteMixin>();
        }
    };
    struct SecondSoft : SoftDeleteMixin {
        std::int64_t id{};
        static void describe(Mapping<SecondSoft>& of) {
            of.table("soft_second_soft");
            of.column<&SecondSoft::id>().primary_key();
            of.include<SoftDeleteMixin>();
        }
    };
    test::Backend db;
    db->create_all<FirstSoft>();
    Session session = db->session();
    {
        const auto guard = session.without_criteria<FirstSoft>();
        db->create_all<SecondSoft>();
        SecondSoft gone;
        gone.soft_delete();
        session.add(std::move(gone));
        FirstSoft also;
        also.soft_delete();
        session.add(std::move(also));
        session.commit();
        CHECK(session.query<SecondSoft>().count() == 0);
        CHECK(session.query<FirstSoft>().count() == 1);
        session.criteria<SecondSoft>(col(&SecondSoft::id) > 0);
    }
    CHECK(session.query<SecondSoft>().count() == 0);
    CHECK(session.query<FirstSoft>().count() == 0);
}
