// SPDX-License-Identifier: MIT
// Identifiers are always quoted: any name that the database accepts can be used.
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using mercator::col;
using mercator::test::Backend;

namespace {

/// One strange name for the parent's table, another for the child's; the columns are strange in
/// both.
struct Strange {
    const char* table;
    const char* other_table;
    const char* column;
};

/// Which name the classes below take: a description is made once per class, so there is a class for
/// each number.
constexpr Strange strange_names[] = {
    {"order", "select", "group"},
    {"Mixed Case", "mixed case 2", "First Name"},
    {"it's", "say \"hello\"", "a 'b' \"c\""},
    {"back`tick", "back\\slash", "`x`\\"},
    {"Gr\u00f6\u00dfe", "\u0420\u043e\u043b\u0438", "\u540d\u524d"},
    {"100%_sure", "what? :now $1 @p", "%s ?1 :x {}"},
    {"[dbo]", "a;b--c/*d*/", "]; DROP TABLE x; --"},
    {"with.dot", "1digit", "x.y"},
};

template <int N>
struct Child;

template <int N>
struct Parent {
    std::int64_t id{};
    std::string name;
    mercator::Many<Child<N>> children;
    static void describe(mercator::Mapping<Parent>& parent) {
        parent.table(strange_names[N].table);
        parent.template column<&Parent::id>().primary_key();
        parent.template column<&Parent::name>(mercator::String(40))
            .name(strange_names[N].column)
            .unique();
        parent.template relationship<&Parent::children>().template backref<&Child<N>::parent>();
    }
};

template <int N>
struct Child {
    std::int64_t id{};
    std::optional<std::int64_t> parent_id;
    std::string note;
    mercator::One<Parent<N>> parent;
    static void describe(mercator::Mapping<Child>& child) {
        child.table(strange_names[N].other_table);
        child.template column<&Child::id>().primary_key();
        child.template column<&Child::parent_id>()
            .name(std::string(strange_names[N].column) + " 2")
            .template references<&Parent<N>::id>();
        child.template column<&Child::note>(mercator::String(40))
            .name(strange_names[N].column)
            .index();
    }
};

template <int N>
void check_names() {
    CAPTURE(strange_names[N].table);
    using P = Parent<N>;
    using C = Child<N>;
    Backend backend;
    backend->create_all<P, C>();
    {
        mercator::Connection connection = backend->engine().connect();
        const auto inspector = backend->engine().dialect().inspector(connection.driver());
        CHECK(inspector->has_table(strange_names[N].table));
        CHECK(inspector->has_table(strange_names[N].other_table));
        CHECK(inspector->columns(strange_names[N].table).at(1).name == strange_names[N].column);
    }
    {
        mercator::Session session = backend->session();
        const auto parent = session.add(P{.name = "parent"});
        const auto child = session.add(C{.note = "child"});
        child->parent = parent;
        session.commit();
        child->note = "changed";
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto child = session.query<C>().where(col(&C::note) == "changed").one();
    CHECK(child->parent->name == "parent");
    const auto joined =
        session.query<C>().template join<&C::parent>().where(col(&P::name) == "parent");
    CHECK(joined.count() == 1);
    const auto row =
        session.execute(select(col(&P::name), col(&C::note)).template join<&P::children>()).one();
    CHECK(row == std::tuple<std::string, std::string>("parent", "changed"));
    CHECK(session.query<P>().order_by(col(&P::name).desc()).all().size() == 1);
    try {
        mercator::Session other = backend->session();
        other.add(P{.name = "parent"});
        other.commit();
        FAIL("a second parent of that name was stored");
    } catch (const mercator::UniqueViolation&) {
    }
    session.delete_(child);
    session.delete_(session.query<P>().one());
    session.commit();
    CHECK(session.query<P>().count() == 0);
    session.close();
    backend->drop_all<P, C>();
    mercator::Connection connection = backend->engine().connect();
    CHECK(backend->engine().dialect().inspector(connection.driver())->table_names().empty());
}

template <int... N>
void check_all(std::integer_sequence<int, N...>) {
    (check_names<N>(), ...);
}

struct Faced {
    std::int64_t id{};
    int smile{};
    static void describe(mercator::Mapping<Faced>& faced) {
        faced.table("\U0001F600");
        faced.column<&Faced::id>().primary_key();
        faced.column<&Faced::smile>().name("\U0001F601");
    }
};

struct UserProfile {
    std::int64_t id{};
    static void describe(mercator::Mapping<UserProfile>& profile) {
        profile.column<&UserProfile::id>().primary_key();
    }
};
struct Renamed {
    std::int64_t id{};
    static void describe(mercator::Mapping<Renamed>& renamed) {
        renamed.column<&Renamed::id>().primary_key(); // before table(): the order does not matter
        renamed.table("TBL_Other");
    }
};

} // namespace

TEST_CASE("MOD-04 reserved words, blanks, quotes and foreign letters are names like others") {
    check_all(std::make_integer_sequence<int, int(std::size(strange_names))>());
}

TEST_CASE("MOD-04 a given table name wins over the rule") {
    Backend backend;
    backend->create_all<UserProfile, Renamed>();
    mercator::Connection connection = backend->engine().connect();
    auto names = backend->engine().dialect().inspector(connection.driver())->table_names();
    std::sort(names.begin(), names.end());
    CHECK(names == std::vector<std::string>{"TBL_Other", "user_profile"});
}

TEST_CASE("a smiley as a name is accepted, or refused with a typed error and nothing made") {
    Backend backend;
    try {
        backend->create_all<Faced>();
        mercator::Session session = backend->session();
        session.add(Faced{.smile = 7});
        session.commit();
        CHECK(session.query<Faced>().where(col(&Faced::smile) == 7).count() == 1);
    } catch (const mercator::DatabaseError&) {
        mercator::Connection connection = backend->engine().connect();
        CHECK(backend->engine().dialect().inspector(connection.driver())->table_names().empty());
    } catch (const mercator::CompileError&) {
    }
}

TEST_CASE("MOD-04 a name that no backend can have is refused before anything is sent") {
    Backend backend;
    mercator::test::SqlLog log(backend->engine());
    const auto refused = [&](const std::string& name) {
        mercator::Database database(backend.config());
        mercator::Table table{name, mercator::Column("id", mercator::Integer()).primary_key()};
        CHECK_THROWS_AS((database.add(table), static_cast<void>(database.create_all_sql<>())),
                        mercator::Error);
    };
    refused("");
    refused(std::string("a\0b", 3));
    refused(std::string(backend.can().max_identifier_length + 1, 'x'));
}
