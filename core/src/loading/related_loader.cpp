// SPDX-License-Identifier: MIT
#include "related_loader.hpp"

#include "joined_loader.hpp"
#include "owner_tag.hpp"
#include "polymorphic_plan.hpp"
#include "related_reading.hpp"

#include <mercator/loading/row_assembler.hpp>
#include <mercator/state/identity_key.hpp>
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

} // namespace

void drop_repeated(std::vector<InstanceState*>& objects) {
    std::unordered_set<const InstanceState*> seen;
    seen.reserve(objects.size());
    std::erase_if(objects, [&](const InstanceState* state) { return !seen.insert(state).second; });
}

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
    return step_.branch != nullptr && step_.branch->leaves_out();
}

LoadRequest RelatedLoader::request() const {
    return {
        .mapper = &step_.target(), .options = step_.next(), .place = place_, .path = &here_};
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
    if (parent == nullptr || !parent->mapper->is_a(*relationship_.target)) return false;
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
std::vector<RelatedLoader::Chunk> RelatedLoader::chunks() {
    const auto keyed = static_cast<std::size_t>(std::count_if(
        groups_.begin(), groups_.end(), [](const Group& group) { return !group.key.empty(); }));
    std::size_t together = 1;
    if (keyed > 1) {
        const auto example = std::find_if(groups_.begin(), groups_.end(),
                                          [](const Group& group) { return !group.key.empty(); });
        together = owners_per_statement(step_, context_.load_settings(),
                                        context_.engine().capabilities(), example->key);
    }
    std::vector<Chunk> chunks;
    Chunk chunk;
    for (Group& group : groups_) {
        if (group.key.empty()) {
            chunks.push_back({&group});
            continue;
        }
        chunk.push_back(&group);
        if (chunk.size() == together) chunks.push_back(std::exchange(chunk, {}));
    }
    if (!chunk.empty()) chunks.push_back(std::move(chunk));
    return chunks;
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

bool RelatedLoader::goes_by_get() const {
    return step_.branch == nullptr && goes_by_primary_key(relationship_);
}

void RelatedLoader::read_one(Group& group) {
    ++statements_;
    last_.reset();
    if (goes_by_get()) {
        InstanceState* found = load_by_key(context_, *relationship_.target, group.key, false);
        if (found != nullptr) group.targets = {found};
    } else {
        last_ = related_rows(step_, *group.owners.front());
        read_rows(context_, request(), *last_, group.targets);
    }
    drop_repeated(group.targets);
    objects_.insert(objects_.end(), group.targets.begin(), group.targets.end());
}

/// The database finds things equal that we do not ("a" and "A"): it decides, one by one.
void RelatedLoader::read_each(const Chunk& groups) {
    for (Group* group : groups) {
        group->targets.clear();
        read_one(*group);
    }
}

void RelatedLoader::read_chunk(const Chunk& groups) {
    if (groups.size() == 1) return read_one(*groups.front());
    std::vector<const OwnerKey*> keys;
    for (const Group* group : groups) keys.push_back(&group->key);
    if (!read_for_many(related_rows(step_, keys))) return read_each(groups);
    for (Group* group : groups) drop_repeated(group->targets);
}

bool RelatedLoader::read_for_many(RelatedRows rows) {
    bool all_found = true;
    const OwnerTag tag(*relationship_.owner, columns_, std::move(rows.whose),
                       [&](const std::string& key, InstanceState& object) {
                           all_found = give(key, object) && all_found;
                       });
    LoadRequest request = this->request();
    request.tag = tag.tag();
    std::vector<InstanceState*> read;
    last_ = std::move(rows.select);
    ++statements_;
    read_rows(context_, request, *last_, read);
    if (all_found) objects_.insert(objects_.end(), read.begin(), read.end());
    return all_found;
}

bool RelatedLoader::give(const std::string& key, InstanceState& object) {
    const auto group = by_key_.find(key);
    if (group == by_key_.end()) return false;
    groups_[group->second].targets.push_back(&object);
    return true;
}

void RelatedLoader::embed(const ast::Select& query, std::span<InstanceState* const> owners) {
    embedded_ = &query;
    embedded_owners_ = owners;
}

/// Rows also come for owners of the query that need none, so their keys have to be known.
bool RelatedLoader::read_embedded() {
    if (embedded_ == nullptr || groups_.size() != by_key_.size()) return false;
    const std::size_t needed = groups_.size();
    for (InstanceState* owner : embedded_owners_) {
        auto key = owner_key(*owner, relationship_, columns_);
        if (!key) continue;
        std::string bytes;
        pack_key(*key, bytes);
        if (by_key_.try_emplace(std::move(bytes), groups_.size()).second)
            groups_.push_back({std::move(*key), {}, {}});
    }
    const bool done = read_for_many(related_rows(step_, *embedded_));
    groups_.resize(needed);
    std::erase_if(by_key_, [&](const auto& entry) { return entry.second >= needed; });
    for (Group& group : groups_) {
        if (!done) group.targets.clear();
        drop_repeated(group.targets);
    }
    return done;
}

void RelatedLoader::load(std::span<InstanceState* const> owners) {
    RelatedLoader* const alone[] = {this};
    take(owners);
    load_taken(context_, alone);
}

void RelatedLoader::take(std::span<InstanceState* const> owners) {
    unknown_.assign(owners.begin(), owners.end());
}

bool RelatedLoader::can_wait() const {
    return context_.engine().capabilities().pipeline && !has_several_classes(step_.target()) &&
           !wants_joins(context_, request());
}

/// Flushes what would be missed, and returns whether it did.
bool RelatedLoader::look_for_unknown() {
    std::erase_if(unknown_, [&](InstanceState* owner) { return from_memory(*owner); });
    return !unknown_.empty() && context_.autoflush_new(*relationship_.target);
}

/// A flush gives keys to what was new, and may make something known.
void RelatedLoader::collect_unknown(bool flushed) {
    if (flushed) std::erase_if(unknown_, [&](InstanceState* owner) { return from_memory(*owner); });
    objects_.clear();
    groups_.clear();
    by_key_.clear();
    statements_ = 0;
    for (InstanceState* owner : unknown_) collect(*owner);
}

void RelatedLoader::load_taken(LoadContext& context, std::span<RelatedLoader* const> loaders) {
    const LoadContext::Use use(context);
    bool flushed = false;
    for (RelatedLoader* loader : loaders) flushed = loader->look_for_unknown() || flushed;
    const auto is_done = [](const RelatedLoader* loader) { return loader->unknown_.empty(); };
    if (std::all_of(loaders.begin(), loaders.end(), is_done)) return;
    for (RelatedLoader* loader : loaders) loader->collect_unknown(flushed);
    RelatedReading(context, loaders).read();
    for (RelatedLoader* loader : loaders) loader->fill_unknown();
    for (RelatedLoader* loader : loaders) loader->load_below();
    if (context.graph()->is_watched()) context.tell_transitions();
}

void RelatedLoader::fill_unknown() {
    for (Group& group : groups_) {
        for (InstanceState* owner : group.owners) fill(*owner, group.targets);
    }
}

void RelatedLoader::load_below() {
    if (objects_.empty()) return;
    drop_repeated(objects_);
    const bool by_one = statements_ == 1 && last_.has_value();
    load_along(context_, request(), by_one ? &*last_ : nullptr, objects_);
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
    read_one(group);
    load_below();
    if (context_.graph()->is_watched()) context_.tell_transitions();
    return objects_;
}

} // namespace mercator
