// SPDX-License-Identifier: MIT
#include "models.hpp"

namespace employees {

using mercator::col;

void describe(mercator::Mapping<Employee>& employee) {
    employee.table("employees");
    employee.column<&Employee::id>().primary_key();
    employee.column<&Employee::first_name>(mercator::String(50));
    employee.column<&Employee::last_name>(mercator::String(50));
    employee.column<&Employee::hourly_rate>(mercator::Numeric(10, 2));
    employee.column<&Employee::hours_worked>().validate([](int hours) {
        if (hours < 0) throw mercator::ValidationError("must not be negative");
    });
    employee.check(col(&Employee::hourly_rate) > 0, "check_positive_rate");
}

FullName::FullName(const std::string& text) {
    const auto blank = text.rfind(' ');
    if (blank == std::string::npos || blank == 0 || blank + 1 == text.size())
        throw mercator::ValidationError("a full name has a first and a last name, \"" + text +
                                        "\" has not");
    first = text.substr(0, blank);
    last = text.substr(blank + 1);
}

std::string first_letter(const std::string& text) {
    const auto continues = [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; // UTF-8
    };
    std::size_t end = text.empty() ? 0 : 1;
    while (end < text.size() && continues(text[end])) ++end;
    return text.substr(0, end);
}

} // namespace employees
