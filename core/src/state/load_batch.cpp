// SPDX-License-Identifier: MIT
#include <mercator/state/load_batch.hpp>

#include <mercator/state/instance_state.hpp>

#include <utility>

namespace mercator {

LoadBatch& LoadBatches::make(std::span<InstanceState* const> objects,
                             std::shared_ptr<const LoadNode> options, CodePlace place) {
    auto made = std::make_unique<LoadBatch>();
    LoadBatch& batch = *made;
    batch.members.reserve(objects.size());
    batch.options = std::move(options);
    batch.place = place;
    batches_.emplace(&batch, std::move(made));
    for (InstanceState* state : objects) {
        if (state->batch == &batch) continue;
        leave(*state);
        state->batch = &batch;
        batch.members.push_back(state);
    }
    batch.users = batch.members.size();
    return batch;
}

void LoadBatches::leave(InstanceState& state) noexcept {
    LoadBatch* batch = std::exchange(state.batch, nullptr);
    if (batch != nullptr && --batch->users == 0) drop(*batch);
}

void LoadBatches::drop(LoadBatch& batch) noexcept {
    batches_.erase(&batch);
}

} // namespace mercator
