// SPDX-License-Identifier: MIT
#pragma once

#include "related_select.hpp"

#include <mercator/loading/load_context.hpp>
#include <mercator/loading/load_request.hpp>
#include <mercator/support/code_place.hpp>

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace mercator {

[[nodiscard]] bool is_known(InstanceState& owner, const Relationship& relationship) noexcept;
/// Loaded, but criteria of a query have left some of it out.
[[nodiscard]] bool is_partial(InstanceState& owner, const Relationship& relationship) noexcept;
void set_partial(InstanceState& owner, const Relationship& relationship) noexcept;

/// Puts what was loaded into the owner's member.
void set_related(Graph& graph, InstanceState& owner, const Relationship& relationship,
                 const std::vector<InstanceState*>& targets);

/// One way from objects to those that they are related to, for loading it for few or many of them.
/// Everything is read before the first member is filled, so that nothing stays half loaded when
/// something is thrown.
class RelatedLoader {
public:
    /// `place` is that of the query which the owners came from.
    RelatedLoader(LoadContext& context, const LoadStep& step, CodePlace place,
                  const LoadPath* path = nullptr);

    /// Fills the member, if memory alone can tell what belongs there.
    [[nodiscard]] bool from_memory(InstanceState& owner);
    /// Fills the member of all of them, whatever it holds now.
    void load(std::span<InstanceState* const> owners);
    /// Asks by one statement with the query that brought these owners, and others perhaps, inside.
    void embed(const ast::Select& query, std::span<InstanceState* const> owners);
    /// Only asks: what the owner is related to, in the order of the relationship.
    [[nodiscard]] std::vector<InstanceState*> ask(InstanceState& owner);

private:
    /// Owners that have one key: they are related to the same objects.
    struct Group {
        OwnerKey key;
        std::vector<InstanceState*> owners;
        std::vector<InstanceState*> targets;
    };

    [[nodiscard]] bool has_criteria() const noexcept;
    [[nodiscard]] LoadRequest request() const;
    void collect(InstanceState& owner);
    void read_groups(std::vector<InstanceState*>& objects);
    [[nodiscard]] bool read_embedded(std::vector<InstanceState*>& objects);
    /// False when a row says to belong to somebody else.
    [[nodiscard]] bool read_for_many(RelatedRows rows, std::vector<InstanceState*>& objects);
    void read_one(Group& group, std::vector<InstanceState*>& objects);
    void read_chunk(const std::vector<Group*>& groups, std::vector<InstanceState*>& objects);
    void fill(InstanceState& owner, const std::vector<InstanceState*>& targets);

    LoadContext& context_;
    LoadStep step_;
    const Relationship& relationship_;
    CodePlace place_;
    LoadPath here_;
    std::vector<std::uint16_t> columns_;
    std::vector<Group> groups_;
    std::unordered_map<std::string, std::size_t> by_key_; ///< index in `groups_`
    const ast::Select* embedded_ = nullptr;
    std::span<InstanceState* const> embedded_owners_;
    ast::Select last_;           ///< the statement that was sent
    std::size_t statements_ = 0; ///< sent by now
};

} // namespace mercator
