// SPDX-License-Identifier: MIT
// What loaders ask of a session: running statements, and filling what is touched.
#include "session_core.hpp"

#include <mercator/loading/deferred_columns.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/extra_lazy.hpp>
#include <mercator/loading/loader_strategy.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace mercator {

StatementLease SessionCore::run(const ast::Select& select) {
    // What a flush cascades to are all rows that there are.
    const Criteria* hidden = flushing_ ? nullptr : criteria();
    if (hidden != nullptr && hidden->concern(select)) [[unlikely]]
        return run_as_it_is(hidden->applied(select));
    return run_as_it_is(select);
}

StatementLease SessionCore::run_as_it_is(const ast::Select& select) {
    Connection& link =
        connection_for(binds_.empty() ? nullptr : binds_.of(select), TransactionMode::Read);
    const auto compiled = link.engine().compile(select, key_);
    gather_binds(*compiled, key_, values_);
    return link.execute(compiled, values_);
}

StatementLease SessionCore::run(const std::shared_ptr<const Compiled>& compiled,
                                std::span<const Value> values) {
    SessionBinds::Bind* bind = nullptr;
    if (!binds_.empty()) {
        const auto place = std::find(by_key_.begin(), by_key_.end(), compiled);
        if (place != by_key_.end()) {
            const auto id = static_cast<std::size_t>(place - by_key_.begin());
            bind = binds_.of(bound_by_key_[id]->table());
        }
    }
    return connection_for(bind, TransactionMode::Read).execute(compiled, values);
}

std::vector<StatementLease> SessionCore::run_together(std::span<const ast::Select* const> selects) {
    if (!binds_.empty()) { // each goes to its own database
        std::vector<StatementLease> leases;
        for (const ast::Select* select : selects) leases.push_back(run(*select));
        return leases;
    }
    Connection& link = connection(TransactionMode::Read);
    const Criteria* hidden = flushing_ ? nullptr : criteria();
    std::vector<PipelineRequest> requests(selects.size());
    std::vector<std::vector<Value>> values(selects.size());
    const auto compile = [&](std::size_t i, const ast::Select& select) {
        requests[i].compiled = engine_->compile(select, key_);
        gather_binds(*requests[i].compiled, key_, values[i]);
        requests[i].values = values[i];
    };
    for (std::size_t i = 0; i < selects.size(); ++i) {
        if (hidden != nullptr && hidden->concern(*selects[i])) {
            compile(i, hidden->applied(*selects[i]));
        } else {
            compile(i, *selects[i]);
        }
    }
    return link.execute_together(requests);
}

std::uint64_t SessionCore::write(const ast::Statement& statement) {
    written_by_query_ = true;
    note_direct_use();
    Connection& link =
        connection_for(binds_.empty() ? nullptr : binds_.of(statement), TransactionMode::Write);
    return link.execute(statement);
}

void SessionCore::add_criterion(const Mapper& mapper, ast::ExpressionPtr condition) {
    check_open();
    if (criteria_ == nullptr) criteria_ = std::make_shared<CriteriaInUse>();
    Criteria more;
    more.add(mapper, std::move(condition));
    criteria_->add(more);
}

void SessionCore::row_changed(InstanceState& state, const std::byte* row) {
    if (written_by_query_) record().note_renewal(state, row);
    note_refreshed(state);
}

void SessionCore::complete_images(InstanceState& state, const CompleteImage& complete) {
    record_.complete_images(state, complete);
    for (const auto& savepoint : savepoints_) savepoint->record.complete_images(state, complete);
}

void SessionCore::tell_transitions() {
    if (flushing_ || changing_ > 0) return;
    if (transitions_) transitions_->tell();
    if (!refreshed_.empty()) tell_refreshed();
}

void SessionCore::add_listener(TransitionListener listener) {
    check_open();
    if (!transitions_) transitions_ = std::make_unique<TransitionLog>(graph_);
    transitions_->add(std::move(listener));
}

const std::shared_ptr<const Compiled>& SessionCore::compiled_by_key(const Mapper& mapper) {
    if (by_key_.size() <= mapper.id()) by_key_.resize(mapper.id() + 1);
    auto& compiled = by_key_[mapper.id()];
    if (!compiled) {
        SessionBinds::Bind* bind = binds_.empty() ? nullptr : binds_.of(mapper.table());
        // The product decides the spelling.
        Engine& engine = connection_for(bind, TransactionMode::Read).engine();
        compiled = engine.compile(entity_plan(mapper).by_key, key_);
        bound_by_key_.resize(by_key_.size());
        bound_by_key_[mapper.id()] = &mapper;
    }
    return compiled;
}

void SessionCore::load_relationship(InstanceState& owner, const Relationship& relationship) {
    check_open();
    touch_relationship(*this, owner, relationship);
}

void SessionCore::load_for_change(InstanceState& owner, const Relationship& relationship) {
    check_open();
    const Use use(*this);
    const NoAutoflush held(autoflush_held_);
    load_whole(*this, owner, relationship);
}

void SessionCore::load_column(InstanceState& state, const ColumnProperty& column) {
    check_open();
    load_deferred(*this, state, column);
}

std::size_t SessionCore::count_related(InstanceState& owner, const Relationship& relationship) {
    check_open();
    return mercator::count_related(*this, owner, relationship);
}
bool SessionCore::has_related(InstanceState& owner, const Relationship& relationship) {
    check_open();
    return mercator::has_related(*this, owner, relationship);
}
bool SessionCore::is_related(InstanceState& owner, const Relationship& relationship,
                             InstanceState& target) {
    check_open();
    return mercator::is_related(*this, owner, relationship, target);
}
std::vector<InstanceState*> SessionCore::slice_related(InstanceState& owner,
                                                       const Relationship& relationship,
                                                       std::size_t offset, std::size_t limit) {
    check_open();
    return mercator::slice_related(*this, owner, relationship, offset, limit);
}

} // namespace mercator
