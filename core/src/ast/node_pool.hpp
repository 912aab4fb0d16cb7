// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace mercator::ast {

/// Small blocks for nodes, kept in lists of their thread. A statement is built, compiled and
/// dropped in one go, so the next one finds its blocks warm; the general allocator keeps only a
/// handful of each size at hand.
class NodePool {
public:
    [[nodiscard]] static void* allocate(std::size_t size);
    static void release(void* block, std::size_t size) noexcept;
};

template <class T>
struct NodeAllocator {
    using value_type = T;
    NodeAllocator() = default;
    template <class U>
    NodeAllocator(const NodeAllocator<U>&) noexcept {} // NOLINT(google-explicit-constructor)

    [[nodiscard]] T* allocate(std::size_t count) {
        return static_cast<T*>(NodePool::allocate(count * sizeof(T)));
    }
    void deallocate(T* block, std::size_t count) noexcept {
        NodePool::release(block, count * sizeof(T));
    }
    friend bool operator==(const NodeAllocator&, const NodeAllocator&) noexcept { return true; }
};

template <class Node, class... Arguments>
[[nodiscard]] std::shared_ptr<Node> make_node(Arguments&&... arguments) {
    return std::allocate_shared<Node>(NodeAllocator<Node>(), std::forward<Arguments>(arguments)...);
}

} // namespace mercator::ast
