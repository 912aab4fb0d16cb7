// SPDX-License-Identifier: MIT
#include "no_loader.hpp"

#include "related_loader.hpp"

#include <mercator/state/graph.hpp>

namespace mercator {

void NoLoader::first_touch(LoadContext& context, InstanceState& owner, const LoadStep& step) const {
    set_related(*context.graph(), owner, *step.relationship, {});
    set_partial(owner, *step.relationship); // a cascade must not take it for all there is
}

} // namespace mercator
