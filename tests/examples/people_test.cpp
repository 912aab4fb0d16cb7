// SPDX-License-Identifier: MIT
// A hierarchy in one table and in joined tables, as in examples/people.
#include "people/office.hpp"

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/types/clock.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <type_traits>

using namespace people;
using mercator::col;
using mercator::Decimal;
using mercator::Value;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

using Names = std::vector<std::string>;

template <class Kind>
constexpr bool is_single = std::is_same_v<Kind, Single>;

mercator::DateTime noon(int day) {
    return mercator::DateTime(std::chrono::hours(24 * day + 12));
}

template <class Kind>
std::shared_ptr<typename Kind::Employee> employee(mercator::Session& session, const char* name) {
    return session.query<typename Kind::Employee>().where(col(&Kind::Person::name) == name).one();
}

template <class Kind>
void check_classes(const std::vector<std::shared_ptr<typename Kind::Person>>& people) {
    using Employee = typename Kind::Employee;
    using Customer = typename Kind::Customer;
    REQUIRE(people.size() == 5);
    const auto carla = std::dynamic_pointer_cast<Customer>(people[0]);
    REQUIRE(carla);
    CHECK(carla->account_number == "A-17");
    CHECK(carla->loyalty_points == 120);
    const auto emmy = std::dynamic_pointer_cast<Employee>(people[1]);
    REQUIRE(emmy);
    CHECK(emmy->department == "research");
    CHECK((emmy->salary == Decimal("5200.00")));
    CHECK(std::dynamic_pointer_cast<Employee>(people[2]));
    CHECK_FALSE(std::dynamic_pointer_cast<Employee>(people[3]));
    CHECK_FALSE(std::dynamic_pointer_cast<Customer>(people[3]));
    CHECK(std::dynamic_pointer_cast<Customer>(people[4])->loyalty_points == 0);
    Names types;
    for (const auto& person : people) types.push_back(person->type);
    CHECK((types == Names{"customer", "employee", "employee", "person", "customer"}));
}

} // namespace

TEST_CASE("people: one table has the columns of all classes, or each class a table of its own") {
    Backend backend;
    open_office(*backend);
    mercator::SchemaInspector inspector = backend->inspect();
    const auto names = [&](const char* table) {
        Names list;
        for (const auto& column : inspector.columns(table)) list.push_back(column.name);
        return list;
    };
    CHECK((names("people") == Names{"id", "name", "type", "note", "created_at", "updated_at",
                                    "department", "salary", "account_number", "loyalty_points"}));
    CHECK((names("joined_people") ==
           Names{"id", "name", "type", "note", "created_at", "updated_at"}));
    CHECK((names("joined_employees") == Names{"id", "department", "salary"}));
    CHECK((names("joined_customers") == Names{"id", "account_number", "loyalty_points"}));
    CHECK(inspector.foreign_keys("joined_employees").size() == 1);
    CHECK(inspector.table_names().size() == 4); // none of the abstract bases'
    CHECK(backend->verify().empty());
}

TEST_CASE_TEMPLATE("people: a query for people gives the real classes", Kind, Single, Joined) {
    Backend backend;
    open_office(*backend);
    const SqlLog log(backend->engine());
    const auto statements = [&](Reading reading) {
        const std::size_t before = log.count();
        auto session = backend->session();
        check_classes<Kind>(everybody<Kind>(session, reading));
        CHECK_FALSE(session.is_dirty());
        return log.count() - before;
    };
    CHECK(statements(Reading::as_mapped) == (is_single<Kind> ? 1 : 3));
    CHECK(statements(Reading::together) == 1);
    // People, employees, customers. One table has nothing further to read.
    CHECK(statements(Reading::one_by_one) == (is_single<Kind> ? 1 : 3));
}

