// SPDX-License-Identifier: MIT
#pragma once

#include "row_statements.hpp"

#include <mercator/ast/cache_key.hpp>
#include <mercator/ast/dml.hpp>
#include <mercator/dialect/capabilities.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/state/column_set.hpp>
#include <mercator/state/instance_state.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace mercator {

/// Writes objects of one class with the same columns, in as few statements as the backend's
/// capabilities allow, and reads back what the database filled in.
class Persister {
public:
    /// `schemas` as in `ast::CacheKey`.
    Persister(Engine& engine, Connection& connection, const Mapper& mapper,
              const ast::SchemaTranslation* schemas);

    /// Inserts; afterwards the members in `fetched` hold what the database made.
    /// Calls `inserted` after each batch, while its objects are still in the processor's cache.
    void insert(std::span<InstanceState* const> states, const ColumnSet& written,
                const ColumnSet& fetched,
                const std::function<void(std::span<InstanceState* const>)>& inserted);
    /// Updates the columns in `changed` by primary key. StaleDataError when a row was not there.
    void update(std::span<InstanceState* const> states, const ColumnSet& changed);
    /// Updates one object whose primary key changed: found by the key in its snapshot.
    void update_key(InstanceState& state, const ColumnSet& changed);
    void remove(std::span<InstanceState* const> states);

private:
    /// What the backend takes for one kind of statement, and what it does to the rows, for
    /// messages.
    struct Batches {
        ast::BatchForm form;
        std::uint32_t rows;
        const char* verb;
        const ColumnSet& changed; ///< of an UPDATE
    };
    /// Runs an UPDATE or DELETE by key for all objects, batch by batch. StaleDataError when a row
    /// was not there.
    template <class Statement>
    void write_by_key(Statement& statement, const BindPlan& plan, Batches batches,
                      std::span<InstanceState* const> states);
    using InsertedRows = std::function<void(std::span<InstanceState* const>)>;
    void insert_part(const TablePart& part, std::span<InstanceState* const> states,
                     const ColumnSet& written, const ColumnSet& fetched,
                     const InsertedRows* inserted);
    void update_part(const TablePart& part, std::span<InstanceState* const> states,
                     const ColumnSet& changed);
    void update_key_of(std::size_t part, InstanceState& state, const ColumnSet& changed);
    [[nodiscard]] StatementLease run(const ast::Statement& statement, const BindPlan& plan,
                                     std::span<InstanceState* const> states);
    template <class Execute>
    [[nodiscard]] StatementLease naming_columns(Execute&& execute) const;
    void read_returned(DriverStatement& statement, std::span<InstanceState* const> states,
                       const std::vector<std::size_t>& columns);
    void read_generated_keys(DriverStatement& statement, std::span<InstanceState* const> states,
                             std::size_t key);
    void read_rows(DriverStatement& statement, std::span<InstanceState* const> states,
                   const std::vector<std::size_t>& columns);
    void fetch_after_insert(DriverStatement& statement, InstanceState& state,
                            const std::vector<std::size_t>& columns);
    /// The columns lie in one table.
    void reread(InstanceState& state, const std::vector<std::size_t>& columns);
    /// What the database makes whenever a row is written: read back.
    void fetch_after_update(std::span<InstanceState* const> states);
    void check_count(std::uint64_t affected, std::size_t expected, const char* verb) const;

    Engine& engine_;
    Connection& connection_;
    const Mapper& mapper_;
    const Capabilities& capabilities_;
    RowStatements statements_;
    ast::CacheKey key_;
    std::vector<const std::byte*> rows_;
};

} // namespace mercator
