// SPDX-License-Identifier: MIT
#include "association_rows.hpp"

#include "batch_shape.hpp"
#include "flush_statements.hpp"
#include "key_sync.hpp"
#include "related_objects.hpp"

#include <mercator/ast/dml.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mercator {

namespace {

using Columns = std::vector<Relationship::SecondaryPair>;

/// The foreign key of the table between that these columns are; nullptr where it has none.
const ForeignKey* foreign_key_of(const Relationship& relationship, const Columns& links) {
    const auto is_one_of_them = [&](const std::string& name) {
        return std::any_of(links.begin(), links.end(), [&](const auto& link) {
            return relationship.secondary->columns[link.link].name == name;
        });
    };
    for (const auto& key : relationship.secondary->foreign_keys) {
        if (key.columns.size() == links.size() &&
            std::all_of(key.columns.begin(), key.columns.end(), is_one_of_them))
            return &key;
    }
    return nullptr;
}

/// The value of a column in the object's row; the member's where there is no row yet.
Value value_in_row(const InstanceState& state, std::size_t column) {
    return state.is_tracked() ? snapshot_value(*state.mapper, state.snapshot, column)
                              : load(state.mapper->columns()[column].field, state.object());
}

Value value_now(const InstanceState& state, std::size_t column) {
    return load(state.mapper->columns()[column].field, state.object());
}

/// Reads a Value where a driver expects the member of an object.
constexpr FieldCodec value_codec{
    [](const void* member) { return *static_cast<const Value*>(member); },
    [](void* member, const Value& value, std::string_view) {
        *static_cast<Value*>(member) = value;
    }};

/// A column of a row for two objects, and where its value comes from.
struct PairColumn {
    std::uint16_t link = 0;
    std::uint16_t of_owner = none;
    std::uint16_t of_target = none;
    static constexpr std::uint16_t none = 0xffff;
};

/// The columns that tell which objects belong together, in the order of the table. Composite keys
/// may have one in common.
std::vector<PairColumn> columns_of_pair(const Relationship& relationship) {
    std::vector<PairColumn> columns;
    for (const auto& link : relationship.owner_links)
        columns.push_back({link.link, link.column, PairColumn::none});
    for (const auto& link : relationship.target_links) {
        const auto same = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
            return column.link == link.link;
        });
        if (same == columns.end()) {
            columns.push_back({link.link, PairColumn::none, link.column});
        } else {
            same->of_target = link.column;
        }
    }
    std::sort(columns.begin(), columns.end(),
              [](const PairColumn& a, const PairColumn& b) { return a.link < b.link; });
    return columns;
}

template <class Read>
Value value_of(const Association& pair, const PairColumn& column, Read&& read) {
    if (column.of_owner == PairColumn::none) return read(*pair.target, column.of_target);
    Value value = read(*pair.owner, column.of_owner);
    if (column.of_target != PairColumn::none &&
        !same_key(value, read(*pair.target, column.of_target))) {
        const Relationship& relationship = *pair.relationship;
        throw StateError(fmt::format("{} relates two objects that differ in {}, which both sides "
                                     "of table {} share; relate objects that have it in common",
                                     relationship.where,
                                     relationship.secondary->columns[column.link].name,
                                     relationship.secondary->name),
                         relationship.where);
    }
    return value;
}

std::vector<const Column*> columns_with_defaults(const Relationship& relationship) {
    const auto links = columns_of_pair(relationship);
    const auto& table = relationship.secondary->columns;
    std::vector<const Column*> columns;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const bool is_link = std::any_of(links.begin(), links.end(),
                                         [&](const auto& column) { return column.link == i; });
        if (!is_link && table[i].default_value) columns.push_back(&table[i]);
    }
    return columns;
}

bool has_left(const InstanceState& state) {
    return state.status == ObjectStatus::Transient;
}
bool takes_part(const InstanceState& state) {
    return state.status == ObjectStatus::Pending || state.status == ObjectStatus::Persistent;
}

[[noreturn]] void throw_stale(const Relationship& relationship, std::uint64_t affected,
                              std::size_t expected, const char* verb) {
    throw StaleDataError(
        fmt::format("{} of {} row(s) of {} in table {} were {}: the others are gone, or were "
                    "changed by somebody else; refresh the objects and try again",
                    affected, expected, relationship.where, relationship.secondary->name, verb),
        relationship.where);
}

} // namespace

/// Rows of values, as a driver reads them.
struct AssociationRows::Cells {
    std::vector<ast::TargetColumn> columns;
    BindPlan plan;
    std::vector<Value> values;

