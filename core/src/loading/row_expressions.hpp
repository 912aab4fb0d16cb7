// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/loading/load_node.hpp>
#include <mercator/loading/load_request.hpp>

#include <vector>

namespace mercator {

/// Does the mapping fill members of the class by expressions?
[[nodiscard]] bool has_expressions(const Mapper& mapper) noexcept;

/// The expressions that fill members of the class: those of its mapping, as far as the options (may
/// be empty) do not say otherwise, and those of the options.
[[nodiscard]] std::vector<ExpressionWish> wished_expressions(const Mapper& mapper,
                                                             const LoadNode* options);

/// Do mapping or options fill members with the values of expressions, which the request does not
/// read yet?
[[nodiscard]] bool wants_expressions(const LoadRequest& request);

/// Reads those values beside the rows, with what the request wants to know of each row itself.
class ExpressionTag {
public:
    explicit ExpressionTag(const LoadRequest& request);
    ExpressionTag(const ExpressionTag&) = delete;
    ExpressionTag& operator=(const ExpressionTag&) = delete;

    /// The request for both.
    [[nodiscard]] LoadRequest with(const LoadRequest& request) const;

private:
    void fill(InstanceState& object) const;

    const RowTag* inner_;
    std::vector<ExpressionWish> wishes_;
    RowTag tag_;
    std::vector<const Field*> fields_;
    std::vector<Value> values_;
    std::size_t told_ = 0; ///< how many of them are the request's own
};

/// What `read_rows` does then.
void read_with_expressions(LoadContext& context, const LoadRequest& request,
                           const ast::Select& select, std::vector<InstanceState*>& objects);

} // namespace mercator
