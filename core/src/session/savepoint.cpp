// SPDX-License-Identifier: MIT
#include <mercator/session/savepoint.hpp>

#include "open_savepoint.hpp"
#include "session_core.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace mercator {

Savepoint::Savepoint(std::shared_ptr<OpenSavepoint> savepoint) noexcept :
    savepoint_(std::move(savepoint)) {}
Savepoint::Savepoint(Savepoint&& other) noexcept = default;

Savepoint::~Savepoint() {
    if (!is_open()) return;
    try {
        savepoint_->core->roll_back_to(*savepoint_, SessionCore::IfLost::TellLater);
    } catch (...) { // memory is right, and the session tells what was lost
    }
}

bool Savepoint::is_open() const noexcept {
    return savepoint_ != nullptr && savepoint_->core != nullptr;
}

void Savepoint::commit() {
    if (is_open()) return savepoint_->core->release(*savepoint_);
    const auto end = savepoint_ == nullptr ? OpenSavepoint::End::NotYet : savepoint_->end;
    switch (end) {
    case OpenSavepoint::End::NotYet:
        throw StateError("this savepoint was moved from");
    case OpenSavepoint::End::Committed:
        throw StateError("this savepoint is already committed, by itself or with what it lies in");
    case OpenSavepoint::End::RolledBack:
        throw StateError("nothing can be committed: this savepoint has been rolled back, by itself "
                         "or with its transaction");
    case OpenSavepoint::End::WithSession:
        throw StateError("nothing can be committed: the session of this savepoint has ended");
    }
}

void Savepoint::rollback() {
    if (is_open()) return savepoint_->core->roll_back_to(*savepoint_, SessionCore::IfLost::TellNow);
    if (savepoint_ != nullptr && savepoint_->end == OpenSavepoint::End::Committed) {
        throw StateError("this savepoint is already committed; session.rollback() takes back the "
                         "whole transaction");
    }
}

// What the session does
// ---------------------------------------------------------------------------------------------------------

Savepoint SessionCore::begin_nested() {
    const Use use(*this);
    check_may_change();
    refuse_in_listener("begin_nested()");
    write_or_take_back();
    Connection& link = connection(TransactionMode::Write);
    auto savepoint = std::make_shared<OpenSavepoint>();
    savepoint->name = fmt::format("mercator_savepoint_{}", savepoints_.size() + 1);
    savepoint->changes = changes_.size();
    savepoint->links = graph_->links();
    graph_->associations().for_each(
        [&](const Association& change) { savepoint->associations.push_back(change); });
    savepoints_.reserve(savepoints_.size() + 1);
    or_take_back([&] {
        link.savepoint(savepoint->name);
        binds_.savepoint(savepoint->name);
    });
    record().pause();
    savepoint->core = this;
    savepoints_.push_back(savepoint);
    Savepoint handle(std::move(savepoint)); // rolls back if a listener throws
    if (transitions_) transitions_->tell();
    return handle;
}

void SessionCore::release(OpenSavepoint& savepoint) {
    const Use use(*this);
    check_may_change();
    refuse_in_listener("the end of a savepoint");
    write_or_take_back();
    or_take_back([&] {
        connection_->release_savepoint(savepoint.name);
        binds_.release_savepoint(savepoint.name);
    });
    join_savepoints(place_of(savepoint), OpenSavepoint::End::Committed);
    if (transitions_) transitions_->tell();
}

void SessionCore::roll_back_to(OpenSavepoint& savepoint, IfLost if_lost) {
    const Use use(*this);
    check_may_change();
    refuse_in_listener("the rollback of a savepoint");
    std::exception_ptr failure;
    try {
        connection_->rollback_to_savepoint(savepoint.name);
        connection_->release_savepoint(savepoint.name);
        binds_.rollback_to_savepoint(savepoint.name);
        binds_.release_savepoint(savepoint.name);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        undo_transaction();
        if (if_lost == IfLost::TellLater) loss_ = failure;
        if (transitions_) transitions_->tell_quietly();
        std::rethrow_exception(failure);
    }
    ++transaction_number_; // what was read inside may be as gone as what was written
    join_savepoints(place_of(savepoint) + 1, OpenSavepoint::End::RolledBack);
    try {
        drop_innermost();
    } catch (...) {
        failure = std::current_exception();
    }
    if (transitions_) transitions_->tell();
    if (failure) std::rethrow_exception(failure);
}

/// Memory goes back to what it was at the innermost savepoint, which is over.
void SessionCore::drop_innermost() {
    const auto savepoint = std::move(savepoints_.back());
    savepoints_.pop_back();
    savepoint->finish(OpenSavepoint::End::RolledBack);
    drop_changes_since(savepoint->changes);
    savepoint->record.unwind(*graph_, pending_, deleted_);
    record().resume();
    restore_memory(savepoint.get());
}

std::size_t SessionCore::place_of(const OpenSavepoint& savepoint) const {
    const auto place = std::find_if(savepoints_.begin(), savepoints_.end(),
                                    [&](const auto& open) { return open.get() == &savepoint; });
    return static_cast<std::size_t>(place - savepoints_.begin());
}

/// From this one inwards they become a part of what lies outside.
void SessionCore::join_savepoints(std::size_t from, OpenSavepoint::End end) {
    while (savepoints_.size() > from) {
        const auto savepoint = std::move(savepoints_.back());
        savepoints_.pop_back();
        savepoint->finish(end);
        record().absorb(savepoint->record);
    }
}

void SessionCore::report_loss() {
    if (loss_) std::rethrow_exception(std::exchange(loss_, nullptr));
}

TransactionRecord& SessionCore::record() noexcept {
    return savepoints_.empty() ? record_ : savepoints_.back()->record;
}

} // namespace mercator
