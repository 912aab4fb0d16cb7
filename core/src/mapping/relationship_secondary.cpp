// SPDX-License-Identifier: MIT
// Relationships by a table between: with rows that only tell who belongs to whom, or with a class
// of its own that a relationship reads through.
#include "relationship_configuration.hpp"

#include "relationship_join.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/mapping/relationship_mapping.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace mercator {

namespace {

/// The table under its name, or under another where it stands beside itself.
std::shared_ptr<const ast::TableRef> link_ref(const Relationship& relationship,
                                              const Table& table) {
    auto ref = std::make_shared<ast::TableRef>(ast::TableRef{table.schema, table.name, {}});
    const auto is_taken = [&](const std::string& name) {
        const auto own = qualifiers_of(*relationship.owner);
        const auto theirs = qualifiers_of(*relationship.target);
        return std::find(own.begin(), own.end(), name) != own.end() ||
               std::find(theirs.begin(), theirs.end(), name) != theirs.end();
    };
    std::string name = table.name;
    while (is_taken(name)) name += "_link";
    if (name != table.name) ref->alias = std::move(name);
    return ref;
}

/// A column of the link that says no type has that of what it refers to, and a text without a limit
/// its limit.
void settle_types(Table& link, const Table& table) {
    for (const auto& key : link.foreign_keys) {
        if (!refers_to(key, table)) continue;
        for (const auto& [own, referred] : key_columns(key, table)) {
            const Column* theirs = table.find_column(referred);
            const auto ours =
                std::find_if(link.columns.begin(), link.columns.end(),
                             [&](const Column& column) { return column.name == own; });
            if (theirs == nullptr || ours == link.columns.end()) continue;
            const bool is_open = ours->type.kind == TypeKind::Unknown && ours->native_type.empty();
            const bool has_no_limit = ours->type.kind == TypeKind::Text && ours->type.length == 0 &&
                                      theirs->type.length != 0 && theirs->type.is_text();
            if (is_open || has_no_limit) ours->type = theirs->type;
        }
    }
}

void settle_types(Table& link, const Mapper& mapper) {
    for (const auto& part : mapper.parts()) settle_types(link, *part.table);
}

bool have_same_columns(const Table& a, const Table& b) {
    return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                      [](const Column& left, const Column& right) {
                          return left.name == right.name && left.type == right.type;
                      });
}

} // namespace

std::shared_ptr<const Table>
RelationshipConfiguration::table_between(const Relationship& relationship) {
    auto table = std::make_shared<Table>(*relationship.secondary);
    try {
        table->complete();
    } catch (const MappingError& error) {
        refuse_relationship(relationship,
                            fmt::format("has a table between that cannot be: {}", error.what()));
    }
    settle_types(*table, *relationship.owner);
    settle_types(*table, *relationship.target);
    auto& known = tables_between_[fmt::format("{}.{}", table->schema, table->name)];
    if (known && !have_same_columns(*known, *table)) {
        refuse_relationship(
            relationship,
            fmt::format("goes by a table {} that another relationship describes with other "
                        "columns; give both the same Table",
                        table->name));
    }
    if (!known) known = std::move(table);
    return known;
}

void RelationshipConfiguration::by_secondary(Relationship& relationship) {
    relationship.secondary = table_between(relationship);
    relationship.secondary_ref = link_ref(relationship, *relationship.secondary);
    relationship.direction = Direction::ManyToMany;
    relationship.pairs.clear();
    LinkHalf owner;
    LinkHalf target;
    const bool owner_first = relationship.primaryjoin || !relationship.secondaryjoin;
    const auto half = [&](bool of_owner, const LinkHalf* other) {
        return (of_owner ? relationship.primaryjoin : relationship.secondaryjoin)
                   ? half_by_condition(relationship, of_owner)
                   : half_by_key(relationship, of_owner, other);
    };
    if (owner_first) {
        owner = half(true, nullptr);
        target = half(false, &owner);
    } else {
        target = half(false, nullptr);
        owner = half(true, &target);
    }
    relationship.owner_links = std::move(owner.links);
    relationship.target_links = std::move(target.links);
    relationship.condition = std::move(owner.condition);
    relationship.secondary_condition = std::move(target.condition);
    relationship.is_simple = owner.is_simple && target.is_simple;
}