TEST_CASE_TEMPLATE("people: subclasses are asked for alone, by what only they have, and counted",
                   Kind, Single, Joined) {
    Backend backend;
    open_office(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    CHECK(session.query<typename Kind::Person>().count() == 5);
    CHECK(session.query<typename Kind::Employee>().count() == 2);
    CHECK(session.query<typename Kind::Customer>().count() == 2);
    const auto sales = session.query<typename Kind::Employee>()
                           .where(col(&Kind::Employee::department) == "sales")
                           .one();
    CHECK(sales->name == "Georg");
    CHECK(session.get<typename Kind::Person>(sales->id) == sales);
    CHECK(log.count() == 4);
    CHECK_FALSE(session.get<typename Kind::Customer>(sales->id));
}

TEST_CASE_TEMPLATE("people: a query for all of them asks for what only some have", Kind, Single,
                   Joined) {
    Backend backend;
    open_office(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    CHECK((invited<Kind>(session, Decimal("5000"), 100) ==
           Names{"Carla with 120 points", "Emmy of research"}));
    CHECK(log.count() == (is_single<Kind> ? 1 : 3));
    CHECK((invited<Kind>(session, Decimal("3100.50"), 0).size() == 4));
}

TEST_CASE_TEMPLATE("people: visit tells what everybody is", Kind, Single, Joined) {
    Backend backend;
    open_office(*backend);
    auto session = backend->session();
    Names roles;
    for (const auto& person : everybody<Kind>(session)) roles.push_back(role_of<Kind>(*person));
    CHECK((roles == Names{"buys by A-17", "works in research", "works in sales", "is a friend",
                          "buys by cash"}));
}

TEST_CASE_TEMPLATE("people: a raise writes the tables that it touches, and the time of it", Kind,
                   Single, Joined) {
    Backend backend;
    {
        const mercator::ScopedClock clock([] { return noon(1); });
        open_office(*backend);
    }
    const mercator::ScopedClock clock([] { return noon(2); });
    auto session = backend->session();
    const SqlLog log(backend->engine());
    raise_salary<Kind>(session, "Georg", Decimal("899.50"));
    CHECK(log.count("UPDATE") == (is_single<Kind> ? 1 : 2));
    CHECK(log.count() == (is_single<Kind> ? 2 : 3));
    CHECK_THROWS_AS(raise_salary<Kind>(session, "Carla", Decimal("1")), mercator::NoResultFound);
    auto fresh = backend->session();
    const auto georg = employee<Kind>(fresh, "Georg");
    CHECK((georg->salary == Decimal("4000.00")));
    CHECK((georg->created_at == noon(1)));
    CHECK((georg->updated_at == noon(2)));
    CHECK((employee<Kind>(fresh, "Emmy")->updated_at == noon(1)));
    CHECK((payroll_by_walking<Kind>(fresh) == Decimal("9200.00")));
    CHECK((payroll_by_sql<Kind>(fresh) == Decimal("9200.00")));
}

TEST_CASE_TEMPLATE("people: whoever leaves is gone from every table", Kind, Single, Joined) {
    Backend backend;
    open_office(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    session.delete_(employee<Kind>(session, "Emmy"));
    session.commit();
    CHECK(log.count("DELETE") == (is_single<Kind> ? 1 : 2));
    CHECK(session.query<typename Kind::Person>().count() == 4);
    CHECK(backend.rows("SELECT id FROM joined_employees").size() == (is_single<Kind> ? 2 : 1));
}

TEST_CASE_TEMPLATE("people: a row of an unknown class is a DataError that names it, and stays",
                   Kind, Single, Joined) {
    Backend backend;
    open_office(*backend);
    add_alien<Kind>(*backend);
    const std::string all =
        "SELECT id, name, type FROM " + std::string(Kind::table) + " ORDER BY id";
    const auto before = backend.rows(all);
    REQUIRE(before.size() == 6);
    for (const Reading reading : {Reading::as_mapped, Reading::one_by_one, Reading::together}) {
        auto session = backend->session();
        std::string message;
        try {
            static_cast<void>(everybody<Kind>(session, reading));
        } catch (const mercator::DataError& error) {
            message = error.what();
        }
        CHECK(message.find("id = 99") != std::string::npos);
        CHECK(message.find("'martian'") != std::string::npos);
        CHECK(message.find("'customer' (Customer)") != std::string::npos);
        // The session goes on, and whoever does not ask for the row is not in its way.
        CHECK_FALSE(session.is_dirty());
        CHECK(session.query<typename Kind::Employee>().all().size() == 2);
        CHECK_THROWS_AS(static_cast<void>(session.get<typename Kind::Person>(99)),
                        mercator::DataError);
        session.commit();
    }
    CHECK(backend.rows(all) == before);
    backend.run("UPDATE " + std::string(Kind::table) + " SET type = 'person' WHERE id = 99");
    auto session = backend->session();
    CHECK(everybody<Kind>(session).size() == 6);
}

TEST_CASE_TEMPLATE("people: nobody becomes somebody else by a word in a member", Kind, Single,
                   Joined) {
    Backend backend;
    open_office(*backend);
    auto session = backend->session();
    const auto emmy = employee<Kind>(session, "Emmy");
    const SqlLog log(backend->engine());
    emmy->type = "customer";
    CHECK_THROWS_AS(session.commit(), mercator::StateError);
    CHECK(log.count() == 0);
    session.rollback();
    CHECK(emmy->type == "employee");
    CHECK(session.query<typename Kind::Employee>().count() == 2);
}

TEST_CASE("people: a customer in the table of all has points, where the database checks") {
    Backend backend;
    open_office(*backend);
    const std::string sql = "UPDATE people SET loyalty_points = NULL WHERE name = 'Carla'";
    if (backend.can().check_constraints) {
        CHECK_THROWS_AS(backend.run(sql), mercator::CheckViolation);
    } else { // whoever reads the row is told
        backend.run(sql);
        auto session = backend->session();
        CHECK_THROWS_AS(static_cast<void>(everybody<Single>(session)), mercator::DataError);
    }
    backend.run("UPDATE people SET loyalty_points = NULL WHERE name = 'Emmy'");
}
