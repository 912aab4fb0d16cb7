// SPDX-License-Identifier: MIT
#include "cell.hpp"

#include <stdexcept>

using namespace types_test;

namespace {

enum class Status { draft, published, archived };
enum class Colour : std::uint8_t { Red = 10, Green = 20, Blue = 200 };

/// Stored by number, as a program says for itself.
enum class Priority { low = 1, high = 10 };

} // namespace

template <>
struct mercator::TypeDecorator<Priority> {
    using storage = std::int16_t;
    static storage bind(Priority priority) { return static_cast<storage>(priority); }
    static Priority result(storage stored) {
        if (stored != 1 && stored != 10) throw std::out_of_range("no priority");
        return static_cast<Priority>(stored);
    }
};

template <>
struct mercator::EnumNames<Colour> {
    static constexpr std::array<mercator::EnumEntry<Colour>, 3> entries{
        {{Colour::Red, "R"}, {Colour::Green, "gr\u00fcn"}, {Colour::Blue, "it's blue"}}};
};

namespace {

using Post = Cell<Status>;

/// The same column as text that nobody checks.
struct Loose {
    static mercator::SqlType sql_type() { return mercator::String(40); }
};
using Unchecked = Cell<std::string, Loose>;

} // namespace

TEST_CASE("TYP-13 an enum class is stored by the names of its enumerators [A37]") {
    Backend backend;
    check_round_trip<Post>(backend,
                           {Status::draft, Status::published, Status::archived, Status::draft});
    mercator::Session session = backend->session();
    std::vector<std::string> stored;
    for (const auto& row : session.query<Unchecked>().order_by(col(&Unchecked::id)).values())
        stored.push_back(row.value);
    CHECK(stored == std::vector<std::string>{"draft", "published", "archived", "draft"});
}

TEST_CASE("TYP-13 an enum class is stored by the names that a program gave it") {
    using Paint = Cell<Colour>;
    Backend backend;
    backend->create_all<Paint>();
    {
        mercator::Session session = backend->session();
        for (const auto colour : {Colour::Red, Colour::Green, Colour::Blue})
            session.add(Paint{.value = colour});
        session.commit();
        CHECK(session.query<Paint>().where(col(&Paint::value) == Colour::Green).count() == 1);
    }
    mercator::Session session = backend->session();
    CHECK(session.query<Unchecked>().where(col(&Unchecked::value) == "it's blue").count() == 1);
    CHECK(session.query<Paint>().order_by(col(&Paint::id)).values().at(1).value == Colour::Green);
}

TEST_CASE("TYP-13 a stored name that no enumerator has is an error that names the member [A37]") {
    for (const char* unknown : {"deleted", "", "Draft", "draft "}) {
        Backend backend;
        backend->create_all<Unchecked>();
        {
            mercator::Session session = backend->session();
            session.add(Unchecked{.value = unknown});
            session.commit();
        }
        check_unreadable<Post>(backend);
    }
}

TEST_CASE("TYP-13 a value that is no enumerator is refused before it is sent") {
    Backend backend;
    check_refused<Post>(backend, Status::draft, static_cast<Status>(77));
}

TEST_CASE("TYP-13 an enum class is stored by number where a program says so [A37]") {
    using Task = Cell<Priority>;
    using Number = Cell<std::int16_t>;
    Backend backend;
    check_round_trip<Task>(backend, {Priority::low, Priority::high, Priority::low});
    mercator::Session session = backend->session();
    CHECK(session.query<Number>().where(col(&Number::value) == 10).count() == 1);
    CHECK(session.query<Task>().where(col(&Task::value) == Priority::high).count() == 1);
    session.rollback();
    empty_cells<Task>(backend);
    mercator::Session writer = backend->session();
    writer.add(Number{.value = 5});
    writer.commit();
    check_unreadable<Task>(backend);
}

TEST_CASE("TYP-13 a check keeps names out that no enumerator has") {
    struct Guarded {
        std::int64_t id{};
        Status status{};
        static void describe(mercator::Mapping<Guarded>& guarded) {
            guarded.table("guarded");
            guarded.column<&Guarded::id>().primary_key();
            guarded.column<&Guarded::status>();
            guarded.check(
                col(&Guarded::status).in({Status::draft, Status::published, Status::archived}),
                "known_status");
        }
    };
    Backend backend;
    if (!backend.can().check_constraints)
        return mercator::test::skip("this backend does not enforce CHECK");
    backend->create_all<Guarded>();
    const std::string insert =
        "INSERT INTO " + backend.quoted("guarded") + " (" + backend.quoted("status") + ") VALUES ";
    backend.run(insert + "('draft')");
    CHECK_THROWS_AS(backend.run(insert + "('deleted')"), mercator::CheckViolation);
    CHECK(backend->session().query<Guarded>().one()->status == Status::draft);
}
