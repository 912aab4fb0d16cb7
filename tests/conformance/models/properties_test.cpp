// SPDX-License-Identifier: MIT
// How columns are tied to classes: pairs of functions, other names, columns left out; and where
// values come from that nobody gave.
#include "backend.hpp"
#include "sql_log.hpp"
#include "sql_text.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <set>

using mercator::col;
using mercator::col_by_name;
using mercator::test::Backend;
using mercator::test::mentions;
using mercator::test::SqlLog;

namespace vendor { // a header that nobody can edit

enum class Grade { junior, senior };

class Employee {
public:
    Employee() = default;
    Employee(std::string name, int age) : name_(std::move(name)), age_(age) {}

    [[nodiscard]] std::int64_t number() const { return number_; }
    void set_number(std::int64_t number) { number_ = number; }
    [[nodiscard]] const std::string& name() const { return name_; }
    Employee& set_name(std::string name) {
        name_ = std::move(name);
        return *this;
    }
    [[nodiscard]] int age() { return age_; } // old: not const
    void set_age(int age) { age_ = age; }
    [[nodiscard]] std::optional<mercator::Date> left() const { return left_; }
    void set_left(std::optional<mercator::Date> day) { left_ = day; }
    [[nodiscard]] Grade grade() const { return grade_; }
    void set_grade(Grade grade) { grade_ = grade; }
    [[nodiscard]] std::string_view badge() const { return badge_; }
    void set_badge(std::string_view badge) { badge_ = badge; }

    int salary = 0; // the first member that can be seen

private:
    std::int64_t number_ = 0;
    std::string name_;
    int age_ = 0;
    std::optional<mercator::Date> left_;
    Grade grade_ = Grade::junior;
    std::string badge_;
};

} // namespace vendor

namespace vendor { // ours, found by argument-dependent lookup

void describe(mercator::Mapping<Employee>& employee) {
    employee.table("employees");
    employee.property<&Employee::number, &Employee::set_number>("number").primary_key();
    employee.property<&Employee::name, &Employee::set_name>("name", mercator::String(40)).unique();
    employee.column<&Employee::salary>();
    employee.property<&Employee::age, &Employee::set_age>("age").default_(18);
    employee.property<&Employee::left, &Employee::set_left>("left_on");
    employee.property<&Employee::grade, &Employee::set_grade>("grade");
    employee
        .property<[](const Employee& e) { return std::string(e.badge()); },
                  [](Employee& e, const std::string& badge) { e.set_badge(badge); }>(
            "badge", mercator::String(20))
        .default_factory([] { return std::string("none"); })
        .sentinel("?")
        .name("badge_text");
}

} // namespace vendor

