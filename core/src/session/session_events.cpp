// SPDX-License-Identifier: MIT
// Who is told of what a session does.
#include <mercator/session/events.hpp>

#include "flush_events.hpp"
#include "raised.hpp"
#include "session_core.hpp"

#include <mercator/loading/orm_execution.hpp>
#include <mercator/state/slab.hpp>
#include <mercator/support/log.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iterator>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace mercator {

// Registering
// ---------------------------------------------------------------------------------------------------------

SessionEvents::SessionEvents(std::shared_ptr<ListenerRegistry> registry,
                             std::shared_ptr<LogSink> log, bool tracks_modifications) noexcept :
    registry_(std::move(registry)),
    log_(std::move(log)),
    tracks_modifications_(tracks_modifications) {}
SessionEvents::~SessionEvents() = default;

namespace {

struct SessionCall {
    Session* session;
    Connection* connection = nullptr;
    std::span<const ModelChange> changes = {};
};

ListenerEntry entry_of(SessionEvent event, CodePlace place, std::function<void(void*)> call) {
    ListenerEntry entry;
    entry.kind = static_cast<std::uint8_t>(event);
    entry.place = place;
    entry.call = std::move(call);
    return entry;
}

SessionCall& session_call(void* call) {
    return *static_cast<SessionCall*>(call);
}

} // namespace

Subscription SessionEvents::of_session(SessionEvent event, OfSession listener,
                                       CodePlace place) const {
    return registry_->add(entry_of(event, place, [listener = std::move(listener)](void* call) {
        listener(*session_call(call).session);
    }));
}
Subscription SessionEvents::of_changes(SessionEvent event, OfChanges listener,
                                       CodePlace place) const {
    return registry_->add(entry_of(event, place, [listener = std::move(listener)](void* call) {
        listener(*session_call(call).session, session_call(call).changes);
    }));
}
Subscription SessionEvents::of_object(SessionEvent event, OfObject listener,
                                      CodePlace place) const {
    return registry_->add(entry_of(event, place, [listener = std::move(listener)](void* call) {
        const auto& now = *static_cast<const ObjectCall*>(call);
        listener(*now.session, *now.any);
    }));
}

Subscription SessionEvents::before_flush(OfSession listener, CodePlace place) const {
    return of_session(SessionEvent::BeforeFlush, std::move(listener), place);
}
Subscription SessionEvents::after_flush(OfChanges listener, CodePlace place) const {
    return of_changes(SessionEvent::AfterFlush, std::move(listener), place);
}
Subscription SessionEvents::after_begin(std::function<void(Session&, Connection&)> listener,
                                        CodePlace place) const {
    return registry_->add(
        entry_of(SessionEvent::AfterBegin, place, [listener = std::move(listener)](void* call) {
            listener(*session_call(call).session, *session_call(call).connection);
        }));
}
Subscription SessionEvents::before_commit(OfSession listener, CodePlace place) const {
    return of_session(SessionEvent::BeforeCommit, std::move(listener), place);
}
Subscription SessionEvents::after_commit(OfSession listener, CodePlace place) const {
    return of_session(SessionEvent::AfterCommit, std::move(listener), place);
}
Subscription SessionEvents::after_rollback(OfSession listener, CodePlace place) const {
    return of_session(SessionEvent::AfterRollback, std::move(listener), place);
}
Subscription SessionEvents::transition(TransitionListener listener, CodePlace place) const {
    return registry_->add(entry_of(
        SessionEvent::ObjectTransition, place, [listener = std::move(listener)](void* call) {
            const auto& [step, object] =
                *static_cast<const std::pair<Transition, const AnyObject*>*>(call);
            listener(step, *object);
        }));
}
Subscription SessionEvents::orm_execute(std::function<void(OrmExecution&)> listener,
                                        CodePlace place) const {
    return registry_->add(
        entry_of(SessionEvent::OrmExecute, place, [listener = std::move(listener)](void* call) {
            listener(*static_cast<OrmExecution*>(call));
        }));
}

