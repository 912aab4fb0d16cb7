// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/mapping/related.hpp>
#include <mercator/state/arena.hpp>
#include <mercator/state/association_set.hpp>
#include <mercator/state/change_observer.hpp>
#include <mercator/state/column_set.hpp>
#include <mercator/state/graph_client.hpp>
#include <mercator/state/identity_map.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/state/load_batch.hpp>
#include <mercator/state/member_index.hpp>
#include <mercator/state/slab.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mercator {

/// "This child now refers to that parent (or to none)": a relationship change that the next flush
/// turns into foreign key values. `relationship` is either side's description.
struct Link {
    InstanceState* child = nullptr;
    InstanceState* parent = nullptr;
    const Relationship* relationship = nullptr;
};

/// A foreign key column of a relationship on the child's mapper, and the column of the parent's
/// mapper that it refers to.
[[nodiscard]] MERCATOR_API std::uint16_t child_column(const Relationship& relationship,
                                                      std::size_t pair = 0) noexcept;
[[nodiscard]] MERCATOR_API std::uint16_t parent_column(const Relationship& relationship,
                                                       std::size_t pair = 0) noexcept;
/// Do two relationships of one child class, described on either side, go by the same foreign key?
[[nodiscard]] MERCATOR_API bool same_foreign_key(const Relationship& a,
                                                 const Relationship& b) noexcept;
/// Is a column of the relationship's foreign key among these of the child?
[[nodiscard]] MERCATOR_API bool touches(const ColumnSet& columns,
                                        const Relationship& relationship) noexcept;
/// Can a child be without a parent? A composite key is empty as soon as one of its columns is NULL.
[[nodiscard]] MERCATOR_API bool can_be_empty(const Relationship& relationship) noexcept;

/// Everything that a session loaded or was given. It owns the objects; relationship members point
/// into it, and every handle (a shared_ptr that aliases it) keeps all of it alive. So references
/// never dangle and cycles never leak. Belongs to the session's thread; after the session it may be
/// read from one thread at a time.
class MERCATOR_API Graph final : public RelationshipHost {
public:
    [[nodiscard]] static std::shared_ptr<Graph> create();
    ~Graph() override;

    /// The graph behind a handle, or nullptr when it was not made by a session.
    [[nodiscard]] static Graph* of(const std::shared_ptr<void>& handle) noexcept;

    void attach(GraphClient* client) noexcept { client_ = client; }
    [[nodiscard]] GraphClient* client() const noexcept { return client_; }
    /// What its rows are of: the same for all sessions of one engine, and kept after the session.
    void set_bind(const void* engine) noexcept { bind_ = engine; }
    [[nodiscard]] const void* bind() const noexcept { return bind_; }

    /// Asks this one before values and relationships change; nobody with nullptr.
    void observe(ChangeObserver* observer) noexcept;

    /// A change of status, with what it was before.
    struct StatusChange {
        InstanceState* state;
        ObjectStatus from;
    };
    /// Notes every change of status in `log` from now on; nobody watches with nullptr.
    void watch(std::vector<StatusChange>* log) noexcept { watch_ = log; }
    [[nodiscard]] bool is_watched() const noexcept { return watch_ != nullptr; }
    /// All changes of status go through here, except that of a row just read while nobody watches.
    void set_status(InstanceState& state, ObjectStatus to) {
        if (watch_ != nullptr) watch_->push_back({&state, state.status});
        state.status = to;
    }

    [[nodiscard]] Slab& slab(const Mapper& mapper);
    /// Of all classes whose objects have their keys in common with those of this one.
    [[nodiscard]] IdentityMap& identities(const Mapper& mapper);
    [[nodiscard]] Arena& arena() noexcept { return arena_; }
    [[nodiscard]] LoadBatches& batches() noexcept { return batches_; }
    /// A row has been packed once more: its former image is of no use when the transaction ends.
    void count_rewrite() noexcept { ++rewrites_; }
    /// Between transactions: gives former images back when there are more of them than objects, so
    /// that a session which writes the same rows for ever stays as large as its objects.
    void tidy();