namespace {

/// Part of a table that somebody else made.
struct Visible {
    std::int64_t id{};
    std::string name;
};
void describe(mercator::Mapping<Visible>& visible) {
    visible.table("legacy");
    visible.column<&Visible::id>().primary_key().autoincrement(false);
    visible.column<&Visible::name>(mercator::String(20));
}
/// All of it.
struct Whole {
    std::int64_t id{};
    std::string name;
    int version{};
    std::string remark;
};
void describe(mercator::Mapping<Whole>& whole) {
    whole.table("legacy");
    whole.column<&Whole::id>().primary_key().autoincrement(false);
    whole.column<&Whole::name>(mercator::String(20));
    whole.column<&Whole::version>().server_default(7);
    whole.column<&Whole::remark>(mercator::String(20)).server_default("kept");
}

struct Customer {
    std::int64_t id{};
    std::string mail;
    std::optional<std::int32_t> age;
};
void describe(mercator::Mapping<Customer>& customer) {
    customer.column<&Customer::id>().primary_key().name("customer_no");
    customer.column<&Customer::mail>(mercator::String(40)).name("e-mail address").unique();
    customer.column<&Customer::age>().name("years");
    customer.check(col(&Customer::age) >= 0, "years_positive");
}
/// What is in the table, under its own names.
struct RawCustomer {
    std::int64_t customer_no{};
    std::optional<std::string> mail;
    std::optional<std::int32_t> years;
};
void describe(mercator::Mapping<RawCustomer>& customer) {
    customer.table("customer");
    customer.column<&RawCustomer::customer_no>().primary_key();
    customer.column<&RawCustomer::mail>(mercator::String(40)).name("e-mail address");
    customer.column<&RawCustomer::years>();
}

const mercator::Bytes start_bytes{std::byte{1}, std::byte{2}};

struct Basket {
    std::int64_t id{};
    mercator::Bytes content;
    std::optional<std::string> text;
};
void describe(mercator::Mapping<Basket>& basket) {
    basket.column<&Basket::id>().primary_key();
    basket.column<&Basket::content>().default_(start_bytes);
    basket.column<&Basket::text>(mercator::String(40)).default_("[]");
}

struct Defaults {
    std::int64_t id{};
    int client{};
    int server{};
    int both{};
};
void describe(mercator::Mapping<Defaults>& defaults) {
    defaults.column<&Defaults::id>().primary_key();
    defaults.column<&Defaults::client>().default_(1);
    defaults.column<&Defaults::server>().server_default(2);
    // The initial state of the member, so only the mapping tells that it is given.
    defaults.column<&Defaults::both>().default_(0).server_default(3);
}

} // namespace

using vendor::Employee;

TEST_CASE("MOD-30 a class of somebody else is stored through its functions") {
    Backend backend;
    backend->create_all<Employee>();
    SqlLog log(backend->engine());
    mercator::Session session = backend->session();
    const auto ada = session.add(Employee("Ada", 36));
    Employee bob("Bob", 0);
    bob.salary = 900;
    bob.set_left(
        mercator::Date{std::chrono::year(2024), std::chrono::month(2), std::chrono::day(29)});
    bob.set_grade(vendor::Grade::senior);
    bob.set_badge("?");
    const auto second = session.add(std::move(bob));
    session.commit();
    CHECK(ada->number() > 0);
    CHECK(ada->age() == 36);
    CHECK(ada->badge() == "");  // not the sentinel: given
    CHECK(second->age() == 18); // by default
    CHECK(second->badge() == "none");

    log.clear();
    ada->set_age(37);
    session.commit();
    REQUIRE(log.count("UPDATE") == 1); // only what changed
    CHECK(mentions(log.texts("UPDATE").front(), "SET age = "));
    log.clear();
    session.commit();
    CHECK(log.count() == 0);

    mercator::Session reader = backend->session();
    const auto found = reader.get<Employee>(second->number());
    REQUIRE(found);
    CHECK(found->name() == "Bob");
    CHECK(found->salary == 900);
    CHECK(found->left() == second->left());
    CHECK(found->grade() == vendor::Grade::senior);
    CHECK(reader.get<Employee>(second->number()) == found);
    CHECK(reader.query<Employee>()
              .where(col_by_name<Employee, std::string>("name") == "Ada")
              .one()
              ->age() == 37);
    CHECK(reader.query<Employee>().where(col(&Employee::salary) == 900).one() == found);
    CHECK(reader.query<Employee>()
              .where(col_by_name<Employee, std::optional<mercator::Date>>("left_on").is_null())
              .count() == 1);
    CHECK(
        reader.query<Employee>().order_by(col_by_name<Employee>("age").desc()).values()[0].name() ==
        "Ada");
}

