// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/loader_strategy.hpp>

#include <vector>

namespace mercator {

/// `Lazy::joined`: related objects come in the owners' own rows, by outer joins.
class JoinedLoader final : public LoaderStrategy {
public:
    [[nodiscard]] bool joins_owners() const noexcept override;
    /// For what the owners' rows did not bring: the first few of each, which a join cannot tell,
    /// and members of owners that were read without joins.
    void rows_loaded(LoadContext& context, const LoadStep& step,
                     const LoadedRows& rows) const override;
    void first_touch(LoadContext& context, InstanceState& owner,
                     const LoadStep& step) const override;
};

/// Do the rows of this request bring related objects?
[[nodiscard]] bool wants_joins(LoadContext& context, const LoadRequest& request) noexcept;

/// What `read_rows` does then: reads the request's own objects, and loads all that is related to
/// them by joins, with what hangs on that.
void read_joined(LoadContext& context, const LoadRequest& request, const ast::Select& select,
                 std::vector<InstanceState*>& objects);

} // namespace mercator