    /// Objects of all classes, those included that left the session.
    [[nodiscard]] std::size_t size() const noexcept;
    /// Does anybody but the session keep the objects alive?
    [[nodiscard]] bool is_held() const noexcept { return self_.use_count() > 1; }
    /// Destroys all objects, of which nobody may hold any; a std::weak_ptr to one of them is
    /// expired then. The graph stays where it is, for its only holder.
    static void start_anew(std::shared_ptr<Graph>& graph) noexcept;
    /// For who wants to know whether the graph is there still, also when it has started anew: to be
    /// kept as a std::weak_ptr. Keeps nothing alive.
    [[nodiscard]] const std::shared_ptr<Graph>& life() const noexcept { return life_; }

    /// A fresh object whose relationship members know their owner.
    [[nodiscard]] InstanceState& construct(const Mapper& mapper);
    [[nodiscard]] InstanceState& adopt(const Mapper& mapper, void* from);
    /// StateError if a relationship member of an object that is to be adopted holds something that
    /// is not of this graph.
    void check_given(const Mapper& mapper, const std::byte* object) const;
    /// Enters the object under the key that it has now. StateError if another object has that key.
    void register_identity(InstanceState& state);
    /// Enters the object under the key that its row has, whatever its members say now. StateError
    /// as above.
    void register_row(InstanceState& state);
    void register_integer(InstanceState& state, IdentityMap& map, std::uint64_t hash) {
        state.key_hash = hash;
        map.insert(state);
        state.in_identity_map = true;
    }
    void forget_identity(InstanceState& state) noexcept;
    /// Enters the object under the key that its row has, whatever its members say now: after a key
    /// change was rolled back. Who stands there now has to leave.
    void align_identity(InstanceState& state);

    [[nodiscard]] std::shared_ptr<void> handle(void* object) override;
    [[nodiscard]] std::shared_ptr<void> handle(InstanceState& state) {
        return handle(state.object());
    }

    /// Relationship changes since the last flush, in the order in which they happened; a later one
    /// replaces an earlier one of the same child and foreign key.
    [[nodiscard]] const std::vector<Link>& links() const noexcept { return links_; }
    void clear_links() noexcept;
    /// After a flush: keeps only links of objects that were expunged, which bring their changes
    /// along when they come back.
    void clear_written_links();
    /// Puts earlier links back under those recorded since.
    void restore_links(const std::vector<Link>& links);
    /// Changes of many-to-many relationships since the last flush.
    [[nodiscard]] const AssociationSet& associations() const noexcept { return associations_; }
    void clear_associations() noexcept { associations_.clear(); }
    /// After a flush: keeps only those with an object that was expunged.
    void clear_written_associations();
    /// Puts earlier ones back under those recorded since, but for objects that left the session.
    void restore_associations(const std::vector<Association>& earlier);
    /// Takes objects whose rows are gone out of the loaded members of all relationships that lead
    /// to one of these classes and that no foreign key member of the object tells of.
    void drop_deleted_elsewhere(const std::vector<const Mapper*>& classes);
    /// Takes objects whose rows are gone out of one relationship member.
    static void drop_deleted(InstanceState& parent, const Relationship& relationship);
    /// Takes an object whose row is gone out of its parents' collections.
    void leave_parents(InstanceState& state);
    /// An object that one with delete-orphan for it has let go, on the side without a foreign key:
    /// links do not tell that.
    struct Loss {
        InstanceState* object = nullptr;
        const Relationship* relationship = nullptr; ///< the former owner's
    };
    [[nodiscard]] const std::vector<Loss>& losses() const noexcept { return losses_; }
    void forget_losses() noexcept { losses_.clear(); }
    /// Collections with an `ordering_list` whose members have changed, or got other places, since
    /// they were last numbered. In the order in which that happened.
    struct OrderedList {
        InstanceState* owner = nullptr;
        const Relationship* relationship = nullptr;
    };
    [[nodiscard]] const std::vector<OrderedList>& changed_lists() const noexcept {
        return changed_lists_;
    }
    /// For collections without an `ordering_list`, nothing happens.
    void note_list(InstanceState& owner, const Relationship& relationship) {
        if (relationship.position_offset) [[unlikely]]
            note_ordered(owner, relationship);
    }
    /// Notes the loaded lists that these objects stand in, as far as memory knows.
    void note_lists_of(std::span<InstanceState* const> members);
    void forget_changed_lists() noexcept;
    /// The owner in memory whose `relationship` holds the target; nullptr for none. Only for
    /// relationships with a single parent or delete-orphan, whose owners are noted.
    [[nodiscard]] InstanceState* single_owner(InstanceState& target,
                                              const Relationship& relationship);

