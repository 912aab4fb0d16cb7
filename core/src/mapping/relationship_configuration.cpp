// SPDX-License-Identifier: MIT
#include "relationship_configuration.hpp"

#include "relationship_join.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/mapping/relationship_mapping.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace mercator {

namespace {

/// Does its own description say how it joins?
bool says_join(const Relationship& relationship) {
    return relationship.secondary || relationship.primaryjoin || relationship.secondaryjoin ||
           relationship.through || !relationship.foreign_key_offsets.empty() ||
           !relationship.remote_offsets.empty() || !relationship.discriminators.empty();
}

std::vector<std::string> column_names(const Mapper& mapper,
                                      const std::vector<std::uint32_t>& offsets) {
    std::vector<std::string> names;
    for (const auto offset : offsets)
        names.push_back(mapper.column_at(offset).in_schema().name);
    return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

void RelationshipConfiguration::resolve(Relationship& relationship) {
    if (relationship.owner->is_configured() || resolved_.count(&relationship) != 0) return;
    if (!running_.insert(&relationship).second)
        refuse_relationship(relationship,
                            "goes through itself; name other steps in through<...>()");
    if (Relationship* forward = side_that_says(relationship)) {
        resolve(*forward);
        mirror_join(*forward, relationship);
        relationship.view_only = relationship.view_only || forward->view_only;
    } else {
        find_join(relationship);
        add_discriminators(relationship);
        settle_join(relationship);
    }
    settle_order(relationship);
    if (relationship.view_only) {
        relationship.cascade =
            static_cast<Cascade>(static_cast<std::uint8_t>(relationship.cascade) &
                                 ~static_cast<std::uint8_t>(Cascade::save_update | Cascade::merge));
    }
    check_relationship(relationship);
    running_.erase(&relationship);
    resolved_.insert(&relationship);
}

void RelationshipConfiguration::find_join(Relationship& relationship) {
    if (relationship.through) {
        by_two_steps(relationship);
    } else if (relationship.secondary) {
        by_secondary(relationship);
    } else if (relationship.secondaryjoin) {
        refuse_relationship(relationship,
                            "has a secondaryjoin and no table between; add .secondary(table), or "
                            "say the whole condition in primaryjoin");
    } else if (relationship.primaryjoin) {
        by_condition(relationship);
    } else {
        by_foreign_key(relationship);
    }
}

/// The relationship that this one mirrors, because it says nothing of its own: the one that made it
/// by backref, or the one that it back_populates.
Relationship* RelationshipConfiguration::side_that_says(Relationship& relationship) const {
    if (says_join(relationship)) return nullptr;
    if (const auto made = backrefs_.find(&relationship); made != backrefs_.end())
        return made->second;
    if (!relationship.has_back_populates) return nullptr;
    for (const auto& other : relationship.target->relationships()) {
        const bool is_it = other.offset == relationship.back_populates_offset &&
                           other.target == relationship.owner && other.has_back_populates &&
                           other.back_populates_offset == relationship.offset;
        if (is_it && says_join(other) && !other.through) return const_cast<Relationship*>(&other);
    }
    return nullptr;
}

std::vector<RelationshipConfiguration::Candidate>
RelationshipConfiguration::candidates(const Relationship& relationship) {
    const Mapper& owner = *relationship.owner;
    const Mapper& target = *relationship.target;
    const bool self = &owner == &target;
    const auto& chosen = relationship.foreign_key_offsets;
    const auto remote = column_names(target, relationship.remote_offsets);
    const auto fits = [&](const ForeignKey& key, const Table& parent, bool on_target) {
        if (!chosen.empty() && (relationship.foreign_key_on_target != on_target ||
                                key.columns != column_names(on_target ? target : owner, chosen)))
            return false;
        const auto columns = key_columns(key, parent);
        return std::all_of(remote.begin(), remote.end(), [&](const std::string& name) {
            return std::any_of(columns.begin(), columns.end(), [&](const auto& pair) {
                return name == (on_target ? pair.first : pair.second);
            });
        });
    };
    std::vector<Candidate> found;
    const bool may_refer = !relationship.is_collection || (self && !remote.empty()) ||
                           (!chosen.empty() && !relationship.foreign_key_on_target);
    if (may_refer) {
        for (const auto& [key, child, parent] : keys_between(owner, target)) {
            if (fits(*key, *parent, false)) found.push_back({key, false, child, parent});
        }
        if (!found.empty() && (!self || remote.empty())) return found;
    }
    if (self && !relationship.is_collection && remote.empty()) return found;
    for (const auto& [key, child, parent] : keys_between(target, owner)) {
        if (fits(*key, *parent, true)) found.push_back({key, true, child, parent});
    }
    if (self && !remote.empty() && found.size() > 1) {
        // A key that shares a column with what it refers to: all columns of one side were named.
        const auto names_all = [&](const Candidate& candidate) {
            return candidate.key->columns.size() == remote.size() &&
                   std::all_of(remote.begin(), remote.end(), [&](const std::string& name) {
                       const auto columns = key_columns(*candidate.key, target.table());
                       return std::any_of(columns.begin(), columns.end(), [&](const auto& pair) {
                           return name == (candidate.on_target ? pair.first : pair.second);
                       });
                   });
        };
        std::erase_if(found, [&](const Candidate& candidate) { return !names_all(candidate); });
    }
    return found;
}

namespace {

std::string choices(const Relationship& relationship, const std::vector<std::string>& lines) {
    return fmt::format("choose one by adding {} to the description of {}", fmt::join(lines, " or "),
                       relationship.where);
}

std::string member_list(const Mapper& mapper, const std::vector<std::string>& columns) {
    std::vector<std::string> members;
    for (const auto& column : columns) members.push_back(member_text(mapper, column));
    return fmt::format("{}", fmt::join(members, ", "));
}

bool has_key_to(const Mapper& from, const Mapper& to) {
    return !keys_between(from, to).empty();
}

[[noreturn]] void refuse_remote_side(const Relationship& relationship) {
    const Mapper& target = *relationship.target;
    std::vector<std::string> sides;
    const auto add = [&](const Mapper& from, const Mapper& to, bool on_target) {
        for (const auto& [key, child, parent] : keys_between(from, to)) {
            std::vector<std::string> names;
            for (const auto& [own, referred] : key_columns(*key, *parent))
                names.push_back(on_target ? own : referred);
            sides.push_back(fmt::format(".remote_side<{}>()", member_list(target, names)));
        }
    };
    if (!relationship.is_collection) add(*relationship.owner, target, false);
    add(target, *relationship.owner, true);
    refuse_relationship(
        relationship,
        fmt::format("names {} as its remote_side, which no foreign key between table {} and table "
                    "{} has on that side; say {}",
                    member_list(target, column_names(target, relationship.remote_offsets)),
                    relationship.owner->table().name, target.table().name,
                    fmt::join(sides, " or ")));
}

[[noreturn]] void refuse_without_key(const Relationship& relationship) {
    const Mapper& owner = *relationship.owner;
    const Mapper& target = *relationship.target;
    if (!relationship.remote_offsets.empty() &&
        (has_key_to(owner, target) || has_key_to(target, owner)))
        refuse_remote_side(relationship);
    if (relationship.is_collection && &owner != &target && has_key_to(owner, target)) {
        refuse_relationship(
            relationship,
            fmt::format("is a collection, but the foreign key is on its own table {}, so that each "
                        "{} has one {} at most; make the member a One<{}>, or describe the "
                        "collection in {}",
                        owner.table().name, owner.class_name(), target.class_name(),
                        target.class_name(), target.class_name()));
    }
    const Mapper& parent = relationship.is_collection ? owner : target;
    const Mapper& child = relationship.is_collection ? target : owner;
    refuse_relationship(
        relationship,
        fmt::format("has no foreign key to go by: there is none between table {} and table {}; add "
                    ".references<&{}::...>() to a column of {}, or name what it goes by with "
                    ".foreign_keys<...>(), .secondary(table) or .primaryjoin(...)",
                    owner.table().name, target.table().name, parent.class_name(),
                    child.class_name()));
}

} // namespace

void RelationshipConfiguration::by_foreign_key(Relationship& relationship) {
    const auto found = candidates(relationship);
    const Mapper& owner = *relationship.owner;
    const Mapper& target = *relationship.target;
    if (found.empty() && !relationship.foreign_key_offsets.empty() &&
        relationship.remote_offsets.empty()) {
        by_key_without_constraint(relationship);
        return;
    }
    if (found.empty()) refuse_without_key(relationship);
    if (found.size() > 1) {
        std::vector<std::string> lines;
        std::vector<std::string> columns;
        for (const auto& [key, on_target, child_table, parent_table] : found) {
            columns.push_back(fmt::format("{}", fmt::join(key->columns, "+")));
            lines.push_back(fmt::format(".{}<{}>()",
                                        key->columns.size() == 1 ? "foreign_key" : "foreign_keys",
                                        member_list(on_target ? target : owner, key->columns)));
        }
        refuse_relationship(
            relationship,
            fmt::format("is ambiguous: several foreign keys join {} and {} (by {}); {}",
                        owner.table().name, target.table().name, fmt::join(columns, ", "),
                        choices(relationship, lines)));
    }
    const auto& [key, on_target, child_table, parent_table] = found.front();
    connect(relationship, on_target, *child_table, *parent_table, key_columns(*key, *parent_table));
}

/// `foreign_keys` of columns that the database does not hold to anything, as keys that refer to
/// several tables (`when` tells which): they refer to the other class's primary key.
void RelationshipConfiguration::by_key_without_constraint(Relationship& relationship) {
    const bool on_target = relationship.foreign_key_on_target;
    const Mapper& child = on_target ? *relationship.target : *relationship.owner;
    const Mapper& parent = on_target ? *relationship.owner : *relationship.target;
    const auto names = column_names(child, relationship.foreign_key_offsets);
    const auto referred = parent.table().primary_key();
    const auto& keys = child.table().foreign_keys;
    const bool is_taken = std::any_of(keys.begin(), keys.end(), [&](const ForeignKey& key) {
        return std::any_of(names.begin(), names.end(),
                           [&](const auto& name) { return contains(key.columns, name); });
    });
    const bool is_meant = relationship.view_only || !relationship.discriminators.empty();
    if (is_taken || !is_meant || names.size() != referred.size()) {
        std::vector<std::string> there;
        for (const auto& key : keys) {
            if (refers_to(key, parent.table()))
                there.push_back(
                    fmt::format(".foreign_keys<{}>()", member_list(child, key.columns)));
        }
        refuse_relationship(
            relationship,
            fmt::format("has no foreign key to go by: {} is none that refers to table {}; {}",
                        member_list(child, names), parent.table().name,
                        there.empty()
                            ? fmt::format("add .references<&{}::...>() to it", parent.class_name())
                            : fmt::format("say {}", fmt::join(there, " or "))));
    }
    Columns columns;
    for (std::size_t i = 0; i < names.size(); ++i)
        columns.emplace_back(names[i], referred[i]->name);
    connect(relationship, on_target, child.table(), parent.table(), columns);
}

void RelationshipConfiguration::connect(Relationship& relationship, bool on_target,
                                        const Table& child_table, const Table& parent_table,
                                        const Columns& columns) {
    const Mapper& owner = *relationship.owner;
    const Mapper& target = *relationship.target;
    const Mapper& child = on_target ? target : owner;
    const Mapper& parent = on_target ? owner : target;
    relationship.direction = on_target ? Direction::OneToMany : Direction::ManyToOne;
    relationship.pairs.clear();
    std::vector<ast::ExpressionPtr> conditions;
    for (const auto& [own, referred] : columns) {
        const auto child_index = mapped_index(relationship, child, child_table, own);
        const auto parent_index = mapped_index(relationship, parent, parent_table, referred);
        auto& pair = relationship.pairs.emplace_back(on_target ? parent_index : child_index,
                                                     on_target ? child_index : parent_index);
        conditions.push_back(equals(side_column(owner, pair.first, Relationship::owner_side),
                                    side_column(target, pair.second, Relationship::target_side)));
    }
    relationship.condition = ast::and_(std::move(conditions));
    relationship.secondary_condition = nullptr;
    relationship.is_simple = true;
}

ast::ExpressionPtr described_condition(const Relationship& relationship,
                                       const std::function<ast::ExpressionPtr()>& describe,
                                       std::string_view call) {
    ast::ExpressionPtr condition = describe();
    const Mapper& own = *relationship.owner;
    const Mapper& other = *relationship.target;
    const std::string& owner = own.table_ref()->qualifier();
    const bool self = share_a_table(own, other);
    if (self && to_side(condition, own, Relationship::owner_side) != condition) {
        refuse_relationship(
            relationship,
            fmt::format("names columns of {} by col() in its {}, which does not tell which of the "
                        "two rows is meant; take both from the function's arguments, as in "
                        "own(&{}::id)",
                        owner, call, relationship.owner->class_name()));
    }
    condition = to_side(condition, own, Relationship::owner_side);
    condition = to_side(condition, other, Relationship::target_side);
    if (relationship.secondary)
        condition = rename_side(condition, relationship.secondary->name, Relationship::link_side);
    return condition;
}

namespace {

enum class KeySide { None, Owner, Target };

bool has_key(const Mapper& child, const std::string& column, const Mapper& parent,
             const std::string& referred) {
    const auto keys = keys_between(child, parent);
    return std::any_of(keys.begin(), keys.end(), [&](const KeyBetween& between) {
        const auto columns = key_columns(*between.key, *between.parent);
        return std::find(columns.begin(), columns.end(), std::pair(column, referred)) !=
               columns.end();
    });
}

KeySide key_side(const Relationship& relationship, const std::vector<std::string>& chosen,
                 const std::pair<std::string, std::string>& pair) {
    const Mapper& owner = *relationship.owner;
    const Mapper& target = *relationship.target;
    if (!chosen.empty()) {
        if (relationship.owner == relationship.target) { // the condition tells the sides
            if (contains(chosen, pair.first) && !contains(chosen, pair.second))
                return KeySide::Owner;
            if (contains(chosen, pair.second) && !contains(chosen, pair.first))
                return KeySide::Target;
        }
        const bool on_target = relationship.foreign_key_on_target;
        if (!contains(chosen, on_target ? pair.second : pair.first)) return KeySide::None;
        return on_target ? KeySide::Target : KeySide::Owner;
    }
    const bool to_target = has_key(owner, pair.first, target, pair.second);
    const bool to_owner = has_key(target, pair.second, owner, pair.first);
    if (to_target && to_owner) return relationship.is_collection ? KeySide::Target : KeySide::Owner;
    return to_target ? KeySide::Owner : to_owner ? KeySide::Target : KeySide::None;
}

void check_remote(const Relationship& relationship, const SplitCondition& parts) {
    for (const auto& name : column_names(*relationship.target, relationship.remote_offsets)) {
        const bool found = std::any_of(parts.equal.begin(), parts.equal.end(),
                                       [&](const auto& pair) { return pair.second == name; });
        if (found) continue;
        refuse_relationship(
            relationship,
            fmt::format("names {} as its remote_side, which its primaryjoin does not compare on "
                        "the other side; take it there from the second argument, or leave "
                        "remote_side out",
                        member_text(*relationship.target, name)));
    }
}

[[noreturn]] void refuse_condition_without_key(const Relationship& relationship,
                                               const SplitCondition& parts) {
    std::vector<std::string> lines;
    for (const auto& [own, theirs] : parts.equal) {
        lines.push_back(
            fmt::format(".foreign_keys<{}>()", relationship.is_collection
                                                   ? member_text(*relationship.target, theirs)
                                                   : member_text(*relationship.owner, own)));
    }
    refuse_relationship(
        relationship,
        fmt::format("has a primaryjoin in which no foreign key equals what it refers to, so that "
                    "there is nothing to write; add {}.viewonly() if it is for reading only",
                    lines.empty() ? "" : fmt::format("{}, or ", fmt::join(lines, " or "))));
}

} // namespace

void RelationshipConfiguration::by_condition(Relationship& relationship) {
    const Mapper& owner = *relationship.owner;
    const Mapper& target = *relationship.target;
    relationship.condition =
        described_condition(relationship, relationship.primaryjoin, "primaryjoin");
    relationship.secondary_condition = nullptr;
    const bool has_own = mentions(relationship.condition, Relationship::owner_side);
    if (!has_own || !mentions(relationship.condition, Relationship::target_side)) {
        refuse_relationship(
            relationship,
            fmt::format("has a primaryjoin without any column of {}; compare a column "
                        "of each side, as in own(&{}::...) == other(&{}::...)",
                        has_own ? target.class_name() : owner.class_name(), owner.class_name(),
                        target.class_name()));
    }
    if (mentions(relationship.condition, Relationship::link_side)) {
        refuse_relationship(relationship, "names a column of a table between in its primaryjoin "
                                          "and has none; add .secondary(table), or name a member");
    }
    const auto parts = split_condition(relationship.condition, Relationship::owner_side,
                                       Relationship::target_side);
    check_remote(relationship, parts);
    const auto chosen = column_names(relationship.foreign_key_on_target ? target : owner,
                                     relationship.foreign_key_offsets);
    Columns by_side[3];
    for (const auto& pair : parts.equal)
        by_side[static_cast<int>(key_side(relationship, chosen, pair))].push_back(pair);
    const auto& of_owner = by_side[static_cast<int>(KeySide::Owner)];
    const auto& of_target = by_side[static_cast<int>(KeySide::Target)];
    const bool has_key_pair = !of_owner.empty() || !of_target.empty();
    if (!has_key_pair && !relationship.view_only) refuse_condition_without_key(relationship, parts);
    const bool on_target =
        has_key_pair ? of_owner.empty() || (!of_target.empty() && relationship.is_collection)
                     : relationship.is_collection;
    const auto& goes_by = !has_key_pair ? parts.equal : on_target ? of_target : of_owner;
    relationship.direction = on_target ? Direction::OneToMany : Direction::ManyToOne;
    relationship.pairs.clear();
    for (const auto& [own, theirs] : goes_by) {
        relationship.pairs.emplace_back(mapped_index(relationship, owner, own),
                                        mapped_index(relationship, target, theirs));
    }
    relationship.is_simple = parts.rest.empty() && goes_by.size() == parts.equal.size();
}

/// Whose column it is, and which; a condition like any other.
void RelationshipConfiguration::add_discriminators(Relationship& relationship) {
    for (auto& discriminator : relationship.discriminators) {
        const Mapper& mapper = discriminator.on_owner ? *relationship.owner : *relationship.target;
        const auto& column = mapper.column_at(discriminator.offset);
        discriminator.column =
            mapped_index(relationship, mapper, column.in_schema().name);
        auto& condition = relationship.direction == Direction::ManyToMany && !discriminator.on_owner
                              ? relationship.secondary_condition
                              : relationship.condition;
        condition = ast::and_(
            {condition, equals(side_column(mapper, discriminator.column,
                                           discriminator.on_owner ? Relationship::owner_side
                                                                  : Relationship::target_side),
                               ast::bind(discriminator.value, column.field.type))});
        relationship.is_simple = false;
    }
}

void RelationshipConfiguration::settle_order(Relationship& relationship) {
    relationship.order_by.clear();
    for (const auto& describe : relationship.order_terms) {
        const auto term = to_side(describe(), *relationship.target, Relationship::target_side);
        relationship.order_by.push_back(term->kind == ast::NodeKind::Ordering ? term
                                                                              : ast::order(term));
    }
}

} // namespace mercator
