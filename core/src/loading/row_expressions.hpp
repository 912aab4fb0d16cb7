// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/loading/load_request.hpp>

#include <vector>

namespace mercator {

/// Do the options fill members with the values of expressions, which the request does not read yet?
[[nodiscard]] bool wants_expressions(const LoadRequest& request) noexcept;

/// What `read_rows` does then.
void read_with_expressions(LoadContext& context, const LoadRequest& request,
                           const ast::Select& select, std::vector<InstanceState*>& objects);

} // namespace mercator
