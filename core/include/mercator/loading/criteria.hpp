// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/ast/select.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace mercator {

/// Conditions that every row of a class must meet to be seen: soft deletion, one tenant of many.
/// They are added to the finished statement wherever it reads the class's table, so that nothing
/// can slip past them: queries, joins, subqueries, EXISTS of relationships, aggregates, eager and
/// lazy loads, lookups by key, and UPDATE and DELETE by query. Not to `refresh`, and not to what a
/// flush reads to cascade: hidden rows refer to their owner as well.
///
/// A value; immutable once a session has it, and then shared between threads.
class MERCATOR_API Criteria {
public:
    /// `condition` is over the class's table under its own name; it is used as it is, so a class
    /// that is read in a subquery of it is not filtered there.
    void add(const Mapper& mapper, ast::ExpressionPtr condition);
    /// What the class's own description says.
    void add_mapped(const Mapper& mapper);
    void remove(const Mapper& mapper);
    [[nodiscard]] bool empty() const noexcept { return conditions_.empty(); }
    [[nodiscard]] bool concern(const Mapper& mapper) const noexcept;
    /// Does the statement read a table of theirs, in whatever part of it?
    [[nodiscard]] bool concern(const ast::Select& select) const;

    /// The statement with the conditions of all tables that it reads, in subqueries and along
    /// implied joins too. A joined table's conditions stand in its ON, so an outer join keeps the
    /// rows of the other side.
    [[nodiscard]] ast::Select applied(const ast::Select& select) const;
    void apply(ast::Update& update) const;
    void apply(ast::Delete& statement) const;

private:
    struct Condition {
        const Mapper* mapper;
        ast::ExpressionPtr condition;
    };
    struct Found {
        ast::ExpressionPtr condition;
        const Mapper* mapper = nullptr; ///< nullptr: nothing is said of the table
    };
    [[nodiscard]] Found of_table(const ast::TableRef& table) const;
    [[nodiscard]] ast::ExpressionPtr in_subqueries(const ast::ExpressionPtr& expression) const;
    void in_subqueries(std::vector<ast::ExpressionPtr>& list) const;
    void in_subquery(ast::FromItem& item) const;
    void restrict_from(ast::Select& select) const;
    void restrict_joins(ast::Select& select) const;

    std::vector<Condition> conditions_;
};

/// What a query does without. Part of its options.
struct CriteriaWaiver {
    bool all = false;
    std::vector<const Mapper*> classes = {};
    [[nodiscard]] bool empty() const noexcept { return !all && classes.empty(); }
};

/// The criteria that a session uses now; shared with the guards that change them for a while.
struct CriteriaInUse {
    std::shared_ptr<const Criteria> now;
    std::uint32_t mapped = 0; ///< classes with criteria of their own that are among them
    std::uint32_t paused = 0; ///< guards that leave all criteria off
};

/// While it lives, its session reads some classes without their criteria. Guards of one session
/// end in the reverse order of their beginnings. Safe to outlive its session.
class MERCATOR_API CriteriaPause {
public:
    CriteriaPause(std::shared_ptr<CriteriaInUse> in_use, const CriteriaWaiver& waiver);
    CriteriaPause(const CriteriaPause&) = delete;
    CriteriaPause& operator=(const CriteriaPause&) = delete;
    ~CriteriaPause();

private:
    std::shared_ptr<CriteriaInUse> in_use_; ///< empty when there is nothing to pause
    std::shared_ptr<const Criteria> before_;
    bool all_ = false;
};

} // namespace mercator
