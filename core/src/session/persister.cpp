// SPDX-License-Identifier: MIT
#include "persister.hpp"

#include "batch_shape.hpp"
#include "class_keys.hpp"
#include "stale_rows.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/mapping/version_rule.hpp>
#include <mercator/state/identity_key.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace mercator {

namespace {

/// Values that go without a plan are converted here, for the database that has them.
Field here(Engine& engine, const Field& field) {
    if (field.codec == nullptr || field.codec->for_dialect == nullptr) return field;
    return field_on(field, dialect_info(engine.dialect()));
}

} // namespace

Persister::Persister(Engine& engine, Connection& connection, const Mapper& mapper,
                     const ast::SchemaTranslation* schemas) :
    engine_(engine),
    connection_(connection),
    mapper_(mapper),
    capabilities_(engine.capabilities()),
    statements_(mapper) {
    key_.schemas = schemas;
}

StatementLease Persister::run(const ast::Statement& statement, const BindPlan& plan,
                              std::span<InstanceState* const> states) {
    rows_.clear();
    for (const InstanceState* state : states) rows_.push_back(state->object());
    return naming_columns(
        [&] { return connection_.execute(engine_.compile(statement, key_), plan, rows_); });
}

/// A server tells the name of a constraint that is violated, seldom its columns: the table knows
/// them.
template <class Execute>
StatementLease Persister::naming_columns(Execute&& execute) const {
    try {
        return execute();
    } catch (const IntegrityError& error) {
        if (!error.columns().empty()) throw;
        DatabaseErrorInfo info = error.info();
        for (const auto& part : mapper_.parts()) {
            if (info.columns.empty())
                info.columns = part.table->columns_of_constraint(info.constraint);
        }
        if (info.columns.empty()) throw;
        throw_database_error(std::move(info));
    }
}

void Persister::check_count(std::uint64_t affected, std::size_t expected, const char* verb) const {
    if (affected == expected) return;
    throw StaleDataError(fmt::format("{} of {} object(s) of {} were {}: the other rows are gone, "
                                     "or were changed by somebody "
                                     "else; refresh them and try again",
                                     affected, expected, mapper_.class_name(), verb),
                         std::string(mapper_.class_name()));
}

// INSERT
// --------------------------------------------------------------------------------------------------------------------

void Persister::insert(std::span<InstanceState* const> states, const ColumnSet& written,
                       const ColumnSet& fetched, const InsertedRows& inserted) {
    // The table of the root first: it may make the key.
    for (const auto& part : mapper_.parts()) {
        const bool is_last = &part == &mapper_.parts().back();
        insert_part(part, states, written, fetched, is_last ? &inserted : nullptr);
    }
}

namespace {

std::vector<std::size_t> columns_of(const TablePart& part, const ColumnSet& columns) {
    std::vector<std::size_t> list;
    for (std::size_t i = part.first_column; i < part.end_column; ++i) {
        if (columns.contains(i)) list.push_back(i);
    }
    return list;
}

} // namespace

void Persister::insert_part(const TablePart& part, std::span<InstanceState* const> states,
                            const ColumnSet& written, const ColumnSet& all_fetched,
                            const InsertedRows* inserted) {
    const std::vector<std::size_t> fetched = columns_of(part, all_fetched);
    const bool returns = capabilities_.insert_returning && !fetched.empty();
    const bool one_by_one = !fetched.empty() && !capabilities_.insert_returning;
    BindPlan plan;
    ast::Insert insert = statements_.insert(part, written, plan);
    if (returns) insert.returning = statements_.targets(part, all_fetched, nullptr);
    while (!states.empty()) {
        const BatchShape batch =
            one_by_one
                ? BatchShape{}
                : batch_shape(
                      capabilities_,
                      insert.columns.empty() ? ast::BatchForm::Single : capabilities_.insert_batch,
                      capabilities_.insert_batch_rows, insert.columns.size(), states.size());
        // A statement that keeps no results may be repeated by the driver for any number of rows.
        const bool repeat = batch.form == ast::BatchForm::Single && fetched.empty();
        const auto now = states.first(repeat ? states.size() : batch.rows);
        insert.form = batch.form;
        insert.rows =
            batch.form == ast::BatchForm::MultiRow ? static_cast<std::uint32_t>(batch.rows) : 1;
        StatementLease statement = run(insert, plan, now);
        if (returns) read_returned(*statement, now, fetched);
        // A trigger may have kept a row out without an error.
        if (!returns) check_count(statement->affected_rows(), now.size(), "inserted");
        if (one_by_one) fetch_after_insert(*statement, *now.front(), fetched);
        if (inserted != nullptr) (*inserted)(now);
        states = states.subspan(now.size());
    }
}

