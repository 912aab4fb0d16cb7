// SPDX-License-Identifier: MIT
#include "payroll.hpp"

#include <mercator/session/check_hybrid.hpp>

#include <algorithm>

namespace employees {

using mercator::col;
using mercator::select;
namespace func = mercator::func;

void open_payroll(mercator::Database& db) {
    db.drop_all<Employee>();
    db.create_all<Employee>();
    auto session = db.session();
    const auto hire = [&](const char* name, const char* rate, int hours) {
        Employee employee{.hourly_rate = Decimal(rate), .hours_worked = hours};
        full_name.assign(employee, std::string(name));
        session.add(std::move(employee));
    };
    hire("Ada Lovelace", "62.50", 1800);
    hire("Bob Cratchit", "12.00", 2600);
    hire("Émile Zola", "48.20", 1100);
    hire("Grace Brewster Hopper", "55.00", 1750);
    hire("Melville Dewey", "24.80", 1980);
    hire("Alan Turing", "25.00", 2000); // 50000 exactly
    session.commit();
}

std::vector<PayLine> payroll_by_walking(mercator::Session& session) {
    std::vector<PayLine> lines;
    for (const auto& employee : session.query<Employee>().all())
        lines.push_back({full_name(*employee), salary(*employee)});
    std::sort(lines.begin(), lines.end(),
              [](const PayLine& a, const PayLine& b) { return a.salary > b.salary; });
    return lines;
}

std::vector<PayLine> payroll_by_sql(mercator::Session& session) {
    std::vector<PayLine> lines;
    for (const auto& [name, amount] :
         session.execute(select(full_name(), salary()).order_by(salary().desc())))
        lines.push_back({name, amount});
    return lines;
}

std::vector<std::string> earning_more_than(mercator::Session& session, const Decimal& amount) {
    std::vector<std::string> names;
    for (const auto& employee :
         session.query<Employee>().where(salary() > amount).order_by(salary().desc()).all())
        names.push_back(full_name(*employee));
    return names;
}

std::vector<std::string> lifted_above(mercator::Session& session, const Decimal& amount,
                                      int percent) {
    return session
        .execute(select(full_name())
                     .where(salary() <= amount, paid_after_raise(percent) > amount)
                     .order_by(full_name()))
        .scalars();
}

std::vector<Band> bands(mercator::Session& session) {
    const auto band = pay_band().label("band");
    const auto sum = func::sum(salary());
    std::vector<Band> found;
    for (const auto& [name, count, salaries] :
         session.execute(select(band, func::count(), sum).group_by(band).order_by(sum.desc())))
        found.push_back({name, count, salaries.value_or(Decimal(0))});
    return found;
}

std::size_t raise_below(mercator::Session& session, const Decimal& amount, int percent) {
    const auto raised = session.query<Employee>()
                            .where(salary() < amount)
                            .update(set(&Employee::hourly_rate, raised_rate(percent)));
    session.commit();
    return raised;
}

bool rename(mercator::Session& session, const std::string& from, const std::string& to) {
    const auto renamed =
        session.query<Employee>().where(full_name() == from).update(set(full_name, to));
    session.commit();
    return renamed > 0;
}

std::size_t compare_hybrids(mercator::Session& session) {
    return mercator::check_hybrid<full_name>(session) + mercator::check_hybrid<salary>(session) +
           mercator::check_hybrid<pay_band>(session) + mercator::check_hybrid<short_name>(session);
}

} // namespace employees
