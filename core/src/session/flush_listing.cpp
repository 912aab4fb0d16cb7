// SPDX-License-Identifier: MIT
#include "flush_statements.hpp"
#include "row_changes.hpp"
#include "unique_values.hpp"
#include "unit_of_work.hpp"

#include <mercator/state/snapshot.hpp>

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

namespace mercator {

namespace {

using Action = FlushStep::Action;

} // namespace

/// Collects steps; objects with the same columns share one.
class UnitOfWork::Listing {
public:
    Listing(LoadContext& context, const LinksByChild& links) :
        graph_(*context.graph()),
        statements_(context, links) {}

    void add(Action action, InstanceState& state, const ColumnSet& columns) {
        const auto same = std::find_if(steps_.begin() + static_cast<std::ptrdiff_t>(begin_),
                                       steps_.end(), [&](const Step& step) {
                                           return step.action == action &&
                                                  step.mapper == state.mapper &&
                                                  step.columns == columns;
                                       });
        if (same != steps_.end()) {
            same->states.push_back(&state);
        } else {
            steps_.push_back({action, state.mapper, columns, {&state}});
        }
    }
    /// Steps that stand by themselves.
    void add(std::vector<FlushStep> steps) {
        for (auto& step : steps)
            steps_.push_back({step.action, step.mapper, {}, {}, std::move(step)});
        next_part();
    }
    /// A row that has these values for a moment: a step of its own.
    void add(InstanceState& state, const std::vector<std::pair<std::size_t, Value>>& values) {
        if (values.empty()) return;
        ColumnSet columns;
        for (const auto& [column, value] : values) columns.insert(column);
        next_part();
        add(Action::Update, state, columns);
        FlushStep step = named(steps_.back());
        for (auto& statement : step.statements) {
            for (std::size_t i = 0; i < values.size() && i < statement.binds.front().size(); ++i)
                statement.binds.front()[i] = values[i].second;
        }
        steps_.back().whole = std::move(step);
        next_part();
    }
    void empty_columns(InstanceState& state, const ColumnSet& columns) {
        std::vector<std::pair<std::size_t, Value>> values;
        for (std::size_t i = 0; i < state.mapper->columns().size(); ++i) {
            if (columns.contains(i)) values.emplace_back(i, Value());
        }
        add(state, values);
    }
    /// What follows does not join the steps so far.
    void next_part() { begin_ = steps_.size(); }
    [[nodiscard]] std::vector<FlushStep> take() {
        std::vector<FlushStep> list;
        for (const Step& step : steps_) list.push_back(step.whole ? *step.whole : named(step));
        return list;
    }

private:
    struct Step {
        Action action;
        const Mapper* mapper;
        ColumnSet columns;
        std::vector<InstanceState*> states;
        std::optional<FlushStep> whole = std::nullopt; ///< told by somebody else
    };
    [[nodiscard]] FlushStep named(const Step& step) {
        FlushStep result;
        result.action = step.action;
        result.mapper = step.mapper;
        const auto& columns = step.mapper->columns();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (step.columns.contains(i)) result.columns.push_back(columns[i].in_schema().name);
        }
        for (InstanceState* state : step.states)
            result.objects.emplace_back(*step.mapper, graph_.handle(*state));
        result.statements = statements_.of(step.action, *step.mapper, step.columns, step.states);
        return result;
    }

    Graph& graph_;
    FlushStatements statements_;
    std::vector<Step> steps_;
    std::size_t begin_ = 0;
};

namespace {

void add_foreign_key(const Link& link, ColumnSet& columns) {
    for (std::size_t pair = 0; pair < link.relationship->pairs.size(); ++pair)
        columns.insert(child_column(*link.relationship, pair));
}

ColumnSet on_update_columns(const Mapper& mapper) {
    ColumnSet columns;
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        if (mapper.columns()[i].apply_on_update) columns.insert(i);
    }
    return columns;
}

} // namespace

void UnitOfWork::list_deletes(Listing& listing) const {
    for (const auto& link : plan_.released()) {
        ColumnSet columns;
        add_foreign_key(link, columns);
        listing.empty_columns(*link.child, columns);
    }
    for (const auto& step : deletes_) {
        listing.next_part();
        for (InstanceState* state : step.states) listing.add(Action::Delete, *state, {});
    }
    listing.next_part();
}