namespace {

std::uint16_t link_index(const Relationship& relationship, const std::string& name) {
    const auto& columns = relationship.secondary->columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].name == name) return static_cast<std::uint16_t>(i);
    }
    std::vector<std::string_view> names;
    for (const auto& column : columns) names.push_back(column.name);
    refuse_relationship(relationship,
                        fmt::format("names a column {} of the table between, {}, which has {}",
                                    name, relationship.secondary->name, fmt::join(names, ", ")));
}

ast::ExpressionPtr link_equality(const Relationship& relationship, bool of_owner,
                                 const Relationship::SecondaryPair& pair) {
    const Mapper& mapper = of_owner ? *relationship.owner : *relationship.target;
    auto own = side_column(mapper, pair.column,
                           of_owner ? Relationship::owner_side : Relationship::target_side);
    auto link = link_column(*relationship.secondary, pair.link);
    return of_owner ? equals(std::move(own), std::move(link))
                    : equals(std::move(link), std::move(own));
}

/// Every column of the table between that is named exists.
void check_link_columns(const Relationship& relationship, const ast::ExpressionPtr& condition) {
    ast::traverse(condition, [&](const ast::Expression& node) {
        if (node.kind != ast::NodeKind::ColumnRef) return;
        const auto& column = static_cast<const ast::ColumnRef&>(node);
        if (column.qualifier == Relationship::link_side)
            static_cast<void>(link_index(relationship, column.name));
    });
}

std::string example_join(const Relationship& relationship, bool of_owner, const std::string& link) {
    const Mapper& mapper = of_owner ? *relationship.owner : *relationship.target;
    const auto key = mapper.table().primary_key();
    const std::string member = member_text(mapper, key.front()->name);
    return of_owner ? fmt::format(".primaryjoin([](auto own, auto link) {{ return link(\"{}\") == "
                                  "own({}); }})",
                                  link, member)
                    : fmt::format(".secondaryjoin([](auto link, auto other) {{ return link(\"{}\") "
                                  "== other({}); }})",
                                  link, member);
}

/// A value that is compared with a column of the table between is of its type, which was not known
/// when the condition was written.
ast::ExpressionPtr with_types(const Relationship& relationship, const ast::ExpressionPtr& node) {
    const auto typed = [&](const ast::ExpressionPtr& operand) -> ast::ExpressionPtr {
        if (operand->kind == ast::NodeKind::Bind)
            return ast::bind(static_cast<const ast::Bind&>(*operand).value);
        const auto& column = static_cast<const ast::ColumnRef&>(*operand);
        return link_column(*relationship.secondary, link_index(relationship, column.name));
    };
    const auto is_link = [](const ast::ExpressionPtr& operand) {
        return operand->kind == ast::NodeKind::ColumnRef &&
               static_cast<const ast::ColumnRef&>(*operand).qualifier == Relationship::link_side;
    };
    if (node->kind == ast::NodeKind::Logical) {
        const auto& logical = static_cast<const ast::Logical&>(*node);
        std::vector<ast::ExpressionPtr> operands;
        for (const auto& operand : logical.operands)
            operands.push_back(with_types(relationship, operand));
        return logical.is_and ? ast::and_(std::move(operands)) : ast::or_(std::move(operands));
    }
    if (node->kind != ast::NodeKind::Binary) return node;
    const auto& binary = static_cast<const ast::Binary&>(*node);
    const bool compares_value =
        (is_link(binary.left) && binary.right->kind == ast::NodeKind::Bind) ||
        (is_link(binary.right) && binary.left->kind == ast::NodeKind::Bind);
    if (!compares_value) return node;
    return ast::binary(binary.op, typed(binary.left), typed(binary.right));
}

} // namespace

