// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/hybrid.hpp>
#include <mercator/session/session.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/export.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

/// A hybrid has another value in memory than in the database.
class MERCATOR_API HybridMismatch : public MappingError {
public:
    HybridMismatch(std::string hybrid, std::string row, std::string in_memory,
                   std::string in_database);
    HybridMismatch(const HybridMismatch&) = default;
    HybridMismatch& operator=(const HybridMismatch&) = default;
    ~HybridMismatch() override;

    [[nodiscard]] const std::string& hybrid() const noexcept { return hybrid_; }
    [[nodiscard]] const std::string& row() const noexcept { return row_; } ///< "User(id=3)"
    [[nodiscard]] const std::string& in_memory() const noexcept { return in_memory_; }
    [[nodiscard]] const std::string& in_database() const noexcept { return in_database_; }

private:
    std::string hybrid_;
    std::string row_;
    std::string in_memory_;
    std::string in_database_;
};

[[noreturn]] MERCATOR_API void throw_hybrid_mismatch(std::string_view hybrid, const Mapper& mapper,
                                                     const void* object, const Value& in_memory,
                                                     const Value& in_database);
/// The name in what a compiler calls a function with the template argument `hybrid`.
[[nodiscard]] MERCATOR_API std::string hybrid_name_in(std::string_view function);
/// By the primary key.
[[nodiscard]] MERCATOR_API std::vector<ast::ExpressionPtr> key_order(const Mapper& mapper);

/// Computes a hybrid of the first `rows` rows of its table in memory and in the database; returns
/// how many there were. Throws HybridMismatch for the first whose values differ. For hybrids with
/// two lambdas, when a program starts or in its tests.
template <AnyHybrid H>
std::size_t check_hybrid(Session& session, const H& hybrid, std::string_view name,
                         std::size_t rows = 100) {
    using Class = typename H::hybrid_class;
    const Mapper& mapper = mapper_of<Class>();
    const auto limit = static_cast<std::int64_t>(rows);
    auto query = session.query<Class>().limit(limit);
    const auto expression = [&] {
        // What is unknown is not true.
        if constexpr (std::same_as<operand_t<decltype(hybrid())>, bool>) {
            return Expr<bool>(case_when(Condition(hybrid().node()), true).else_(false).node());
        } else {
            return Expr<typename decltype(hybrid())::value_type>(hybrid().node());
        }
    }();
    auto values = select(expression).template select_from<Class>().limit(limit);
    for (const auto& term : key_order(mapper)) {
        query = query.order_by(OrderTerm(term));
        values = values.order_by(OrderTerm(term));
    }
    const auto objects = query.all();
    const auto in_database = session.execute(values).scalars();
    for (std::size_t i = 0; i < objects.size() && i < in_database.size(); ++i) {
        const auto in_memory = hybrid(*objects[i]);
        bool same = in_memory == in_database[i];
        if constexpr (std::floating_point<std::remove_cvref_t<decltype(in_memory)>>) {
            const double size = std::max(std::abs(in_memory), std::abs(in_database[i]));
            same = same || std::abs(in_memory - in_database[i]) <= size * 1e-12;
        }
        if (!same)
            throw_hybrid_mismatch(name, mapper, objects[i].get(), to_value(in_memory),
                                  to_value(in_database[i]));
    }
    return objects.size();
}

/// The same by name: `check_hybrid<full_name>(session)`, for a hybrid that is a variable of a
/// namespace.
template <const auto& hybrid>
std::size_t check_hybrid(Session& session, std::size_t rows = 100) {
    return check_hybrid(session, hybrid, hybrid_name_in(__PRETTY_FUNCTION__), rows);
}

} // namespace mercator
