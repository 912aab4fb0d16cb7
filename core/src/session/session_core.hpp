// SPDX-License-Identifier: MIT
#pragma once

#include "open_savepoint.hpp"
#include "session_binds.hpp"
#include "session_listeners.hpp"
#include "transaction_record.hpp"
#include "transition_log.hpp"

#include <mercator/ast/cache_key.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/session/session.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace mercator {

class FlushEvents;

/// What stands behind a Session: connection, transaction, and the objects that the next flush has
/// to look at. Loaders reach it as their LoadContext, relationship members as the client of their
/// graph.
class SessionCore final : public LoadContext, private ChangeObserver {
public:
    SessionCore(Engine& engine, SessionOptions options);
    /// The Session that listeners are given; it is another one once it was moved.
    void belong_to(Session& session) noexcept { owner_ = &session; }
    ~SessionCore() override;

    // LoadContext
    [[nodiscard]] Engine& engine() override;
    [[nodiscard]] const std::shared_ptr<Graph>& graph() override { return graph_; }
    [[nodiscard]] StatementLease run(const ast::Select& select) override;
    [[nodiscard]] StatementLease run(const std::shared_ptr<const Compiled>& compiled,
                                     std::span<const Value> values) override;
    [[nodiscard]] std::vector<StatementLease>
    run_together(std::span<const ast::Select* const> selects) override;
    [[nodiscard]] Connection& connection_of(const Mapper& mapper, Connection& own) override;
    std::uint64_t write(const ast::Statement& statement) override;
    void autoflush(const ast::Select& select) override;
    bool autoflush_new(const Mapper& mapper) override;
    /// Before a statement that may refer to anything.
    void autoflush_all();
    void row_changed(InstanceState& state, const std::byte* row) override;
    void complete_images(InstanceState& state, const CompleteImage& complete) override;
    void tell_transitions() override;
    [[nodiscard]] bool listens_to_queries() const noexcept override {
        return listeners_.any(SessionEvent::OrmExecute) && !flushing_;
    }
    void tell_query(OrmExecution& query) override;
    [[nodiscard]] std::uint32_t transaction_number() const override { return transaction_number_; }
    [[nodiscard]] const std::shared_ptr<const Compiled>&
    compiled_by_key(const Mapper& mapper) override;
    [[nodiscard]] const LoadSettings& load_settings() const override { return options_.loading; }
    // GraphClient
    void load_relationship(InstanceState& owner, const Relationship& relationship) override;
    void load_for_change(InstanceState& owner, const Relationship& relationship) override;
    void load_column(InstanceState& state, const ColumnProperty& column) override;
    [[nodiscard]] std::size_t count_related(InstanceState& owner,
                                            const Relationship& relationship) override;
    [[nodiscard]] bool has_related(InstanceState& owner, const Relationship& relationship) override;
    [[nodiscard]] bool is_related(InstanceState& owner, const Relationship& relationship,
                                  InstanceState& target) override;
    [[nodiscard]] std::vector<InstanceState*> slice_related(InstanceState& owner,
                                                            const Relationship& relationship,
                                                            std::size_t offset,
                                                            std::size_t limit) override;
    void cascade_save(InstanceState& state) override;
    void found_several(const Relationship& relationship) override;

    InstanceState& adopt(const Mapper& mapper, void* object);
    void add_again(InstanceState& state);
    void mark_deleted(InstanceState& state);
    void expunge(InstanceState& state);
    void refresh(InstanceState& state);
    // Members are named by where they lie.
    void refresh_members(InstanceState& state, std::span<const std::uint32_t> offsets);
    void expire(InstanceState& state);
    void expire_members(InstanceState& state, std::span<const std::uint32_t> offsets);
    void expire_all();
    /// Between transactions: see Session.
    void let_go_of_unheld() noexcept;
    [[nodiscard]] InstanceState& merge(const Mapper& mapper, void* source, const Graph* home,
                                       MergeLoad load);
    [[nodiscard]] const ast::SchemaTranslation* schemas() const noexcept override {
        return key_.schemas;
    }

    void flush();
    void commit();
    void rollback();
    void close() noexcept;
    /// Lets all objects go; they and their memory belong to their handles from now on.
    void clear();

