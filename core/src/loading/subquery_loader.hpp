// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/loader_strategy.hpp>

namespace mercator {

/// `Lazy::subquery`: one statement for all owners, which contains theirs instead of their keys. For
/// parity with SQLAlchemy: the database runs the owners' query twice, and a LIMIT whose order has
/// ties may mean other rows the second time, so `selectin` is the better choice nearly always.
class SubqueryLoader final : public LoaderStrategy {
public:
    void rows_loaded(LoadContext& context, const LoadStep& step,
                     const LoadedRows& rows) const override;
    void first_touch(LoadContext& context, InstanceState& owner,
                     const LoadStep& step) const override;
};

} // namespace mercator