void Persister::read_returned(DriverStatement& statement, std::span<InstanceState* const> states,
                              const std::vector<std::size_t>& columns) {
    const auto& first = mapper_.columns()[columns.front()];
    if (columns.size() == 1 && first.generated && !first.field.optional) {
        read_generated_keys(statement, states, columns.front());
    } else {
        read_rows(statement, states, columns);
    }
}

/// Rows come back in no promised order, but keys are made in the order of the objects: sorted keys
/// match them.
void Persister::read_generated_keys(DriverStatement& statement,
                                    std::span<InstanceState* const> states, std::size_t key) {
    const Field& field = mapper_.columns()[key].field;
    Field number = field;
    number.offset = 0;
    number.kind = FieldKind::Int64;
    number.codec = nullptr;
    DecodePlan plan;
    plan.steps.push_back({0, 0, number});
    std::vector<std::int64_t> made;
    made.reserve(states.size());
    std::int64_t value = 0;
    auto* target = reinterpret_cast<std::byte*>(&value);
    while (statement.fetch(plan, &target)) made.push_back(value);
    check_count(made.size(), states.size(), "inserted");
    if (!std::is_sorted(made.begin(), made.end())) std::sort(made.begin(), made.end());
    for (std::size_t i = 0; i < states.size(); ++i)
        store(field, states[i]->object(), Value(made[i]));
}

void Persister::read_rows(DriverStatement& statement, std::span<InstanceState* const> states,
                          const std::vector<std::size_t>& columns) {
    std::vector<std::vector<Value>> made;
    std::vector<Value> row;
    while (statement.fetch(row)) made.push_back(row);
    check_count(made.size(), states.size(), "inserted");
    const auto generated = std::find_if(columns.begin(), columns.end(), [&](std::size_t column) {
        return mapper_.columns()[column].generated;
    });
    if (made.size() > 1 && generated != columns.end()) {
        const auto at = static_cast<std::size_t>(generated - columns.begin());
        std::stable_sort(made.begin(), made.end(), [&](const auto& a, const auto& b) {
            const auto* left = a[at].template get_if<std::int64_t>();
            const auto* right = b[at].template get_if<std::int64_t>();
            return left != nullptr && right != nullptr && *left < *right;
        });
    } else if (made.size() > 1) {
        // Without a generated key nothing in the row says whose it is.
        for (InstanceState* state : states) reread(*state, columns);
        return;
    }
    for (std::size_t i = 0; i < states.size(); ++i) {
        for (std::size_t c = 0; c < columns.size(); ++c) {
            store(here(engine_, mapper_.columns()[columns[c]].field), states[i]->object(),
                  made[i][c]);
        }
    }
}

void Persister::fetch_after_insert(DriverStatement& statement, InstanceState& state,
                                   const std::vector<std::size_t>& columns) {
    std::vector<std::size_t> rest;
    for (const auto i : columns) {
        const auto& property = mapper_.columns()[i];
        if (property.generated) {
            store(property.field, state.object(), Value(statement.last_generated_key()));
        } else {
            rest.push_back(i);
        }
    }
    statement.reset();
    if (!rest.empty()) reread(state, rest);
}

void Persister::reread(InstanceState& state, const std::vector<std::size_t>& columns) {
    const TablePart& part = mapper_.parts()[mapper_.part_of(columns.front())];
    ast::Select select;
    select.from.emplace_back(part.ref);
    std::vector<const ColumnProperty*> properties;
    for (const auto i : columns) {
        properties.push_back(&mapper_.columns()[i]);
        select.columns.push_back(mapper_.columns()[i].ref);
    }
    for (const auto index : mapper_.primary_key()) {
        const auto& property = mapper_.columns()[index];
        auto key = ast::column(part.ref->qualifier(), part.key_names[select.where.size()],
                               property.field.type, false);
        select.where.push_back(
            ast::binary(ast::Operator::Equal, std::move(key),
                        ast::bind(load(property.field, state.object()), property.field.type)));
    }
    const auto rows = connection_.fetch_all(select);
    check_count(rows.size(), 1, "inserted");
    for (std::size_t i = 0; i < properties.size(); ++i)
        store(here(engine_, properties[i]->field), state.object(), rows.front()[i]);
}

