// SPDX-License-Identifier: MIT
#include "joined_rows.hpp"

#include "related_loader.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

namespace mercator {

namespace {

/// Does the owner's foreign key say something else in memory than in its row? Then the row's target
/// is not the owner's.
bool refers_elsewhere(const InstanceState& owner, const Relationship& relationship) {
    if (relationship.direction != Direction::ManyToOne || !owner.is_tracked()) return false;
    return std::any_of(relationship.pairs.begin(), relationship.pairs.end(), [&](const auto& pair) {
        const Field& field = owner.mapper->columns()[pair.first].field;
        return load(field, owner.object()) !=
               snapshot_value(*owner.mapper, owner.snapshot, pair.first);
    });
}

bool comes_before(const Value& a, const Value& b) {
    const auto* number = a.get_if<std::int64_t>();
    const auto* other = b.get_if<std::int64_t>();
    if (number != nullptr && other != nullptr) return *number < *other;
    const auto* text = a.get_if<std::string>();
    const auto* other_text = b.get_if<std::string>();
    return text != nullptr && other_text != nullptr && *text < *other_text;
}

/// By key, as other ways of loading do where nobody asks for an order.
void sort_by_key(const Mapper& mapper, std::vector<InstanceState*>& objects) {
    const auto before = [&](const InstanceState* a, const InstanceState* b) {
        for (const auto index : mapper.primary_key()) {
            const Field& field = mapper.columns()[index].field;
            const Value left = load(field, a->object());
            const Value right = load(field, b->object());
            if (comes_before(left, right)) return true;
            if (comes_before(right, left)) return false;
        }
        return false;
    };
    if (!std::is_sorted(objects.begin(), objects.end(), before))
        std::stable_sort(objects.begin(), objects.end(), before);
}

/// Can rows name the same owner and member twice?
bool may_repeat(const JoinedSelect& joined, std::size_t entity) {
    if (joined.own_joins) return true;
    for (std::size_t other = 1; other < joined.entities.size(); ++other) {
        if (joined.entities[other].is_collection() && !joined.leads_to(other, entity)) return true;
    }
    // An owner that several others share stands in the rows of each.
    for (std::size_t at = joined.entities[entity].owner; at != 0; at = joined.entities[at].owner) {
        if (joined.entities[at].relationship->direction != Direction::OneToMany) return true;
    }
    return false;
}

} // namespace

RelatedGroups::Group& RelatedGroups::group_of(InstanceState& owner, bool owner_is_new) {
    if (!groups_.empty() && groups_[last_].owner == &owner) return groups_[last_];
    const auto [place, added] = places_.try_emplace(&owner, groups_.size());
    last_ = place->second;
    if (added) {
        const bool known =
            is_known(owner, relationship_) && (has_criteria() || !is_partial(owner, relationship_));
        const bool kept = !owner_is_new && (known || refers_elsewhere(owner, relationship_));
        groups_.push_back({&owner, {}, kept});
    }
    return groups_[last_];
}

void RelatedGroups::add(InstanceState& owner, bool owner_is_new, InstanceState* member) {
    Group& group = group_of(owner, owner_is_new);
    if (member == nullptr || group.is_kept) return;
    if (!relationship_.is_collection) {
        // A second one is to be told of.
        if (group.members.empty() || group.members.front() != member)
            group.members.push_back(member);
        return;
    }
    if (!group.members.empty() && group.members.back() == member) return;
    if (may_repeat_ && !seen_.emplace(&owner, member).second) return;
    group.members.push_back(member);
}

bool RelatedGroups::has_criteria() const noexcept {
    return entity_.contained || (entity_.branch != nullptr && entity_.branch->leaves_out());
}

/// Is there an order of the members that somebody asked for?
bool RelatedGroups::is_ordered() const noexcept {
    return entity_.contained || !relationship_.order_by.empty() ||
           (entity_.branch != nullptr && !entity_.branch->order_by.empty());
}

void RelatedGroups::relate(Graph& graph) {
    for (Group& group : groups_) {
        if (!group.is_kept) relate(graph, group);
    }
}

void RelatedGroups::relate(Graph& graph, Group& group) {
    if (group.members.size() > 1 && !is_ordered()) sort_by_key(*entity_.mapper, group.members);
    set_related(graph, *group.owner, relationship_, group.members);
    if (has_criteria()) set_partial(*group.owner, relationship_);
    const Relationship* reverse = relationship_.reverse;
    const bool is_pair = !relationship_.is_collection && reverse != nullptr &&
                         !reverse->is_collection && relationship_.direction == Direction::OneToMany;
    if (!is_pair || group.members.empty()) return;
    InstanceState& target = *group.members.front();
    if (!RelatedAccess::is_loaded(target.one(*reverse)))
        graph.set_one(target, *reverse, group.owner);
}

std::size_t RelatedGroups::size_for(const InstanceState& owner) const {
    const auto place = places_.find(&owner);
    return place == places_.end() ? 0 : groups_[place->second].members.size();
}

JoinedRows::JoinedRows(LoadContext& context, const LoadRequest& request,
                       const JoinedSelect& joined) :
    graph_(*context.graph()),
    joined_(joined),
    tag_(request.tag),
    targets_(joined.entities.size() + 1) {
    // All maps of keys first: a new one may move the others.
    for (const JoinedEntity& entity : joined.entities)
        static_cast<void>(graph_.identities(*entity.mapper));
    const bool shows_roots = std::any_of(
        joined.entities.begin() + 1, joined.entities.end(), [](const JoinedEntity& entity) {
            return entity.owner == 0 && entity.relationship->reverse != nullptr;
        });
    // Relationship members let their targets be changed, so these are compared by a flush.
    sources_.emplace_back(context, joined.entities.front(), request.read_only && !shows_roots);
    for (std::size_t i = 1; i < joined.entities.size(); ++i) {
        const JoinedEntity& entity = joined.entities[i];
        sources_.emplace_back(context, entity, false);
        groups_.emplace_back(entity, may_repeat(joined, i));
    }
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        const auto& classes = joined.entities[i].classes;
        if (!classes) continue;
        sources_[i].classes = std::make_unique<PolymorphicRows>(
            context, *classes, i == 0 && request.read_only && !shows_roots,
            request.populate_existing);
        sources_[i].waits = classes->reads_later;
        has_classes_ = true;
    }
    if (!request.populate_existing) return;
    for (Source& source : sources_) source.assembler.overwrite_known();
}