void SessionEvents::warn_if_untracked(SessionEvent event) const {
    if (tracks_modifications_ || log_ == nullptr) return;
    log_->write(LogLevel::Warning,
                fmt::format("a listener of {} will not be called: track_modifications is off in "
                            "the configuration",
                            name_of(event)));
}
Subscription SessionEvents::before_models_committed(OfChanges listener, CodePlace place) const {
    warn_if_untracked(SessionEvent::BeforeModelsCommitted);
    return of_changes(SessionEvent::BeforeModelsCommitted, std::move(listener), place);
}
Subscription SessionEvents::models_committed(OfChanges listener, CodePlace place) const {
    warn_if_untracked(SessionEvent::ModelsCommitted);
    return of_changes(SessionEvent::ModelsCommitted, std::move(listener), place);
}

Subscription SessionEvents::before_insert(OfObject listener, CodePlace place) const {
    return of_object(SessionEvent::BeforeInsert, std::move(listener), place);
}
Subscription SessionEvents::after_insert(OfObject listener, CodePlace place) const {
    return of_object(SessionEvent::AfterInsert, std::move(listener), place);
}
Subscription SessionEvents::before_update(OfObject listener, CodePlace place) const {
    return of_object(SessionEvent::BeforeUpdate, std::move(listener), place);
}
Subscription SessionEvents::after_update(OfObject listener, CodePlace place) const {
    return of_object(SessionEvent::AfterUpdate, std::move(listener), place);
}
Subscription SessionEvents::before_delete(OfObject listener, CodePlace place) const {
    return of_object(SessionEvent::BeforeDelete, std::move(listener), place);
}
Subscription SessionEvents::after_delete(OfObject listener, CodePlace place) const {
    return of_object(SessionEvent::AfterDelete, std::move(listener), place);
}
Subscription SessionEvents::load(OfObject listener, CodePlace place) const {
    return of_object(SessionEvent::Load, std::move(listener), place);
}
Subscription SessionEvents::refresh(OfObject listener, CodePlace place) const {
    return of_object(SessionEvent::Refresh, std::move(listener), place);
}

Subscription SessionEvents::expire(OfObject listener, CodePlace place) const {
    return of_object(SessionEvent::Expire, std::move(listener), place);
}

// Telling
// ------------------------------------------------------------------------------------------------------------

namespace {

constexpr auto kinds_of_flush = SessionListeners::kinds(
    SessionEvent::BeforeInsert, SessionEvent::AfterInsert, SessionEvent::BeforeUpdate,
    SessionEvent::AfterUpdate, SessionEvent::BeforeDelete, SessionEvent::AfterDelete,
    SessionEvent::BeforeFlush, SessionEvent::AfterFlush);
constexpr auto kinds_of_models =
    SessionListeners::kinds(SessionEvent::BeforeModelsCommitted, SessionEvent::ModelsCommitted);
constexpr auto kinds_of_life =
    SessionListeners::kinds(SessionEvent::Load, SessionEvent::Refresh, SessionEvent::Expire,
                            SessionEvent::ObjectTransition);
constexpr auto kinds_of_members = SessionListeners::kinds(
    SessionEvent::Set, SessionEvent::Append, SessionEvent::Remove, SessionEvent::Replace);

} // namespace

void SessionCore::begin_listening() {
    if (listeners_.any_of(kinds_of_life)) watch_objects();
    if (listeners_.any_of(kinds_of_members)) graph_->observe(this);
}

std::shared_ptr<ListenerRegistry> SessionCore::own_listeners() {
    check_open();
    watch_objects(); // whoever asks for it is going to listen
    graph_->observe(this);
    return listeners_.own();
}

SessionEvents Session::on() {
    SessionCore& core = live(core_);
    return {core.own_listeners(), core.engine().options().log, core.tracks_modifications()};
}
std::shared_ptr<ListenerRegistry> Session::own_listeners() {
    return live(core_).own_listeners();
}

