// SPDX-License-Identifier: MIT
#include <mercator/state/name.hpp>

#include <mercator/state/graph.hpp>
#include <mercator/state/identity_key.hpp>

namespace mercator {

namespace {

bool has_row(const InstanceState& state) {
    return state.status == ObjectStatus::Persistent || state.status == ObjectStatus::Detached ||
           state.status == ObjectStatus::Deleted;
}

} // namespace

std::string name_handle(const Mapper& mapper, const std::shared_ptr<void>& handle) {
    if (handle == nullptr) return "<no " + std::string(mapper.class_name()) + ">";
    const bool is_ours = Graph::of(handle) != nullptr;
    const Mapper& own = is_ours ? *state_of(handle.get()).mapper : mapper;
    const bool is_pending = is_ours && state_of(handle.get()).status == ObjectStatus::Pending;
    return name_object(own, handle.get(), is_pending ? "pending" : "transient");
}

bool is_same_row(const std::shared_ptr<void>& a, const std::shared_ptr<void>& b) {
    if (a == b) return true;
    if (a == nullptr || b == nullptr) return false;
    const Graph* graph_a = Graph::of(a);
    const Graph* graph_b = Graph::of(b);
    if (graph_a == nullptr || graph_b == nullptr || graph_a->bind() != graph_b->bind())
        return false;
    const InstanceState& first = state_of(a.get());
    const InstanceState& second = state_of(b.get());
    if (first.mapper != second.mapper || !has_row(first) || !has_row(second)) return false;
    IdentityKey first_key;
    IdentityKey second_key;
    identity_of(*first.mapper, first.object(), first_key);
    identity_of(*second.mapper, second.object(), second_key);
    return first_key.hash == second_key.hash && first_key.bytes == second_key.bytes;
}

} // namespace mercator