    [[nodiscard]] Savepoint begin_nested();
    void release(OpenSavepoint& savepoint);
    /// Who learns that the whole transaction was lost: the caller, or who uses the session next.
    enum class IfLost : std::uint8_t { TellNow, TellLater };
    void roll_back_to(OpenSavepoint& savepoint, IfLost if_lost);

    [[nodiscard]] bool is_dirty();
    [[nodiscard]] bool is_modified(const InstanceState& state);
    [[nodiscard]] const std::vector<InstanceState*>& pending() const noexcept { return pending_; }
    [[nodiscard]] const std::vector<InstanceState*>& deleted() const noexcept { return deleted_; }
    [[nodiscard]] std::vector<InstanceState*> modified();
    [[nodiscard]] std::vector<FlushStep> flush_plan();
    void add_listener(TransitionListener listener);
    /// Of this session alone; made when first asked for.
    [[nodiscard]] std::shared_ptr<ListenerRegistry> own_listeners();
    [[nodiscard]] bool tracks_modifications() const noexcept {
        return options_.track_modifications;
    }
    /// The program's own use of the connection.
    void note_direct_use() noexcept {
        listener_wrote_ = listener_wrote_ || flushing_ || telling_flush_;
    }
    /// More than zero: no flush but those asked for.
    [[nodiscard]] const std::shared_ptr<int>& autoflush_held() const noexcept {
        return autoflush_held_;
    }

    void add_criterion(const Mapper& mapper, ast::ExpressionPtr condition);

    /// The connection, in a transaction; begins one in `mode` if there is none.
    [[nodiscard]] Connection& connection(TransactionMode mode);
    [[nodiscard]] bool in_transaction() const noexcept { return connection_.has_value(); }

private:
    class Change;
    class MemberGuard;
    // ChangeObserver
    void value_setting(InstanceState& owner, const ColumnProperty& column, void* value,
                       const void* old) override;
    [[nodiscard]] bool wants_former(const InstanceState& owner,
                                    const Relationship& relationship) const override;
    void one_setting(InstanceState& owner, const Relationship& relationship,
                     std::shared_ptr<void>& target, const std::shared_ptr<void>& old,
                     const Initiator& initiator) override;
    void appending(InstanceState& owner, const Relationship& relationship,
                   std::shared_ptr<void>& target, const Initiator& initiator) override;
    void removing(InstanceState& owner, const Relationship& relationship,
                  const std::shared_ptr<void>& target, const Initiator& initiator) override;
    void replacing(InstanceState& owner, const Relationship& relationship,
                   std::vector<std::shared_ptr<void>>& members) override;
    // Listeners: session_events.cpp
    void begin_listening();
    void watch_objects();
    void note_refreshed(InstanceState& state);
    void tell_refreshed();
    void tell_expired(std::span<InstanceState* const> states);
    void tell_all_expired();
    void refuse_in_listener(const char* what) const;
    [[nodiscard]] bool tells_flush() const noexcept;
    void tell_session(SessionEvent event);
    void tell_begin();
    void tell_before_commit();
    void tell_before_flush();
    void take_back_listeners_writes() noexcept;
    void write_and_tell();
    void note_changes(const std::vector<ModelChange>& changes);
    [[nodiscard]] std::vector<ModelChange> taken_changes();
    [[nodiscard]] std::vector<ModelChange> tell_before_models_committed();
    void tell_committed(const std::vector<ModelChange>& changes);
    void drop_changes_since(std::size_t count) noexcept;
    void flush_until_clean();
    void tell_rolled_back_quietly() noexcept;
    void tell_member(SessionEvent event, InstanceState& owner, std::uint32_t member,
                     MemberCall call);
    void tell_given(const Mapper& mapper, std::byte* object);
    /// What a flush does by itself to relationships is told to nobody.
    [[nodiscard]] bool is_cascading() const noexcept { return flushing_ && !in_listener_; }
    [[nodiscard]] StatementLease run_as_it_is(const ast::Select& select);
    void check_open() const;
    void check_may_change() const;
    void insert_later(InstanceState& state);
    void come_back(InstanceState& state);
    void bring_back_related(InstanceState& state);
    void note_lists_of(InstanceState& state);
    void let_go_of(InstanceState& state);
    [[nodiscard]] bool may_autoflush() const noexcept {
        return options_.autoflush && !flushing_ && !telling_flush_ && *autoflush_held_ == 0;
    }
    void write_changes(FlushEvents* events);
    void write_or_take_back();
    template <class Action>
    void or_take_back(Action&& action);
    [[nodiscard]] TransactionRecord& record() noexcept; ///< of the innermost savepoint
    void drop_innermost();
    [[nodiscard]] std::size_t place_of(const OpenSavepoint& savepoint) const;
    void join_savepoints(std::size_t from, OpenSavepoint::End end);
    void report_loss();
    [[nodiscard]] bool has_changes_in(const Mapper& mapper);
    [[nodiscard]] bool is_to_be_related(const InstanceState& state) const;
    /// The connection that a statement goes to.
    [[nodiscard]] Connection& connection_for(SessionBinds::Bind* bind, TransactionMode mode);
    void commit_binds();
    void undo_writes() noexcept;
    void undo_transaction() noexcept;
    void forget_all_loaded();
    void end_transaction() noexcept;
    void restore_memory(const OpenSavepoint* savepoint);
    void let_go() noexcept;
    void part_with_objects();

