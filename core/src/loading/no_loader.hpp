// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/loader_strategy.hpp>

namespace mercator {

/// `Lazy::noload`: nothing, until something is assigned.
class NoLoader final : public LoaderStrategy {
public:
    void first_touch(LoadContext& context, InstanceState& owner,
                     const LoadStep& step) const override;
};

} // namespace mercator
