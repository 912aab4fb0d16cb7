// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/loader_strategy.hpp>

namespace mercator {

/// `Lazy::raise`: never loads by itself, so that no statement is sent unseen; `Lazy::raise_on_sql`:
/// only what memory has.
class RaiseLoader final : public LoaderStrategy {
public:
    void first_touch(LoadContext& context, InstanceState& owner,
                     const LoadStep& step) const override;
};

} // namespace mercator
