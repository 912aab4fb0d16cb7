// SPDX-License-Identifier: MIT
#include "load_together.hpp"

#include <algorithm>
#include <utility>

namespace mercator {

namespace {

bool is_eager(Lazy lazy) noexcept {
    return lazy == Lazy::selectin || lazy == Lazy::joined || lazy == Lazy::subquery ||
           lazy == Lazy::immediate;
}

bool contains(const std::vector<const Mapper*>& classes, const Mapper* wanted) {
    return std::find(classes.begin(), classes.end(), wanted) != classes.end();
}

void append_below(const LoadSettings& settings, const LoadStep& step, const Mapper& target,
                  const LoadNode* options, std::vector<const Mapper*>& classes);

/// The classes (of hierarchies, the roots) of what may be loaded along with the objects that `step`
/// leads to. Rather too many: that a circle ends somewhere is not looked at.
void append_below(const LoadSettings& settings, const LoadStep& step,
                  std::vector<const Mapper*>& classes) {
    const auto options = step.next();
    for (const Mapper* target : step.relationship->target->descendants())
        append_below(settings, step, *target, options.get(), classes);
}

void append_below(const LoadSettings& settings, const LoadStep& step, const Mapper& target,
                  const LoadNode* options, std::vector<const Mapper*>& classes) {
    for (const auto& relationship : target.relationships()) {
        // Filled by those that it leads back to.
        if (&relationship == step.relationship->reverse && !relationship.is_collection) continue;
        const LoadStep next = decided_step(settings, options, relationship);
        if (!is_eager(next.lazy)) continue;
        const Mapper* found = &relationship.target->root();
        const bool seen = contains(classes, found);
        if (!seen) classes.push_back(found);
        if (!seen || next.next() != nullptr) append_below(settings, next, classes);
    }
}

} // namespace

/// Could it make a difference whether the earlier one, with all below it, was loaded before?
bool LoadTogether::disturbs(const Part& earlier, const Relationship& relationship) const {
    const Mapper* first = &earlier.relationship->target->root();
    const Mapper* owner = &relationship.owner->root();
    const Mapper* target = &relationship.target->root();
    if (first == owner || contains(earlier.below, owner))
        return true; // the owners themselves are met again
    if (contains(earlier.below, target)) return true;
    return first == target && !relationship.is_collection;
}

void LoadTogether::add(const LoadStep& step, const LoadedRows& rows) {
    const Relationship& relationship = *step.relationship;
    if (std::any_of(parts_.begin(), parts_.end(),
                    [&](const Part& part) { return disturbs(part, relationship); })) {
        finish();
    }
    const auto owners = LoaderStrategy::unloaded(rows.objects, step);
    if (owners.empty()) return;
    auto loader =
        std::make_unique<RelatedLoader>(context_, step, rows.request.place, rows.request.path);
    if (!loader->can_wait()) {
        finish();
        loader->load(owners);
        return;
    }
    loader->take(owners);
    Part& part = parts_.emplace_back();
    part.loader = std::move(loader);
    part.relationship = &relationship;
    append_below(context_.load_settings(), step, part.below);
}

void LoadTogether::finish() {
    if (parts_.empty()) return;
    std::vector<RelatedLoader*> loaders;
    const auto parts = std::exchange(parts_, {});
    for (const Part& part : parts) loaders.push_back(part.loader.get());
    RelatedLoader::load_taken(context_, loaders);
}

} // namespace mercator