void SessionCore::watch_objects() {
    if (watches_objects_) return;
    watches_objects_ = true;
    add_listener([this](Transition step, const AnyObject& object) {
        std::pair<Transition, const AnyObject*> call(step, &object);
        listeners_.tell(SessionEvent::ObjectTransition, &call);
        if (step == Transition::LoadedAsPersistent)
            listeners_.tell_of(SessionEvent::Load, *owner_, object);
    });
}

void SessionCore::note_refreshed(InstanceState& state) {
    if (listeners_.any(SessionEvent::Refresh))
        refreshed_.emplace_back(*state.mapper, graph_->handle(state));
}

void SessionCore::tell_refreshed() {
    const auto refreshed = std::exchange(refreshed_, {});
    std::unordered_set<const void*> told; // more than one row may have been of the same object
    for (const auto& object : refreshed) {
        if (told.insert(object.handle().get()).second)
            listeners_.tell_of(SessionEvent::Refresh, *owner_, object);
    }
}

void SessionCore::tell_expired(std::span<InstanceState* const> states) {
    if (!listeners_.any(SessionEvent::Expire)) return;
    std::vector<AnyObject> expired;
    for (InstanceState* state : states) {
        if (state->status == ObjectStatus::Persistent)
            expired.emplace_back(*state->mapper, graph_->handle(*state));
    }
    for (const auto& object : expired) listeners_.tell_of(SessionEvent::Expire, *owner_, object);
}

void SessionCore::tell_all_expired() {
    if (!listeners_.any(SessionEvent::Expire)) return;
    std::vector<InstanceState*> states;
    graph_->for_each([&](InstanceState& state) { states.push_back(&state); });
    tell_expired(states);
}

void SessionCore::refuse_in_listener(const char* what) const {
    if (!telling_flush_ && !telling_commit_) return;
    throw StateError(fmt::format("{} was called by a listener of a flush, or of a commit; the "
                                 "operation that it listens to has to end first",
                                 what));
}

bool SessionCore::tells_flush() const noexcept {
    return listeners_.any_of(kinds_of_flush) ||
           (options_.track_modifications && listeners_.any_of(kinds_of_models));
}

void SessionCore::tell_session(SessionEvent event) {
    if (!listeners_.any(event)) return;
    SessionCall call{owner_};
    listeners_.tell(event, &call);
}

void SessionCore::tell_before_commit() {
    if (!listeners_.any(SessionEvent::BeforeCommit)) return;
    const Raised telling(telling_commit_);
    tell_session(SessionEvent::BeforeCommit);
}

void SessionCore::tell_query(OrmExecution& query) {
    query.belong_to(*owner_);
    listeners_.tell(SessionEvent::OrmExecute, &query,
                    query.mapper() == nullptr ? std::string()
                                              : std::string(query.mapper()->class_name()));
}

void SessionCore::tell_begin() {
    SessionCall call{owner_, &*connection_};
    try {
        listeners_.tell(SessionEvent::AfterBegin, &call);
    } catch (...) {
        connection_.reset(); // which rolls back
        throw;
    }
}

void SessionCore::tell_before_flush() {
    if (!listeners_.any(SessionEvent::BeforeFlush)) return;
    if (!is_dirty() && graph_->losses().empty()) return;
    try {
        tell_session(SessionEvent::BeforeFlush);
    } catch (...) {
        take_back_listeners_writes();
        throw;
    }
}

/// What a listener has written before a flush that is refused must not stay behind.
void SessionCore::take_back_listeners_writes() noexcept {
    if (std::exchange(listener_wrote_, false)) undo_writes();
}

