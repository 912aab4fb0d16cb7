// SPDX-License-Identifier: MIT
#pragma once

#include "association_rows.hpp"
#include "delete_cascade.hpp"
#include "flush_plan.hpp"
#include "key_sync.hpp"
#include "ordered_lists.hpp"
#include "persister.hpp"
#include "transaction_record.hpp"
#include "unique_values.hpp"

#include <mercator/engine/connection.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/session/flush_step.hpp>
#include <mercator/state/column_set.hpp>

#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace mercator {

class FlushEvents;

/// One flush: from "what changed" to statements, in dependency order (SQLAlchemy's UOWTransaction).
/// `prepare` decides and checks; `execute` writes.
class UnitOfWork {
public:
    UnitOfWork(LoadContext& context, TransactionRecord& record,
               std::vector<InstanceState*>& pending, std::vector<InstanceState*>& deleted,
               FlushEvents* events);

    /// Cascades deletes, applies defaults, checks what can be checked without SQL. Sends nothing
    /// but the loading of what deletes cascade to. False when there is nothing to write.
    /// What it throws leaves all objects with the status that they had.
    [[nodiscard]] bool prepare();
    void execute(Connection& connection);
    /// Instead of both: what they would do. Changes nothing but what is loaded.
    [[nodiscard]] std::vector<FlushStep> list();

private:
    void decide(bool apply_defaults);
    void fill_in_defaults();
    void check_outsiders() const;
    void cascade_deletes();
    void cascade_delete(InstanceState& parent, const Relationship& relationship);
    void let_go_or_delete(InstanceState& parent, const Relationship& relationship);
    void delete_along(InstanceState& state);
    void drop_pending(InstanceState& state);
    void mark_as_deleted_by_database(const std::vector<InstanceState*>& states);
    void check_links() const;
    void check_required_parents(const InstanceState& state) const;
    void find_changed();
    void sort_changed();
    void insert_all(Connection& connection);
    void insert_step(Connection& connection, const FlushPlan::Step& step);
    /// Persistent objects whose key was changed: their children are found, and loaded.
    void find_moving_keys();
    void update_all(Connection& connection);
    void update_before_inserts(Connection& connection, const FlushPlan::Step& step);
    [[nodiscard]] std::vector<InstanceState*>
    find_early(Connection& connection, const FlushPlan::Step& step, const Mapper& mapper);
    /// Rows of one class that are written before new objects are inserted.
    struct EarlyRows {
        std::vector<ChangedRow> leaving; ///< they give up values that must be distinct
        std::vector<ChangedRow> waiting; ///< so do these, but need the key of a new object first
        bool go_first = false;           ///< must those that leave be written before?
        bool step_aside = false;         ///< do those that wait stand in the way?
    };
    /// Which columns of a row change.
    using Changes = std::function<ColumnSet(const InstanceState&)>;
    [[nodiscard]] EarlyRows early_rows(const FlushPlan::Step& step, const Mapper& mapper,
                                       const Changes& changes) const;
    [[nodiscard]] std::vector<const Mapper*> with_early_rows(const FlushPlan::Step& step) const;
    class Listing;
    void list_deletes(Listing& listing) const;
    void list_leaving(Listing& listing, const ChangedRow& row) const;
    void list_before(Listing& listing, const FlushPlan::Step& step);
    void list_updates(Listing& listing, const std::vector<InstanceState*>& states) const;
    /// Rows that have to follow a key that changed are written as well, or noted in `later`.
    void write_changes(Connection& connection, const std::vector<InstanceState*>& states,
                       std::vector<InstanceState*>* later = nullptr);
    void write_rows(Connection& connection, const std::vector<ChangedRow>& rows);
    std::vector<const Mapper*> write_handovers(Connection& connection,
                                               const std::vector<ChangedRow>& rows);
    void write_one_by_one(Connection& connection, const std::vector<ChangedRow>& rows,
                          const std::vector<DependencyEdge>& edges);
    std::vector<InstanceState*> write_moving_keys(Connection& connection,
                                                  const std::vector<ChangedRow>& rows);
    void empty_circles(Connection& connection, const std::vector<ChangedRow>& rows,
                       const std::vector<DependencyEdge>& edges, const TopologicalOrder& sorted);
    void update_group(Connection& connection, const Mapper& mapper, const ColumnSet& changed,
                      const std::vector<InstanceState*>& states);
    void empty_columns(Connection& connection, InstanceState& state, const ColumnSet& columns);
    void write_meanwhile(Connection& connection, InstanceState& state,
                         const std::vector<std::pair<std::size_t, Value>>& values);
    /// So that another row can take one of the unique values that this one gives up.
    void leave_values(Connection& connection, const ChangedRow& row);
    void empty_foreign_key(Connection& connection, const Link& link);
    void insert_new_parents(Connection& connection);
    void release_from_deleted(Connection& connection);
    void release_all(Connection& connection);
    void delete_all(Connection& connection);
    void settle(InstanceState& state);
    /// By the connection to where rows of the class lie.
    [[nodiscard]] Persister persister(Connection& own, const Mapper& mapper);
    /// With `give_keys`, new objects get the parts of their keys that come from parents first.
    [[nodiscard]] bool values_are_used_again(bool give_keys);
    [[nodiscard]] bool deleted_refer_to_moving_keys() const;
    [[nodiscard]] bool refers_to_deleted(const Link& link);
    [[nodiscard]] bool is_postponed(const Link& link) const;
    [[nodiscard]] ColumnSet changes_of(InstanceState& state);
    [[nodiscard]] const std::vector<std::size_t>& renewed_columns(const Mapper& mapper);

    LoadContext& context_;
    FlushEvents* events_; ///< nullptr when nobody wants to know
    Graph& graph_;
    TransactionRecord& record_;
    std::vector<InstanceState*>& pending_;
    std::vector<InstanceState*>& deleted_;
    std::vector<Link> links_;
    LinksByChild links_by_child_;
    LinksByChild postponed_by_child_;
    FlushPlan plan_;
    std::vector<FlushPlan::Step> inserts_;
    std::vector<FlushPlan::Step> deletes_;
    std::vector<InstanceState*> changed_;
    std::vector<Link> let_go_for_key_; ///< children that cannot follow a key by themselves
    DeleteCascade cascades_;
    AssociationRows associations_;
    OrderedLists lists_;
    const Mapper* renewed_of_ = nullptr;
    std::vector<std::size_t> renewed_; ///< of `renewed_of_`
};

} // namespace mercator
