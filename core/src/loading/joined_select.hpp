// SPDX-License-Identifier: MIT
#pragma once

#include "polymorphic_plan.hpp"

#include <mercator/ast/select.hpp>
#include <mercator/dialect/driver.hpp>
#include <mercator/loading/criteria.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/load_node.hpp>
#include <mercator/loading/load_request.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mercator {

/// One class in the rows of a statement that joins related ones: the query's own, or what a
/// relationship leads to. The same class may stand there several times.
struct JoinedEntity {
    const Mapper* mapper = nullptr;
    const Relationship* relationship = nullptr; ///< that leads here; nullptr for the query's own
    const LoadBranch* branch = nullptr;         ///< what the options say of it
    std::size_t owner = 0;                      ///< which entity it hangs from
    std::shared_ptr<const LoadNode> options;    ///< about its objects; may be empty
    LoadPath path;
    bool contained = false; ///< the user's own join brings it
    bool optional = false;  ///< a row may be without it
    std::shared_ptr<const ast::TableRef> table;
    /// Its mapper's columns as this statement says them, whether they are read or not.
    std::vector<ast::ExpressionPtr> columns;
    const EntityPlan* plan = nullptr;        ///< which of them are read
    std::vector<ExpressionWish> expressions; ///< of a joined class: what fills its other members
    /// How they are read instead where a row may be of several classes.
    std::optional<PolymorphicPlan> classes;

    [[nodiscard]] bool is_collection() const noexcept {
        return relationship != nullptr && relationship->is_collection;
    }
};

/// A statement whose rows hold objects of several classes: columns of `entities[0]`, then those of
/// the next, and target i of `decode` is an object of `entities[i]`.
struct JoinedSelect {
    std::deque<JoinedEntity> entities; ///< owners first; a deque, as paths point into it
    ast::Select select;
    DecodePlan decode;
    bool repeats_roots = false; ///< rows of one root object are as many as its collections make
    bool own_joins = false;     ///< the user's query reads several tables

    /// Is the first an entity on the way to the second, or itself?
    [[nodiscard]] bool leads_to(std::size_t ancestor, std::size_t entity) const noexcept;
    /// The rows of one entity alone, with its columns in the mapper's order.
    [[nodiscard]] ast::Select rows_of(std::size_t entity) const;
};

/// May a relationship be joined here: is it not the way back, and is its class not nested deeper
/// than `join_depth` says? What an option names is always joined.
[[nodiscard]] bool joins_further(const LoadPath* path, const LoadStep& step) noexcept;

/// Does the row of an owner bring this relationship: joined, or contained in the user's own joins?
[[nodiscard]] bool is_brought_by_row(const LoadPath* path, const LoadStep& step) noexcept;

/// `query` (a SELECT of the request's class, whose columns it has) with outer joins for all that is
/// to be loaded with it, under names that nothing in the query has. Where joined collections would
/// multiply the rows that LIMIT, OFFSET or DISTINCT count, the query becomes a derived table.
/// The columns of a tag follow those of the entities, as the target after them. `criteria` may be
/// nullptr.
[[nodiscard]] JoinedSelect joined_select(const LoadSettings& settings, const Criteria* criteria,
                                         const LoadRequest& request, const ast::Select& query);

} // namespace mercator
