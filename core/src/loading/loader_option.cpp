// SPDX-License-Identifier: MIT
#include <mercator/loading/loader_option.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

std::shared_ptr<const LoadNode> branch_of(const Mapper& mapper, std::uint32_t relationship_offset,
                                          std::optional<Lazy> lazy) {
    auto node = std::make_shared<LoadNode>();
    node->mapper = &mapper;
    LoadBranch& branch = node->branches.emplace_back();
    branch.relationship = &mapper.relationship_at(relationship_offset);
    branch.lazy = lazy;
    if (lazy && is_never_held(branch.relationship->lazy) && !is_never_held(lazy)) {
        throw ArgumentError(fmt::format("{} is never held in memory as a whole (Lazy::dynamic or "
                                        "Lazy::write_only), so no option can load it; ask it by "
                                        "query() or slice()",
                                        branch.relationship->where),
                            branch.relationship->where);
    }
    return node;
}

} // namespace mercator
