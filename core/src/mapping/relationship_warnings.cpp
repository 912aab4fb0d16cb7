// SPDX-License-Identifier: MIT
#include <mercator/mapping/relationship_warnings.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

namespace mercator {

namespace {

/// A column that a relationship writes.
struct Written {
    const Relationship* relationship;
    std::size_t mapper; ///< index of the owner
    std::string table;
    std::string column;
};

bool is_link(const Relationship& relationship) {
    return relationship.direction == Direction::ManyToMany;
}

void add_written(const Relationship& relationship, std::size_t mapper,
                 std::vector<Written>& written) {
    if (relationship.view_only) return;
    const auto add = [&](const Table& table, const std::string& column) {
        written.push_back({&relationship, mapper, table.name, column});
    };
    if (is_link(relationship)) {
        for (const auto* links : {&relationship.owner_links, &relationship.target_links}) {
            for (const auto& pair : *links)
                add(*relationship.secondary, relationship.secondary->columns[pair.link].name);
        }
        return;
    }
    const bool own = relationship.direction == Direction::ManyToOne;
    const Mapper& child = own ? *relationship.owner : *relationship.target;
    for (const auto& pair : relationship.pairs) {
        const auto& property = child.columns()[own ? pair.first : pair.second];
        add(*property.table, property.in_schema().name);
    }
}

/// Said of one side, it holds for both.
bool allows(const Relationship& relationship, const std::string& name) {
    const auto says = [&](const Relationship& side) {
        return std::any_of(
            side.overlaps.begin(), side.overlaps.end(),
            [&](const std::string& allowed) { return allowed == "*" || allowed == name; });
    };
    return says(relationship) || (relationship.reverse != nullptr && says(*relationship.reverse));
}

/// Keys that refer to several classes, told apart by a column: each relationship has its own rows.
bool are_told_apart(const Relationship& a, const Relationship& b) {
    const auto key_side = [](const Relationship& relationship,
                             const Relationship::Discriminator& discriminator) {
        const bool on_owner = relationship.direction == Direction::ManyToOne;
        return discriminator.on_owner == on_owner;
    };
    for (const auto& left : a.discriminators) {
        for (const auto& right : b.discriminators) {
            if (key_side(a, left) && key_side(b, right) && left.column == right.column &&
                left.value != right.value)
                return true;
        }
    }
    return false;
}

std::string overlap(const Relationship& a, const Relationship& b, const std::string& table,
                    const std::vector<std::string>& columns) {
    return fmt::format(
        "{} and {} both write {}({}), so that a flush writes what one of them says over the other; "
        "let them name each other by back_populates, make one of them viewonly(), or add "
        ".overlaps(\"{}\") to {} if it is meant so",
        a.where, b.where, table, fmt::join(columns, ", "), b.member, a.where);
}

void find_overlaps(const std::vector<Written>& written, std::size_t first_new,
                   std::vector<std::string>& warnings) {
    using Pair = std::pair<const Relationship*, const Relationship*>;
    std::vector<std::pair<Pair, std::vector<std::string>>> found;
    for (auto first = written.begin(); first != written.end(); ++first) {
        for (auto second = first + 1; second != written.end(); ++second) {
            const Relationship& a = *first->relationship;
            const Relationship& b = *second->relationship;
            if (&a == &b || first->table != second->table || first->column != second->column ||
                std::max(first->mapper, second->mapper) < first_new || a.reverse == &b ||
                is_link(a) != is_link(b) || // told as a class between, if it is one
                allows(a, b.member) || allows(b, a.member) || are_told_apart(a, b))
                continue;
            const Pair pair(&a, &b);
            const auto known = std::find_if(found.begin(), found.end(),
                                            [&](const auto& entry) { return entry.first == pair; });
            if (known == found.end()) {
                found.push_back({pair, {first->column}});
            } else if (std::find(known->second.begin(), known->second.end(), first->column) ==
                       known->second.end()) {
                known->second.push_back(first->column);
            }
        }
    }
    for (const auto& [pair, columns] : found) {
        const auto table = std::find_if(written.begin(), written.end(), [&](const Written& entry) {
            return entry.relationship == pair.first && entry.column == columns.front();
        });
        warnings.push_back(overlap(*pair.first, *pair.second, table->table, columns));
    }
}

/// Is the class meant, by its name or by that of a relationship to it?
bool allows_class(const Relationship& relationship, const Mapper& between) {
    if (allows(relationship, std::string(between.class_name()))) return true;
    for (const Mapper* side : {relationship.owner, relationship.target}) {
        for (const auto& other : side->relationships()) {
            if (other.target == &between &&
                (allows(relationship, other.member) || allows(other, relationship.member)))
                return true;
        }
    }
    return false;
}

/// A class that is known, by itself or as the target of a relationship, and since which mapper.
struct KnownClass {
    const Mapper* mapper;
    std::size_t since;
};

std::vector<KnownClass> known_classes(const std::vector<const Mapper*>& mappers) {
    std::vector<KnownClass> known;
    const auto add = [&](const Mapper* mapper, std::size_t since) {
        const bool is_new = std::none_of(known.begin(), known.end(),
                                         [&](const auto& other) { return other.mapper == mapper; });
        if (is_new) known.push_back({mapper, since});
    };
    for (std::size_t i = 0; i < mappers.size(); ++i) {
        add(mappers[i], i);
        for (const auto& relationship : mappers[i]->relationships()) add(relationship.target, i);
    }
    return known;
}

void find_classes_between(const std::vector<const Mapper*>& mappers, std::size_t first_new,
                          std::vector<std::string>& warnings) {
    const auto known = known_classes(mappers);
    std::vector<const Relationship*> told;
    for (std::size_t owner = 0; owner < mappers.size(); ++owner) {
        for (const auto& relationship : mappers[owner]->relationships()) {
            if (!is_link(relationship) || relationship.view_only ||
                relationship.owner != mappers[owner] ||
                std::find(told.begin(), told.end(), relationship.reverse) != told.end())
                continue;
            for (const auto& [between, since] : known) {
                if (between->table().name != relationship.secondary->name ||
                    between->table().schema != relationship.secondary->schema ||
                    std::max(owner, since) < first_new || allows_class(relationship, *between))
                    continue;
                told.push_back(&relationship);
                warnings.push_back(fmt::format(
                    "{} writes rows of the table {}, to which {} is mapped as well, so that a "
                    "session can write a row twice and does not see what is done the other way; "
                    "make {} viewonly() or use through<...>(), or add .overlaps(\"{}\") if it is "
                    "meant so",
                    relationship.where, between->table().name, between->class_name(),
                    relationship.where, between->class_name()));
            }
        }
    }
}

} // namespace

std::vector<std::string> relationship_warnings(const std::vector<const Mapper*>& mappers,
                                               std::size_t first_new) {
    std::vector<Written> written;
    for (std::size_t mapper = 0; mapper < mappers.size(); ++mapper) {
        for (const auto& relationship : mappers[mapper]->relationships()) {
            if (relationship.owner == mappers[mapper]) add_written(relationship, mapper, written);
        }
    }
    std::vector<std::string> warnings;
    find_overlaps(written, first_new, warnings);
    find_classes_between(mappers, first_new, warnings);
    return warnings;
}

} // namespace mercator
