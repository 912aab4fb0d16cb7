// SPDX-License-Identifier: MIT
#include <mercator/state/slab.hpp>

#include <algorithm>
#include <new>

namespace mercator {

Slab::Slab(const Mapper& mapper) :
    mapper_(&mapper),
    alignment_(std::max(mapper.object_type().alignment, alignof(InstanceState))) {
    // The state lies directly before the object, so the object's alignment decides where a slot may
    // begin.
    const std::size_t used = sizeof(InstanceState) + mapper.object_type().size;
    stride_ = (used + alignment_ - 1) / alignment_ * alignment_;
}

Slab::~Slab() {
    const auto destroy = mapper_->object_type().destroy;
    std::size_t left = count_;
    for (const auto& block : blocks_) {
        std::byte* place = block.first_slot;
        for (std::size_t i = 0; i < block.slots && left > 0; ++i, --left, place += stride_) {
            destroy(reinterpret_cast<InstanceState*>(place)->object());
        }
        ::operator delete(block.memory, std::align_val_t(alignment_));
    }
}

void Slab::add_block() {
    constexpr std::size_t smallest = 8;
    constexpr std::size_t largest_bytes = std::size_t{1} << 19U;
    const std::size_t slots =
        std::clamp(count_, smallest, std::max(smallest, largest_bytes / stride_));
    // The first state ends where an aligned object begins.
    const std::size_t lead = (alignment_ - sizeof(InstanceState) % alignment_) % alignment_;
    auto* memory = static_cast<std::byte*>(
        ::operator new(lead + slots * stride_, std::align_val_t(alignment_)));
    blocks_.push_back({memory, memory + lead, slots});
    next_ = memory + lead;
    free_in_block_ = slots;
}

std::byte* Slab::next_slot() {
    if (free_in_block_ == 0) add_block();
    return next_;
}

InstanceState& Slab::construct() {
    if (spare_ != nullptr) {
        InstanceState& state = *spare_;
        spare_ = nullptr;
        return state;
    }
    std::byte* place = next_slot();
    auto* state = ::new (place) InstanceState();
    state->mapper = mapper_;
    mapper_->object_type().construct(state->object());
    next_ += stride_;
    --free_in_block_;
    ++count_;
    return *state;
}

InstanceState& Slab::construct_from(void* from) {
    std::byte* place = next_slot();
    auto* state = ::new (place) InstanceState();
    state->mapper = mapper_;
    mapper_->object_type().move_construct(state->object(), from);
    next_ += stride_;
    --free_in_block_;
    ++count_;
    return *state;
}

} // namespace mercator
