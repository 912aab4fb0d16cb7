// SPDX-License-Identifier: MIT
#pragma once

#include "row_expressions.hpp"

#include <mercator/ast/select.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/loading/load_request.hpp>

#include <optional>
#include <span>
#include <vector>

namespace mercator {

/// A statement for objects of one class, complete before it is sent, so that it can be sent with
/// others. What the request points to must outlive it.
class PreparedRows {
public:
    /// Not for requests that want joins.
    PreparedRows(LoadContext& context, const LoadRequest& request, const ast::Select& select);
    /// Of the object with this key.
    PreparedRows(LoadContext& context, const Mapper& mapper, std::span<const Value> key);
    PreparedRows(const PreparedRows&) = delete;
    PreparedRows& operator=(const PreparedRows&) = delete;

    [[nodiscard]] const ast::Select& select() const noexcept { return select_; }
    /// Of the statement, which was executed.
    void read(DriverStatement& statement, std::vector<InstanceState*>& objects);

private:
    void read_expressions();

    LoadContext& context_;
    std::optional<ExpressionTag> expressions_;
    LoadRequest request_;
    const EntityPlan& plan_;
    DecodePlan decode_; ///< with the tag's columns
    ast::Select select_;
};

} // namespace mercator
