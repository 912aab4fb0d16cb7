// SPDX-License-Identifier: MIT
#include "relationship_configuration.hpp"

#include <mercator/mapping/relationship_mapping.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace mercator {

namespace {

std::string_view name_of(Direction direction) {
    switch (direction) {
    case Direction::ManyToOne:
        return "many-to-one";
    case Direction::OneToMany:
        return "one-to-many or one-to-one";
    case Direction::ManyToMany:
        return "many-to-many";
    }
    return {};
}

/// Does the table between keep an owner from having several rows in it?
bool has_one_link(const Relationship& relationship) {
    std::vector<std::string> columns;
    for (const auto& link : relationship.owner_links)
        columns.push_back(relationship.secondary->columns[link.link].name);
    return relationship.secondary->has_unique(std::move(columns));
}

void check_direction(const Relationship& relationship) {
    if (relationship.expected && *relationship.expected != relationship.direction) {
        refuse_relationship(
            relationship,
            fmt::format("is said to be {}, but its foreign keys make it {}; correct "
                        "direction(), or name the foreign key that is meant",
                        name_of(*relationship.expected), name_of(relationship.direction)));
    }
    const std::string_view target = relationship.target->class_name();
    if (relationship.direction == Direction::ManyToOne && relationship.is_collection) {
        const bool self = relationship.owner == relationship.target;
        refuse_relationship(
            relationship,
            fmt::format("is a collection on the side of the foreign key, so that each {} has one "
                        "{} at most; make the member a One<{}>, or {}",
                        relationship.owner->class_name(), target, target,
                        self ? "name the columns of the children in remote_side or foreign_keys"
                             : "name a foreign key of the other class"));
    }
    if (relationship.direction == Direction::ManyToMany && !relationship.is_collection &&
        !relationship.view_only && !has_one_link(relationship)) {
        refuse_relationship(
            relationship,
            fmt::format(
                "is a single {}, but goes by the table {}, which can hold several for each "
                "{}; make the member a Many<{}>, make the columns that refer to {} unique, or "
                "add .viewonly()",
                target, relationship.secondary->name, relationship.owner->class_name(), target,
                relationship.owner->class_name()));
    }
}

void check_cascades(const Relationship& relationship) {
    const bool deletes = has(relationship.cascade, Cascade::delete_);
    const bool orphans = has(relationship.cascade, Cascade::delete_orphan);
    if (!deletes && !orphans) return;
    if (relationship.view_only) {
        refuse_relationship(relationship,
                            "is for reading only, so nothing is deleted along it; leave the "
                            "cascade out, or viewonly()");
    }
    if (relationship.passive_deletes == PassiveDeletes::all) {
        refuse_relationship(relationship,
                            "leaves all deletes to the database by passive_deletes(PassiveDeletes"
                            "::all), and deletes by its cascade; leave out one of them, or use "
                            "PassiveDeletes::on");
    }
    if (relationship.single_parent) return;
    if (relationship.direction == Direction::ManyToOne) {
        refuse_relationship(
            relationship,
            fmt::format("refers to its parent, so {} would delete the parent with a child, while "
                        "others may refer to it; put it on the other side, or remove it, or add "
                        ".single_parent() if no other {} has the same {}",
                        orphans ? "delete_orphan" : "cascade_delete()",
                        relationship.owner->class_name(), relationship.target->class_name()));
    }
    if (relationship.direction == Direction::ManyToMany && orphans) {
        refuse_relationship(
            relationship,
            fmt::format("deletes a {} when it is taken from one {}, while others may have it; add "
                        ".single_parent() if no other has, or leave out delete_orphan",
                        relationship.target->class_name(), relationship.owner->class_name()));
    }
}

void check_reading(const Relationship& relationship) {
    const bool ordered = !relationship.order_by.empty();
    if (relationship.limit != 0 && !ordered) {
        refuse_relationship(relationship,
                            "is limited without an order, so that any rows may be the first; add "
                            ".order_by<...>()");
    }
    if (ordered && !relationship.is_collection &&
        (relationship.limit != 1 || relationship.direction == Direction::ManyToOne)) {
        refuse_relationship(
            relationship, fmt::format("has an order and is a single {}; leave out order_by{}",
                                      relationship.target->class_name(),
                                      relationship.direction == Direction::ManyToOne
                                          ? ""
                                          : ", or add .limit(1) to hold the first in that order"));
    }
    if (relationship.limit > 1 && !relationship.is_collection) {
        refuse_relationship(relationship,
                            fmt::format("holds one {} and is limited to {}; make it limit(1), or "
                                        "the member a Many<{}>",
                                        relationship.target->class_name(), relationship.limit,
                                        relationship.target->class_name()));
    }
    if (!relationship.is_collection && relationship.lazy &&
        (*relationship.lazy == Lazy::dynamic || *relationship.lazy == Lazy::write_only)) {
        refuse_relationship(relationship,
                            "is a single object, and Lazy::dynamic and Lazy::write_only are for "
                            "collections; choose another strategy");
    }
}

void check_ordering_list(const Relationship& relationship) {
    if (!relationship.position_offset) return;
    if (relationship.direction == Direction::ManyToMany) {
        refuse_relationship(
            relationship,
            fmt::format("is many-to-many: a place among the members of one {0} belongs to the row "
                        "between, not to the {1}, which others may hold at other places; map a "
                        "class to {2} (an association object) that has the place, and give the "
                        "ordering_list to the {0}'s collection of it",
                        relationship.owner->class_name(), relationship.target->class_name(),
                        relationship.secondary->name));
    }
    if (relationship.view_only) {
        refuse_relationship(relationship, "is for reading only, so it cannot keep the places of an "
                                          "ordering_list; leave out one of them");
    }
    if (is_never_held(relationship.lazy)) {
        refuse_relationship(relationship,
                            "is never held in memory (Lazy::dynamic, Lazy::write_only), so that "
                            "the places of its ordering_list cannot be kept in step; choose "
                            "another strategy, or write the column yourself and order by it");
    }
    static_cast<void>(relationship.target->column_at(*relationship.position_offset));
}

void check_writing(const Relationship& relationship) {
    if (relationship.view_only && relationship.post_update) {
        refuse_relationship(relationship, "is for reading only, so it has nothing to write "
                                          "afterwards; leave out post_update() or viewonly()");
    }
    if (relationship.post_update && relationship.direction == Direction::ManyToMany) {
        refuse_relationship(relationship,
                            fmt::format("goes by rows of {}, which are written after both sides "
                                        "anyway; leave out post_update()",
                                        relationship.secondary->name));
    }
}

} // namespace

void check_relationship(const Relationship& relationship) {
    check_direction(relationship);
    check_cascades(relationship);
    check_reading(relationship);
    check_ordering_list(relationship);
    check_writing(relationship);
}

} // namespace mercator