    /// Forgets the changes of the object's own foreign keys that were not written; false when there
    /// were none.
    bool forget_links_of(const InstanceState& child);
    /// Puts an object into the loaded collections of those that its foreign keys refer to.
    void enter_parents(InstanceState& state);
    /// The object's row was read again and differs in these columns: parents that it no longer
    /// refers to are forgotten.
    void follow_row(InstanceState& state, const ColumnSet& changed);
    /// Forgets what is known of the object's relationships; they load again when touched.
    void unload_relationships(InstanceState& state) noexcept;
    template <class Visit>
    void for_each_slab(Visit&& visit) {
        for (const auto& slab : slabs_) {
            if (slab) visit(*slab);
        }
    }
    /// Calls `visit` for every object of the class and those that inherit it.
    template <class Visit>
    void for_each_of(const Mapper& mapper, Visit&& visit) {
        for (const Mapper* each : mapper.descendants()) {
            if (each->id() < slabs_.size() && slabs_[each->id()])
                slabs_[each->id()]->for_each(visit);
        }
    }
    /// Calls `visit` for every object of every class, class by class in order of creation.
    template <class Visit>
    void for_each(Visit&& visit) {
        for (const auto& slab : slabs_) {
            if (slab) slab->for_each(visit);
        }
    }

    /// The parent that the child is known to have, found without asking the database; nullptr if
    /// none is in memory.
    [[nodiscard]] InstanceState* known_parent(InstanceState& child,
                                              const Relationship& relationship);

    /// Fills a relationship member with what was loaded, and applies what changed in memory since.
    void set_one(InstanceState& owner, const Relationship& relationship, InstanceState* target);
    /// The same with all that was found. There should be one at most: the first one counts, and
    /// the client is told of others.
    void set_one(InstanceState& owner, const Relationship& relationship,
                 const std::vector<InstanceState*>& targets);
    void set_many(InstanceState& owner, const Relationship& relationship,
                  const std::vector<InstanceState*>& targets);
    /// New objects have no rows to load: their relationship members count as loaded.
    void mark_loaded(InstanceState& state) noexcept;
    /// Takes the parent side of `relationships` given before the object came into the graph, and
    /// keeps both sides in step.
    void connect_initial(InstanceState& state);
    /// Records again what the relationship members of an object say that had left the session: its
    /// links were forgotten.
    void connect_again(InstanceState& state);

