// SPDX-License-Identifier: MIT
// The two sides of a relationship: made by backref, named by back_populates, or without a member.
#include "mapper_configuration.hpp"

#include "relationship_join.hpp"

#include <mercator/mapping/relationship_mapping.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mercator {

namespace {

void check_backref(const Relationship& relationship) {
    const Mapper& target = *relationship.target;
    if (target.is_configured()) {
        refuse_relationship(
            relationship,
            fmt::format("gives {} a backref, but {} was already in use before {} was known; name "
                        "both classes when the database is set up, as in db.map<{}, {}>()",
                        target.class_name(), target.class_name(), relationship.owner->class_name(),
                        relationship.owner->class_name(), target.class_name()));
    }
    if (target.find_relationship(relationship.backref->member) != nullptr) {
        refuse_relationship(
            relationship,
            fmt::format("makes the backref {}.{}, which describes itself as well; use "
                        "back_populates on both sides or describe only one",
                        target.class_name(), relationship.backref->member));
    }
    if (relationship.through || relationship.limit != 0) {
        refuse_relationship(
            relationship, fmt::format("shows only some of what there is, or through another class, "
                                      "so it has no other side to make; describe {}.{} by itself "
                                      "instead of by backref",
                                      target.class_name(), relationship.backref->member));
    }
}

/// `children ... .backref<&Category::parent>().remote_side<&Category::id>()`: a collection cannot
/// have the key that its members refer to on the other side, so the backref is meant.
void hand_remote_side_on(Relationship& forward) {
    if (!forward.is_collection || forward.owner != forward.target || forward.secondary != nullptr ||
        forward.primaryjoin || forward.backref->is_collection ||
        !forward.backref->remote_offsets.empty())
        return;
    std::vector<std::string> named;
    for (const auto offset : forward.remote_offsets) {
        const Mapper& target = *forward.target;
        named.push_back(target.column_at(offset).in_schema().name);
    }
    const Table& table = forward.target->table();
    const bool is_key = std::any_of(
        table.foreign_keys.begin(), table.foreign_keys.end(), [&](const ForeignKey& key) {
            if (key.target_table != table.name) return false;
            const auto columns = key_columns(key, table);
            return std::equal(
                columns.begin(), columns.end(), named.begin(), named.end(),
                [](const auto& pair, const auto& name) { return pair.second == name; });
        });
    if (is_key) forward.backref->remote_offsets = std::exchange(forward.remote_offsets, {});
}

} // namespace

void MapperConfiguration::make_backrefs(Mapper& mapper, RelationshipConfiguration& joins) {
    for (std::size_t i = 0; i < mapper.own_relationships_.size(); ++i) {
        Relationship& forward = mapper.own_relationships_[i];
        if (forward.backref == nullptr) continue;
        check_backref(forward);
        hand_remote_side_on(forward);
        Mapper& target = *forward.target;
        Relationship& reverse = target.own_relationships_.emplace_back(*forward.backref);
        target.relationships_.items_.push_back(&reverse);
        reverse.where = fmt::format("{}.{}", target.class_name(), reverse.member);
        reverse.index = static_cast<std::uint16_t>(target.relationships_.size() - 1); // until they are listed
        reverse.owner = &target;
        reverse.target = &mapper;
        reverse.view_only = reverse.view_only || forward.view_only;
        reverse.has_back_populates = true;
        reverse.back_populates_member = forward.member;
        reverse.back_populates_offset = forward.offset;
        forward.has_back_populates = true;
        forward.back_populates_member = reverse.member;
        forward.back_populates_offset = reverse.offset;
        joins.add_backref(reverse, forward);
    }
}

void MapperConfiguration::find_named_side(Relationship& relationship) {
    if (!relationship.has_back_populates ||
        relationship.back_populates_offset != ColumnProperty::no_member)
        return;
    if (const auto* side =
            relationship.target->find_relationship(relationship.back_populates_member))
        relationship.back_populates_offset = side->offset;
}

