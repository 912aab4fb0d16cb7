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

namespace {

Lazy flipped(const LoadStep& step) noexcept {
    const bool contained = step.branch != nullptr && step.branch->contained != nullptr;
    if (!step.relationship->is_collection || contained) return step.lazy;
    if (*step.split) return step.lazy == Lazy::joined ? Lazy::selectin : step.lazy;
    const bool eager = step.lazy == Lazy::selectin || step.lazy == Lazy::subquery;
    return eager ? Lazy::joined : step.lazy;
}

} // namespace

std::shared_ptr<const LoadNode> LoadStep::next() const {
    std::shared_ptr<const LoadNode> said = branch == nullptr ? nullptr : branch->next;
    if (!split) return said;
    auto inherited = std::make_shared<LoadNode>();
    inherited->mapper = &target();
    inherited->split = split;
    return merged(inherited, said);
}

LoadStep decided_step(const LoadSettings& settings, const LoadNode* options,
                      const Relationship& relationship) noexcept {
    LoadStep step{&relationship, nullptr, relationship.lazy.value_or(settings.lazy)};
    if (options == nullptr) return step;
    step.split = options->split;
    step.branch = options->find(relationship);
    if (step.branch != nullptr && step.branch->lazy) {
        step.lazy = *step.branch->lazy;
    } else if (step.branch == nullptr && options->others) {
        step.lazy = *options->others;
    }
    if (step.split) step.lazy = flipped(step);
    return step;
}

} // namespace mercator
