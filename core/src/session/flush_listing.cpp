// SPDX-License-Identifier: MIT
#include "row_changes.hpp"
#include "unit_of_work.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

namespace mercator {

namespace {

using Action = FlushStep::Action;

/// Collects steps; objects with the same columns share one.
class Listing {
public:
    explicit Listing(Graph& graph) : graph_(graph) {}

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
    /// What follows does not join the steps so far.
    void next_part() { begin_ = steps_.size(); }
    [[nodiscard]] std::vector<FlushStep> take() const {
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
    [[nodiscard]] FlushStep named(const Step& step) const {
        FlushStep result;
        result.action = step.action;
        result.mapper = step.mapper;
        const auto& columns = step.mapper->columns();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (step.columns.contains(i))
                result.columns.push_back(columns[i].in_schema().name);
        }
        for (InstanceState* state : step.states)
            result.objects.emplace_back(*step.mapper, graph_.handle(*state));
        return result;
    }

    Graph& graph_;
    std::vector<Step> steps_;
    std::size_t begin_ = 0;
};

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

void list_deletes(Listing& listing, const std::vector<Link>& released,
                  const std::vector<FlushPlan::Step>& steps) {
    for (const auto& link : released) {
        ColumnSet columns;
        add_foreign_key(link, columns);
        listing.next_part();
        listing.add(Action::Update, *link.child, columns);
    }
    for (const auto& step : steps) {
        listing.next_part();
        for (InstanceState* state : step.states) listing.add(Action::Delete, *state, {});
    }
    listing.next_part();
}

} // namespace

std::vector<FlushStep> UnitOfWork::list() {
    Listing listing(graph_);
    try {
        decide(false);
        const bool deletes_first = values_are_used_again(false) || deleted_refer_to_moving_keys();
        listing.add(associations_.list_removals());
        if (deletes_first) list_deletes(listing, plan_.released(), deletes_);
        for (const auto& step : inserts_) {
            listing.next_part();
            for (InstanceState* state : step.states)
                listing.add(Action::Insert, *state, columns_to_insert(*state, links_by_child_));
        }
        listing.next_part();
        for (InstanceState* state : changed_) {
            const ColumnSet columns = columns_to_update(*state, links_by_child_);
            if (!columns.empty()) listing.add(Action::Update, *state, columns);
        }
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
        if (!deletes_first) list_deletes(listing, plan_.released(), deletes_);
    } catch (...) {
        lists_.take_back();
        cascades_.take_back(graph_, pending_, deleted_);
        throw;
    }
    lists_.take_back();
    cascades_.take_back(graph_, pending_, deleted_);
    return listing.take();
}

} // namespace mercator