    void add_column(const Column& column) {
        Field field;
        field.offset = static_cast<std::uint32_t>(columns.size() * sizeof(Value));
        field.kind = FieldKind::Codec;
        field.optional = true;
        field.type = column.type;
        field.codec = &value_codec;
        field.where = column.name;
        plan.fields.push_back(field);
        columns.push_back({column.name, column.type, column.accepts_null()});
    }
    [[nodiscard]] std::size_t rows() const noexcept { return values.size() / columns.size(); }
    [[nodiscard]] std::vector<const std::byte*> addresses() const {
        std::vector<const std::byte*> list;
        for (std::size_t at = 0; at < values.size(); at += columns.size())
            list.push_back(reinterpret_cast<const std::byte*>(&values[at]));
        return list;
    }
};

// Deciding
// --------------------------------------------------------------------------------------------------------------------

void AssociationRows::decide(const std::vector<InstanceState*>& deleted,
                             const std::vector<InstanceState*>& changed,
                             const std::vector<const InstanceState*>& dropped) {
    dropped_.insert(dropped.begin(), dropped.end());
    for (InstanceState* state : changed) {
        for (const auto& side : state->mapper->relationships()) {
            if (side.direction == Direction::ManyToMany && !side.view_only)
                check_moving_key(*state, side);
        }
    }
    graph_.associations().for_each([&](const Association& change) { sort(change); });
    empty_for(deleted);
}

/// Rows between two classes follow a key that changes if the database makes them; the session
/// cannot, since it knows neither all of their columns nor all of the rows.
void AssociationRows::check_moving_key(InstanceState& state, const Relationship& side) {
    const bool moves =
        std::any_of(side.owner_links.begin(), side.owner_links.end(), [&](const auto& link) {
            return !same_key(value_in_row(state, link.column), value_now(state, link.column));
        });
    if (!moves) return;
    const ForeignKey* key = foreign_key_of(side, side.owner_links);
    if (key != nullptr && key->on_update == ReferentialAction::Cascade) return;
    for (InstanceState* member : related_objects(context_, state, side)) {
        bool is_new = false;
        graph_.associations().for_each_of(*member, [&](const Association& change) {
            is_new =
                is_new || (change.added && (change.owner == &state || change.target == &state));
        });
        if (is_new) continue;
        throw StateError(
            fmt::format("a key of {} cannot change while rows of table {} refer to it by {}; give "
                        "the foreign key of that table on_update(ReferentialAction::Cascade), or "
                        "empty the relationship and flush first (nothing was sent)",
                        state.mapper->class_name(), side.secondary->name, side.where),
            side.where);
    }
}

void AssociationRows::sort(const Association& change) {
    const Relationship& relationship = *change.relationship;
    if (relationship.view_only) return;
    if (dropped_.contains(change.owner) || dropped_.contains(change.target)) return;
    if (change.added && (has_left(*change.owner) || has_left(*change.target))) {
        throw StateError(
            fmt::format("{} refers to an object that is not in the session any more; add it again, "
                        "or remove it from the relationship",
                        relationship.where),
            relationship.where);
    }
    if (!takes_part(*change.owner) || !takes_part(*change.target)) return;
    put(change.added ? added_ : removed_, change);
    if (change.added && change.replaces) put(removed_, change);
}

void AssociationRows::put(std::vector<Group>& groups, const Association& change) {
    const Relationship& relationship = *change.relationship;
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& other) {
        return other.relationship == &relationship && other.row_was_seen == change.row_was_seen;
    });
    if (group == groups.end())
        group = groups.insert(group, Group{&relationship, change.row_was_seen, {}, {}});
    group->pairs.push_back(change);
}

void AssociationRows::fill_in_defaults() {
    for (Group& group : added_) {
        const auto columns = columns_with_defaults(*group.relationship);
        for (std::size_t i = 0; i < group.pairs.size(); ++i) {
            for (const Column* column : columns) group.defaults.push_back(column->default_value());
        }
    }
}

void AssociationRows::empty_for(const std::vector<InstanceState*>& deleted) {
    if (deleted.empty()) return;
    std::vector<const Relationship*> one_way;
    graph_.for_each_slab([&](Slab& slab) {
        for (const auto& side : slab.mapper().relationships()) {
            if (side.direction == Direction::ManyToMany && side.reverse == nullptr)
                one_way.push_back(&side);
        }
    });
    for (InstanceState* state : deleted) {
        for (const auto& side : state->mapper->relationships()) {
            if (side.direction == Direction::ManyToMany)
                add_emptied(side, side.owner_links, *state);
        }
        for (const Relationship* side : one_way) {
            if (state->mapper->is_a(*side->target)) add_emptied(*side, side->target_links, *state);
        }
    }
}