/// A value that the row leaves for a moment, so that another can take it.
void UnitOfWork::list_leaving(Listing& listing, const ChangedRow& row) const {
    const Mapper& mapper = *row.state->mapper;
    const ColumnSet empty = UniqueValues(mapper).can_be_emptied(row.columns);
    if (!empty.empty()) return listing.empty_columns(*row.state, empty);
    std::vector<std::pair<std::size_t, Value>> values;
    for (const auto column : place_columns(graph_, mapper)) {
        if (!row.columns.contains(column)) continue;
        const Value before = snapshot_value(mapper, row.state->snapshot, column);
        values.emplace_back(column, place_aside(mapper.columns()[column].field, before));
    }
    listing.add(*row.state, values);
}

/// Rows that hand values over to each other stand one by one in the order that this needs, those of
/// a class whose keys change first.
void UnitOfWork::list_updates(Listing& listing, const std::vector<InstanceState*>& states) const {
    std::vector<ChangedRow> rows;
    for (InstanceState* state : states) {
        if (ColumnSet columns = columns_to_update(*state, links_by_child_); !columns.empty())
            rows.push_back({state, std::move(columns)});
    }
    std::vector<InstanceState*> changing;
    for (const auto& row : rows) changing.push_back(row.state);
    std::vector<ChangedRow> together;
    listing.next_part();
    for (const Mapper* mapper : FlushPlan::sorted_mappers(changing)) {
        std::vector<ChangedRow> own;
        for (const auto& row : rows) {
            if (row.state->mapper == mapper) own.push_back(row);
        }
        const auto edges = UniqueValues::handovers(*mapper, own);
        if (edges.empty()) {
            together.insert(together.end(), own.begin(), own.end());
            continue;
        }
        const TopologicalOrder sorted = sort_topologically(own.size(), edges);
        for (const auto dropped : sorted.dropped) list_leaving(listing, own[edges[dropped].before]);
        for (const auto index : sorted.order) {
            listing.next_part();
            listing.add(Action::Update, *own[index].state, own[index].columns);
        }
    }
    listing.next_part();
    std::stable_partition(together.begin(), together.end(), [](const ChangedRow& row) {
        const auto& key = row.state->mapper->primary_key();
        return std::any_of(key.begin(), key.end(),
                           [&](std::uint16_t index) { return row.columns.contains(index); });
    });
    for (const auto& row : together) listing.add(Action::Update, *row.state, row.columns);
}

/// What is written before these are inserted is not written afterwards.
void UnitOfWork::list_before(Listing& listing, const FlushPlan::Step& step) {
    for (const Mapper* mapper : with_early_rows(step)) {
        const EarlyRows rows = early_rows(step, *mapper, [this](const InstanceState& state) {
            return columns_to_update(state, links_by_child_);
        });
        if (rows.step_aside) {
            for (const auto& row : rows.waiting) list_leaving(listing, row);
        }
        if (!rows.go_first) continue;
        std::vector<InstanceState*> early;
        for (const auto& row : rows.leaving) early.push_back(row.state);
        list_updates(listing, early);
        std::erase_if(changed_, [&](InstanceState* state) {
            return std::find(early.begin(), early.end(), state) != early.end();
        });
    }
    listing.next_part();
}

std::vector<FlushStep> UnitOfWork::list() {
    try {
        decide(false);
        Listing listing(context_, links_by_child_);
        const bool deletes_first = values_are_used_again(false) || deleted_refer_to_moving_keys();
        listing.add(associations_.list_removals());
        if (deletes_first) list_deletes(listing);
        for (const auto& step : inserts_) {
            list_before(listing, step);
            for (InstanceState* state : step.states)
                listing.add(Action::Insert, *state, columns_to_insert(*state, links_by_child_));
        }
        listing.next_part();
        list_updates(listing, changed_);
        std::unordered_set<const InstanceState*> postponed;
        for (const auto& link : plan_.postponed()) {
            if (!postponed.insert(link.child).second) continue;
            ColumnSet columns = on_update_columns(*link.child->mapper);
            postponed_by_child_.for_each_of(
                *link.child, [&](const Link& other) { add_foreign_key(other, columns); });
            listing.add(Action::Update, *link.child, columns);
        }
        listing.next_part();
        listing.add(associations_.list_insertions());
        if (!deletes_first) list_deletes(listing);
        auto steps = listing.take();
        lists_.take_back();
        cascades_.take_back(graph_, pending_, deleted_);
        return steps;
    } catch (...) {
        lists_.take_back();
        cascades_.take_back(graph_, pending_, deleted_);
        throw;
    }
}

} // namespace mercator