TEST_CASE("MOD-30 changes through functions are undone, deleted and refused like others") {
    Backend backend;
    backend->create_all<Employee>();
    mercator::Session session = backend->session();
    const auto ada = session.add(Employee("Ada", 36));
    session.commit();
    ada->set_name("Eva");
    ada->set_left(
        mercator::Date{std::chrono::year(2025), std::chrono::month(1), std::chrono::day(1)});
    session.flush();
    session.rollback();
    CHECK(ada->name() == "Ada");
    CHECK_FALSE(ada->left().has_value());
    session.add(Employee("Ada", 1));
    CHECK_THROWS_AS(session.commit(), mercator::UniqueViolation);
    session.rollback();
    ada->set_name(std::string(50, 'x'));
    try {
        session.commit();
        FAIL("the name is too long");
    } catch (const mercator::DataError& error) {
        CHECK(std::string(error.what()).find("xxx") == std::string::npos);
    }
    session.rollback();
    session.delete_(ada);
    session.commit();
    CHECK(session.query<Employee>().count() == 0);
}

TEST_CASE("MOD-33 columns that no member is mapped to are neither read nor written") {
    Backend backend;
    backend->create_all<Whole>();
    const auto other = backend.another();
    SqlLog log(other->engine());
    {
        mercator::Session session = other->session();
        session.add(Visible{.id = 1, .name = "a"});
        session.add(Visible{.id = 2, .name = "b"});
        session.commit();
    }
    backend.run("UPDATE legacy SET version = 99, remark = 'precious' WHERE id = 2");
    mercator::Session session = other->session();
    session.get<Visible>(2)->name = "changed";
    for (const auto& visible : session.query<Visible>().all()) visible->name += "!";
    session.query<Visible>()
        .where(col(&Visible::id) == 1)
        .update(mercator::set(&Visible::name, "x"));
    session.refresh(session.get<Visible>(2));
    session.commit();
    for (const auto& text : log.texts()) {
        CAPTURE(text);
        CHECK_FALSE(mentions(text, "version"));
        CHECK_FALSE(mentions(text, "remark"));
        CHECK_FALSE(mentions(text, "*"));
    }
    mercator::Session reader = backend->session();
    CHECK(reader.get<Whole>(1)->version == 7); // NOT NULL, and its DEFAULT was used
    CHECK(reader.get<Whole>(1)->remark == "kept");
    CHECK(reader.get<Whole>(2)->version == 99);
    CHECK(reader.get<Whole>(2)->remark == "precious");
    CHECK(reader.get<Whole>(2)->name == "changed!");
}

TEST_CASE("MOD-36 a column has one name in the database and another in the class") {
    Backend backend;
    backend->create_all<Customer>();
    SqlLog log(backend->engine());
    mercator::Session session = backend->session();
    const auto customer = session.add(Customer{.mail = "a@example.org", .age = 5});
    session.commit();
    customer->age = 6;
    session.commit();
    CHECK(session.query<Customer>().where(col(&Customer::mail) == "a@example.org").one() ==
          customer);
    CHECK(mentions(log.texts("INSERT").front(), "e-mail address"));
    CHECK_FALSE(mentions(log.texts("INSERT").front(), "mail,"));
    CHECK(mentions(log.texts("UPDATE").front(), "SET years = "));
    CHECK(mentions(log.texts("UPDATE").front(), "customer_no"));
    // By either name where one is chosen at run time.
    CHECK(
        session.query<Customer>().where(col_by_name<Customer, std::int32_t>("age") == 6).count() ==
        1);
    CHECK(session.query<Customer>()
              .where(col_by_name<Customer, std::int32_t>("years") == 6)
              .count() == 1);
    mercator::Connection connection = backend->engine().connect();
    const auto columns =
        backend->engine().dialect().inspector(connection.driver())->columns("customer");
    REQUIRE(columns.size() == 3);
    CHECK(columns[0].name == "customer_no");
    CHECK(columns[1].name == "e-mail address");
    CHECK(columns[2].name == "years");
}

