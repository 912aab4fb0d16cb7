// SPDX-License-Identifier: MIT
#include "native_cell.hpp"

#include <chrono>
#include <limits>

using namespace types_test;
using namespace std::chrono_literals;
using mercator::Bytes;
using mercator::DateTime;
using mercator::Decimal;
using mercator::Interval;
using mercator::TypeKind;
using mercator::Uuid;

namespace {

template <TypeKind Kind>
struct As {
    static mercator::SqlType sql_type() { return mercator::SqlType(Kind); }
};
struct AsMoney {
    static mercator::SqlType sql_type() { return mercator::Numeric(10, 2); }
};
struct AsText {
    static mercator::SqlType sql_type() { return mercator::String(36); }
};

/// A value that may be missing, where the table's other member would have to have one.
template <class T, class Type>
struct Loose {
    std::int64_t id{};
    std::optional<T> maybe;

    static void describe(mercator::Mapping<Loose>& loose) {
        loose.table("cells");
        loose.template column<&Loose::id>().primary_key();
        loose.template column<&Loose::maybe>(Type::sql_type());
    }
};

/// A member in a column of a type that holds less than it: each value comes back as it was by
/// every way of writing, or it is refused and the session goes on.
template <class T, class Type>
void check_kept_or_refused(const std::vector<T>& values) {
    using C = Loose<T, Type>;
    Backend backend;
    backend->create_all<C>();
    const auto check_stored = [&](std::int64_t id, const T& value) {
        mercator::Session reader = backend->session();
        const auto rows = reader.execute(select(col(&C::maybe)).where(col(&C::id) == id));
        REQUIRE(rows.size() == 1);
        const auto& [found] = rows[0];
        REQUIRE(found.has_value());
        CHECK(identical(*found, value));
    };
    const auto attempt = [&](mercator::Session& session, std::int64_t id, const T& value) {
        try {
            session.commit();
        } catch (const mercator::DataError&) {
            session.rollback();
            CHECK(session.query<C>().where(col(&C::maybe).is_not_null()).count() == 0);
            return;
        }
        check_stored(id, value);
    };
    for (const auto& value : values) {
        CAPTURE(mercator::display(mercator::to_value<T>(value)));
        for (const std::int64_t together : {1, 3}) {
            for (const bool update : {false, true}) {
                CAPTURE(together);
                CAPTURE(update);
                backend.run("DELETE FROM " + backend.quoted("cells"));
                mercator::Session session = backend->session();
                std::vector<decltype(session.add(C{}))> cells;
                for (std::int64_t id = 1; id <= together; ++id)
                    cells.push_back(session.add(C{.id = id}));
                if (update) session.commit();
                for (const auto& cell : cells) cell->maybe = value;
                attempt(session, 1, value);
            }
        }
    }
}

} // namespace

TEST_CASE("TYP-01 a number with a fraction is kept in a column of whole numbers, or refused") {
    check_kept_or_refused<double, As<TypeKind::Int32>>({1.5, 0.1, 2.0, -0.5});
    check_kept_or_refused<float, As<TypeKind::Int64>>({1.5F, 2.0F});
    check_kept_or_refused<Decimal, As<TypeKind::Int64>>(
        {Decimal("1.25"), Decimal("1.005"), Decimal(7)});
    check_kept_or_refused<double, AsMoney>({1.5, 1.005, 0.1, 1e300});
    check_kept_or_refused<double, As<TypeKind::Float>>({1e300, -1e300, 0.5});
}

TEST_CASE("TYP-02 a text in a column of another kind is kept, or refused") {
    check_kept_or_refused<std::string, AsMoney>({"12.345", "12.3x", ""});
    check_kept_or_refused<std::string, As<TypeKind::Int32>>({"12.345"});
    check_kept_or_refused<std::string, As<TypeKind::Date>>({"2024-01-02 03:04:05", "01:02:03"});
    check_kept_or_refused<std::string, As<TypeKind::DateTime>>({"01:02:03"});
    check_kept_or_refused<std::string, As<TypeKind::Time>>({"12", "12.345", "2024-01-02 03:04:05"});
}

TEST_CASE("TYP-05 TYP-06 a moment is no day unless it is a midnight") {
    const DateTime midnight = std::chrono::sys_days(std::chrono::year{2024} / 1 / 2);
    check_kept_or_refused<DateTime, As<TypeKind::Date>>({midnight, midnight + 5h, midnight + 1us});
}

TEST_CASE("TYP-17 an interval is kept in a column of times, or refused") {
    check_kept_or_refused<Interval, As<TypeKind::Time>>(
        {1s, 1us, -1s, 25h, 1'200h, 5'400us, 123'456us, 838h + 59min + 59s, -839h});
}

TEST_CASE("TYP-12 what is no UUID is refused in a column of UUIDs, never NULL") {
    check_kept_or_refused<Bytes, As<TypeKind::Uuid>>(
        {Bytes(1, std::byte{0xff}), Bytes(2, std::byte{'7'}), Bytes(16, std::byte{'1'}),
         Bytes(32, std::byte{'1'})});
    check_kept_or_refused<std::int64_t, As<TypeKind::Uuid>>({-1, 5});
    check_kept_or_refused<double, As<TypeKind::Uuid>>({1.5});
}

TEST_CASE("TYP-12 sixteen characters of text are no UUID") {
    Backend backend;
    using Words = Cell<std::string, AsText>;
    backend->create_all<Words>();
    {
        mercator::Session session = backend->session();
        session.add(Words{.value = "sixteen letters!"});
        session.commit();
    }
    check_unreadable<Cell<Uuid, AsText>>(backend);
}

TEST_CASE("TYP-08 bytes that are no text are refused in a column of text") {
    check_kept_or_refused<Bytes, AsText>({Bytes(1, std::byte{0xff})});
}
