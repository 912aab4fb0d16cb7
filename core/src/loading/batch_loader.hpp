// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/loader_strategy.hpp>

namespace mercator {

/// `Lazy::batch`: when a member of one object is first touched, a statement for each so many
/// objects of the result that it came from loads it for all of them.
class BatchLoader : public LoaderStrategy {
public:
    void first_touch(LoadContext& context, InstanceState& owner,
                     const LoadStep& step) const override;
};

} // namespace mercator
