// SPDX-License-Identifier: MIT
#include "related_loader.hpp"

#include <mercator/loading/row_assembler.hpp>
#include <mercator/state/identity_key.hpp>
#include <mercator/state/slab.hpp>
#include <mercator/state/snapshot.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace mercator {

bool is_known(InstanceState& owner, const Relationship& relationship) noexcept {
    return relationship.is_collection ? RelatedAccess::is_loaded(owner.many(relationship))
                                      : RelatedAccess::is_loaded(owner.one(relationship));
}

bool is_partial(InstanceState& owner, const Relationship& relationship) noexcept {
    return relationship.is_collection ? RelatedAccess::is_partial(owner.many(relationship))
                                      : RelatedAccess::is_partial(owner.one(relationship));
}

void set_partial(InstanceState& owner, const Relationship& relationship) noexcept {
    if (relationship.is_collection) {
        RelatedAccess::set_partial(owner.many(relationship));
    } else {
        RelatedAccess::set_partial(owner.one(relationship));
    }
}

namespace {

/// A relationship member lets its target be changed, so a target that was read as const until now
/// is compared from here on. As nobody could change it before, what it holds is what its row held.
void begin_tracking(Graph& graph, InstanceState& target) {
    if (target.is_tracked() || target.status != ObjectStatus::Persistent) return;
    target.snapshot = take_snapshot(*target.mapper, target.object(), graph.arena());
}

/// Each once, where it stands first.
void drop_repeated(std::vector<InstanceState*>& objects) {
    std::unordered_set<const InstanceState*> seen;
    seen.reserve(objects.size());
    std::erase_if(objects, [&](const InstanceState* state) { return !seen.insert(state).second; });
}

} // namespace

void set_related(Graph& graph, InstanceState& owner, const Relationship& relationship,
                 const std::vector<InstanceState*>& targets) {
    if (relationship.is_collection) {
        if (relationship.reverse != nullptr)
            begin_tracking(graph, owner); // the members point back to it
        graph.set_many(owner, relationship, targets);
    } else {
        graph.set_one(owner, relationship, targets);
    }
}

RelatedLoader::RelatedLoader(LoadContext& context, const LoadStep& step, CodePlace place,
                             const LoadPath* path) :
    context_(context),
    step_(step),
    relationship_(*step.relationship),
    place_(place),
    here_{step.relationship, path},
    columns_(owner_columns(relationship_)) {}

bool RelatedLoader::has_criteria() const noexcept {
    return step_.branch != nullptr && !step_.branch->criteria.empty();
}

LoadRequest RelatedLoader::request() const {
    return {
        .mapper = relationship_.target, .options = step_.next(), .place = place_, .path = &here_};
}

namespace {

/// Is said which of the target's rows are meant?
bool has_restrictions(const Relationship& relationship) {
    return std::any_of(relationship.discriminators.begin(), relationship.discriminators.end(),
                       [](const auto& discriminator) { return !discriminator.on_owner; });
}

/// What kind of owner this is decides whether the relationship is about it at all.
bool is_concerned(const InstanceState& owner, const Relationship& relationship) {
    return std::all_of(relationship.discriminators.begin(), relationship.discriminators.end(),
                       [&](const Relationship::Discriminator& discriminator) {
                           if (!discriminator.on_owner) return true;
                           const Field& field = owner.mapper->columns()[discriminator.column].field;
                           return load(field, owner.object()) == discriminator.value;
                       });
}

} // namespace

bool RelatedLoader::from_memory(InstanceState& owner) {
    Graph& graph = *context_.graph();
    const bool nothing =
        !is_concerned(owner, relationship_) ||
        (goes_by_columns(relationship_) && !owner_key(owner, relationship_, columns_));
    if (nothing) {
        set_related(graph, owner, relationship_, {});
        return true;
    }
    const bool may_know = relationship_.direction == Direction::ManyToOne &&
                          goes_by_columns(relationship_) && !relationship_.is_collection &&
                          !has_restrictions(relationship_) && !has_criteria();
    InstanceState* parent = may_know ? graph.known_parent(owner, relationship_) : nullptr;
    if (parent == nullptr) return false;
    begin_tracking(graph, *parent);
    graph.set_one(owner, relationship_, parent);
    return true;
}

