// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/loader_strategy.hpp>

namespace mercator {

/// `Lazy::select`: one statement when a member is first touched; none when the object referred to
/// is already in memory.
class LazyLoader final : public LoaderStrategy {
public:
    void first_touch(LoadContext& context, InstanceState& owner,
                     const LoadStep& step) const override;
};

} // namespace mercator
