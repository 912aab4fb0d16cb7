// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/state/column_set.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/types/field.hpp>
#include <mercator/types/value.hpp>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

namespace mercator {

/// How objects were before the running transaction wrote them, so that memory can follow the
/// database back.
class TransactionRecord {
public:
    /// Notes the object as it is now; only the first note of a transaction counts.
    void note(InstanceState& state);
    /// Notes an object that is about to be inserted; the database fills in the columns of
    /// `fetched`.
    void note_insert(InstanceState& state, const ColumnSet& fetched);
    /// The object's row is in the database; its snapshot holds what the database made of it.
    void note_inserted(const InstanceState& state);
    /// The object's row was read again and is now `row`, perhaps by what this transaction wrote
    /// without objects.
    void note_renewal(InstanceState& state, const std::byte* row);
    /// The object's member was given a key that its parent's row has from now on; the way back
    /// gives it the former one, unless it was changed since.
    void note_followed(InstanceState& child, const Field& field, Value before, Value given);
    /// Notes links whose foreign keys have been written.
    void note_links(const std::vector<Link>& links);
    /// Notes the changes of many-to-many relationships that have been written.
    void note_associations(const AssociationSet& written);

    /// Notes go to another record for a while, one of a savepoint inside.
    void pause() noexcept;
    /// They come here again. What the other has noted is forgotten, or was absorbed.
    void resume() noexcept;
    /// The savepoint inside is released: what it had noted counts from here on. Resumes.
    void absorb(TransactionRecord& inside);
    /// The session lets go of the graph and all objects in it. If the transaction is undone, they
    /// learn what they stand for, as long as somebody holds them.
    void part_from(const std::shared_ptr<Graph>& graph);

    /// The transaction is gone from the database: what it inserted is pending again, what it
    /// updated is changed again, what it deleted is to be deleted again. Values stay, except keys
    /// that the database had made.
    void unwind(Graph& graph, std::vector<InstanceState*>& pending,
                std::vector<InstanceState*>& deleted);
    /// The transaction is committed: there is no way back.
    void forget(Graph& graph);
    /// The same for some objects; the others can still be unwound.
    void forget_if(Graph& graph, const std::function<bool(const InstanceState&)>& is_committed);
    /// The transaction is gone, and the session as well: only what objects stand for is put right.
    void abandon(Graph& graph);
    [[nodiscard]] bool empty() const noexcept { return before_.empty(); }
    /// Each image of the object's row is replaced by what `complete` makes of it: columns that were
    /// not loaded until now were no different before.
    void complete_images(InstanceState& state,
                         const std::function<const std::byte*(const std::byte*)>& complete);

private:
    struct Before {
        InstanceState* state;
        const std::byte* snapshot;
        ObjectStatus status;
        const ColumnSet* fetched;
        const std::byte* inserted; ///< the snapshot after the INSERT, nullptr until then
    };
    /// An object's row before, and as it was read last.
    struct Renewal {
        const std::byte* before;
        const std::byte* row;
    };
    struct Followed {
        InstanceState* child;
        const Field* field;
        Value before;
        Value given;
    };
    /// Objects of a graph that the session has let go: those inserted and those deleted.
    struct Parted {
        std::weak_ptr<Graph> graph;
        std::vector<InstanceState*> inserted;
        std::vector<InstanceState*> deleted;
    };
    void clear() noexcept;
    void tell_parted() noexcept;
    void take_back_followed();
    void take_back_associations(Graph& graph, const std::vector<InstanceState*>& again);
    static void show_former(InstanceState& state, const Renewal& renewal);
    void take_back_renewals();

    std::vector<Before> before_;
    std::vector<Link> links_;
    std::vector<Association> associations_;
    std::list<ColumnSet> fetched_;  ///< one for each batch, since thousands of objects share it
    std::size_t next_inserted_ = 0; ///< index in `before_`
    std::unordered_map<InstanceState*, Renewal> renewals_;
    std::vector<Followed> followed_;
    std::vector<Parted> parted_;
};

} // namespace mercator
