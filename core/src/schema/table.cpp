// SPDX-License-Identifier: MIT
#include <mercator/schema/table.hpp>

#include <mercator/ast/traverse.hpp>
#include <mercator/schema/naming_convention.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mercator {

void Table::add(Column column) {
    columns.push_back(std::move(column));
}
void Table::add(ForeignKey key) {
    foreign_keys.push_back(std::move(key));
}
void Table::add(UniqueConstraint constraint) {
    uniques.push_back(std::move(constraint));
}
void Table::add(CheckConstraint constraint) {
    checks.push_back(std::move(constraint));
}
void Table::add(Index index) {
    indexes.push_back(std::move(index));
}
namespace {

std::string column_names(const Table& table) {
    std::string names;
    for (const auto& column : table.columns)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", column.name);
    return names;
}

std::vector<std::string> names_of(const std::vector<const Column*>& columns) {
    std::vector<std::string> names;
    for (const Column* column : columns) names.push_back(column->name);
    return names;
}

/// Each column of a condition once, in the order in which they appear.
std::vector<std::string> columns_read(const ast::ExpressionPtr& condition) {
    std::vector<std::string> names;
    ast::traverse(condition, [&](const ast::Expression& part) {
        if (part.kind != ast::NodeKind::ColumnRef) return;
        const auto& name = static_cast<const ast::ColumnRef&>(part).name;
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    });
    return names;
}

template <class Constraint>
bool covers(const std::vector<Constraint>& list, const std::vector<std::string>& columns) {
    return std::any_of(list.begin(), list.end(),
                       [&](const Constraint& item) { return item.columns == columns; });
}

bool is_whole_key(const Table& table, const Column& column) {
    return column.is_primary_key && table.primary_key().size() == 1;
}

/// Marked unique and indexed, a column gets one unique index, not two; a key gets none, as it is
/// unique and indexed anyway.
void list_marks(Table& table, const Column& column) {
    const std::vector<std::string> columns{column.name};
    if (is_whole_key(table, column)) {
        // nothing to add
    } else if (column.is_indexed) {
        if (!covers(table.indexes, columns))
            table.indexes.push_back(Index{{}, columns, column.is_unique});
    } else if (column.is_unique && !covers(table.uniques, columns)) {
        table.uniques.push_back(UniqueConstraint{{}, columns});
    }
    if (!column.foreign_key) return;
    ForeignKey key = *column.foreign_key;
    key.columns = columns;
    const auto is_same = [&key](const ForeignKey& other) {
        return other.columns == key.columns && other.target_table == key.target_table &&
               other.target_columns == key.target_columns;
    };
    if (std::none_of(table.foreign_keys.begin(), table.foreign_keys.end(), is_same)) {
        table.foreign_keys.push_back(std::move(key));
    }
}

void check_columns(const Table& table) {
    if (table.name.empty()) throw MappingError("a table has no name; give it one");
    if (table.columns.empty()) {
        throw MappingError(
            fmt::format("the table \"{}\" has no columns; add at least one", table.name),
            table.name);
    }
    std::set<std::string_view> seen;
    for (const auto& column : table.columns) {
        const std::string where = fmt::format("{}.{}", table.name, column.name);
        if (column.name.empty())
            throw MappingError(fmt::format("a column of \"{}\" has no name", table.name),
                               table.name);
        if (!seen.insert(column.name).second) {
            throw MappingError(
                fmt::format("the table \"{}\" has two columns named \"{}\"; rename one", table.name,
                            column.name),
                where);
        }
        if (column.type.kind == TypeKind::Unknown && column.native_type.empty() &&
            !column.foreign_key) {
            throw MappingError(fmt::format("the column \"{}\" has no type; give it one", where),
                               where);
        }
        if (column.is_primary_key && column.is_nullable.value_or(false)) {
            throw MappingError(fmt::format("the column \"{}\" is part of the primary key and "
                                           "nullable; drop the one or the other",
                                           where),
                               where);
        }
        if (column.autoincrement_mode == Autoincrement::On &&
            !(column.is_primary_key && column.type.is_integer())) {
            throw MappingError(fmt::format("the column \"{}\" has generated values but is no "
                                           "integer primary key; use a default",
                                           where),
                               where);
        }
    }
    const auto is_generated = [](const Column& column) {
        return column.autoincrement_mode == Autoincrement::On;
    };
    if (std::count_if(table.columns.begin(), table.columns.end(), is_generated) > 1) {
        throw MappingError(
            fmt::format("the table \"{}\" has several columns with generated values; keep one",
                        table.name),
            table.name);
    }
}

void check_named_columns(const Table& table, std::string_view what, const std::string& name,
                         const std::vector<std::string>& columns) {
    if (columns.empty()) {
        throw MappingError(
            fmt::format("the {} \"{}\" of the table \"{}\" has no columns", what, name, table.name),
            table.name);
    }
    for (const auto& column : columns) {
        if (table.find_column(column) != nullptr) continue;
        throw MappingError(fmt::format("the {} \"{}\" names the column \"{}\", which the table "
                                       "\"{}\" does not have; it has {}",
                                       what, name, column, table.name, column_names(table)),
                           fmt::format("{}.{}", table.name, column));
    }
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Those of an index that only some of its columns can have.
void check_index(const Table& table, const Index& index) {
    for (const auto& name : index.descending) {
        if (contains(index.columns, name)) continue;
        throw MappingError(fmt::format("the index \"{}\" of the table \"{}\" sorts \"{}\" "
                                       "descending, which is none of its columns",
                                       index.name, table.name, name),
                           table.name);
    }
}

void check_key_order(const Table& table) {
    if (table.primary_key_order.empty()) return;
    std::size_t found = 0;
    std::size_t columns = 0;
    for (const auto& column : table.columns) {
        if (!column.is_primary_key) continue;
        ++columns;
        if (contains(table.primary_key_order, column.name)) ++found;
    }
    if (found == columns && columns == table.primary_key_order.size()) return;
    throw MappingError(fmt::format("the order given for the primary key of \"{}\" does not name "
                                   "each of its columns once",
                                   table.name),
                       table.name);
}

void check_options(const Table& table) {
    for (const auto& [name, value] : table.options) {
        const auto underscore = name.find('_');
        if (underscore != std::string::npos && underscore > 0 && underscore + 1 < name.size())
            continue;
        throw MappingError(fmt::format("the option \"{}\" of the table \"{}\" does not begin with "
                                       "the dialect that it is for and an underscore; write "
                                       "\"dialect_{}\"",
                                       name, table.name, name),
                           table.name);
    }
}

/// A condition of the schema can speak of the columns of its own table only.
void check_condition(const Table& table, std::string_view what, const std::string& name,
                     const ast::ExpressionPtr& condition) {
    if (condition == nullptr) return;
    const auto columns = columns_read(condition);
    if (!columns.empty()) check_named_columns(table, what, name, columns);
}

void check_constraints(const Table& table) {
    for (const auto& unique : table.uniques)
        check_named_columns(table, "unique constraint", unique.name, unique.columns);
    for (const auto& index : table.indexes) {
        check_named_columns(table, "index", index.name, index.columns);
        check_index(table, index);
        check_condition(table, "condition of the index", index.name, index.where);
    }
    for (const auto& key : table.foreign_keys) {
        check_named_columns(table, "foreign key", key.name, key.columns);
        if (!key.target_columns.empty() && key.target_columns.size() != key.columns.size()) {
            throw MappingError(
                fmt::format(
                    "the foreign key \"{}\" has {} columns and {} target columns; pair them",
                    key.name, key.columns.size(), key.target_columns.size()),
                table.name);
        }
    }
    for (const auto& check : table.checks) {
        if (check.condition == nullptr) {
            throw MappingError(fmt::format("the check \"{}\" of the table \"{}\" has no condition",
                                           check.name, table.name),
                               table.name);
        }
        check_condition(table, "check", check.name, check.condition);
    }
}

void check_distinct_names(const Table& table) {
    std::set<std::string_view> seen{};
    const auto note = [&](const std::string& name) {
        if (seen.insert(name).second) return;
        throw MappingError(
            fmt::format("the table \"{}\" has two constraints or indexes named \"{}\"; rename one",
                        table.name, name),
            table.name);
    };
    for (const auto& item : table.uniques) note(item.name);
    for (const auto& item : table.indexes) note(item.name);
    for (const auto& item : table.foreign_keys) note(item.name);
    for (const auto& item : table.checks) note(item.name);
}

bool has_foreign_key(const Table& table, const Column& column) {
    if (column.foreign_key) return true;
    return std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(),
                       [&column](const ForeignKey& key) {
                           return std::find(key.columns.begin(), key.columns.end(), column.name) !=
                                  key.columns.end();
                       });
}

} // namespace