namespace {

/// The columns of one side's description, mirrored, are those of the other's.
bool goes_by_same(const Relationship& a, const Relationship& b) {
    const auto same_links = [](const std::vector<Relationship::SecondaryPair>& left,
                               const std::vector<Relationship::SecondaryPair>& right) {
        return std::is_permutation(
            left.begin(), left.end(), right.begin(), right.end(),
            [](const auto& x, const auto& y) { return x.column == y.column && x.link == y.link; });
    };
    auto mirrored = b.pairs;
    for (auto& pair : mirrored) std::swap(pair.first, pair.second);
    return std::is_permutation(mirrored.begin(), mirrored.end(), a.pairs.begin(), a.pairs.end()) &&
           same_links(a.owner_links, b.target_links) && same_links(a.target_links, b.owner_links);
}

/// Why the two cannot be the sides of one relationship; empty if they can.
std::string mismatch(const Relationship& a, const Relationship& b) {
    const bool by_link = a.direction == Direction::ManyToMany;
    if (by_link != (b.direction == Direction::ManyToMany)) {
        return fmt::format("one of the two goes by the table {} and the other by a foreign key",
                           (by_link ? a : b).secondary->name);
    }
    if (by_link && a.secondary->name != b.secondary->name) {
        return fmt::format("the two sides go by different tables, {} and {}", a.secondary->name,
                           b.secondary->name);
    }
    if (!by_link && a.direction == b.direction)
        return "both sides lead in the same direction; one of them must be the foreign key's";
    if (!goes_by_same(a, b)) {
        return by_link ? "the two sides go by the same foreign keys in the same direction"
                       : "the two sides go by different foreign keys";
    }
    if (a.view_only != b.view_only)
        return fmt::format("{} is for reading only and the other side is not",
                           (a.view_only ? a : b).where);
    return {};
}

} // namespace

void MapperConfiguration::link_reverse(Relationship& relationship) {
    if (!relationship.has_back_populates) return;
    Relationship* reverse = nullptr;
    for (Relationship* other : relationship.target->relationships_.items_) {
        if (other->offset == relationship.back_populates_offset) reverse = other;
    }
    const auto fail = [&](std::string_view why) {
        refuse_relationship(
            relationship,
            fmt::format(
                "back_populates {}.{}, but {}; describe both sides and let each name the other",
                relationship.target->class_name(), relationship.back_populates_member, why));
    };
    if (reverse == nullptr) fail("that member is not described as a relationship");
    if (reverse->target != relationship.owner) fail("that relationship leads to another class");
    if (!reverse->has_back_populates || reverse->back_populates_offset != relationship.offset)
        fail("that side does not name this one");
    if (const auto why = mismatch(relationship, *reverse); !why.empty()) fail(why);
    // Pairs of one relationship are walked from both sides: in one order.
    if (relationship.pairs.size() > 1 && relationship.direction == Direction::ManyToOne &&
        relationship.owner != relationship.target) {
        reverse->pairs = relationship.pairs;
        for (auto& pair : reverse->pairs) std::swap(pair.first, pair.second);
    }
    relationship.reverse = reverse;
}

void MapperConfiguration::make_external_side(const Relationship& relationship) {
    if (relationship.backref_name.empty()) return;
    Mapper& target = *relationship.target;
    if (target.is_configured()) {
        refuse_relationship(
            relationship,
            fmt::format("names a side of {}, which was already in use; name both classes when the "
                        "database is set up, as in db.map<...>()",
                        target.class_name()));
    }
    const bool taken = target.find_relationship(relationship.backref_name) != nullptr ||
                       std::any_of(target.external_.begin(), target.external_.end(),
                                   [&](const Relationship& other) {
                                       return other.member == relationship.backref_name;
                                   });
    if (taken) {
        refuse_relationship(
            relationship,
            fmt::format("makes a side called {} of {}, which has one already; choose another name",
                        relationship.backref_name, target.class_name()));
    }
    Relationship& side = target.external_.emplace_back();
    side.member = relationship.backref_name;
    side.where = fmt::format("{}.{}", target.class_name(), side.member);
    side.is_collection = relationship.direction != Direction::OneToMany;
    side.owner = &target;
    side.target = relationship.owner;
    side.view_only = relationship.view_only;
    mirror_join(relationship, side);
}

} // namespace mercator