void SessionCore::write_and_tell() {
    const Raised telling(telling_flush_);
    listener_wrote_ = false;
    tell_before_flush();
    FlushEvents events(listeners_, *owner_, *graph_, in_listener_);
    write_changes(&events);
    listener_wrote_ = false;
    if (events.changes().empty()) return;
    if (listeners_.any(SessionEvent::AfterFlush)) {
        SessionCall call{owner_, nullptr, events.changes()};
        try {
            listeners_.tell(SessionEvent::AfterFlush, &call);
        } catch (...) {
            undo_writes();
            throw;
        }
    }
    if (options_.track_modifications) note_changes(events.changes());
}

/// Objects that were written in several flushes are told of once: as what became of them.
void SessionCore::note_changes(const std::vector<ModelChange>& changes) {
    changes_.insert(changes_.end(), changes.begin(), changes.end());
}

std::vector<ModelChange> SessionCore::taken_changes() {
    std::vector<ModelChange> result;
    std::unordered_map<const void*, std::size_t> places;
    std::unordered_set<const void*> passing; // inserted and deleted again
    for (auto& change : std::exchange(changes_, {})) {
        const void* object = change.object.handle().get();
        const auto [place, is_first] = places.try_emplace(object, result.size());
        if (is_first) {
            result.push_back(std::move(change));
        } else if (change.change == RowChange::Delete) {
            ModelChange& before = result[place->second];
            if (before.change == RowChange::Insert) passing.insert(object);
            before.change = RowChange::Delete;
        }
    }
    std::erase_if(result, [&](const ModelChange& change) {
        return passing.contains(change.object.handle().get());
    });
    return result;
}

std::vector<ModelChange> SessionCore::tell_before_models_committed() {
    auto changes = taken_changes();
    if (changes.empty()) return changes;
    SessionCall call{owner_, nullptr, changes};
    const Raised telling(telling_flush_);
    try {
        listeners_.tell(SessionEvent::BeforeModelsCommitted, &call);
    } catch (...) {
        changes_ = std::move(changes);
        throw;
    }
    return changes;
}

void SessionCore::tell_committed(const std::vector<ModelChange>& changes) {
    tell_session(SessionEvent::AfterCommit);
    if (changes.empty()) return;
    SessionCall call{owner_, nullptr, changes};
    listeners_.tell(SessionEvent::ModelsCommitted, &call);
}

void SessionCore::drop_changes_since(std::size_t count) noexcept {
    if (changes_.size() > count)
        changes_.erase(std::next(changes_.begin(), static_cast<std::ptrdiff_t>(count)),
                       changes_.end());
}

void SessionCore::flush_until_clean() {
    constexpr int enough = 100;
    if (!listeners_.any_of(kinds_of_flush)) return;
    for (int i = 0; i < enough; ++i) {
        if (!is_dirty()) return;
        flush();
    }
    throw StateError("a commit has flushed 100 times, and there is still something to write: does "
                     "a listener of after_flush make new changes each time?");
}

void SessionCore::tell_rolled_back_quietly() noexcept {
    if (!std::exchange(was_rolled_back_, false)) return;
    try {
        tell_session(SessionEvent::AfterRollback);
    } catch (...) { // the failure that is under way is the one to report
    }
}

// Members
// ------------------------------------------------------------------------------------------------------------

/// A listener that changes the member that it listens to is not told of that.
class SessionCore::MemberGuard {
public:
    MemberGuard(SessionCore& core, const void* owner, std::uint32_t member, SessionEvent event) :
        core_(core) {
        const Telling now{owner, member, event};
        is_first_ = std::find(core.telling_members_.begin(), core.telling_members_.end(), now) ==
                    core.telling_members_.end();
        core.telling_members_.push_back(now);
    }
    MemberGuard(const MemberGuard&) = delete;
    MemberGuard& operator=(const MemberGuard&) = delete;
    ~MemberGuard() { core_.telling_members_.pop_back(); }
    [[nodiscard]] bool is_first() const noexcept { return is_first_; }

private:
    SessionCore& core_;
    bool is_first_ = false;
};

