// SPDX-License-Identifier: MIT
#pragma once

#include "key_sync.hpp"
#include "row_statements.hpp"

#include <mercator/ast/cache_key.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/session/flush_step.hpp>

#include <string>
#include <vector>

namespace mercator {

/// What a step of a flush would send, for those who want to see it beforehand.
class FlushStatements {
public:
    FlushStatements(LoadContext& context, const LinksByChild& links) :
        engine_(context.engine()),
        links_(links) {
        key_.schemas = context.schemas();
    }

    /// `columns` are written; of a delete there are none.
    [[nodiscard]] std::vector<FlushStep::Statement> of(FlushStep::Action action,
                                                       const Mapper& mapper,
                                                       const ColumnSet& columns,
                                                       const std::vector<InstanceState*>& states);
    [[nodiscard]] std::string sql(const ast::Statement& statement);

private:
    [[nodiscard]] Value written(const InstanceState& state, std::size_t column) const;
    [[nodiscard]] std::vector<Value> binds(const InstanceState& state, const BindPlan& plan,
                                           const std::vector<std::size_t>& columns,
                                           bool is_row) const;

    Engine& engine_;
    const LinksByChild& links_;
    ast::CacheKey key_;
};

/// What an object's column holds, or NULL if the database is still to make it.
[[nodiscard]] Value known_value(const InstanceState& state, std::size_t column);

} // namespace mercator