JoinedRows::~JoinedRows() {
    for (Source& source : sources_) {
        if (source.fresh != nullptr) source.assembler.discard(*source.fresh);
    }
}

void JoinedRows::read(DriverStatement& statement) {
    if (has_classes_) return read_classes(statement);
    while (true) {
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            Source& source = sources_[i];
            if (source.fresh == nullptr) source.fresh = &source.assembler.begin();
            targets_[i] = source.fresh->object();
        }
        targets_.back() = tag_ == nullptr ? nullptr : tag_->place;
        if (!statement.fetch(joined_.decode, targets_.data())) return;
        for (std::size_t i = 0; i < sources_.size(); ++i) settle(sources_[i], targets_[i]);
        take_row();
    }
}

void JoinedRows::read_classes(DriverStatement& statement) {
    const bool wait = std::any_of(sources_.begin(), sources_.end(),
                                  [](const Source& source) { return source.reads_later(); });
    std::vector<Part> parts(sources_.size());
    while (true) {
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            Source& source = sources_[i];
            if (source.classes == nullptr && source.fresh == nullptr)
                source.fresh = &source.assembler.begin();
            targets_[i] =
                source.classes == nullptr ? source.fresh->object() : source.classes->place();
        }
        targets_.back() = tag_ == nullptr ? nullptr : tag_->place;
        if (!statement.fetch(joined_.decode, targets_.data())) return;
        for (std::size_t i = 0; i < sources_.size(); ++i) parts[i] = part_of_row(i, statement);
        if (!wait) {
            take_parts(parts);
            continue;
        }
        waiting_.insert(waiting_.end(), parts.begin(), parts.end());
        if (tag_ == nullptr) continue;
        auto& values = waiting_tags_.emplace_back();
        for (const Field& field : tag_->fields) values.push_back(load(field, tag_->place));
    }
}

JoinedRows::Part JoinedRows::part_of_row(std::size_t index, DriverStatement& statement) {
    Source& source = sources_[index];
    if (targets_[index] == nullptr) return {};
    if (source.classes != nullptr) return {source.classes->take(statement), true};
    settle(source, targets_[index]);
    return {{source.current, source.is_new, PolymorphicRows::Row::nowhere}, true};
}

