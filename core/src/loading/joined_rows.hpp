// SPDX-License-Identifier: MIT
#pragma once

#include "entity_assembler.hpp"
#include "joined_select.hpp"
#include "polymorphic_rows.hpp"

#include <mercator/state/graph.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace mercator {

/// Who belongs to whom along one relationship, gathered row by row; rows may come in any order and
/// tell the same several times.
class RelatedGroups {
public:
    struct Group {
        InstanceState* owner;
        std::vector<InstanceState*> members; ///< each once, in the order of the rows
        bool is_kept; ///< the owner's member was loaded before, and stays as it is
    };

    RelatedGroups(const JoinedEntity& entity, bool may_repeat) :
        entity_(entity),
        relationship_(*entity.relationship),
        may_repeat_(may_repeat) {}

    /// A row with this owner; `member` is empty when the row has none.
    void add(InstanceState& owner, bool owner_is_new, InstanceState* member);
    /// Fills the owners' members.
    void relate(Graph& graph);
    [[nodiscard]] const std::vector<Group>& groups() const noexcept { return groups_; }
    [[nodiscard]] const Relationship& relationship() const noexcept { return relationship_; }
    /// Does each member come by one row only?
    [[nodiscard]] bool is_each_once() const noexcept {
        return !may_repeat_ && relationship_.direction == Direction::OneToMany;
    }
    [[nodiscard]] std::size_t size_for(const InstanceState& owner) const;

private:
    using Pair = std::pair<const InstanceState*, const InstanceState*>;
    struct PairHash {
        std::size_t operator()(const Pair& pair) const noexcept {
            return std::hash<const void*>()(pair.first) * 31U ^
                   std::hash<const void*>()(pair.second);
        }
    };
    Group& group_of(InstanceState& owner, bool owner_is_new);
    void relate(Graph& graph, Group& group);
    [[nodiscard]] bool has_criteria() const noexcept;
    [[nodiscard]] bool is_ordered() const noexcept;

    const JoinedEntity& entity_;
    const Relationship& relationship_;
    bool may_repeat_;
    std::vector<Group> groups_;
    std::unordered_map<const InstanceState*, std::size_t> places_;
    std::size_t last_ = 0;
    std::unordered_set<Pair, PairHash> seen_;
};

/// The rows of a joined statement on their way into the graph.
class JoinedRows {
public:
    JoinedRows(LoadContext& context, const LoadRequest& request, const JoinedSelect& joined);
    JoinedRows(const JoinedRows&) = delete;
    JoinedRows& operator=(const JoinedRows&) = delete;
    ~JoinedRows();

    /// Reads all of them. Root objects come once each where collections multiply the rows.
    void read(DriverStatement& statement);
    /// Then, with the statement free: those that its rows did not hold whole.
    void read_later();
    /// Fills the relationships of all objects that were read.
    void relate();

    /// The query's own objects, in the order of the rows.
    [[nodiscard]] const std::vector<InstanceState*>& roots() const noexcept {
        return sources_.front().objects;
    }
    /// Objects of an entity (not 0), each once.
    [[nodiscard]] std::vector<InstanceState*> distinct(std::size_t entity) const;
    /// What was gathered along the relationship that leads to `entity` (not 0).
    [[nodiscard]] const RelatedGroups& related(std::size_t entity) const {
        return groups_[entity - 1];
    }

private:
    /// One entity's part in the current row.
    struct Source {
        Source(LoadContext& context, const JoinedEntity& entity, bool read_only) :
            assembler(context, *entity.mapper, *entity.plan, read_only),
            expressions(entity.expressions),
            key_offset(plain_key(*entity.mapper)) {}
        [[nodiscard]] bool reads_later() const noexcept { return classes != nullptr && waits; }
        [[nodiscard]] static std::optional<std::uint32_t> plain_key(const Mapper& mapper);
        EntityAssembler assembler;
        std::unique_ptr<PolymorphicRows> classes; ///< where rows may be of several
        bool waits = false;                       ///< may some of them be read later?
        std::vector<ExpressionWish> expressions;  ///< of a joined class
        InstanceState* fresh = nullptr;           ///< decoded into next
        InstanceState* current = nullptr;
        bool is_new = false; ///< `current` came by this row
        /// Where a key of one plain 64-bit column lies: rows of one object follow each other, and
        /// need no look at the identity map then.
        std::optional<std::uint32_t> key_offset;
        std::int64_t last_key = 0;
        InstanceState* last = nullptr; ///< the object of `last_key`, if it may be shown
        bool has_last = false;
        std::vector<InstanceState*> objects;
    };

    /// What one row brings of one entity, where it may have to wait.
    struct Part {
        PolymorphicRows::Row row;
        bool is_there = false;
    };

    void read_classes(DriverStatement& statement);
    [[nodiscard]] Part part_of_row(std::size_t source, DriverStatement& statement);
    void take_parts(std::span<const Part> parts);
    void settle(Source& source, const std::byte* target);
    [[nodiscard]] static bool is_last_again(Source& source, const std::byte* target) noexcept;
    void take_root(InstanceState& root);
    void take_row();
    void tell_tag(InstanceState& root);
    [[nodiscard]] bool is_first_of_root(const InstanceState* root);

    Graph& graph_;
    const JoinedSelect& joined_;
    const RowTag* tag_;
    std::deque<Source> sources_;
    std::vector<RelatedGroups> groups_;
    std::vector<std::byte*> targets_;
    bool has_classes_ = false;  ///< may rows of any entity be of several?
    std::vector<Part> waiting_; ///< row by row, one of each entity
    std::vector<std::vector<Value>> waiting_tags_;
    std::unordered_set<const InstanceState*> roots_;
    std::unordered_map<const InstanceState*, std::vector<std::vector<Value>>> tags_;
};

} // namespace mercator
