// SPDX-License-Identifier: MIT
#include <mercator/session/session.hpp>

#include "session_core.hpp"

#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/loader_strategy.hpp>
#include <mercator/loading/row_assembler.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

Session::Session(Engine& engine, SessionOptions options) :
    core_(std::make_unique<SessionCore>(engine, std::move(options))) {
    core_->belong_to(*this);
}
Session::Session(Session&& other) noexcept : core_(std::move(other.core_)) {
    if (core_ != nullptr) core_->belong_to(*this);
}
Session& Session::operator=(Session&& other) noexcept {
    core_ = std::move(other.core_);
    if (core_ != nullptr) core_->belong_to(*this);
    return *this;
}
Session::~Session() = default;

const std::shared_ptr<Graph>& Session::graph() const {
    return live(core_).graph();
}
LoadContext& Session::context() {
    return live(core_);
}
Engine& Session::engine() const {
    return live(core_).engine();
}
Connection& Session::connection() {
    live(core_).note_direct_use();
    return live(core_).connection(TransactionMode::Write);
}
bool Session::in_transaction() const noexcept {
    return core_ != nullptr && core_->in_transaction();
}

InstanceState& Session::adopt(const Mapper& mapper, void* object) {
    return live(core_).adopt(mapper, object);
}

InstanceState& Session::own_state(const std::shared_ptr<void>& handle) {
    Graph* graph = Graph::of(handle);
    if (graph == nullptr) {
        throw StateError("this object is not known to any session; session.add(std::move(object)) "
                         "returns its handle");
    }
    if (graph != live(core_).graph().get()) {
        if (graph->client() == nullptr) {
            throw StateError("the session of this object has let it go, by clear() or at its end; "
                             "load it in this one, or add a copy of it");
        }
        throw StateError("this object belongs to another session; load it in this one first");
    }
    return state_of(handle.get());
}

ObjectStatus Session::status_of(const std::shared_ptr<void>& handle) noexcept {
    const Graph* graph = Graph::of(handle);
    if (graph == nullptr) return ObjectStatus::Transient;
    const ObjectStatus status = mercator::state_of(handle.get()).status;
    const bool ended = graph->client() == nullptr;
    return ended && status == ObjectStatus::Persistent ? ObjectStatus::Detached : status;
}

bool Session::keeps(const std::shared_ptr<void>& handle) const noexcept {
    const auto now = status_of(handle);
    return core_ != nullptr && Graph::of(handle) == core_->graph().get() &&
           (now == ObjectStatus::Pending || now == ObjectStatus::Persistent);
}

void Session::add_again(InstanceState& state) {
    live(core_).add_again(state);
}
void Session::mark_deleted(InstanceState& state) {
    live(core_).mark_deleted(state);
}
void Session::expunge_state(InstanceState& state) {
    live(core_).expunge(state);
}

namespace {

void check_has_row(const InstanceState& state, std::string_view what) {
    if (state.flushed_delete) {
        throw StaleDataError(
            fmt::format("the row of this {} has been deleted through this session, or by the "
                        "database with the row that it belonged to",
                        state.mapper->class_name()),
            std::string(state.mapper->class_name()));
    }
    if (state.status != ObjectStatus::Persistent) {
        throw StateError(
            fmt::format("only an object that stands for a row can be {}; flush it first", what));
    }
}

} // namespace

void Session::refresh_state(InstanceState& state) {
    check_has_row(state, "refreshed");
    live(core_).refresh(state);
}
void Session::refresh_members(InstanceState& state, std::span<const std::uint32_t> offsets) {
    check_has_row(state, "refreshed");
    live(core_).refresh_members(state, offsets);
}
void Session::expire_state(InstanceState& state) {
    check_has_row(state, "expired");
    live(core_).expire(state);
}
void Session::expire_members(InstanceState& state, std::span<const std::uint32_t> offsets) {
    check_has_row(state, "expired");
    live(core_).expire_members(state, offsets);
}
void Session::expire_all() {
    live(core_).expire_all();
}

void* Session::merge_object(const Mapper& mapper, const void* object, MergeLoad load) {
    // Only read; what it holds of relationships is the same shared handles.
    return live(core_).merge(mapper, const_cast<void*>(object), nullptr, load).object();
}
void* Session::merge_handle(const Mapper& mapper, const std::shared_ptr<void>& handle,
                            MergeLoad load) {
    if (handle == nullptr) throw ArgumentError("merge needs an object; this handle is empty");
    return live(core_).merge(mapper, handle.get(), Graph::of(handle), load).object();
}

bool Session::state_is_modified(InstanceState& state) {
    return live(core_).is_modified(state);
}

LoadContext& Session::open_context() {
    static_cast<void>(live(core_).engine());
    return live(core_);
}

NoAutoflush::NoAutoflush(std::shared_ptr<int> held) : held_(std::move(held)) {
    ++*held_;
}
NoAutoflush::~NoAutoflush() {
    --*held_;
}
NoAutoflush Session::no_autoflush() {
    return NoAutoflush(live(core_).autoflush_held());
}