RelationshipConfiguration::LinkHalf
RelationshipConfiguration::half_by_condition(const Relationship& relationship, bool of_owner) {
    const std::string_view call = of_owner ? "primaryjoin" : "secondaryjoin";
    const auto side = of_owner ? Relationship::owner_side : Relationship::target_side;
    const Mapper& mapper = of_owner ? *relationship.owner : *relationship.target;
    const auto described = described_condition(
        relationship, of_owner ? relationship.primaryjoin : relationship.secondaryjoin, call);
    check_link_columns(relationship, described);
    const bool strays =
        mentions(described, of_owner ? Relationship::target_side : Relationship::owner_side);
    const bool has_mapper = mentions(described, side);
    if (strays || !has_mapper || !mentions(described, Relationship::link_side)) {
        refuse_relationship(
            relationship,
            fmt::format("has a {} {}; with a table between it compares that table with {} alone, "
                        "as in {}",
                        call,
                        strays       ? "that names the other class"
                        : has_mapper ? "without any column of the table between"
                                     : fmt::format("without any column of {}", mapper.class_name()),
                        mapper.class_name(),
                        example_join(relationship, of_owner,
                                     relationship.secondary->columns.front().name)));
    }
    const auto parts = split_condition(described, side, Relationship::link_side);
    if (parts.equal.empty() && !relationship.view_only) {
        refuse_relationship(
            relationship,
            fmt::format("has a {} in which no column of the table between equals one of {}, so "
                        "that there is nothing to write; add .viewonly() if it is for reading only",
                        call, mapper.class_name()));
    }
    LinkHalf half;
    std::vector<ast::ExpressionPtr> conditions;
    for (const auto& [own, link] : parts.equal) {
        half.links.push_back(
            {mapped_index(relationship, mapper, own), link_index(relationship, link)});
        conditions.push_back(link_equality(relationship, of_owner, half.links.back()));
    }
    for (const auto& part : parts.rest) conditions.push_back(with_types(relationship, part));
    half.condition = ast::and_(std::move(conditions));
    half.is_simple = parts.rest.empty();
    return half;
}

RelationshipConfiguration::LinkHalf
RelationshipConfiguration::half_by_key(const Relationship& relationship, bool of_owner,
                                       const LinkHalf* other) {
    const Table& link = *relationship.secondary;
    const Mapper& mapper = of_owner ? *relationship.owner : *relationship.target;
    const bool self = share_a_table(*relationship.owner, *relationship.target);
    const auto is_other = [&](const ForeignKey& key) {
        return self && other != nullptr &&
               std::any_of(other->links.begin(), other->links.end(), [&](const auto& pair) {
                   const auto& name = link.columns[pair.link].name;
                   return std::find(key.columns.begin(), key.columns.end(), name) !=
                          key.columns.end();
               });
    };
    std::vector<const ForeignKey*> found;
    const Table* table = &mapper.table();
    for (auto part = mapper.parts().rbegin(); found.empty() && part != mapper.parts().rend();
         ++part) {
        table = part->table.get();
        for (const auto& key : link.foreign_keys) {
            if (refers_to(key, *table) && !is_other(key)) found.push_back(&key);
        }
    }
    if (found.empty()) {
        refuse_relationship(
            relationship,
            fmt::format("goes by the table {}, which has no foreign key to {}; add "
                        ".references(\"{}.{}\") to a column of it, or {}",
                        link.name, mapper.table().name, mapper.table().name,
                        mapper.table().primary_key().front()->name,
                        example_join(relationship, of_owner, link.columns.front().name)));
    }
    if (found.size() > 1) {
        std::vector<std::string> columns;
        std::vector<std::string> lines;
        for (const auto* key : found) {
            columns.push_back(fmt::format("{}", fmt::join(key->columns, "+")));
            lines.push_back(example_join(relationship, of_owner, key->columns.front()));
        }
        refuse_relationship(
            relationship,
            fmt::format("is ambiguous: several foreign keys of the table {} lead to {} (by {}); "
                        "choose one by {}",
                        link.name, mapper.table().name, fmt::join(columns, ", "),
                        fmt::join(lines, " or ")));
    }
    LinkHalf half;
    std::vector<ast::ExpressionPtr> conditions;
    for (const auto& [own, referred] : key_columns(*found.front(), *table)) {
        half.links.push_back(
            {mapped_index(relationship, mapper, *table, referred), link_index(relationship, own)});
        conditions.push_back(link_equality(relationship, of_owner, half.links.back()));
    }
    half.condition = ast::and_(std::move(conditions));
    return half;
}

