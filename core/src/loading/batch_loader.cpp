// SPDX-License-Identifier: MIT
#include "batch_loader.hpp"

#include "related_loader.hpp"

#include <algorithm>

namespace mercator {

namespace {

/// The owner, then those of its result that come after it, then those before: it and its neighbours
/// are in the first statement.
std::vector<InstanceState*> with_siblings(InstanceState& owner, const Relationship& relationship) {
    std::vector<InstanceState*> owners{&owner};
    const LoadBatch* batch = owner.batch;
    if (batch == nullptr) return owners;
    // Others of the result may be of a class that does not have it.
    const auto has = [&](const InstanceState& sibling) {
        return sibling.mapper == owner.mapper || sibling.mapper->is_a(*relationship.owner);
    };
    const auto add = [&](InstanceState* sibling) {
        if (sibling != &owner && sibling->batch == batch && has(*sibling) &&
            sibling->status == ObjectStatus::Persistent && !is_known(*sibling, relationship)) {
            owners.push_back(sibling);
        }
    };
    const auto place = std::find(batch->members.begin(), batch->members.end(), &owner);
    std::for_each(place, batch->members.end(), add);
    std::for_each(batch->members.begin(), place, add);
    return owners;
}

} // namespace

void BatchLoader::first_touch(LoadContext& context, InstanceState& owner,
                              const LoadStep& step) const {
    const LoadBatch* batch = owner.batch;
    RelatedLoader loader(context, step, batch == nullptr ? CodePlace{} : batch->place);
    if (loader.from_memory(owner)) return;
    loader.load(with_siblings(owner, *step.relationship));
}

} // namespace mercator
