// SPDX-License-Identifier: MIT
#include <mercator/loading/loader_option.hpp>

namespace mercator {

std::shared_ptr<const LoadNode> branch_of(const Mapper& mapper, std::uint32_t relationship_offset,
                                          std::optional<Lazy> lazy) {
    auto node = std::make_shared<LoadNode>();
    node->mapper = &mapper;
    LoadBranch& branch = node->branches.emplace_back();
    branch.relationship = &mapper.relationship_at(relationship_offset);
    branch.lazy = lazy;
    return node;
}

} // namespace mercator