TEST_CASE("MOD-36 errors use the right name on each side") {
    Backend backend;
    backend->create_all<Customer>();
    mercator::Session session = backend->session();
    session.add(RawCustomer{.customer_no = 1});
    try {
        session.commit();
        FAIL("NULL was stored");
    } catch (const mercator::NotNullViolation& error) {
        CHECK(error.column() == "e-mail address"); // the database's side
    }
    session.rollback();
    const auto customer = session.add(Customer{.mail = std::string(50, 'x')});
    try {
        session.commit();
        FAIL("the text is too long");
    } catch (const mercator::DataError& error) {
        const std::string text = error.what() + error.where();
        CAPTURE(text);
        const bool named = text.find("Customer.mail") != std::string::npos ||
                           text.find("e-mail address") != std::string::npos;
        CHECK(named);
    }
    customer->mail = "b";
    session.commit();
    try {
        static_cast<void>(col_by_name<Customer>("yaers"));
        FAIL("there is no such column");
    } catch (const mercator::MappingError& error) {
        CHECK(std::string(error.what()).find("age") != std::string::npos); // the class's side
    }
    CHECK(mercator::mapper_of<Customer>().find_column("age")->where == "Customer.age");
}

TEST_CASE("MOD-17 each object has a default of its own") {
    Backend backend;
    backend->create_all<Basket>();
    mercator::Session session = backend->session();
    const auto first = session.add(Basket{});
    const auto second = session.add(Basket{});
    session.flush();
    first->content.push_back(std::byte{3});
    first->text->append("!");
    const auto third = session.add(Basket{});
    session.commit();
    CHECK(first->content.size() == 3);
    CHECK(second->content == start_bytes);
    CHECK(third->content == start_bytes);
    CHECK(second->text == "[]");
    CHECK(third->text == "[]");
    mercator::Session reader = backend->session();
    CHECK(reader.get<Basket>(first->id)->content.size() == 3);
    CHECK(reader.get<Basket>(first->id)->text == "[]!");
    CHECK(reader.get<Basket>(second->id)->content == start_bytes);
    CHECK(reader.get<Basket>(third->id)->text == "[]");
}

TEST_CASE("MOD-19 defaults of the client, of the server, and of both") {
    Backend backend;
    backend->create_all<Defaults>();
    SqlLog log(backend->engine());
    mercator::Session session = backend->session();
    struct Case {
        Defaults given;
        int client, server, both;
    };
    const Case cases[] = {
        {{}, 1, 2, 0}, // both: the client's
        {{.client = 5}, 5, 2, 0},
        {{.server = 5}, 1, 5, 0},
        {{.both = 5}, 1, 2, 5},
        {{.client = 6, .server = 7, .both = 8}, 6, 7, 8},
    };
    for (const Case& one : cases) {
        log.clear();
        const auto defaults = session.add(Defaults(one.given));
        session.flush();
        const auto text = log.texts("INSERT").front();
        INFO(log.dump());
        CHECK(mentions(text, "client"));
        CHECK(mentions(text, "both"));
        // Named in the INSERT when given; as a default it is fetched, by RETURNING where there is.
        const std::string columns = text.substr(0, text.find("VALUES"));
        CHECK(mentions(columns, "server") == (one.given.server != 0));
        const std::size_t fetches = backend.can().insert_returning || one.given.server != 0 ? 0 : 1;
        CHECK(log.count("SELECT") == fetches);
        CHECK(defaults->client == one.client);
        CHECK(defaults->server == one.server);
        CHECK(defaults->both == one.both);
        session.commit();
        const auto stored = backend->session().get<Defaults>(defaults->id);
        CHECK(stored->client == one.client);
        CHECK(stored->server == one.server);
        CHECK(stored->both == one.both);
    }
    // Raw SQL does not know of the client's defaults.
    backend.run("INSERT INTO " + backend.quoted("defaults") + " (" + backend.quoted("id") + ", " +
                backend.quoted("client") + ") VALUES (900, 0)");
    const auto raw = backend->session().get<Defaults>(900);
    CHECK(raw->client == 0);
    CHECK(raw->server == 2);
    CHECK(raw->both == 3);
}