void Session::add_criterion(const Mapper& mapper, ast::ExpressionPtr condition) {
    live(core_).add_criterion(mapper, std::move(condition));
}
CriteriaPause Session::pause_criteria(const CriteriaWaiver& waiver) {
    return CriteriaPause(live(core_).criteria_in_use(), waiver);
}

namespace {

std::vector<AnyObject> any_objects(Graph& graph, const std::vector<InstanceState*>& states) {
    std::vector<AnyObject> objects;
    objects.reserve(states.size());
    for (InstanceState* state : states) objects.emplace_back(*state->mapper, graph.handle(*state));
    return objects;
}

} // namespace

std::vector<AnyObject> Session::new_objects() {
    return any_objects(*graph(), live(core_).pending());
}
std::vector<AnyObject> Session::dirty() {
    return any_objects(*graph(), live(core_).modified());
}
std::vector<AnyObject> Session::deleted() {
    return any_objects(*graph(), live(core_).deleted());
}
std::vector<FlushStep> Session::flush_plan() {
    return live(core_).flush_plan();
}
void Session::on_transition(TransitionListener listener) {
    live(core_).add_listener(std::move(listener));
}

/// What the object with this key is instead, where a hierarchy has one key for all of its classes.
const Mapper* Session::other_class_with(const Mapper& mapper, std::span<const Value> key) {
    const Mapper& whole = mapper.identity_root();
    if (&whole == &mapper || !mapper.is_polymorphic()) return nullptr;
    const InstanceState* found = load_by_key(live(core_), whole, key, true);
    return found == nullptr ? nullptr : found->mapper;
}

/// Only the caller's own argument is ever shown.
void Session::throw_no_object(const Mapper& mapper, std::span<const Value> key) {
    std::string text;
    for (std::size_t i = 0; i < key.size(); ++i) {
        const auto& property = mapper.columns()[mapper.primary_key()[i]];
        text += fmt::format("{}{} = {}", i == 0 ? "" : ", ", property.member,
                            property.field.type.sensitive ? "***" : display(key[i]));
    }
    if (const Mapper* other = other_class_with(mapper, key)) {
        throw NoResultFound(fmt::format("there is no {} with {}: it is a {}", mapper.class_name(),
                                        text, other->class_name()),
                            std::string(mapper.class_name()));
    }
    throw NoResultFound(fmt::format("there is no {} with {}; use get() where absence is normal",
                                    mapper.class_name(), text),
                        std::string(mapper.class_name()));
}

InstanceState* Session::find(const Mapper& mapper, std::span<const Value> key, bool read_only) {
    InstanceState* found = load_by_key(live(core_), mapper, key, read_only);
    if (found != nullptr && !found->mapper->relationships().empty()) {
        const LoadRequest request{.mapper = found->mapper, .read_only = read_only};
        load_along(live(core_), request, nullptr, {&found, 1});
    }
    return found;
}

std::vector<InstanceState*> Session::find_related(InstanceState& object, const Mapper& target,
                                                  std::string_view name) {
    const Relationship& side = object.mapper->external_relationship(name);
    if (side.target != &target) {
        throw ArgumentError(fmt::format("{} leads to {}, not to {}", side.where,
                                        side.target->class_name(), target.class_name()),
                            side.where);
    }
    const LoadContext::Use use(live(core_));
    live(core_).flush();
    return load_related(live(core_), object, side);
}

void Session::load_states(std::span<InstanceState* const> states,
                          const std::shared_ptr<const LoadNode>& options) {
    // A plan for queries may speak of columns as well, and serves here for its relationships.
    if (options != nullptr && options->branches.empty() && !options->others) {
        throw ArgumentError(
            fmt::format("session.load() loads relationships of a {} that is there already, and "
                        "this option names none; options about columns belong to a query, and a "
                        "deferred column loads when it is read",
                        options->mapper->class_name()),
            std::string(options->mapper->class_name()));
    }
    load_after(live(core_), states, options, CodePlace{});
}

bool Session::read_values(const Mapper& mapper, std::span<const Value> key, std::byte* object) {
    IdentityKey checked;
    identity_of(mapper, key, checked); // refuses a wrong number or kind of values
    const StatementLease statement = run_by_key(live(core_), mapper, key);
    return statement->fetch(entity_plan(mapper).decode, &object);
}

void Session::flush(CodePlace place) {
    const LoadContext::Use use(live(core_), place);
    live(core_).flush();
}
void Session::commit(CodePlace place) {
    const LoadContext::Use use(live(core_), place);
    live(core_).commit();
    if (use.is_outermost()) live(core_).let_go_of_unheld();
}
void Session::rollback(CodePlace place) {
    const LoadContext::Use use(live(core_), place);
    live(core_).rollback();
    if (use.is_outermost()) live(core_).let_go_of_unheld();
}
std::uint64_t Session::execute(const TableInsert& insert) {
    const LoadContext::Use use(live(core_));
    live(core_).autoflush_all();
    return insert.run(live(core_));
}
void Session::close() noexcept {
    if (core_) core_->close();
}
void Session::clear() {
    live(core_).clear();
}
Savepoint Session::begin_nested() {
    return live(core_).begin_nested();
}
bool Session::is_dirty() {
    return live(core_).is_dirty();
}

} // namespace mercator
