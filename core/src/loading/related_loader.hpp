// SPDX-License-Identifier: MIT
#pragma once

#include "related_select.hpp"

#include <mercator/loading/load_context.hpp>
#include <mercator/loading/load_request.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/support/code_place.hpp>

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace mercator {

[[nodiscard]] bool is_known(InstanceState& owner, const Relationship& relationship) noexcept;
/// Loaded, but criteria of a query have left some of it out.
[[nodiscard]] bool is_partial(InstanceState& owner, const Relationship& relationship) noexcept;
void set_partial(InstanceState& owner, const Relationship& relationship) noexcept;

/// Each once, where it stands first.
void drop_repeated(std::vector<InstanceState*>& objects);

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
    /// The same in two steps, for several relationships whose statements go out together.
    void take(std::span<InstanceState* const> owners);
    static void load_taken(LoadContext& context, std::span<RelatedLoader* const> loaders);
    /// Does the backend take statements together, and are these complete before they are sent?
    [[nodiscard]] bool can_wait() const;
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

    friend class RelatedReading;
    using Chunk = std::vector<Group*>;

    [[nodiscard]] bool has_criteria() const noexcept;
    [[nodiscard]] LoadRequest request() const;
    [[nodiscard]] bool look_for_unknown();
    void collect_unknown(bool flushed);
    void collect(InstanceState& owner);
    /// The owners of each statement.
    [[nodiscard]] std::vector<Chunk> chunks();
    /// False when there is nothing to embed, or when that does not do.
    [[nodiscard]] bool read_embedded();
    /// False when a row says to belong to somebody else.
    [[nodiscard]] bool read_for_many(RelatedRows rows);
    /// The object to the owners with this key; false when there are none.
    bool give(const std::string& key, InstanceState& object);
    /// Is it found as `session.get` finds it?
    [[nodiscard]] bool goes_by_get() const;
    void read_one(Group& group);
    void read_each(const Chunk& groups);
    void read_chunk(const Chunk& groups);
    void fill_unknown();
    void fill(InstanceState& owner, const std::vector<InstanceState*>& targets);
    void load_below();

    LoadContext& context_;
    LoadStep step_;
    const Relationship& relationship_;
    CodePlace place_;
    LoadPath here_;
    std::vector<std::uint16_t> columns_;
    std::vector<InstanceState*> unknown_; ///< owners that memory cannot tell it of
    std::vector<InstanceState*> objects_; ///< what was read
    std::vector<Group> groups_;
    std::unordered_map<std::string, std::size_t> by_key_; ///< index in `groups_`
    const ast::Select* embedded_ = nullptr;
    std::span<InstanceState* const> embedded_owners_;
    std::optional<ast::Select> last_; ///< the statement that was sent, unless by `get`
    std::size_t statements_ = 0;      ///< sent by now
};

} // namespace mercator
