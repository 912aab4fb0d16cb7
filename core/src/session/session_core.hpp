// SPDX-License-Identifier: MIT
#pragma once

#include "transaction_record.hpp"

#include <mercator/ast/cache_key.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/session/session.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace mercator {

/// What stands behind a Session: connection, transaction, and the objects that the next flush has
/// to look at. Loaders reach it as their LoadContext, relationship members as the client of their
/// graph.
class SessionCore final : public LoadContext {
public:
    SessionCore(Engine& engine, SessionOptions options);
    ~SessionCore() override;

    // LoadContext
    [[nodiscard]] Engine& engine() override;
    [[nodiscard]] const std::shared_ptr<Graph>& graph() override { return graph_; }
    [[nodiscard]] StatementLease run(const ast::Select& select) override;
    [[nodiscard]] StatementLease run(const std::shared_ptr<const Compiled>& compiled,
                                     std::span<const Value> values) override;
    std::uint64_t write(const ast::Statement& statement) override;
    void autoflush(const ast::Select& select) override;
    [[nodiscard]] std::uint32_t transaction_number() const override { return transaction_number_; }
    [[nodiscard]] const std::shared_ptr<const Compiled>&
    compiled_by_key(const Mapper& mapper) override;
    // GraphClient
    void load_relationship(InstanceState& owner, const Relationship& relationship) override;
    void cascade_save(InstanceState& state) override;

    InstanceState& adopt(const Mapper& mapper, void* object);
    void add_again(InstanceState& state);
    void mark_deleted(InstanceState& state);
    void expunge(InstanceState& state);

    void flush();
    void commit();
    void rollback();
    void close() noexcept;
    [[nodiscard]] bool is_dirty();

    /// The connection, in a transaction; begins one in `mode` if there is none.
    [[nodiscard]] Connection& connection(TransactionMode mode);
    [[nodiscard]] bool in_transaction() const noexcept { return connection_.has_value(); }

private:
    void check_open() const;
    [[nodiscard]] bool has_changes_in(const Mapper& mapper);
    void undo_transaction() noexcept;
    void end_transaction() noexcept;
    void restore_memory();

    Engine* engine_;
    SessionOptions options_;
    std::shared_ptr<Graph> graph_;
    std::optional<Connection> connection_;
    ast::CacheKey key_;
    std::vector<Value> values_;
    std::vector<std::shared_ptr<const Compiled>> by_key_; ///< by mapper id
    std::vector<InstanceState*> pending_;
    std::vector<InstanceState*> deleted_;
    TransactionRecord record_;
    std::uint32_t transaction_number_ = 1;
    std::uint32_t next_position_ = 1;
    bool flushing_ = false;
    bool closed_ = false;
};

} // namespace mercator