void RelatedLoader::collect(InstanceState& owner) {
    auto key = owner_key(owner, relationship_, columns_);
    if (!key) { // a condition of the user's, of an owner that has no row yet
        groups_.push_back({{}, {&owner}, {}});
        return;
    }
    std::string bytes;
    pack_key(*key, bytes);
    const auto [found, added] = by_key_.try_emplace(std::move(bytes), groups_.size());
    if (added) groups_.push_back({std::move(*key), {}, {}});
    groups_[found->second].owners.push_back(&owner);
}

/// Owners without a key last: each of them needs a statement of its own.
void RelatedLoader::read_groups(std::vector<InstanceState*>& objects) {
    const auto keyed = static_cast<std::size_t>(std::count_if(
        groups_.begin(), groups_.end(), [](const Group& group) { return !group.key.empty(); }));
    std::size_t together = 1;
    if (keyed > 1) {
        const auto example = std::find_if(groups_.begin(), groups_.end(),
                                          [](const Group& group) { return !group.key.empty(); });
        together = owners_per_statement(step_, context_.load_settings(),
                                        context_.engine().capabilities(), example->key);
    }
    std::vector<Group*> chunk;
    for (Group& group : groups_) {
        if (group.key.empty() || keyed == 1 || together == 1) {
            read_one(group, objects);
            continue;
        }
        chunk.push_back(&group);
        if (chunk.size() == together) read_chunk(std::exchange(chunk, {}), objects);
    }
    read_chunk(chunk, objects);
}

namespace {

/// Is the owner's key that of the target's row itself?
bool goes_by_primary_key(const Relationship& relationship) {
    const auto& key = relationship.target->primary_key();
    if (relationship.direction != Direction::ManyToOne || !goes_by_columns(relationship) ||
        has_restrictions(relationship) || relationship.pairs.size() != key.size()) {
        return false;
    }
    return std::equal(key.begin(), key.end(), relationship.pairs.begin(),
                      [](std::uint16_t column, const auto& pair) { return column == pair.second; });
}

} // namespace

void RelatedLoader::read_one(Group& group, std::vector<InstanceState*>& objects) {
    if (step_.branch == nullptr && goes_by_primary_key(relationship_)) {
        ++statements_;
        last_ = {};
        InstanceState* found = load_by_key(context_, *relationship_.target, group.key, false);
        if (found != nullptr) group.targets = {found};
    } else {
        last_ = related_rows(step_, *group.owners.front());
        ++statements_;
        read_rows(context_, request(), last_, group.targets);
    }
    drop_repeated(group.targets);
    objects.insert(objects.end(), group.targets.begin(), group.targets.end());
}

void RelatedLoader::read_chunk(const std::vector<Group*>& groups,
                               std::vector<InstanceState*>& objects) {
    if (groups.size() < 2) {
        for (Group* group : groups) read_one(*group, objects);
        return;
    }
    std::vector<const OwnerKey*> keys;
    for (const Group* group : groups) keys.push_back(&group->key);
    if (!read_for_many(related_rows(step_, keys), objects)) {
        // The database finds things equal that we do not ("a" and "A"): it decides, one by one.
        for (Group* group : groups) {
            group->targets.clear();
            read_one(*group, objects);
        }
        return;
    }
    for (Group* group : groups) drop_repeated(group->targets);
}

