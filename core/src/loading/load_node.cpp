// SPDX-License-Identifier: MIT
#include <mercator/loading/load_node.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

const LoadBranch* LoadNode::find(const Relationship& relationship) const noexcept {
    const auto found =
        std::find_if(branches.begin(), branches.end(), [&](const LoadBranch& branch) {
            return branch.relationship == &relationship;
        });
    return found == branches.end() ? nullptr : &*found;
}

namespace {

template <class Item>
void append(std::vector<Item>& to, const std::vector<Item>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

void merge_branch(LoadBranch& into, const LoadBranch& from) {
    if (from.lazy) into.lazy = from.lazy;
    append(into.criteria, from.criteria);
    if (!from.order_by.empty()) into.order_by = from.order_by;
    if (from.contained) into.contained = from.contained;
    if (from.only != nullptr) into.only = from.only;
    into.next = merged(into.next, from.next);
}

/// The class that options about both are about.
const Mapper* common_class(const Mapper& first, const Mapper& second) {
    if (first.is_a(second)) return &second;
    if (second.is_a(first)) return &first;
    if (&first.root() == &second.root()) return &first.root();
    throw ArgumentError(fmt::format("these options are about {} and about {}; give those of "
                                    "related objects with then(...)",
                                    first.class_name(), second.class_name()),
                        std::string(second.class_name()));
}

} // namespace

std::shared_ptr<const LoadNode> merged(const std::shared_ptr<const LoadNode>& first,
                                       const std::shared_ptr<const LoadNode>& second) {
    if (first == nullptr) return second;
    if (second == nullptr) return first;
    auto both = std::make_shared<LoadNode>(*first);
    both->mapper = common_class(*first->mapper, *second->mapper);
    for (const LoadBranch& branch : second->branches) {
        const auto same = std::find_if(
            both->branches.begin(), both->branches.end(),
            [&](const LoadBranch& other) { return other.relationship == branch.relationship; });
        if (same == both->branches.end()) {
            both->branches.push_back(branch);
        } else {
            merge_branch(*same, branch);
        }
    }
    if (second->others) both->others = second->others;
    if (second->split) both->split = second->split;
    append(both->columns, second->columns);
    both->only_named_columns = both->only_named_columns || second->only_named_columns;
    append(both->expressions, second->expressions);
    append(both->expression_choices, second->expression_choices);
    append(both->classes, second->classes);
    both->without_criteria.all = both->without_criteria.all || second->without_criteria.all;
    append(both->without_criteria.classes, second->without_criteria.classes);
    return both;
}

} // namespace mercator
