// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>
#include <mercator/ast/select.hpp>
#include <mercator/loading/criteria.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace mercator {

struct LoadNode;

/// What a query's options say about one relationship.
struct LoadBranch {
    const Relationship* relationship = nullptr;
    /// How to load it; empty: as mapped, this is only a step on the way to deeper ones.
    std::optional<Lazy> lazy;
    /// Which of the related rows: over the target's table under its own name. All must hold.
    std::vector<ast::ExpressionPtr> criteria;
    /// Another order than the relationship's; empty: that one.
    std::vector<ast::ExpressionPtr> order_by;
    /// The query's own join brings the related rows (contains_eager): the table that it reads them
    /// from.
    std::shared_ptr<const ast::TableRef> contained;
    std::shared_ptr<const LoadNode> next; ///< what is said of the related objects; may be empty
    /// Only related objects of this class, which inherits the relationship's; nullptr: all.
    const Mapper* only = nullptr;

    /// Does it load a part of what is related?
    [[nodiscard]] bool leaves_out() const noexcept { return !criteria.empty() || only != nullptr; }
};

/// What is said about one column.
struct ColumnWish {
    enum class Kind : std::uint8_t { Load, Defer, Raise };
    const ColumnProperty* column = nullptr;
    Kind kind = Kind::Load;
};

/// An expression whose value goes to a member that is no column (with_expression, with_count).
struct ExpressionWish {
    Field field; ///< where in the object
    ast::ExpressionPtr expression;
};

/// What is said about a member that an expression fills by the mapping (column_property).
struct ExpressionChoice {
    const ExpressionProperty* property = nullptr;
    bool load = true;
};

/// How the columns are read that one class of a hierarchy has beside those of its base.
struct ClassWish {
    const Mapper* mapper = nullptr;
    PolymorphicLoad load = PolymorphicLoad::Selectin;
};

/// What a query's options say about the objects of one class at one place of its paths. Immutable
/// once it is part of a query; shared between queries, batches and threads.
struct LoadNode {
    const Mapper* mapper = nullptr;
    std::vector<LoadBranch> branches; ///< one for each relationship at most
    std::optional<Lazy> others;       ///< for relationships without a branch (raise_all)
    /// Of collections that come with their owners: by statements of their own (true) or by joins
    /// (false), whatever else is said. Also for what hangs on related objects.
    std::optional<bool> split;
    std::vector<ColumnWish> columns;
    bool only_named_columns = false; ///< load_only: others are deferred where they can be
    std::vector<ExpressionWish> expressions;
    std::vector<ExpressionChoice> expression_choices; ///< the last word counts
    std::vector<ClassWish> classes; ///< those that inherit the class; the last word counts
    /// Holds for the whole statement and what is loaded with it, and for what its objects load when
    /// they are touched.
    CriteriaWaiver without_criteria;

    [[nodiscard]] const LoadBranch* find(const Relationship& relationship) const noexcept;
};

/// Both together; where they contradict, `second` holds. Either may be empty. Throws ArgumentError
/// when they are about different classes; those of one hierarchy are the same in this.
[[nodiscard]] MERCATOR_API std::shared_ptr<const LoadNode>
merged(const std::shared_ptr<const LoadNode>& first, const std::shared_ptr<const LoadNode>& second);

} // namespace mercator
