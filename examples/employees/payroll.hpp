// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace employees {

/// Drops the table and makes it anew, with six employees.
void open_payroll(mercator::Database& db);

struct PayLine {
    std::string name;
    Decimal salary;
    friend bool operator==(const PayLine&, const PayLine&) = default;
};
/// Who earns what, most first: computed from objects.
[[nodiscard]] std::vector<PayLine> payroll_by_walking(mercator::Session& session);
/// The same, computed and sorted by the database.
[[nodiscard]] std::vector<PayLine> payroll_by_sql(mercator::Session& session);

/// Full names of those who earn more than that, sorted by salary.
[[nodiscard]] std::vector<std::string> earning_more_than(mercator::Session& session,
                                                         const Decimal& amount);
/// Those who would after a raise, and do not yet.
[[nodiscard]] std::vector<std::string> lifted_above(mercator::Session& session,
                                                    const Decimal& amount, int percent);

struct Band {
    std::string name;
    std::int64_t employees = 0;
    Decimal salaries;
    friend bool operator==(const Band&, const Band&) = default;
};
[[nodiscard]] std::vector<Band> bands(mercator::Session& session);

/// Raises the hourly rate of all who earn less than that, by one UPDATE; how many there were.
std::size_t raise_below(mercator::Session& session, const Decimal& amount, int percent);

/// By one UPDATE as well; false if there is nobody of that name.
bool rename(mercator::Session& session, const std::string& from, const std::string& to);

/// Compares what hybrids say in memory with what they say in SQL; returns how many values it has
/// compared. Throws mercator::HybridMismatch.
std::size_t compare_hybrids(mercator::Session& session);

} // namespace employees