    // RelationshipHost
    void load(RelationshipOwner& owner, std::uint16_t relationship) override;
    void assign(RelationshipOwner& owner, std::uint16_t relationship,
                const std::shared_ptr<void>& target) override;
    void append(RelationshipOwner& owner, std::uint16_t relationship,
                const std::shared_ptr<void>& target) override;
    void remove(RelationshipOwner& owner, std::uint16_t relationship, const void* target) override;
    void reorder(RelationshipOwner& owner, std::uint16_t relationship) override;
    void load_column(RelationshipOwner& owner, std::uint16_t column) override;
    void value_set(RelationshipOwner& owner, const void* member, void* value) override;
    void replacing(RelationshipOwner& owner, std::uint16_t relationship,
                   std::vector<std::shared_ptr<void>>& members) override;
    [[nodiscard]] bool is_asked_each_time(RelationshipOwner& owner,
                                          std::uint16_t relationship) override;
    [[nodiscard]] bool owns(const std::shared_ptr<void>& target) const noexcept override;
    [[nodiscard]] std::size_t count(RelationshipOwner& owner, std::uint16_t relationship) override;
    [[nodiscard]] bool is_empty(RelationshipOwner& owner, std::uint16_t relationship) override;
    [[nodiscard]] bool contains(RelationshipOwner& owner, std::uint16_t relationship,
                                const std::shared_ptr<void>& target) override;
    [[nodiscard]] std::vector<std::shared_ptr<void>> slice(RelationshipOwner& owner,
                                                           std::uint16_t relationship,
                                                           std::size_t offset,
                                                           std::size_t limit) override;

private:
    struct Deleter {
        void operator()(Graph* deleted) const noexcept {
            if (graph != nullptr) delete deleted;
        }
        Graph* graph; ///< nullptr: it belongs to another control block
    };
    Graph() = default;
    void destroy_objects() noexcept;

    void bind_members(InstanceState& state) noexcept;
    void bind_attributes(InstanceState& state) noexcept;
    // What listeners are told of both sides before a change; each returns the target that it is to
    // be made with.
    [[nodiscard]] InstanceState* tell_set(InstanceState& owner, const Relationship& relationship,
                                          InstanceState* target);
    [[nodiscard]] InstanceState* tell_append(InstanceState& owner, const Relationship& relationship,
                                             InstanceState& target);
    void tell_remove(InstanceState& owner, const Relationship& relationship, InstanceState& target);
    void tell_reverse_set(InstanceState& owner, const Relationship& relationship,
                          InstanceState* target, InstanceState* old);
    [[nodiscard]] InstanceState* former_target(InstanceState& owner,
                                               const Relationship& relationship);
    [[nodiscard]] InstanceState* former_parent(InstanceState& child,
                                               const Relationship& relationship);
    static void row_identity(const InstanceState& state, IdentityKey& key);
    void enter(InstanceState& state, const IdentityKey& key);
    InstanceState& own_state(const std::shared_ptr<void>& target,
                             const Relationship& relationship) const;
    void connect(InstanceState& child, InstanceState& parent, const Relationship& relationship);
    void assign_parent(InstanceState& child, const Relationship& relationship,
                       InstanceState* parent);
    void assign_child(InstanceState& parent, const Relationship& relationship,
                      InstanceState* child);
    void set_kind(InstanceState& child, const Relationship& relationship);
    /// A member with room for one is loaded before another takes that place.
    void know_whose_place(InstanceState& owner, const Relationship& relationship);
    /// Has the last change in memory given the child to somebody else?
    [[nodiscard]] bool has_moved_away(const InstanceState& child, const InstanceState& parent,
                                      const Relationship& relationship) const;
    [[nodiscard]] InstanceState* current_child(const InstanceState& parent,
                                               const Relationship& relationship,
                                               InstanceState* found) const;
    void leave_owners(InstanceState& state, const Mapper& owners);
    [[nodiscard]] InstanceState* parent_by_key(InstanceState& child,
                                               const Relationship& relationship);
    [[nodiscard]] bool is_in_collection(InstanceState& parent, const Relationship& relationship,
                                        const InstanceState& child);
    void take_from_collection(InstanceState& parent, const Relationship& relationship,
                              const InstanceState& child);
    void put_into_collection(InstanceState& parent, const Relationship& relationship,
                             InstanceState& child);
    void record(InstanceState& child, InstanceState* parent, const Relationship& relationship);
    void note_ordered(InstanceState& owner, const Relationship& relationship);

