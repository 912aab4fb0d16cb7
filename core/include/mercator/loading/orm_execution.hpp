// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/loading/loader_option.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace mercator {

class Session;
struct LoadNode;

/// What a query is asked for.
enum class QueryKind : std::uint8_t {
    Objects, ///< all(), first(), one() and their kin
    Values,  ///< plain structs: values(), stream(), and pages of yield_per()
    Columns, ///< `session.execute(select(...))`, also with entities among the columns
    Count,
    Exists,
    Update, ///< by query
    Delete  ///< by query
};

/// One query of the user's that is about to run, as listeners of `orm_execute` see it
/// (SQLAlchemy's ORMExecuteState): they may narrow it, rewrite it, add options, or answer it
/// without the database. Lives only during the call. What the session does by itself is not told:
/// lookups by key, relationships that load, cascades (`criteria` holds for those as well).
class MERCATOR_API OrmExecution {
public:
    OrmExecution(QueryKind kind, const Mapper* mapper, ast::Select& statement,
                 std::shared_ptr<const LoadNode>* options) noexcept;

    [[nodiscard]] Session& session() const noexcept { return *session_; }
    [[nodiscard]] QueryKind kind() const noexcept { return kind_; }
    /// The class that is queried; nullptr for a select of columns.
    [[nodiscard]] const Mapper* mapper() const noexcept { return mapper_; }
    template <class T>
    [[nodiscard]] bool is_of() const {
        return mapper_ == &mapper_of<T>();
    }
    /// The statement, to be changed in place. Its columns have to stay as they are; of an update or
    /// delete, its WHERE alone counts; count and exists are made of it.
    [[nodiscard]] ast::Select& statement() const noexcept { return *statement_; }
    template <class... Conditions>
    void where(const Conditions&... conditions) const {
        static_assert((std::convertible_to<Conditions, const Condition&> && ...),
                      "mercator: where() takes conditions, as in col(&User::age) > 18");
        (add_condition(conditions.node()), ...);
    }
    /// As `Query::options`; of a query for objects of T. They hold over those of the query.
    template <class T, class... Options>
    void options(const Options&... wishes) const {
        static_assert((LoaderOptionFor<Options, T> && ...),
                      "mercator: options<T>() takes loader options about T");
        (add_option(mapper_of<T>(), wishes.node()), ...);
    }
    /// The query gives these objects of its session, and the database is not asked. Of a query for
    /// objects only; StateError for others, and for objects of another session or class.
    template <class T>
    void answer(const std::vector<std::shared_ptr<T>>& objects) {
        std::vector<std::shared_ptr<void>> handles(objects.begin(), objects.end());
        set_answer(mapper_of<T>(), std::move(handles));
    }

    // For who runs the query.
    void belong_to(Session& session) noexcept { session_ = &session; }
    [[nodiscard]] const std::optional<std::vector<std::shared_ptr<void>>>& answer() const noexcept {
        return answer_;
    }

private:
    void add_condition(const ast::ExpressionPtr& condition) const;
    void add_option(const Mapper& mapper, const std::shared_ptr<const LoadNode>& node) const;
    void set_answer(const Mapper& mapper, std::vector<std::shared_ptr<void>> objects);

    QueryKind kind_;
    const Mapper* mapper_;
    ast::Select* statement_;
    std::shared_ptr<const LoadNode>* options_; ///< nullptr where there are none
    Session* session_ = nullptr;
    std::optional<std::vector<std::shared_ptr<void>>> answer_;
};

} // namespace mercator
