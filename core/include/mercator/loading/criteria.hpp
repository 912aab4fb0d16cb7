// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/ast/select.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace mercator {

struct ReadTable;

/// Conditions that every row of a class must meet to be seen: soft deletion, one tenant of many.
/// They are added to the finished statement wherever it reads a table with rows of the class, also
/// those of its bases, so that nothing can slip past them: queries, joins, subqueries, EXISTS of
/// relationships, aggregates, eager and lazy loads, lookups by key, and UPDATE and DELETE by query.
/// Not to `refresh`, and not to what a flush reads to cascade: hidden rows refer to their owner as
/// well.
///
/// A value; immutable once a session has it, and then shared between threads.
class MERCATOR_API Criteria {
public:
    /// `condition` is over the class's table under its own name; it is used as it is, so a class
    /// that is read in a subquery of it is not filtered there.
    void add(const Mapper& mapper, ast::ExpressionPtr condition);
    /// What the class's own description says.
    void add_mapped(const Mapper& mapper);
    void append(const Criteria& more);
    /// Rows of the class are all seen, whatever holds for it, for its bases or for what inherits
    /// it.
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
    [[nodiscard]] Found of_table(const std::vector<ReadTable>& tables, std::size_t position) const;
    [[nodiscard]] ast::ExpressionPtr in_subqueries(const ast::ExpressionPtr& expression) const;
    void in_subqueries(std::vector<ast::ExpressionPtr>& list) const;
    void in_subquery(ast::FromItem& item) const;
    void restrict_from(ast::Select& select, const std::vector<ReadTable>& tables) const;
    void restrict_joins(ast::Select& select, const std::vector<ReadTable>& tables) const;

    std::vector<Condition> conditions_;
};

/// What a query does without. Part of its options.
struct CriteriaWaiver {
    bool all = false;
    std::vector<const Mapper*> classes = {};
    [[nodiscard]] bool empty() const noexcept { return !all && classes.empty(); }
};

/// The criteria that a session uses now; shared with the guards that change them for a while.
struct MERCATOR_API CriteriaInUse {
    std::shared_ptr<const Criteria> all; ///< without what the guards leave off
    std::shared_ptr<const Criteria> now = all;
    std::vector<const Mapper*> waived = {}; ///< classes whose rows guards show
    std::uint32_t mapped = 0; ///< classes with criteria of their own that are among them
    std::uint32_t paused = 0; ///< guards that leave all criteria off

    /// Criteria of classes that have become known, or that the session is given; also while there
    /// are guards.
    void add(const Criteria& more);
    /// Takes from all criteria what the guards leave.
    void choose();
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
    std::shared_ptr<const Criteria> all_before_;
    std::size_t classes_ = 0; ///< how many it waives
    bool all_ = false;
};

} // namespace mercator
