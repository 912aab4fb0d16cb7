// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/polymorphic.hpp>
#include <mercator/mapping/mixins.hpp>
#include <mercator/mapping/visit.hpp>
#include <mercator/mercator.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// People, of whom some are employees and some are customers, kept in the two ways there are.
namespace people {

/// An abstract base: it has columns and no table, and no object is only this. Its time stamps come
/// from a mixin, which is an abstract base as well.
struct Record : mercator::TimestampMixin {
    std::optional<std::string> note;

    virtual ~Record() = default;
    [[nodiscard]] virtual std::string summary() const = 0;
};
void describe(mercator::Mapping<Record>& record);

/// The first way: one table for all. What a class has more is NULL for the others.
namespace single {

struct Employee;
struct Customer;

struct Person : Record {
    /// All classes there are: `visit` asks for each, `inherits` refuses others.
    using hierarchy = mercator::Hierarchy<Person, Employee, Customer>;

    std::int64_t id{};
    std::string name;
    std::string type; ///< which class a row is of; the session's business

    [[nodiscard]] std::string summary() const override;
};

struct Employee : Person {
    std::optional<std::string> department;
    std::optional<mercator::Decimal> salary;

    [[nodiscard]] std::string summary() const override;
};

struct Customer : Person {
    std::optional<std::string> account_number;
    int loyalty_points{};

    [[nodiscard]] std::string summary() const override;
};

void describe(mercator::Mapping<Person>& person);
void describe(mercator::Mapping<Employee>& employee);
void describe(mercator::Mapping<Customer>& customer);

} // namespace single

/// The second way: a table for each class, whose key is the person's.
namespace joined {

struct Employee;
struct Customer;

struct Person : Record {
    using hierarchy = mercator::Hierarchy<Person, Employee, Customer>;

    std::int64_t id{};
    std::string name;
    std::string type;

    [[nodiscard]] std::string summary() const override;
};

struct Employee : Person {
    std::optional<std::string> department;
    std::optional<mercator::Decimal> salary;

    [[nodiscard]] std::string summary() const override;
};

struct Customer : Person {
    std::optional<std::string> account_number;
    int loyalty_points{};

    [[nodiscard]] std::string summary() const override;
};

void describe(mercator::Mapping<Person>& person);
void describe(mercator::Mapping<Employee>& employee);
void describe(mercator::Mapping<Customer>& customer);

} // namespace joined

} // namespace people
