// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/loading/load_node.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/state/load_batch.hpp>

namespace mercator {

/// While it lives, criteria that the owner's query did without are left off for what is asked of
/// the owner, too.
[[nodiscard]] inline CriteriaPause waived_criteria(LoadContext& context,
                                                   const InstanceState& owner) {
    static const CriteriaWaiver none;
    const LoadNode* options = owner.batch == nullptr ? nullptr : owner.batch->options.get();
    return CriteriaPause(context.criteria_in_use(),
                         options == nullptr ? none : options->without_criteria);
}

} // namespace mercator