Relationship& RelationshipConfiguration::step(const Relationship& relationship, Mapper& mapper,
                                              std::uint32_t offset) {
    for (const auto& candidate : mapper.relationships()) {
        if (candidate.offset != offset) continue;
        auto& found = const_cast<Relationship&>(candidate); // still being configured, or only read
        if (found.through) {
            refuse_relationship(
                relationship,
                fmt::format("goes through {}, which goes through another class itself; name two "
                            "steps that are joined directly",
                            found.where));
        }
        resolve(found);
        if (found.limit != 0) {
            refuse_relationship(relationship,
                                fmt::format("goes through {}, which is limited to the first {} of "
                                            "each; go through a relationship without limit()",
                                            found.where, found.limit));
        }
        return found;
    }
    refuse_relationship(
        relationship,
        fmt::format("goes through a member of {} that is not described as a relationship; add "
                    "mapping.relationship<&{}::...>() to its describe function",
                    mapper.class_name(), mapper.class_name()));
}

void RelationshipConfiguration::by_two_steps(Relationship& relationship) {
    if (relationship.secondary && relationship.direction != Direction::ManyToMany) {
        refuse_relationship(relationship, "goes both through a class and by a table between; "
                                          "leave out through or secondary");
    }
    Mapper& between = *relationship.through->between();
    const auto& first = step(relationship, *relationship.owner, relationship.through->first_offset);
    const auto& second = step(relationship, between, relationship.through->second_offset);
    const bool leads_to_many = first.is_collection || second.is_collection;
    if (leads_to_many != relationship.is_collection) {
        refuse_relationship(
            relationship,
            fmt::format("goes through {} and {}, which lead to {}; make the member a {}<{}>",
                        first.where, second.where,
                        leads_to_many ? "many objects" : "one object at most",
                        leads_to_many ? "Many" : "One", relationship.target->class_name()));
    }
    relationship.direction = Direction::ManyToMany;
    relationship.view_only = true;
    relationship.pairs.clear();
    relationship.owner_links.clear();
    relationship.target_links.clear();
    relationship.secondary = between.shared_table();
    relationship.secondary_ref = link_ref(relationship, between.table());
    if (between.parts().size() > 1) {
        refuse_relationship(
            relationship,
            fmt::format("goes through {}, whose rows lie in several tables (joined inheritance); "
                        "say it in two steps in the program, or go through its base",
                        between.class_name()));
    }
    const std::vector<std::string> link{std::string(Relationship::link_side)};
    relationship.condition = relationship_condition(
        first, side_names(*relationship.owner, Relationship::owner_side), link);
    relationship.secondary_condition = relationship_condition(
        second, link, side_names(*relationship.target, Relationship::target_side));
    const auto is_direct = [](const Relationship& hop) {
        return hop.is_simple && hop.direction != Direction::ManyToMany;
    };
    relationship.is_simple = is_direct(first) && is_direct(second);
    const auto link_of = [&](std::uint16_t index) {
        return static_cast<std::uint16_t>(between.columns()[index].column);
    };
    for (const auto& [own, theirs] : first.pairs)
        relationship.owner_links.push_back({own, link_of(theirs)});
    for (const auto& [own, theirs] : second.pairs)
        relationship.target_links.push_back({theirs, link_of(own)});
}

} // namespace mercator
