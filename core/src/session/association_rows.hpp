// SPDX-License-Identifier: MIT
#pragma once

#include "transaction_record.hpp"

#include <mercator/ast/cache_key.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/session/flush_step.hpp>
#include <mercator/state/graph.hpp>

#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

namespace mercator {

/// The part of a flush that writes the rows of tables between two classes: `decide` says which,
/// `remove` takes rows away before any object's row is written, `insert` adds rows when both sides'
/// rows are there, and `settle` ends it.
class AssociationRows {
public:
    explicit AssociationRows(LoadContext& context) : context_(context), graph_(*context.graph()) {
        key_.schemas = context.schemas();
    }

    /// Sorts the changes and checks what can be checked without SQL. Sends nothing, but for the
    /// members of an object whose key changes. StateError for an object that left the session.
    /// `dropped` are new objects that are not inserted, since what they belong to is deleted.
    void decide(const std::vector<InstanceState*>& deleted,
                const std::vector<InstanceState*>& changed,
                const std::vector<const InstanceState*>& dropped);
    /// Calls the defaults of the columns that no object gives, before anything is sent: they may
    /// throw.
    void fill_in_defaults();
    [[nodiscard]] bool empty() const noexcept {
        return emptied_.empty() && removed_.empty() && added_.empty();
    }
    /// By the keys that the rows have now. StaleDataError when a row that was seen is gone.
    void remove(Connection& connection);
    void insert(Connection& connection);
    void settle(TransactionRecord& record);
    [[nodiscard]] std::vector<FlushStep> list_removals() const;
    [[nodiscard]] std::vector<FlushStep> list_insertions() const;

private:
    using Columns = std::vector<Relationship::SecondaryPair>;
    /// All rows of deleted objects.
    struct Emptied {
        const Relationship* relationship;
        const Columns* links; ///< by which the objects are known
        std::vector<InstanceState*> states;
    };
    /// Rows that are written alike.
    struct Group {
        const Relationship* relationship;
        bool row_was_seen;
        std::vector<Association> pairs;
        std::vector<Value> defaults; ///< of each pair in turn
    };
    struct Cells;

    void check_moving_key(InstanceState& state, const Relationship& side);
    void sort(const Association& change);
    static void put(std::vector<Group>& groups, const Association& change);
    void empty_for(const std::vector<InstanceState*>& deleted);
    void add_emptied(const Relationship& relationship, const Columns& links, InstanceState& state);
    void remove_all_of(Connection& connection, const Emptied& emptied);
    void remove_pairs(Connection& connection, const Group& group);
    void insert_pairs(Connection& connection, const Group& group);
    template <class Statement>
    std::uint64_t run(Connection& connection, Statement& statement, const Cells& cells,
                      const Relationship& relationship, ast::BatchForm form, std::uint32_t rows);
    // The rows of each kind. `now`: with the keys that objects will have, else with those of rows.
    [[nodiscard]] static Cells cells_of(const Emptied& emptied);
    [[nodiscard]] static Cells cells_of(const Group& group, bool now);
    template <class Statement>
    void show(FlushStep& step, Statement& statement, const Cells& cells) const;
    [[nodiscard]] FlushStep step(FlushStep::Action action, const Relationship& relationship) const;

    LoadContext& context_;
    Graph& graph_;
    std::unordered_set<const InstanceState*> dropped_;
    std::vector<Emptied> emptied_;
    std::vector<Group> removed_;
    std::vector<Group> added_;
    ast::CacheKey key_;
};

} // namespace mercator