void JoinedRows::take_parts(std::span<const Part> parts) {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        Source& source = sources_[i];
        InstanceState* state = parts[i].row.state;
        if (parts[i].row.later != PolymorphicRows::Row::nowhere)
            state = source.classes->found(parts[i].row.later);
        const bool shown = state != nullptr && state->status != ObjectStatus::Deleted;
        source.current = shown ? state : nullptr;
        source.is_new = parts[i].row.is_new;
    }
    take_row();
}

void JoinedRows::read_later() {
    if (waiting_.empty()) return;
    for (Source& source : sources_) {
        if (source.reads_later()) source.classes->read_later();
    }
    const std::span<const Part> all(waiting_);
    const std::size_t width = sources_.size();
    for (std::size_t row = 0; row * width < all.size(); ++row) {
        for (std::size_t i = 0; tag_ != nullptr && i < tag_->fields.size(); ++i)
            store(tag_->fields[i], tag_->place, waiting_tags_[row][i]);
        take_parts(all.subspan(row * width, width));
    }
}

std::optional<std::uint32_t> JoinedRows::Source::plain_key(const Mapper& mapper) {
    if (mapper.primary_key().size() != 1) return std::nullopt;
    const ColumnProperty& key = mapper.columns()[mapper.primary_key().front()];
    const bool plain =
        key.accessor == nullptr && !key.field.optional && key.field.kind == FieldKind::Int64;
    return plain ? std::optional(key.field.offset) : std::nullopt;
}

bool JoinedRows::is_last_again(Source& source, const std::byte* target) noexcept {
    if (!source.key_offset) return false;
    std::int64_t key = 0;
    std::memcpy(&key, target + *source.key_offset, sizeof key);
    const bool again = source.has_last && key == source.last_key;
    source.last_key = key;
    source.has_last = true;
    return again;
}

void JoinedRows::settle(Source& source, const std::byte* target) {
    source.is_new = false;
    source.current = nullptr;
    if (target == nullptr) return;
    if (is_last_again(source, target)) {
        source.current = source.last;
        return;
    }
    InstanceState& state = source.assembler.settle(*source.fresh);
    if (&state == source.fresh) {
        source.fresh = nullptr;
        source.is_new = true;
    } else {
        for (const ExpressionWish& wish : source.expressions)
            store(wish.field, state.object(), load(wish.field, source.fresh->object()));
    }
    // A row of an object that this session has deleted must not bring it back.
    if (state.status != ObjectStatus::Deleted) source.current = &state;
    source.last = source.current;
}

void JoinedRows::take_root(InstanceState& root) {
    if (is_first_of_root(&root)) sources_.front().objects.push_back(&root);
    if (tag_ != nullptr) tell_tag(root);
}

/// Once for each object and tag, however many rows they have.
void JoinedRows::tell_tag(InstanceState& root) {
    if (joined_.repeats_roots) {
        std::vector<Value> values;
        for (const Field& field : tag_->fields) values.push_back(load(field, tag_->place));
        auto& told = tags_[&root];
        if (std::find(told.begin(), told.end(), values) != told.end()) return;
        told.push_back(std::move(values));
    }
    tag_->row(root);
}

void JoinedRows::take_row() {
    if (InstanceState* root = sources_.front().current) take_root(*root);
    for (std::size_t i = 1; i < sources_.size(); ++i) {
        const Source& owner = sources_[joined_.entities[i].owner];
        Source& source = sources_[i];
        if (owner.current == nullptr) source.current = nullptr;
        if (owner.current == nullptr) continue;
        groups_[i - 1].add(*owner.current, owner.is_new, source.current);
        if (source.current == nullptr) continue;
        if (source.objects.empty() || source.objects.back() != source.current)
            source.objects.push_back(source.current);
    }
}

bool JoinedRows::is_first_of_root(const InstanceState* root) {
    if (!joined_.repeats_roots) return true;
    if (!roots().empty() && roots().back() == root) return false;
    return roots_.insert(root).second;
}

std::vector<InstanceState*> JoinedRows::distinct(std::size_t entity) const {
    const auto& objects = sources_[entity].objects;
    if (groups_[entity - 1].is_each_once()) return objects;
    std::vector<InstanceState*> once;
    std::unordered_set<const InstanceState*> seen;
    for (InstanceState* object : objects) {
        if (seen.insert(object).second) once.push_back(object);
    }
    return once;
}

void JoinedRows::relate() {
    for (RelatedGroups& groups : groups_) groups.relate(graph_);
}

} // namespace mercator