void AssociationRows::add_emptied(const Relationship& relationship, const Columns& links,
                                  InstanceState& state) {
    if (relationship.view_only || relationship.passive_deletes == PassiveDeletes::all) return;
    if (relationship.passive_deletes == PassiveDeletes::on) {
        const ForeignKey* key = foreign_key_of(relationship, links);
        if (key != nullptr && key->on_delete == ReferentialAction::Cascade) return;
    }
    const auto same = std::find_if(emptied_.begin(), emptied_.end(), [&](const Emptied& other) {
        return other.relationship == &relationship && other.links == &links;
    });
    if (same == emptied_.end()) {
        emptied_.push_back({&relationship, &links, {&state}});
    } else {
        same->states.push_back(&state);
    }
}

// Writing
// ---------------------------------------------------------------------------------------------------------------------

namespace {

void check_one_database(const Relationship& relationship) {
    const std::string& own = relationship.owner->table().bind_key;
    const std::string& other = relationship.target->table().bind_key;
    if (own == other) return;
    throw CompileError(
        fmt::format("{} is many-to-many between the bind keys \"{}\" and \"{}\": the "
                    "table between can lie in one database only; map it as a class",
                    relationship.where, own, other),
        relationship.where);
}

} // namespace

template <class Statement>
std::uint64_t AssociationRows::run(Connection& connection, Statement& statement, const Cells& cells,
                                   const Relationship& relationship, ast::BatchForm form,
                                   std::uint32_t rows) {
    check_one_database(relationship);
    Connection& link = context_.connection_of(*relationship.owner, connection);
    Engine& engine = link.engine();
    const Table& table = *relationship.secondary;
    statement.table = std::make_shared<ast::TableRef>(ast::TableRef{table.schema, table.name, {}});
    const auto addresses = cells.addresses();
    std::uint64_t affected = 0;
    for (std::size_t done = 0; done < addresses.size();) {
        const std::size_t left = addresses.size() - done;
        const BatchShape batch =
            batch_shape(engine.capabilities(), form, rows, cells.columns.size(), left);
        const std::size_t now = batch.form == ast::BatchForm::Single ? left : batch.rows;
        statement.form = batch.form;
        statement.rows =
            batch.form == ast::BatchForm::MultiRow ? static_cast<std::uint32_t>(batch.rows) : 1;
        const StatementLease lease = link.execute(engine.compile(statement, key_), cells.plan,
                                                  std::span(addresses).subspan(done, now));
        affected += lease->affected_rows();
        done += now;
    }
    return affected;
}

AssociationRows::Cells AssociationRows::cells_of(const Emptied& emptied) {
    Cells cells;
    for (const auto& link : *emptied.links)
        cells.add_column(emptied.relationship->secondary->columns[link.link]);
    for (const InstanceState* state : emptied.states) {
        for (const auto& link : *emptied.links)
            cells.values.push_back(value_in_row(*state, link.column));
    }
    return cells;
}

AssociationRows::Cells AssociationRows::cells_of(const Group& group, bool now) {
    const Relationship& relationship = *group.relationship;
    const auto columns = columns_of_pair(relationship);
    Cells cells;
    for (const auto& column : columns)
        cells.add_column(relationship.secondary->columns[column.link]);
    for (const auto& pair : group.pairs) {
        for (const auto& column : columns)
            cells.values.push_back(value_of(pair, column, now ? known_value : value_in_row));
    }
    return cells;
}

void AssociationRows::remove(Connection& connection) {
    for (const Group& group : removed_) remove_pairs(connection, group);
    for (const Emptied& emptied : emptied_) remove_all_of(connection, emptied);
}

void AssociationRows::remove_all_of(Connection& connection, const Emptied& emptied) {
    const Cells cells = cells_of(emptied);
    const Capabilities& can = context_.engine().capabilities();
    ast::Delete removal;
    removal.keys = cells.columns;
    run(connection, removal, cells, *emptied.relationship, can.delete_batch, can.delete_batch_rows);
}

void AssociationRows::remove_pairs(Connection& connection, const Group& group) {
    const Relationship& relationship = *group.relationship;
    const Cells cells = cells_of(group, false);
    const Capabilities& can = context_.engine().capabilities();
    ast::Delete removal;
    removal.keys = cells.columns;
    const auto affected =
        run(connection, removal, cells, relationship, can.delete_batch, can.delete_batch_rows);
    if (group.row_was_seen && affected != group.pairs.size())
        throw_stale(relationship, affected, group.pairs.size(), "deleted");
}

