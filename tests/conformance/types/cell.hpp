// SPDX-License-Identifier: MIT
#pragma once

#include "backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace types_test {

using mercator::col;
using mercator::test::Backend;

/// What a member of type T has as its SQL type unless a case says otherwise.
template <class T>
struct Usual {
    static mercator::SqlType sql_type() { return mercator::TypeOf<T>::sql_type(); }
};

/// One value and one that may be missing. All of them lie in the table "cells", so that one class
/// can read what another has written: a column whose type is not what the member expects.
template <class T, class Type = Usual<T>>
struct Cell {
    std::int64_t id{};
    T value{};
    std::optional<T> maybe;

    static void describe(mercator::Mapping<Cell>& cell) {
        cell.table("cells");
        cell.template column<&Cell::id>().primary_key();
        cell.template column<&Cell::value>(Type::sql_type());
        cell.template column<&Cell::maybe>(Type::sql_type());
    }
};

/// The same to the last bit: NaN is itself, 0.0 is not -0.0.
template <class T>
bool identical(const T& a, const T& b) {
    if constexpr (std::floating_point<T>) {
        return std::memcmp(&a, &b, sizeof a) == 0;
    } else {
        return a == b;
    }
}

template <class C>
using value_t = decltype(C::value);

template <class C>
void check_same(const C& found, const value_t<C>& value, const std::optional<value_t<C>>& maybe) {
    CHECK(identical(found.value, value));
    REQUIRE(found.maybe.has_value() == maybe.has_value());
    if (maybe) CHECK(identical(*found.maybe, *maybe));
}

/// Every second object has the value in its optional as well, the others have NULL there.
template <class T>
std::optional<T> maybe_of(const T& value, std::size_t index) {
    return index % 2 == 0 ? std::optional<T>(value) : std::nullopt;
}

/// Reads the table by each of the ways in which rows become C++ values.
template <class C>
void check_all_reads(Backend& backend, const std::vector<value_t<C>>& values) {
    mercator::Session session = backend->session();
    const auto objects = session.query<C>().order_by(col(&C::id)).all();
    const auto constants = session.query<const C>().order_by(col(&C::id)).all();
    const auto plain = session.query<C>().order_by(col(&C::id)).values();
    const auto rows = session.execute(select(col(&C::value), col(&C::maybe)).order_by(col(&C::id)));
    REQUIRE(objects.size() == values.size());
    REQUIRE(plain.size() == values.size());
    REQUIRE(rows.size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        CAPTURE(i);
        const auto maybe = maybe_of(values[i], i);
        check_same(*objects[i], values[i], maybe);
        check_same(*constants[i], values[i], maybe);
        check_same(plain[i], values[i], maybe);
        const auto& [value, optional] = rows[i];
        CHECK(identical(value, values[i]));
        CHECK(optional.has_value() == maybe.has_value());
        if (optional && maybe) CHECK(identical(*optional, *maybe));
        objects[i]->value = objects[i]->value; // what came from the database is no change
        CHECK_FALSE(session.is_modified(objects[i]));
        session.refresh(objects[i]);
        check_same(*objects[i], values[i], maybe);
    }
}

/// Does the database take the two for equal?
template <class T>
bool compare_equal(Backend& backend, const T& a, const T& b) {
    if constexpr (std::same_as<T, std::string>) {
        const auto end = [](const std::string& text) { return text.find_last_not_of(' ') + 1; };
        if (!backend.can().trailing_blanks) return a.substr(0, end(a)) == b.substr(0, end(b));
    }
    return a == b;
}

template <class C>
void check_filters(Backend& backend, const std::vector<value_t<C>>& values) {
    mercator::Session session = backend->session();
    for (std::size_t i = 0; i < values.size(); ++i) {
        CAPTURE(i);
        const auto is_equal = [&](const auto& other) {
            return compare_equal(backend, other, values[i]);
        };
        const auto equal = std::count_if(values.begin(), values.end(), is_equal);
        CHECK(session.query<C>().where(col(&C::value) == values[i]).count() == equal);
        CHECK(session.query<C>().where(col(&C::value).in({values[i]})).count() == equal);
        std::int64_t equal_maybe = 0;
        for (std::size_t k = 0; k < values.size(); k += 2)
            equal_maybe += is_equal(values[k]) ? 1 : 0;
        CHECK(session.query<C>().where(col(&C::maybe) == values[i]).count() == equal_maybe);
    }
    const auto nulls = static_cast<std::int64_t>(values.size() / 2);
    CHECK(session.query<C>().where(col(&C::maybe).is_null()).count() == nulls);
}

template <class C>
void empty_cells(Backend& backend) {
    mercator::Session session = backend->session();
    for (const auto& cell : session.query<C>().all()) session.delete_(cell);
    session.commit();
}

