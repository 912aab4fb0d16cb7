// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/state/graph.hpp>

#include <vector>

namespace mercator {

/// Turns links into foreign key values: copies the parent's key into the child's columns, or
/// empties them.
void synchronise(const Link& link);
/// Do two values of a key mean the same row? Integers may differ in sign and width between sides.
[[nodiscard]] bool same_key(const Value& a, const Value& b);
/// Will the link's parent get its key from the database only when it is inserted?
[[nodiscard]] bool key_is_to_come(const Link& link);
/// Is the relationship's foreign key written by an UPDATE of its own, as either side may say?
[[nodiscard]] inline bool is_post_update(const Relationship& relationship) noexcept {
    return relationship.post_update ||
           (relationship.reverse != nullptr && relationship.reverse->post_update);
}
/// Empties the child's foreign key of the link's relationship.
void clear_foreign_key(const Link& link);

/// The links of one flush, found by child.
class LinksByChild {
public:
    explicit LinksByChild(const std::vector<Link>& links);
    [[nodiscard]] bool empty() const noexcept { return links_.empty(); }
    template <class Visit>
    void for_each_of(const InstanceState& child, Visit&& visit) const {
        for (auto at = first_of(child); at != links_.size() && links_[at].child == &child; ++at)
            visit(links_[at]);
    }

private:
    [[nodiscard]] std::size_t first_of(const InstanceState& child) const noexcept;
    std::vector<Link> links_; ///< sorted by child
};

} // namespace mercator
