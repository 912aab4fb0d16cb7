// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/ast/select.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/loading/criteria.hpp>
#include <mercator/loading/load_request.hpp>
#include <mercator/mapping/criterion.hpp>
#include <mercator/state/graph_client.hpp>
#include <mercator/support/code_place.hpp>
#include <mercator/support/export.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace mercator {

class OrmExecution;

/// What a loader needs of a session: somewhere to run a statement, and the graph that objects go
/// to. `Session` implements it, so loading never includes the session. Belongs to the session's
/// thread.
class MERCATOR_API LoadContext : public GraphClient {
public:
    /// Marks the session as in use by this thread for one operation (operations may contain
    /// others). Another thread that comes meanwhile gets a StateError that names both places, as
    /// far as they are known, instead of a torn session. A plain load and store: a collision of
    /// nanoseconds may be missed, and it costs nothing.
    class Use {
    public:
        explicit Use(LoadContext& context, CodePlace place = {}) : context_(context) {
            const std::uintptr_t self = this_thread();
            const auto user = context.user_.load(std::memory_order_relaxed);
            if (user != 0 && user != self) context.refuse_second_user(place);
            outermost_ = user == 0;
            if (!outermost_) return;
            context.user_.store(self, std::memory_order_relaxed);
            context.user_file_.store(place.file, std::memory_order_relaxed);
            context.user_line_.store(place.line, std::memory_order_relaxed);
        }
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;
        ~Use() {
            if (outermost_) context_.user_.store(0, std::memory_order_relaxed);
        }
        /// Is the operation not a part of another one?
        [[nodiscard]] bool is_outermost() const noexcept { return outermost_; }

    private:
        [[nodiscard]] static std::uintptr_t this_thread() noexcept;

        LoadContext& context_;
        bool outermost_;
    };

    /// Throws StateError when the session is closed.
    [[nodiscard]] virtual Engine& engine() = 0;
    [[nodiscard]] virtual const std::shared_ptr<Graph>& graph() = 0;
    /// Where rows of a class are written: `own`, the session's connection, unless the class has a
    /// bind key and the session an engine for it.
    [[nodiscard]] virtual Connection& connection_of(const Mapper& /*mapper*/, Connection& own) {
        return own;
    }
    /// The schemas in which tables really lie (`SessionOptions::schema_translate`); nullptr for
    /// those that they name.
    [[nodiscard]] virtual const ast::SchemaTranslation* schemas() const noexcept { return nullptr; }
    /// Compiles and runs on the session's own connection, in its transaction, which begins if it
    /// has not.
    [[nodiscard]] virtual StatementLease run(const ast::Select& select) = 0;
    [[nodiscard]] virtual StatementLease run(const std::shared_ptr<const Compiled>& compiled,
                                             std::span<const Value> values) = 0;
    /// The same with each of several, in one round trip where the backend can
    /// (`Connection::execute_together`): all of them, or an error and none.
    [[nodiscard]] virtual std::vector<StatementLease>
    run_together(std::span<const ast::Select* const> selects) = 0;
    /// Runs an UPDATE or DELETE by condition; returns the number of rows it met.
    virtual std::uint64_t write(const ast::Statement& statement) = 0;
    /// Called before a query of the user (not before lazy loads): flushes what the query could
    /// miss.
    virtual void autoflush(const ast::Select& select) = 0;
    /// Called before a lazy load or a lookup by key asks the database: flushes new objects of the
    /// class, which it could miss. Members of loaded objects are not compared here, as touching one
    /// relationship after the other would then cost the square of what is loaded.
    /// Returns whether it flushed.
    virtual bool autoflush_new(const Mapper& mapper) = 0;
    /// Called when a row is read that differs from the object's snapshot, before `row` becomes it:
    /// a rollback may have to take it back.
    virtual void row_changed(InstanceState& state, const std::byte* row) = 0;
    /// Former images of the object's row, kept for a rollback, lack columns that were loaded since:
    /// each is replaced by what `complete` makes of it.
    using CompleteImage = std::function<const std::byte*(const std::byte* image)>;
    virtual void complete_images(InstanceState& state, const CompleteImage& complete) = 0;
    /// Does anybody want to know of the user's queries, to see or change them?
    [[nodiscard]] virtual bool listens_to_queries() const noexcept { return false; }
    virtual void tell_query(OrmExecution& /*query*/) {}
    /// Tells listeners what became of objects, once an operation is complete.
    virtual void tell_transitions() = 0;
    /// The session's running transaction: objects read in an older one are refreshed when their row
    /// is read again.
    [[nodiscard]] virtual std::uint32_t transaction_number() const = 0;
    /// The SELECT by primary key of a class, compiled, kept for the session's life.
    [[nodiscard]] virtual const std::shared_ptr<const Compiled>&
    compiled_by_key(const Mapper& mapper) = 0;

    /// How relationships are loaded where neither options nor mapping say it.
    [[nodiscard]] virtual const LoadSettings& load_settings() const = 0;

    /// The conditions that `run` adds to every SELECT; nullptr for none.
    [[nodiscard]] const Criteria* criteria() {
        const auto& in_use = criteria_in_use();
        return in_use == nullptr ? nullptr : in_use->now.get();
    }
    [[nodiscard]] const std::shared_ptr<CriteriaInUse>& criteria_in_use() {
        const std::uint32_t mapped = mapped_criteria_count.load(std::memory_order_acquire);
        if (mapped != 0 && (criteria_ == nullptr || criteria_->mapped != mapped))
            take_mapped_criteria();
        return criteria_;
    }

protected:
    std::shared_ptr<CriteriaInUse> criteria_; ///< empty until the session is given some

private:
    /// Classes with criteria of their own have been configured since.
    void take_mapped_criteria();
    [[noreturn]] void refuse_second_user(CodePlace place) const;

    std::atomic<std::uintptr_t> user_{0};    ///< the thread inside, or 0
    std::atomic<const char*> user_file_{""}; ///< where it came in
    std::atomic<unsigned> user_line_{0};
};

} // namespace mercator
