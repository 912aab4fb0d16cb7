// SPDX-License-Identifier: MIT
#include "ast/node_pool.hpp"

namespace mercator::ast {
namespace {

constexpr std::size_t step = 16;
constexpr std::size_t largest = 192;
constexpr unsigned most_kept =
    64; // of each size, so that one large statement does not hold its memory for ever

struct Block {
    Block* next;
};

struct Lists {
    Block* first[largest / step + 1] = {};
    unsigned count[largest / step + 1] = {};
};

// Without a destructor of its own, so that nodes may still be dropped while the thread's other
// objects go.
thread_local constinit Lists lists;
thread_local constinit bool ended = false;

/// Gives the thread's blocks back at its end.
struct Keeper {
    Keeper() = default;
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    ~Keeper() {
        ended = true;
        for (Block*& first : lists.first) {
            while (first != nullptr) ::operator delete(std::exchange(first, first->next));
        }
    }
};

void keep_until_thread_ends() {
    static thread_local const Keeper keeper;
}

} // namespace

void* NodePool::allocate(std::size_t size) {
    const std::size_t index = (size + step - 1) / step;
    if (size > largest) return ::operator new(size);
    Lists& mine = lists;
    if (Block* block = mine.first[index]) {
        mine.first[index] = block->next;
        --mine.count[index];
        return block;
    }
    return ::operator new(index* step);
}

void NodePool::release(void* memory, std::size_t size) noexcept {
    const std::size_t index = (size + step - 1) / step;
    Lists& mine = lists;
    if (size > largest || ended || mine.count[index] >= most_kept) {
        ::operator delete(memory);
        return;
    }
    if (mine.count[index] == 0) keep_until_thread_ends();
    auto* block = static_cast<Block*>(memory);
    block->next = mine.first[index];
    mine.first[index] = block;
    ++mine.count[index];
}

} // namespace mercator::ast
