// SPDX-License-Identifier: MIT
#include "office.hpp"

#include <fmt/format.h>

namespace people {

using mercator::col;
using mercator::Decimal;

namespace {

template <class T>
T named(const char* name) {
    T person;
    person.name = name;
    return person;
}

/// Nobody says what `type` is: the class of the object does.
template <class Kind>
void fill(mercator::Session& session) {
    session.add(named<typename Kind::Person>("Paula"));
    auto emmy = named<typename Kind::Employee>("Emmy");
    emmy.department = "research";
    emmy.salary = Decimal("5200.00");
    session.add(std::move(emmy));
    auto georg = named<typename Kind::Employee>("Georg");
    georg.department = "sales";
    georg.salary = Decimal("3100.50");
    session.add(std::move(georg));
    auto carla = named<typename Kind::Customer>("Carla");
    carla.account_number = "A-17";
    carla.loyalty_points = 120;
    session.add(std::move(carla));
    session.add(named<typename Kind::Customer>("Sofia"));
}

} // namespace

void open_office(mercator::Database& db) {
    db.drop_all<single::Person, single::Employee, single::Customer, joined::Person,
                joined::Employee, joined::Customer>();
    db.create_all(); // all that is known by now
    auto session = db.session();
    fill<Single>(session);
    fill<Joined>(session);
    session.commit();
}

template <class Kind>
std::vector<std::shared_ptr<typename Kind::Person>> everybody(mercator::Session& session,
                                                              Reading reading) {
    using Employee = typename Kind::Employee;
    using Customer = typename Kind::Customer;
    const auto query = session.query<typename Kind::Person>().order_by(col(&Kind::Person::name));
    switch (reading) {
    case Reading::as_mapped:
        return query.all();
    case Reading::one_by_one:
        return query.options(mercator::selectin_polymorphic<Employee, Customer>()).all();
    case Reading::together:
        break;
    }
    return query.options(mercator::with_polymorphic<Employee, Customer>()).all();
}

template <class Kind>
std::string role_of(const typename Kind::Person& person) {
    using mercator::overloaded;
    return mercator::visit(
        person, overloaded{[](const typename Kind::Person&) { return std::string("is a friend"); },
                           [](const typename Kind::Employee& employee) {
                               return "works in " +
                                      employee.department.value_or("every department");
                           },
                           [](const typename Kind::Customer& customer) {
                               return "buys by " + customer.account_number.value_or("cash");
                           }});
}

template <class Kind>
Decimal payroll_by_walking(mercator::Session& session) {
    Decimal sum;
    for (const auto& person : everybody<Kind>(session)) {
        if (const auto employee = std::dynamic_pointer_cast<typename Kind::Employee>(person))
            sum += employee->salary.value_or(Decimal());
    }
    return sum;
}

template <class Kind>
Decimal payroll_by_sql(mercator::Session& session) {
    // The whole column; whoever is no employee has no value in it.
    return session.execute(mercator::select(mercator::func::sum(col(&Kind::Employee::salary))))
        .scalar_one()
        .value_or(Decimal());
}

template <class Kind>
std::vector<std::string> invited(mercator::Session& session, const Decimal& salary,
                                 int loyalty_points) {
    std::vector<std::string> names;
    for (const auto& person : session.query<typename Kind::Person>()
                                  .where(col(&Kind::Employee::salary) >= salary ||
                                         col(&Kind::Customer::loyalty_points) >= loyalty_points)
                                  .order_by(col(&Kind::Person::name))
                                  .all())
        names.push_back(person->summary());
    return names;
}

template <class Kind>
void raise_salary(mercator::Session& session, const std::string& name, const Decimal& by) {
    auto employee =
        session.query<typename Kind::Employee>().where(col(&Kind::Person::name) == name).one();
    employee->salary = employee->salary.value_or(Decimal()) + by;
    session.commit();
}

template <class Kind>
void add_alien(mercator::Database& db) {
    mercator::Connection connection = db.engine().connect();
    mercator::Transaction transaction(connection);
    connection.execute_script(
        fmt::format("INSERT INTO {} (id, name, type, created_at, updated_at) VALUES (99, 'Zork', "
                    "'martian', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
                    Kind::table));
    transaction.commit();
}

// For both kinds, so that what uses them need not see the functions' bodies.
template std::vector<std::shared_ptr<single::Person>> everybody<Single>(mercator::Session&,
                                                                        Reading);
template std::vector<std::shared_ptr<joined::Person>> everybody<Joined>(mercator::Session&,
                                                                        Reading);
template std::string role_of<Single>(const single::Person&);
template std::string role_of<Joined>(const joined::Person&);
template Decimal payroll_by_walking<Single>(mercator::Session&);
template Decimal payroll_by_walking<Joined>(mercator::Session&);
template Decimal payroll_by_sql<Single>(mercator::Session&);
template Decimal payroll_by_sql<Joined>(mercator::Session&);
template std::vector<std::string> invited<Single>(mercator::Session&, const Decimal&, int);
template std::vector<std::string> invited<Joined>(mercator::Session&, const Decimal&, int);
template void raise_salary<Single>(mercator::Session&, const std::string&, const Decimal&);
template void raise_salary<Joined>(mercator::Session&, const std::string&, const Decimal&);
template void add_alien<Single>(mercator::Database&);
template void add_alien<Joined>(mercator::Database&);

} // namespace people
