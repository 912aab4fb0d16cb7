// SPDX-License-Identifier: MIT
#pragma once

#include "delete_cascade.hpp"
#include "flush_plan.hpp"
#include "key_sync.hpp"
#include "transaction_record.hpp"

#include <mercator/engine/connection.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/session/flush_step.hpp>
#include <mercator/state/column_set.hpp>

#include <map>
#include <utility>
#include <vector>

namespace mercator {

/// One flush: from "what changed" to statements, in dependency order (SQLAlchemy's UOWTransaction).
/// `prepare` decides and checks; `execute` writes.
class UnitOfWork {
public:
    UnitOfWork(LoadContext& context, TransactionRecord& record,
               std::vector<InstanceState*>& pending, std::vector<InstanceState*>& deleted);

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
    void cascade_deletes();
    void cascade_delete(InstanceState& parent, const Relationship& relationship);
    void check_links() const;
    void check_required_parents(const InstanceState& state) const;
    void find_changed();
    void insert_all(Connection& connection);
    void insert_step(Connection& connection, const FlushPlan::Step& step);
    void update_all(Connection& connection);
    void update_group(Connection& connection, const Mapper& mapper, const ColumnSet& changed,
                      const std::vector<InstanceState*>& states);
    void release_all(Connection& connection);
    void delete_all(Connection& connection);
    void settle(InstanceState& state);
    [[nodiscard]] bool a_key_is_used_again();
    [[nodiscard]] bool is_postponed(const Link& link) const;
    [[nodiscard]] ColumnSet changes_of(InstanceState& state);

    LoadContext& context_;
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
    DeleteCascade cascades_;
};

} // namespace mercator