void SessionCore::tell_member(SessionEvent event, InstanceState& owner, std::uint32_t member,
                              MemberCall call) {
    if (!listeners_.any_for(event, *owner.mapper, member)) return;
    const MemberGuard guard(*this, &owner, member, event);
    if (!guard.is_first()) return;
    call.owner = owner.object();
    listeners_.tell_member(event, *owner.mapper, member, call);
}

void SessionCore::value_setting(InstanceState& owner, const ColumnProperty& column, void* value,
                                const void* old) {
    const Initiator initiator{owner.mapper, column.member, ChangeOperation::Set};
    tell_member(SessionEvent::Set, owner, column.field.offset,
                {.owner = nullptr,
                 .value = value,
                 .old = old,
                 .target = nullptr,
                 .former = nullptr,
                 .members = nullptr,
                 .initiator = &initiator});
}

bool SessionCore::wants_former(const InstanceState& owner, const Relationship& relationship) const {
    return listeners_.any_for(SessionEvent::Set, *owner.mapper, relationship.offset);
}

void SessionCore::one_setting(InstanceState& owner, const Relationship& relationship,
                              std::shared_ptr<void>& target, const std::shared_ptr<void>& old,
                              const Initiator& initiator) {
    if (is_cascading()) return;
    tell_member(SessionEvent::Set, owner, relationship.offset,
                {.owner = nullptr,
                 .value = nullptr,
                 .old = nullptr,
                 .target = &target,
                 .former = &old,
                 .members = nullptr,
                 .initiator = &initiator});
}

void SessionCore::appending(InstanceState& owner, const Relationship& relationship,
                            std::shared_ptr<void>& target, const Initiator& initiator) {
    if (is_cascading()) return;
    tell_member(SessionEvent::Append, owner, relationship.offset,
                {.owner = nullptr,
                 .value = nullptr,
                 .old = nullptr,
                 .target = &target,
                 .former = nullptr,
                 .members = nullptr,
                 .initiator = &initiator});
}

void SessionCore::removing(InstanceState& owner, const Relationship& relationship,
                           const std::shared_ptr<void>& target, const Initiator& initiator) {
    if (is_cascading()) return;
    auto copy = target;
    tell_member(SessionEvent::Remove, owner, relationship.offset,
                {.owner = nullptr,
                 .value = nullptr,
                 .old = nullptr,
                 .target = &copy,
                 .former = nullptr,
                 .members = nullptr,
                 .initiator = &initiator});
}

void SessionCore::replacing(InstanceState& owner, const Relationship& relationship,
                            std::vector<std::shared_ptr<void>>& members) {
    const Initiator initiator{owner.mapper, relationship.member, ChangeOperation::Replace};
    tell_member(SessionEvent::Replace, owner, relationship.offset,
                {.owner = nullptr,
                 .value = nullptr,
                 .old = nullptr,
                 .target = nullptr,
                 .former = nullptr,
                 .members = &members,
                 .initiator = &initiator});
}

/// What an object brings along when it is added counts as set: a listener may change it, or refuse
/// the object.
void SessionCore::tell_given(const Mapper& mapper, std::byte* object) {
    std::unique_ptr<Slab> scratch; // of an object as it begins
    const std::byte* initial = nullptr;
    for (const auto index : mapper.attribute_columns()) {
        const ColumnProperty& column = mapper.columns()[index];
        const auto offset = column.field.offset;
        if (column.is_unset(object + offset) ||
            !listeners_.any_for(SessionEvent::Set, mapper, offset))
            continue;
        if (scratch == nullptr) {
            scratch = std::make_unique<Slab>(mapper);
            initial = scratch->construct().object();
        }
        const Initiator initiator{&mapper, column.member, ChangeOperation::Set};
        MemberCall call{object,  object + offset, initial + offset, nullptr,
                        nullptr, nullptr,         &initiator};
        listeners_.tell_member(SessionEvent::Set, mapper, offset, call);
    }
}

} // namespace mercator
