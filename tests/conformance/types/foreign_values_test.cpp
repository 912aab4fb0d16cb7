// SPDX-License-Identifier: MIT
#include "native_cell.hpp"

#include <chrono>

using namespace types_test;
using mercator::Date;
using mercator::DateTime;
using mercator::Decimal;

namespace {

enum class Status { draft, published };

struct Huge {
    static mercator::SqlType sql_type() { return mercator::Numeric(38, 10); }
};
using Exact = Cell<Decimal, Huge>;
using Moment = Cell<DateTime>;
using Day = Cell<Date>;
using Words = Cell<std::string>;

} // namespace

TEST_CASE("TYP-10 a stored decimal that is no number or infinite is an error [A13]") {
    Backend backend;
    for (const char* literal : {"'NaN'", "'Infinity'", "'-Infinity'"})
        check_refused_or_absent<Exact>(backend, "NUMERIC", literal);
}

TEST_CASE("TYP-05 TYP-06 days that do not exist are errors, never other days [A25]") {
    Backend backend;
    for (const char* literal : {"'0000-00-00'", "'2024-00-10'", "'2024-02-00'"}) {
        for (const bool lenient : {false, true}) {
            check_refused_or_absent<Day>(backend, "DATE", literal, lenient);
            check_refused_or_absent<Moment>(backend, "DATETIME", literal, lenient);
        }
    }
}

TEST_CASE("TYP-05 TYP-06 stored days outside the years 0001 to 9999 are errors [A32]") {
    Backend backend;
    for (const char* literal : {"'infinity'", "'-infinity'", "'0044-03-15 BC'", "'294276-12-31'"})
        check_refused_or_absent<Moment>(backend, "TIMESTAMP WITH TIME ZONE", literal);
    for (const char* literal : {"'infinity'", "'-infinity'", "'0044-03-15 BC'", "'5874897-12-31'"})
        check_refused_or_absent<Day>(backend, "DATE", literal);
}

TEST_CASE(
    "TYP-05 a native timestamp at the end of 32 bits is the moment it says, or refused [A33]") {
    Backend backend;
    for (const char* literal : {"'2038-01-19 03:14:07'", "'2038-01-19 03:14:08'"}) {
        CAPTURE(literal);
        if (!write_native(backend, "TIMESTAMP", literal)) continue;
        CHECK("'" + mercator::to_string(only_value<Moment>(backend)) + "'" == literal);
    }
    // Ours have no hidden clause that sets them anew at each change.
    backend.run("DROP TABLE IF EXISTS " + backend.quoted("cells"));
    backend->create_all<Moment>();
    mercator::Session session = backend->session();
    const auto cell = session.add(Moment{.value = DateTime{}});
    session.commit();
    cell->maybe = DateTime{};
    session.commit();
    session.refresh(cell);
    CHECK(cell->value == DateTime{});
}

TEST_CASE("TYP-04 what is neither true nor false is no bool [A23]") {
    Backend backend;
    using Flag = Cell<bool>;
    const std::string type = native_name(backend, mercator::Boolean());
    const bool has_booleans = type == "BOOLEAN";
    for (const char* literal : {"'t'", "'true'", "2", "-1"}) {
        CAPTURE(literal);
        if (has_booleans) {
            if (write_native(backend, type, literal)) CHECK(only_value<Flag>(backend));
        } else {
            check_refused_or_absent<Flag>(backend, type, literal);
        }
    }
}

TEST_CASE("TYP-13 a native enumeration's empty name is an error that names the member [A37]") {
    Backend backend;
    using Post = Cell<Status>;
    check_refused_or_absent<Post>(backend, "ENUM('draft', 'published')", "'deleted'", true);
    if (write_native(backend, "ENUM('draft', 'published')", "'published'"))
        CHECK(only_value<Post>(backend) == Status::published);
}

TEST_CASE("TYP-01 TYP-03 a cell of another class than its column is an error [A42]") {
    Backend backend;
    check_refused_or_absent<Cell<std::int32_t>>(backend, "INTEGER", "'abc'");
    check_refused_or_absent<Cell<bool>>(backend, "INTEGER", "'abc'");
    // Where cells have types of their own, the literal is a blob; elsewhere a number or a bit
    // string.
    if (native_name(backend, DateTime()) == "TEXT") {
        check_refused_or_absent<Cell<std::int64_t>>(backend, "INTEGER", "X'00FF'");
        check_refused_or_absent<Words>(backend, "TEXT", "X'00FF'");
    }
    check_refused_or_absent<Moment>(backend, "TEXT", "'yesterday'");
    check_refused_or_absent<Cell<mercator::Time>>(backend, "TEXT", "'noon'");
    check_refused_or_absent<Cell<mercator::Interval>>(backend, "TEXT", "'long'");
}

TEST_CASE("TYP-02 padded text has what the database gives; ours has no padding [A15]") {
    Backend backend;
    if (write_native(backend, "CHAR(5)", "'ab'")) {
        std::string found = only_value<Words>(backend);
        found.erase(found.find_last_not_of(' ') + 1);
        CHECK(found == "ab");
    }
    backend.run("DROP TABLE IF EXISTS " + backend.quoted("cells"));
    backend->create_all<Words>();
    mercator::Session session = backend->session();
    const std::vector<std::string> blanks{"a", " a", "a ", " a ", " ", "  ", ""};
    for (const auto& text : blanks) session.add(Words{.value = text});
    session.commit();
    std::vector<std::string> found;
    for (const auto& row : session.query<Words>().order_by(col(&Words::id)).values())
        found.push_back(row.value);
    CHECK(found == blanks);
    for (const auto& text : blanks) {
        CAPTURE(text);
        const auto equal = session.query<Words>().where(col(&Words::value) == text).count();
        if (backend.can().trailing_blanks)
            CHECK(equal == 1);
        else
            CHECK(equal >= 1);
    }
}

TEST_CASE(
    "TYP-31 a type that Mercator does not know is an error, and the connection goes on [A46]") {
    Backend backend;
    for (const char* expression :
         {"'12.34'::money", "'10.0.0.1'::inet", "ROW(1, 2)", "'[1,5)'::int4range",
          "ARRAY['10.0.0.1'::inet]", "'a=>1'::tsvector"}) {
        CAPTURE(expression);
        mercator::Connection connection = backend->engine().connect();
        try {
            static_cast<void>(connection.fetch_all(std::string("SELECT ") + expression));
            FAIL_CHECK("a value of an unknown type was read");
        } catch (const mercator::DataError& error) {
            CHECK(std::string(error.what()).find("type") != std::string::npos);
        } catch (const mercator::DatabaseError&) { // there is no such expression here
        }
        CHECK(connection.fetch_all("SELECT 1").size() == 1);
    }
}