/// The values spelled in the schema: columns that have them as their defaults, copied into the
/// cells.
template <class C>
void check_rendered(Backend& backend, const std::vector<value_t<C>>& values) {
    using T = value_t<C>;
    INFO("as literals in the schema");
    const mercator::SqlType type = mercator::mapper_of<C>().columns()[1].field.type;
    mercator::Table rendered("rendered", mercator::Column("id", mercator::Integer()).primary_key());
    for (std::size_t i = 0; i < values.size(); ++i) {
        rendered.add(mercator::Column("d" + std::to_string(i), type)
                         .server_default(mercator::to_value<T>(values[i])));
    }
    rendered.complete();
    const auto quoted = [&](const std::string& name) { return backend.quoted(name); };
    try {
        backend.run(backend->engine().dialect().ddl().compile(mercator::CreateTable{&rendered}));
    } catch (const mercator::CompileError& error) { // text with a zero byte, say
        MESSAGE("not spelled: " << std::string(error.what()));
        return;
    }
    backend.run("INSERT INTO " + quoted("rendered") + " (" + quoted("id") + ") VALUES (1)");
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string column = quoted("d" + std::to_string(i));
        const std::string maybe = maybe_of(values[i], i) ? column : "NULL";
        backend.run("INSERT INTO " + quoted("cells") + " (" + quoted("value") + ", " +
                    quoted("maybe") + ") SELECT " + column + ", " + maybe + " FROM " +
                    quoted("rendered"));
    }
    check_all_reads<C>(backend, values);
    empty_cells<C>(backend);
    backend.run("DROP TABLE " + quoted("rendered"));
}

/// Each value through every path: inserted one by one, inserted as a batch, written by single and
/// batched updates, spelled as defaults in the schema; read as objects, read-only objects, plain
/// values, columns, after a refresh; and as a parameter of a condition.
template <class C>
void check_round_trip(Backend& backend, const std::vector<value_t<C>>& values,
                      bool comparable = true) {
    backend->create_all<C>();
    const auto cell_of = [&](std::size_t i) {
        return C{.value = values[i], .maybe = maybe_of(values[i], i)};
    };
    {
        INFO("inserted one by one");
        mercator::Session session = backend->session();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto cell = session.add(cell_of(i));
            session.commit();
            check_same(*cell, values[i], maybe_of(values[i], i));
        }
        check_all_reads<C>(backend, values);
    }
    if (comparable) check_filters<C>(backend, values);
    empty_cells<C>(backend);
    check_rendered<C>(backend, values);
    {
        INFO("inserted as a batch");
        mercator::Session session = backend->session();
        for (std::size_t i = 0; i < values.size(); ++i) session.add(cell_of(i));
        session.commit();
        check_all_reads<C>(backend, values);
    }
    {
        INFO("updated as a batch, and back");
        mercator::Session session = backend->session();
        const auto cells = session.query<C>().order_by(col(&C::id)).all();
        for (const auto& cell : cells) {
            cell->value = values.front();
            cell->maybe.reset();
        }
        session.commit();
        for (std::size_t i = 0; i < values.size(); ++i) {
            cells[i]->value = values[i];
            cells[i]->maybe = maybe_of(values[i], i);
        }
        session.commit();
        check_all_reads<C>(backend, values);
    }
    {
        INFO("updated one by one, both ways");
        mercator::Session session = backend->session();
        const auto cells = session.query<C>().order_by(col(&C::id)).all();
        for (std::size_t i = 0; i < values.size(); ++i) {
            cells[i]->value = values[values.size() - 1 - i];
            session.commit();
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            cells[i]->value = values[i];
            session.commit();
        }
        check_all_reads<C>(backend, values);
    }
}

/// Both insert paths refuse the value before anything is sent, naming the member, and the session
/// is usable afterwards.
template <class C>
void check_refused(Backend& backend, const value_t<C>& good, const value_t<C>& bad) {
    backend->create_all<C>();
    for (const std::size_t others : {0U, 3U}) {
        CAPTURE(others);
        mercator::Session session = backend->session();
        for (std::size_t i = 0; i < others; ++i) session.add(C{.value = good});
        const auto cell = session.add(C{.value = bad});
        try {
            session.commit();
            FAIL("the value was stored");
        } catch (const mercator::DataError& error) {
            CHECK(error.where().find(".value") != std::string::npos);
            CHECK(error.sqlstate().empty()); // ours, not the server's
            CHECK(error.native_code() == 0);
        }
        cell->value = good;
        session.commit();
        CHECK(session.query<C>().where(col(&C::value) == good).count() ==
              static_cast<std::int64_t>(others + 1));
        empty_cells<C>(backend);
    }
}

/// Reading the table as C is a DataError that names the member, by every way of reading; the
/// session stays usable.
template <class C>
void check_unreadable(Backend& backend, const std::string& member = ".value") {
    mercator::Session session = backend->session();
    const auto refused = [&](auto&& read) {
        try {
            read();
            FAIL("the row was read");
        } catch (const mercator::DataError& error) {
            CHECK(error.where().find("Cell") != std::string::npos);
            CHECK(error.where().ends_with(member));
            CHECK(std::string(error.what()).find(member) != std::string::npos);
        }
    };
    refused([&] { static_cast<void>(session.query<C>().all()); });
    refused([&] { static_cast<void>(session.query<const C>().all()); });
    refused([&] { static_cast<void>(session.query<C>().values()); });
    CHECK(session.query<C>().count() == 1);
    session.commit();
}

} // namespace types_test
