// SPDX-License-Identifier: MIT
#include <mercator/loading/load_request.hpp>

namespace mercator {

std::uint32_t LoadPath::count(const Relationship& step) const noexcept {
    std::uint32_t times = 0;
    for (const LoadPath* at = this; at != nullptr; at = at->before) {
        if (at->relationship == &step) ++times;
    }
    return times;
}

LoadStep decided_step(const LoadSettings& settings, const LoadNode* options,
                      const Relationship& relationship) noexcept {
    LoadStep step{&relationship, nullptr, relationship.lazy.value_or(settings.lazy)};
    if (options == nullptr) return step;
    step.branch = options->find(relationship);
    if (step.branch != nullptr && step.branch->lazy) {
        step.lazy = *step.branch->lazy;
    } else if (step.branch == nullptr && options->others) {
        step.lazy = *options->others;
    }
    return step;
}

} // namespace mercator
