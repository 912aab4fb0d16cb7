// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/graph.hpp>

namespace mercator {

/// A session's connection and transaction with a graph of its own, whose objects are read only. On
/// the stack of a stream, inside the session's life.
class PageContext final : public LoadContext {
public:
    explicit PageContext(LoadContext& session);
    ~PageContext() override;

    /// StateError if an object that could be reached was changed.
    void check_unchanged() const;

    [[nodiscard]] Engine& engine() override { return session().engine(); }
    [[nodiscard]] const std::shared_ptr<Graph>& graph() override { return graph_; }
    [[nodiscard]] StatementLease run(const ast::Select& select) override {
        return session().run(select);
    }
    [[nodiscard]] StatementLease run(const std::shared_ptr<const Compiled>& compiled,
                                     std::span<const Value> values) override {
        return session().run(compiled, values);
    }
    [[nodiscard]] std::vector<StatementLease>
    run_together(std::span<const ast::Select* const> selects) override {
        return session().run_together(selects);
    }
    std::uint64_t write(const ast::Statement& statement) override;
    void autoflush(const ast::Select& select) override { session().autoflush(select); }
    bool autoflush_new(const Mapper& mapper) override { return session().autoflush_new(mapper); }
    void row_changed(InstanceState&, const std::byte*) override {}
    void complete_images(InstanceState&, const CompleteImage&) override {}
    void tell_transitions() override {}
    [[nodiscard]] std::uint32_t transaction_number() const override {
        return session().transaction_number();
    }
    [[nodiscard]] const std::shared_ptr<const Compiled>&
    compiled_by_key(const Mapper& mapper) override {
        return session().compiled_by_key(mapper);
    }
    [[nodiscard]] const LoadSettings& load_settings() const override {
        return session().load_settings();
    }

    void load_relationship(InstanceState& owner, const Relationship& relationship) override;
    void load_for_change(InstanceState& owner, const Relationship& relationship) override {
        load_relationship(owner, relationship); // it is refused when the page ends
    }
    void cascade_save(InstanceState& state) override;
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

private:
    /// Throws DetachedError when it has ended.
    [[nodiscard]] LoadContext& session() const;

    std::weak_ptr<Graph> session_graph_; ///< tells whether the session lives
    std::shared_ptr<Graph> graph_;
};

} // namespace mercator