    Engine* engine_;
    SessionOptions options_;
    std::shared_ptr<Graph> graph_;
    std::optional<Connection> connection_;
    SessionBinds binds_;
    std::vector<const Mapper*> bound_by_key_; ///< whose statement stands in `by_key_`
    ast::CacheKey key_;
    std::vector<Value> values_;
    std::vector<std::shared_ptr<const Compiled>> by_key_; ///< by mapper id
    std::vector<InstanceState*> pending_;
    std::vector<InstanceState*> deleted_;
    TransactionRecord record_; ///< of what was done outside of savepoints
    std::vector<std::shared_ptr<OpenSavepoint>>
        savepoints_;          ///< from the outermost to the innermost
    std::exception_ptr loss_; ///< of a transaction, where nobody could be told
    std::uint32_t transaction_number_ = 1;
    std::uint32_t next_position_ = 1;
    std::unique_ptr<TransitionLog> transitions_;                     ///< nullptr without listeners
    std::shared_ptr<int> autoflush_held_ = std::make_shared<int>(0); ///< guards may outlive us
    SessionListeners listeners_;
    Session* owner_ = nullptr;
    std::vector<ModelChange> changes_; ///< of the running transaction, where they are tracked
    std::vector<AnyObject> refreshed_; ///< and nobody was told yet
    /// What is told to listeners of members at the moment.
    struct Telling {
        const void* owner;
        std::uint32_t member;
        SessionEvent event;
        friend bool operator==(const Telling&, const Telling&) = default;
    };
    std::vector<Telling> telling_members_;
    int changing_ = 0; ///< depth of calls that change what the session keeps
    std::vector<const Relationship*> told_of_several_; ///< once is enough
    bool flushing_ = false;
    bool telling_flush_ = false;   ///< from before_flush to after_flush
    bool telling_commit_ = false;  ///< before_commit
    bool in_listener_ = false;     ///< of an object that is flushed
    bool listener_wrote_ = false;  ///< by itself, in the middle of a flush
    bool was_rolled_back_ = false; ///< and nobody was told yet
    bool watches_objects_ = false;
    bool written_by_query_ = false; ///< the running transaction has changed rows without objects
    bool closed_ = false;
};

/// An error of the database: what was written since the innermost savepoint, or since the
/// transaction began, is pending again.
template <class Action>
void SessionCore::or_take_back(Action&& action) {
    try {
        action();
    } catch (...) {
        undo_writes();
        if (transitions_) transitions_->tell_quietly();
        tell_rolled_back_quietly();
        throw;
    }
}

/// Changes with an object that was expunged are kept for the time when it comes back.
[[nodiscard]] inline bool waits_for_return(const Association& change) noexcept {
    return change.owner->status == ObjectStatus::Detached ||
           change.target->status == ObjectStatus::Detached;
}

/// What stands behind a session that has not been moved from. Throws StateError.
[[nodiscard]] SessionCore& live(const std::unique_ptr<SessionCore>& core);

} // namespace mercator