    // Many-to-many: `side` is the owner's relationship.
    /// Do the two belong together, as far as memory knows?
    [[nodiscard]] std::optional<bool> are_associated(InstanceState& owner, InstanceState& target,
                                                     const Relationship& side);
    void associate(InstanceState& owner, InstanceState& target, const Relationship& side);
    void dissociate(InstanceState& owner, InstanceState& target, const Relationship& side);
    void assign_associate(InstanceState& owner, const Relationship& side, InstanceState* target);
    void show_associate(InstanceState& owner, const Relationship& side, InstanceState& target);
    void set_associates(InstanceState& owner, const Relationship& side,
                        const std::vector<InstanceState*>& targets);
    [[nodiscard]] std::vector<InstanceState*>
    current_associates(InstanceState& owner, const Relationship& side,
                       const std::vector<InstanceState*>& targets);
    void associate_again(InstanceState& state, const Relationship& side);
    void leave_associates(InstanceState& state, const Relationship& side);
    /// `from` is related to `to`: if the session has the one, it gets the other.
    void save_along(const InstanceState& from, InstanceState& to, const Relationship& relationship);
    void check_single_parent(const InstanceState& owner, const Relationship& relationship,
                             InstanceState& target);
    void note_owner(InstanceState& owner, const Relationship& relationship, InstanceState& target);
    void note_loss(InstanceState& target, const Relationship& relationship);
    /// Who answers for what is not loaded. Throws DetachedError when the session has ended.
    [[nodiscard]] GraphClient& client_of(const InstanceState& owner,
                                         const Relationship& relationship) const;
    [[nodiscard]] bool is_child(InstanceState& parent, const Relationship& relationship,
                                InstanceState& child) const;
    [[nodiscard]] std::optional<bool>
    is_member(InstanceState& owner, const Relationship& relationship, InstanceState& target);

    GraphClient* client_ = nullptr;
    const void* bind_ = nullptr;
    ChangeObserver* observer_ = nullptr;
    std::vector<StatusChange>* watch_ = nullptr;
    std::size_t rewrites_ = 0;
    std::weak_ptr<Graph> self_;
    std::shared_ptr<Graph> life_; ///< with a control block of its own, which owns nothing
    std::vector<std::unique_ptr<Slab>> slabs_; ///< by mapper id
    /// By mapper id; each stays where it is while those of other classes are added.
    std::vector<std::unique_ptr<IdentityMap>> identities_;
    Arena arena_;
    LoadBatches batches_;
    std::vector<Link> links_;
    std::vector<Loss> losses_;
    struct Owned {
        const InstanceState* target;
        const Relationship* relationship;
        friend bool operator==(const Owned&, const Owned&) = default;
    };
    struct OwnedHash {
        std::size_t operator()(const Owned& owned) const noexcept {
            return std::hash<const void*>()(owned.target) ^
                   (std::hash<const void*>()(owned.relationship) << 1U);
        }
    };
    /// Who held a target last; it is looked up there whether it still does.
    std::unordered_map<Owned, InstanceState*, OwnedHash> owners_;
    std::vector<OrderedList> changed_lists_;
    std::unordered_set<Owned, OwnedHash> among_changed_lists_;
    /// A foreign key of a child. Composite keys may have columns in common, so all of them count.
    struct LinkKey {
        const InstanceState* child;
        const Relationship* relationship;
        friend bool operator==(const LinkKey& a, const LinkKey& b) noexcept {
            return a.child == b.child && same_foreign_key(*a.relationship, *b.relationship);
        }
    };
    struct LinkHash {
        std::size_t operator()(const LinkKey& key) const noexcept {
            return std::hash<const void*>()(key.child) ^
                   (std::size_t{child_column(*key.relationship)} << 48U);
        }
    };
    std::unordered_map<LinkKey, std::size_t, LinkHash> link_index_;
    AssociationSet associations_;
    MemberIndex members_;
};

} // namespace mercator
