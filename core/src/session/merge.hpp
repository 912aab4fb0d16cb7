// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/graph.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace mercator {

/// One `session.merge`: copies what an object outside of the session holds, and what it is related
/// to, onto the session's own objects. Each source is merged once, also where sources refer to each
/// other in a circle.
class Merge {
public:
    /// `make_new` gives a new object of a class, to be inserted.
    Merge(LoadContext& context, std::function<InstanceState&(const Mapper&)> make_new) :
        context_(context),
        graph_(*context.graph()),
        make_new_(std::move(make_new)) {}

    /// `home` is the graph that the source lies in, if any. The source is only read.
    [[nodiscard]] InstanceState& run(const Mapper& mapper, std::byte* source, const Graph* home);

private:
    /// The object itself; what it is related to waits.
    [[nodiscard]] InstanceState& merge_columns(const Mapper& mapper, std::byte* source,
                                               const Graph* home);
    [[nodiscard]] InstanceState* own_object(std::byte* source, const Graph* home) const;
    [[nodiscard]] InstanceState* find_row(const Mapper& mapper, const std::byte* source);
    static void check_version(const InstanceState& target, const std::byte* source);
    void copy_columns(InstanceState& target, const std::byte* source, bool is_new);
    void merge_related(InstanceState& target, std::byte* source, const Graph* home);
    void merge_one(InstanceState& target, const Relationship& relationship, const RelatedOne& given,
                   const Graph* home);
    void merge_many(InstanceState& target, const Relationship& relationship,
                    const RelatedMany& given, const Graph* home);
    static void keep_foreign_key(const InstanceState& parent, const Relationship& relationship,
                                 InstanceState& child);
    [[nodiscard]] InstanceState& merge_member(const Relationship& relationship,
                                              const std::shared_ptr<void>& member,
                                              const Graph* home);

    LoadContext& context_;
    Graph& graph_;
    std::function<InstanceState&(const Mapper&)> make_new_;
    std::unordered_map<const std::byte*, InstanceState*> done_;
    struct Waiting {
        InstanceState* target;
        std::byte* source;
        const Graph* home;
    };
    std::vector<Waiting> waiting_; ///< in the order in which they were found
};

} // namespace mercator
