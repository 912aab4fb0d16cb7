// SPDX-License-Identifier: MIT
#include "stale_rows.hpp"

#include "row_version.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/mapping/version_rule.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace mercator {

namespace {

/// Looking further costs more than it tells.
constexpr std::size_t most_looked_at = 1000;
constexpr std::size_t most_named = 5;

Value key_part(const InstanceState& state, std::size_t column) {
    return state.is_tracked() ? snapshot_value(*state.mapper, state.snapshot, column)
                              : load(state.mapper->columns()[column].field, state.object());
}

/// For sure: where a backend has another form for a value, nobody knows.
bool differ(const Value& written, const Value& found) {
    const auto number = [](const Value& value) -> std::optional<std::int64_t> {
        if (const auto* plain = value.get_if<std::int64_t>()) return *plain;
        if (const auto* plain = value.get_if<std::uint64_t>())
            return static_cast<std::int64_t>(*plain);
        return std::nullopt;
    };
    const auto a = number(written);
    const auto b = number(found);
    if (a && b) return *a != *b;
    return written.kind() == found.kind() && !(written == found);
}

} // namespace

std::string described_by_key(const InstanceState& state) {
    std::string key;
    for (const auto column : state.mapper->primary_key()) {
        if (!key.empty()) key += ", ";
        key += state.mapper->columns()[column].field.type.sensitive
                   ? "***"
                   : display(key_part(state, column));
    }
    if (state.mapper->primary_key().size() > 1) key = '(' + key + ')';
    return fmt::format("{} {}", state.mapper->class_name(), key);
}

/// A row of a joined table may be gone already: it is deleted before that of its base.
ast::Join StaleRows::join(std::size_t part) const {
    const auto& first = mapper_.parts().front();
    const auto& joined = mapper_.parts()[part];
    std::vector<ast::ExpressionPtr> on;
    for (std::size_t i = 0; i < joined.key_names.size(); ++i) {
        const SqlType& type = mapper_.columns()[mapper_.primary_key()[i]].field.type;
        const auto key = [&](const TablePart& of) {
            return ast::column(of.ref->qualifier(), of.key_names[i], type, false);
        };
        on.push_back(ast::binary(ast::Operator::Equal, key(first), key(joined)));
    }
    return {ast::JoinKind::Left, joined.ref, ast::and_(std::move(on))};
}

/// All columns of its row, or nothing if it is gone.
std::vector<Value> StaleRows::read(const InstanceState& state) const {
    ast::Select select;
    const auto& parts = mapper_.parts();
    select.from.emplace_back(parts.front().ref);
    for (std::size_t part = 1; part < parts.size(); ++part) select.joins.push_back(join(part));
    for (const auto& property : mapper_.columns()) select.columns.push_back(property.ref);
    for (const auto index : mapper_.primary_key()) {
        const auto& property = mapper_.columns()[index];
        select.where.push_back(ast::binary(ast::Operator::Equal, property.ref,
                                           ast::bind(key_part(state, index), property.field.type)));
    }
    auto rows = connection_.fetch_all(select);
    return rows.empty() ? std::vector<Value>() : std::move(rows.front());
}

/// Others may count the same version at the same time: then what the row holds tells.
bool StaleRows::has_been_written(const InstanceState& state, const ColumnSet& columns,
                                 const std::vector<Value>& row) const {
    for (std::size_t i = 0; i < mapper_.columns().size(); ++i) {
        const auto& property = mapper_.columns()[i];
        if (columns.contains(i) && differ(load(property.field, state.object()), row[i]))
            return false;
    }
    return true;
}

std::vector<StaleRows::Found> StaleRows::find(const Write& write) const {
    std::vector<Found> found;
    if (write.affected > write.states.size()) return found;
    const std::size_t missing = write.states.size() - static_cast<std::size_t>(write.affected);
    const VersionRule* rule = mapper_.version();
    if (write.states.size() > most_looked_at) return found;
    for (const InstanceState* state : write.states) {
        if (found.size() == missing) break;
        const auto row = read(*state);
        if (row.empty()) {
            // A DELETE that has met it leaves none behind.
            if (!write.columns.empty() || write.states.size() == missing)
                found.push_back({state, true, {}});
        } else if (rule == nullptr) {
            continue;
        } else if (write.columns.empty() || write.states.size() == missing ||
                   !has_been_written(*state, write.columns, row)) {
            found.push_back({state, false, row[rule->column]});
        }
    }
    return found;
}

std::string StaleRows::reason(const Found& found) const {
    const std::string name = described_by_key(*found.state);
    if (found.is_gone) return fmt::format("the row of {} is gone", name);
    return fmt::format("{} has been written by somebody else since it was read (version {} now, {} "
                       "then)",
                       name, display(found.version), display(RowVersion::loaded(*found.state)));
}

void StaleRows::report(const Write& write) const {
    const auto found = find(write);
    std::string reasons;
    for (std::size_t i = 0; i < std::min(found.size(), most_named); ++i)
        reasons += (i == 0 ? "" : ", ") + reason(found[i]);
    if (found.size() > most_named) reasons += ", and more";
    if (reasons.empty()) {
        reasons = write.states.size() == 1
                      ? fmt::format("the row of {} is gone, or was changed by somebody else",
                                    described_by_key(*write.states.front()))
                      : "the other rows are gone, or were changed by somebody else";
    }
    throw StaleDataError(fmt::format("{} of {} object(s) of {} were {}: {}; nothing of this flush "
                                     "is kept, so refresh them (session.refresh) or let them go "
                                     "(session.expunge), and try again",
                                     write.affected, write.states.size(), mapper_.class_name(),
                                     write.verb, reasons),
                         std::string(mapper_.class_name()));
}

} // namespace mercator
