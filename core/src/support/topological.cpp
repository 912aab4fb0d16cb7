// SPDX-License-Identifier: MIT
#include <mercator/support/topological.hpp>

#include <algorithm>
#include <functional>
#include <queue>

namespace mercator {
namespace {

class Sorter {
public:
    Sorter(std::size_t node_count, std::span<const DependencyEdge> edges) :
        edges_(edges),
        outgoing_(node_count),
        incoming_(node_count),
        waiting_for_(node_count, 0),
        placed_(node_count, false),
        is_dropped_(edges.size(), false) {
        for (std::size_t i = 0; i < edges.size(); ++i) {
            if (edges[i].before == edges[i].after) continue;
            outgoing_[edges[i].before].push_back(i);
            incoming_[edges[i].after].push_back(i);
            ++waiting_for_[edges[i].after];
        }
    }

    TopologicalOrder run() {
        result_.order.reserve(placed_.size());
        for (std::size_t node = 0; node < placed_.size(); ++node) {
            if (waiting_for_[node] == 0) free_.push(node);
        }
        while (true) {
            place_free_nodes();
            if (result_.order.size() == placed_.size()) break;
            break_one_cycle();
        }
        std::sort(result_.dropped.begin(), result_.dropped.end());
        return std::move(result_);
    }

private:
    void place_free_nodes() {
        while (!free_.empty()) {
            const std::size_t node = free_.top();
            free_.pop();
            placed_[node] = true;
            result_.order.push_back(node);
            for (const std::size_t edge : outgoing_[node]) {
                if (!is_dropped_[edge]) release(edges_[edge].after);
            }
        }
    }

    void release(std::size_t node) {
        if (--waiting_for_[node] == 0) free_.push(node);
    }

    std::size_t first_waiting_predecessor(std::size_t node) const {
        for (const std::size_t edge : incoming_[node]) {
            if (!is_dropped_[edge] && !placed_[edges_[edge].before]) return edges_[edge].before;
        }
        return node;
    }

    void break_one_cycle() {
        while (placed_[first_candidate_]) ++first_candidate_;
        // Every node that is left waits for another one, so walking backwards must come back to a
        // node seen before.
        std::vector<std::size_t> path;
        std::vector<bool> seen(placed_.size(), false);
        std::size_t node = first_candidate_;
        while (!seen[node]) {
            seen[node] = true;
            path.push_back(node);
            node = first_waiting_predecessor(node);
        }
        const auto cycle = std::find(path.begin(), path.end(), node);
        drop_edges_into(*std::min_element(cycle, path.end()));
    }

    void drop_edges_into(std::size_t node) {
        const std::size_t predecessor = first_waiting_predecessor(node);
        for (const std::size_t edge : incoming_[node]) {
            if (is_dropped_[edge] || edges_[edge].before != predecessor) continue;
            is_dropped_[edge] = true;
            result_.dropped.push_back(edge);
            release(node);
        }
    }

    std::span<const DependencyEdge> edges_;
    std::vector<std::vector<std::size_t>> outgoing_;
    std::vector<std::vector<std::size_t>> incoming_;
    std::vector<std::size_t> waiting_for_;
    std::vector<bool> placed_;
    std::vector<bool> is_dropped_;
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free_;
    std::size_t first_candidate_ = 0;
    TopologicalOrder result_;
};

} // namespace

TopologicalOrder sort_topologically(std::size_t node_count, std::span<const DependencyEdge> edges) {
    return Sorter(node_count, edges).run();
}

} // namespace mercator