// UPDATE and DELETE
// -----------------------------------------------------------------------------------------------------------

template <class Statement>
void Persister::write_by_key(Statement& statement, const BindPlan& plan, Batches batches,
                             std::span<InstanceState* const> states) {
    while (!states.empty()) {
        const ast::BatchForm form =
            statements_.version().needs_single_statements() ? ast::BatchForm::Single : batches.form;
        const BatchShape batch =
            batch_shape(capabilities_, form, batches.rows, plan.fields.size(), states.size());
        const auto now =
            states.first(batch.form == ast::BatchForm::Single ? states.size() : batch.rows);
        statement.form = batch.form;
        statement.rows =
            batch.form == ast::BatchForm::MultiRow ? static_cast<std::uint32_t>(batch.rows) : 1;
        const std::uint64_t affected = run(statement, plan, now)->affected_rows();
        if (affected != now.size()) {
            StaleRows(connection_, mapper_).report({now, batches.changed, affected, batches.verb});
        }
        states = states.subspan(now.size());
    }
}

namespace {

/// Does the database give a joined table the key that its base's table gets?
bool key_follows(const Mapper& mapper, std::size_t part) {
    const auto& keys = mapper.parts()[part].table->foreign_keys;
    return std::any_of(keys.begin(), keys.end(), [&](const ForeignKey& key) {
        return joins_own_tables(mapper, part, key) && key.on_update == ReferentialAction::Cascade;
    });
}

} // namespace

void Persister::update(std::span<InstanceState* const> states, const ColumnSet& changed) {
    for (const auto& part : mapper_.parts()) update_part(part, states, changed);
    fetch_after_update(states);
}

void Persister::update_part(const TablePart& part, std::span<InstanceState* const> states,
                            const ColumnSet& changed) {
    BindPlan plan;
    ast::Update update = statements_.update(part, changed, plan);
    if (update.columns.empty()) return;
    write_by_key(update, plan,
                 {capabilities_.update_batch, capabilities_.update_batch_rows, "updated", changed},
                 states);
}

void Persister::update_key(InstanceState& state, const ColumnSet& changed) {
    for (std::size_t part = 0; part < mapper_.parts().size(); ++part)
        update_key_of(part, state, changed);
    InstanceState* const one = &state;
    fetch_after_update({&one, 1});
}

/// A joined table follows the key of its base's by ON UPDATE CASCADE, or is given it; then its
/// foreign key must be one that is looked at later.
void Persister::update_key_of(std::size_t at, InstanceState& state, const ColumnSet& changed) {
    const TablePart& part = mapper_.parts()[at];
    const bool follows = at != 0 && key_follows(mapper_, at);
    BindPlan plan;
    ast::Update update;
    update.table = part.ref;
    if (at != 0 && !follows) update.columns = statements_.keys(part, plan);
    for (auto& target : statements_.targets(part, changed, &plan))
        update.columns.push_back(std::move(target));
    if (update.columns.empty()) return;
    std::vector<Value> values;
    for (const auto& field : plan.fields)
        values.push_back(load(here(engine_, field), state.object()));
    update.keys = statements_.keys(part, plan);
    for (const auto index : mapper_.primary_key()) {
        values.push_back(follows ? load(mapper_.columns()[index].field, state.object())
                                 : snapshot_value(mapper_, state.snapshot, index));
    }
    if (statements_.has_version(part)) {
        statements_.version().add_key(update.keys, plan);
        values.push_back(RowVersion::loaded(state));
    }
    const std::uint64_t affected =
        naming_columns([&] {
            return connection_.execute(engine_.compile(update, key_), values);
        })->affected_rows();
    InstanceState* const one = &state;
    if (affected != 1)
        StaleRows(connection_, mapper_).report({{&one, 1}, changed, affected, "updated"});
}

void Persister::fetch_after_update(std::span<InstanceState* const> states) {
    if (!statements_.version().is_made_by_server()) return;
    for (InstanceState* state : states) reread(*state, {mapper_.version()->column});
}

void Persister::remove(std::span<InstanceState* const> states) {
    const auto& parts = mapper_.parts();
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        BindPlan plan;
        ast::Delete removal = statements_.removal(*part, plan);
        write_by_key(
            removal, plan,
            {capabilities_.delete_batch, capabilities_.delete_batch_rows, "deleted", ColumnSet()},
            states);
    }
}

} // namespace mercator
