// SPDX-License-Identifier: MIT
#include <mercator/loading/loader_strategy.hpp>

#include "lazy_loader.hpp"
#include "raise_loader.hpp"

namespace mercator {

LoaderStrategy::~LoaderStrategy() = default;
bool LoaderStrategy::joins_owners() const noexcept {
    return false;
}
void LoaderStrategy::rows_loaded(LoadContext&, const LoadStep&, const LoadedRows&) const {}

const LoaderStrategy& strategy_of(Lazy lazy) {
    static const LazyLoader lazy_loader;
    static const RaiseLoader raise_loader;
    if (lazy == Lazy::raise) return raise_loader;
    return lazy_loader;
}

void touch_relationship(LoadContext& context, InstanceState& owner,
                        const Relationship& relationship) {
    const LoadNode* options = owner.batch == nullptr ? nullptr : owner.batch->options.get();
    const LoadStep step = decided_step(context.load_settings(), options, relationship);
    strategy_of(step.lazy).first_touch(context, owner, step);
}

} // namespace mercator