void AssociationRows::insert(Connection& connection) {
    for (const Group& group : added_) {
        try {
            insert_pairs(connection, group);
        } catch (const IntegrityError& error) {
            DatabaseErrorInfo info = error.info();
            info.message = fmt::format("{}: {}", group.relationship->where, info.message);
            if (info.columns.empty())
                info.columns =
                    group.relationship->secondary->columns_of_constraint(info.constraint);
            throw_database_error(std::move(info));
        }
    }
}

void AssociationRows::insert_pairs(Connection& connection, const Group& group) {
    const Relationship& relationship = *group.relationship;
    const auto& table = relationship.secondary->columns;
    const auto columns = columns_of_pair(relationship);
    const auto defaults = columns_with_defaults(relationship);
    Cells cells;
    for (const auto& column : columns) cells.add_column(table[column.link]);
    for (const Column* column : defaults) cells.add_column(*column);
    auto made = group.defaults.begin();
    for (const auto& pair : group.pairs) {
        for (const auto& column : columns)
            cells.values.push_back(value_of(pair, column, value_now));
        for (std::size_t i = 0; i < defaults.size(); ++i) cells.values.push_back(*made++);
    }
    const Capabilities& can = context_.engine().capabilities();
    ast::Insert insertion;
    insertion.columns = cells.columns;
    const auto affected =
        run(connection, insertion, cells, relationship, can.insert_batch, can.insert_batch_rows);
    // A trigger may have kept a row out without an error.
    if (affected != group.pairs.size())
        throw_stale(relationship, affected, group.pairs.size(), "inserted");
}

void AssociationRows::settle(TransactionRecord& record) {
    record.note_associations(graph_.associations());
    graph_.clear_written_associations();
}

// Listing
// ---------------------------------------------------------------------------------------------------------------------

FlushStep AssociationRows::step(FlushStep::Action action, const Relationship& relationship) const {
    FlushStep step;
    step.action = action;
    step.mapper = relationship.owner;
    step.relationship = &relationship;
    return step;
}

template <class Statement>
void AssociationRows::show(FlushStep& step, Statement& statement, const Cells& cells) const {
    const Table& table = *step.relationship->secondary;
    statement.table = std::make_shared<ast::TableRef>(ast::TableRef{table.schema, table.name, {}});
    ast::CacheKey key;
    key.schemas = context_.schemas();
    FlushStep::Statement shown{context_.engine().compile(statement, key)->sql, {}};
    const auto width = static_cast<std::ptrdiff_t>(cells.columns.size());
    for (auto at = cells.values.begin(); at != cells.values.end(); at += width)
        shown.binds.emplace_back(at, at + width);
    step.statements.push_back(std::move(shown));
}

std::vector<FlushStep> AssociationRows::list_removals() const {
    std::vector<FlushStep> steps;
    for (const Group& group : removed_) {
        steps.push_back(step(FlushStep::Action::Delete, *group.relationship));
        ast::Delete removal;
        const Cells cells = cells_of(group, false);
        removal.keys = cells.columns;
        show(steps.back(), removal, cells);
        for (const auto& pair : group.pairs) {
            steps.back().objects.emplace_back(*pair.owner->mapper, graph_.handle(*pair.owner));
            steps.back().objects.emplace_back(*pair.target->mapper, graph_.handle(*pair.target));
        }
    }
    for (const Emptied& emptied : emptied_) {
        steps.push_back(step(FlushStep::Action::Delete, *emptied.relationship));
        steps.back().all_rows = true;
        ast::Delete removal;
        const Cells cells = cells_of(emptied);
        removal.keys = cells.columns;
        show(steps.back(), removal, cells);
        for (InstanceState* state : emptied.states)
            steps.back().objects.emplace_back(*state->mapper, graph_.handle(*state));
    }
    return steps;
}

std::vector<FlushStep> AssociationRows::list_insertions() const {
    std::vector<FlushStep> steps;
    for (const Group& group : added_) {
        steps.push_back(step(FlushStep::Action::Insert, *group.relationship));
        ast::Insert insertion;
        const Cells cells = cells_of(group, true);
        insertion.columns = cells.columns;
        show(steps.back(), insertion, cells);
        for (const auto& column : columns_of_pair(*group.relationship))
            steps.back().columns.push_back(
                group.relationship->secondary->columns[column.link].name);
        for (const auto& pair : group.pairs) {
            steps.back().objects.emplace_back(*pair.owner->mapper, graph_.handle(*pair.owner));
            steps.back().objects.emplace_back(*pair.target->mapper, graph_.handle(*pair.target));
        }
    }
    return steps;
}

} // namespace mercator
