// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <vector>

namespace mercator {

/// Memory for the objects of one class, each with its InstanceState before it, in blocks that grow:
/// an object costs no allocation of its own. Objects live until the slab dies. Not thread-safe.
class MERCATOR_API Slab {
public:
    explicit Slab(const Mapper& mapper);
    Slab(const Slab&) = delete;
    Slab& operator=(const Slab&) = delete;
    ~Slab();

    /// A fresh object, default-constructed, with a state that knows only its mapper.
    [[nodiscard]] InstanceState& construct();
    /// A fresh object, moved from `from`.
    [[nodiscard]] InstanceState& construct_from(void* from);
    /// Takes back the object that was made last and was not used; the next `construct` hands it out
    /// again as it is.
    void recycle(InstanceState& state) noexcept { spare_ = &state; }

    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] const Mapper& mapper() const noexcept { return *mapper_; }

    /// Calls `visit` for every object's state, in order of creation.
    template <class Visit>
    void for_each(Visit&& visit) {
        std::size_t left = count_;
        for (const auto& block : blocks_) {
            std::byte* place = block.first_slot;
            for (std::size_t i = 0; i < block.slots && left > 0; ++i, --left, place += stride_) {
                auto& state = *reinterpret_cast<InstanceState*>(place);
                if (&state != spare_) visit(state);
            }
        }
    }

private:
    struct Block {
        std::byte* memory;
        std::byte* first_slot;
        std::size_t slots;
    };
    [[nodiscard]] std::byte* next_slot();
    void add_block();

    const Mapper* mapper_;
    std::size_t alignment_;
    std::size_t stride_;
    std::vector<Block> blocks_;
    std::byte* next_ = nullptr;
    std::size_t free_in_block_ = 0;
    std::size_t count_ = 0;
    InstanceState* spare_ = nullptr;
};

} // namespace mercator
