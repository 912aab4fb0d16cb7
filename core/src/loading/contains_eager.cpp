// SPDX-License-Identifier: MIT
#include <mercator/loading/contains_eager.hpp>

namespace mercator {

std::shared_ptr<const LoadNode> contained_branch(const Mapper& mapper,
                                                 std::uint32_t relationship_offset,
                                                 std::shared_ptr<const ast::TableRef> table) {
    auto node = std::make_shared<LoadNode>(*branch_of(mapper, relationship_offset, Lazy::joined));
    LoadBranch& branch = node->branches.front();
    branch.contained =
        table == nullptr ? branch.relationship->target->table_ref() : std::move(table);
    return node;
}

} // namespace mercator