bool RelatedLoader::read_for_many(RelatedRows rows, std::vector<InstanceState*>& objects) {
    Slab scratch(*relationship_.owner);
    RowTag tag;
    tag.columns = std::move(rows.whose);
    tag.place = scratch.construct().object();
    for (const auto column : columns_)
        tag.fields.push_back(relationship_.owner->columns()[column].field);
    bool all_found = true;
    std::string bytes;
    OwnerKey values;
    tag.row = [&](InstanceState& object) {
        values.clear();
        for (const Field& field : tag.fields) values.push_back(mercator::load(field, tag.place));
        pack_key(values, bytes);
        const auto group = by_key_.find(bytes);
        if (group == by_key_.end()) {
            all_found = false;
        } else {
            groups_[group->second].targets.push_back(&object);
        }
    };
    LoadRequest request = this->request();
    request.tag = &tag;
    std::vector<InstanceState*> read;
    last_ = std::move(rows.select);
    ++statements_;
    read_rows(context_, request, last_, read);
    if (all_found) objects.insert(objects.end(), read.begin(), read.end());
    return all_found;
}

void RelatedLoader::embed(const ast::Select& query, std::span<InstanceState* const> owners) {
    embedded_ = &query;
    embedded_owners_ = owners;
}

/// Rows also come for owners of the query that need none, so their keys have to be known.
bool RelatedLoader::read_embedded(std::vector<InstanceState*>& objects) {
    const std::size_t needed = groups_.size();
    for (InstanceState* owner : embedded_owners_) {
        auto key = owner_key(*owner, relationship_, columns_);
        if (!key) continue;
        std::string bytes;
        pack_key(*key, bytes);
        if (by_key_.try_emplace(std::move(bytes), groups_.size()).second)
            groups_.push_back({std::move(*key), {}, {}});
    }
    const bool done = read_for_many(related_rows(step_, *embedded_), objects);
    groups_.resize(needed);
    std::erase_if(by_key_, [&](const auto& entry) { return entry.second >= needed; });
    for (Group& group : groups_) {
        if (!done) group.targets.clear();
        drop_repeated(group.targets);
    }
    return done;
}

void RelatedLoader::load(std::span<InstanceState* const> owners) {
    const LoadContext::Use use(context_);
    std::vector<InstanceState*> unknown;
    for (InstanceState* owner : owners) {
        if (!from_memory(*owner)) unknown.push_back(owner);
    }
    if (unknown.empty()) return;
    // A flush gives keys to what was new, and may make something known.
    if (context_.autoflush_new(*relationship_.target))
        std::erase_if(unknown, [&](InstanceState* owner) { return from_memory(*owner); });
    groups_.clear();
    by_key_.clear();
    statements_ = 0;
    for (InstanceState* owner : unknown) collect(*owner);
    std::vector<InstanceState*> objects;
    const bool is_embedded =
        embedded_ != nullptr && groups_.size() == by_key_.size() && read_embedded(objects);
    if (!is_embedded) read_groups(objects);
    for (Group& group : groups_) {
        for (InstanceState* owner : group.owners) fill(*owner, group.targets);
    }
    drop_repeated(objects);
    load_along(context_, request(), statements_ == 1 ? &last_ : nullptr, objects);
    if (context_.graph()->is_watched()) context_.tell_transitions();
}

void RelatedLoader::fill(InstanceState& owner, const std::vector<InstanceState*>& targets) {
    set_related(*context_.graph(), owner, relationship_, targets);
    if (has_criteria()) set_partial(owner, relationship_);
}

std::vector<InstanceState*> RelatedLoader::ask(InstanceState& owner) {
    const LoadContext::Use use(context_);
    if (!is_concerned(owner, relationship_)) return {};
    context_.autoflush_new(*relationship_.target);
    auto key = owner_key(owner, relationship_, columns_);
    if (!key && goes_by_columns(relationship_)) return {};
    Group group{key ? std::move(*key) : OwnerKey(), {&owner}, {}};
    std::vector<InstanceState*> objects;
    read_one(group, objects);
    load_along(context_, request(), &last_, objects);
    if (context_.graph()->is_watched()) context_.tell_transitions();
    return objects;
}

} // namespace mercator