const Column* Table::find_column(std::string_view column_name) const noexcept {
    for (const auto& column : columns) {
        if (column.name == column_name) return &column;
    }
    return nullptr;
}

const Column& Table::column(std::string_view column_name) const {
    if (const Column* found = find_column(column_name)) return *found;
    throw MappingError(fmt::format("the table \"{}\" has no column \"{}\"; it has {}", name,
                                   column_name, column_names(*this)),
                       fmt::format("{}.{}", name, column_name));
}

std::vector<const Column*> Table::primary_key() const {
    std::vector<const Column*> key;
    for (const auto& column : columns) {
        if (column.is_primary_key) key.push_back(&column);
    }
    const auto place = [this](const Column* column) {
        return std::find(primary_key_order.begin(), primary_key_order.end(), column->name);
    };
    if (!primary_key_order.empty()) {
        std::stable_sort(key.begin(), key.end(), [&place](const Column* a, const Column* b) {
            return place(a) < place(b);
        });
    }
    return key;
}

std::vector<std::string> Table::columns_of_constraint(std::string_view constraint_name) const {
    if (constraint_name.empty()) return {};
    if (constraint_name == primary_key_name) return names_of(primary_key());
    for (const auto& constraint : uniques)
        if (constraint.name == constraint_name) return constraint.columns;
    for (const auto& index : indexes)
        if (index.name == constraint_name) return index.columns;
    for (const auto& key : foreign_keys)
        if (key.name == constraint_name) return key.columns;
    for (const auto& check : checks)
        if (check.name == constraint_name) return columns_read(check.condition);
    return {};
}

