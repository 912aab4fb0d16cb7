// SPDX-License-Identifier: MIT
#include <mercator/loading/loader_strategy.hpp>

#include "lazy_loader.hpp"
#include "raise_loader.hpp"

namespace mercator {

LoaderStrategy::~LoaderStrategy() = default;
void LoaderStrategy::setup_query(ast::Select&, const Relationship&) const {}
void LoaderStrategy::rows_loaded(LoadContext&, const Relationship&,
                                 std::span<InstanceState* const>) const {}

const LoaderStrategy& strategy_of(Lazy lazy) {
    static const LazyLoader lazy_loader;
    static const RaiseLoader raise_loader;
    if (lazy == Lazy::raise) return raise_loader;
    return lazy_loader;
}

} // namespace mercator