bool Table::has_unique(std::vector<std::string> of_columns) const {
    std::sort(of_columns.begin(), of_columns.end());
    const auto matches = [&of_columns](std::vector<std::string> names) {
        std::sort(names.begin(), names.end());
        return names == of_columns;
    };
    std::vector<std::string> key;
    for (const Column* part : primary_key()) key.push_back(part->name);
    if (matches(key)) return true;
    if (of_columns.size() == 1 && column(of_columns.front()).is_unique) return true;
    return std::any_of(uniques.begin(), uniques.end(),
                       [&](const auto& unique) { return matches(unique.columns); }) ||
           std::any_of(indexes.begin(), indexes.end(), [&](const Index& index) {
               return index.unique && index.where == nullptr && matches(index.columns);
           });
}

const Column* Table::autoincrement_column() const noexcept {
    const Column* key = nullptr;
    bool is_single = true;
    for (const auto& column : columns) {
        if (!column.is_primary_key) continue;
        if (column.autoincrement_mode == Autoincrement::On) return &column;
        is_single = key == nullptr;
        key = &column;
    }
    if (key == nullptr || !is_single || key->autoincrement_mode == Autoincrement::Off)
        return nullptr;
    const bool has_default = key->server_default_value != nullptr || key->default_value != nullptr;
    return key->type.is_integer() && !has_default && !has_foreign_key(*this, *key) ? key : nullptr;
}

Table& Table::option(std::string option_name, std::string value) {
    for (auto& [known, held] : options) {
        if (known != option_name) continue;
        held = std::move(value);
        return *this;
    }
    options.emplace_back(std::move(option_name), std::move(value));
    return *this;
}

namespace {

template <class Constraint>
void add_over_other_columns(std::vector<Constraint>& ours, const std::vector<Constraint>& theirs) {
    for (const auto& item : theirs) {
        if (!covers(ours, item.columns)) ours.push_back(item);
    }
}

} // namespace

Table Table::completed_by(const Table& found) const {
    Table whole = *this;
    whole.columns.clear();
    for (const auto& column : found.columns) {
        const Column* ours = find_column(column.name);
        whole.columns.push_back(ours == nullptr ? column : *ours);
        whole.columns.back().info.add_missing(column.info);
    }
    for (const auto& column : columns) {
        if (found.find_column(column.name) == nullptr) whole.columns.push_back(column);
    }
    add_over_other_columns(whole.foreign_keys, found.foreign_keys);
    add_over_other_columns(whole.uniques, found.uniques);
    add_over_other_columns(whole.indexes, found.indexes);
    if (whole.comment.empty()) whole.comment = found.comment;
    if (whole.primary_key_name.empty()) whole.primary_key_name = found.primary_key_name;
    if (whole.primary_key_order.empty()) whole.primary_key_order = found.primary_key_order;
    for (const auto& [name, value] : found.options) {
        const bool said = std::any_of(options.begin(), options.end(),
                                      [&](const auto& option) { return option.first == name; });
        if (!said) whole.option(name, value);
    }
    whole.info.add_missing(found.info);
    return whole;
}

void Table::complete() {
    check_columns(*this);
    for (const auto& column : columns) list_marks(*this, column);
    check_key_order(*this);
    const NamingConvention standard;
    standard.apply(*this, standard);
    check_constraints(*this);
    check_distinct_names(*this);
    check_options(*this);
}

} // namespace mercator
