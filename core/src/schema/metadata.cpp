// SPDX-License-Identifier: MIT
#include <mercator/schema/metadata.hpp>

#include <mercator/support/error.hpp>
#include <mercator/support/topological.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {
namespace {

std::vector<std::string> key_names(const Table& table) {
    std::vector<std::string> names;
    for (const Column* column : table.primary_key()) names.push_back(column->name);
    return names;
}

std::string listed(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string table_names(const MetaData& metadata) {
    std::string names;
    for (const auto& table : metadata.tables())
        names += fmt::format("{}{}", names.empty() ? "" : ", ", table->name);
    return names;
}

/// The table that a foreign key names, or nullptr.
const Table* named_target(const MetaData& metadata, const ForeignKey& key) {
    if (key.target_schema.empty()) return metadata.find(key.target_table);
    for (const auto& table : metadata.tables()) {
        if (table->name == key.target_table && table->schema == key.target_schema)
            return table.get();
    }
    return nullptr;
}

bool is_open(const Column* column) {
    return column != nullptr && column->type.kind == TypeKind::Unknown &&
           column->native_type.empty();
}

const Table& target_of(const MetaData& metadata, const Table& table, const ForeignKey& key) {
    if (const Table* target = named_target(metadata, key)) return *target;
    throw MappingError(fmt::format("\"{}.{}\" references the table \"{}\", which is not there; map "
                                   "or add it, or correct the name. "
                                   "The tables are {}",
                                   table.name, listed(key.columns), key.target_table,
                                   table_names(metadata)),
                       fmt::format("{}.{}", table.name, listed(key.columns)));
}

void check_reference(const MetaData& metadata, const Table& table, const ForeignKey& key) {
    const Table& target = target_of(metadata, table, key);
    const std::string where = fmt::format("{}.{}", table.name, listed(key.columns));
    const auto columns = key.target_columns.empty() ? key_names(target) : key.target_columns;
    if (columns.size() != key.columns.size()) {
        throw MappingError(fmt::format("\"{}\" references \"{}\" with {} columns, its primary key "
                                       "has {}; name the target columns",
                                       where, target.name, key.columns.size(), columns.size()),
                           where);
    }
    for (const auto& column : columns) {
        if (target.find_column(column) != nullptr) continue;
        std::vector<std::string> present;
        for (const auto& other : target.columns) present.push_back(other.name);
        throw MappingError(
            fmt::format("\"{}\" references \"{}.{}\", but \"{}\" has no such column; it has {}",
                        where, target.name, column, target.name, listed(present)),
            where);
    }
    for (const auto& name : key.columns) {
        if (!is_open(table.find_column(name))) continue;
        throw MappingError(fmt::format("the column \"{}.{}\" has no type, and neither has what it "
                                       "references; give one of them a type",
                                       table.name, name),
                           where);
    }
    if (target.has_unique(columns)) return;
    throw MappingError(fmt::format("\"{}\" references \"{}.{}\", which is not unique; make it the "
                                   "primary key or unique(), or "
                                   "reference the primary key",
                                   where, target.name, listed(columns)),
                       where);
}

/// Does the name of a foreign key's target have its schema in front?
bool is_qualified(const ForeignKey& key, const Table& target) {
    return key.target_schema.empty() && key.target_table != target.name;
}

/// Says which columns of the target a foreign key means, and takes "schema.table" apart; true if
/// the key changed.
bool settle(ForeignKey& key, const Table& target) {
    auto columns = key.target_columns.empty() ? key_names(target) : key.target_columns;
    if (columns.empty() || (columns == key.target_columns && !is_qualified(key, target)))
        return false;
    if (is_qualified(key, target)) {
        key.target_table = target.name;
        key.target_schema = target.schema;
    }
    key.target_columns = std::move(columns);
    return true;
}

/// Gives columns without a type that of the column they refer to; true if one got it.
bool settle_types(Table& table, const ForeignKey& key, const Table& target) {
    bool changed = false;
    for (std::size_t i = 0; i < key.columns.size() && i < key.target_columns.size(); ++i) {
        const Column* referred = target.find_column(key.target_columns[i]);
        for (auto& column : table.columns) {
            if (column.name != key.columns[i] || !is_open(&column) || referred == nullptr ||
                referred->type.kind == TypeKind::Unknown)
                continue;
            column.type = referred->type;
            changed = true;
        }
    }
    return changed;
}

/// Could the target tell something that the key or its columns do not say?
bool may_be_settled(const Table& table, const ForeignKey& key) {
    return key.target_columns.empty() ||
           (key.target_schema.empty() && key.target_table.find('.') != std::string::npos) ||
           std::any_of(key.columns.begin(), key.columns.end(),
                       [&table](const auto& name) { return is_open(table.find_column(name)); });
}

using Tables = std::vector<std::shared_ptr<const Table>>;

/// Replaces a table by a copy in which is settled what only the referred tables tell: the columns
/// of a foreign key to a whole table, which not every database fills in, and types. True if it did.
bool settle(const MetaData& metadata, std::shared_ptr<const Table>& table) {
    std::shared_ptr<Table> copy;
    bool changed = false;
    for (std::size_t i = 0; i < table->foreign_keys.size(); ++i) {
        const ForeignKey& key = table->foreign_keys[i];
        const Table* target = may_be_settled(*table, key) ? named_target(metadata, key) : nullptr;
        if (target == nullptr) continue;
        if (copy == nullptr) copy = std::make_shared<Table>(*table);
        changed = settle(copy->foreign_keys[i], *target) || changed;
        changed = settle_types(*copy, copy->foreign_keys[i], *target) || changed;
    }
    if (changed) table = std::move(copy);
    return changed;
}

bool refers_to(const Table& table, const std::string& target) {
    return std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(),
                       [&target](const ForeignKey& key) {
                           return std::string_view(key.target_table).ends_with(target);
                       });
}

/// Settles the newest table, then those that refer to it, then those that refer to what changed.
void settle_newest(const MetaData& metadata, Tables& tables) {
    settle(metadata, tables.back());
    std::vector<std::size_t> news{tables.size() - 1};
    while (!news.empty()) {
        const std::string name = tables[news.back()]->name;
        news.pop_back();
        for (std::size_t i = 0; i < tables.size(); ++i) {
            if (refers_to(*tables[i], name) && settle(metadata, tables[i])) news.push_back(i);
        }
    }
}

std::shared_ptr<const Table> renamed(const NamingConvention& convention,
                                     const std::shared_ptr<const Table>& table) {
    const NamingConvention standard;
    if (convention == standard) return table;
    auto copy = std::make_shared<Table>(*table);
    convention.apply(*copy, standard);
    return copy;
}

/// The shortest way from `from` to `to` over the keys, both included; empty if there is none.
std::vector<const Table*> way(const std::vector<std::pair<const Table*, const Table*>>& references,
                              const Table* from, const Table* to) {
    std::vector<std::pair<const Table*, std::size_t>> seen{{from, 0}}; // table, where from
    for (std::size_t at = 0; at < seen.size(); ++at) {
        if (seen[at].first == to) {
            std::vector<const Table*> tables{to};
            for (std::size_t i = at; i != 0; i = seen[i].second)
                tables.insert(tables.begin(), seen[seen[i].second].first);
            return tables;
        }
        for (const auto& [owner, target] : references) {
            const auto is_target = [&target = target](const auto& s) { return s.first == target; };
            if (owner == seen[at].first && std::none_of(seen.begin(), seen.end(), is_target))
                seen.emplace_back(target, at);
        }
    }
    return {};
}

} // namespace

MetaData::MetaData(NamingConvention convention) : convention_(std::move(convention)) {
    convention_.validate();
}

void MetaData::add(std::shared_ptr<const Table> table) {
    for (const auto& known : tables_) {
        if (known == table) return;
        if (known->name == table->name && known->schema == table->schema) {
            throw MappingError(fmt::format("there are two tables named \"{}\"; rename one, or map "
                                           "both classes to one table",
                                           table->name),
                               table->name);
        }
    }
    tables_.push_back(renamed(convention_, table));
    settle_newest(*this, tables_);
}

const Table* MetaData::find(std::string_view name) const noexcept {
    for (const auto& table : tables_) {
        if (table->name == name) return table.get();
    }
    // "schema.table"
    for (const auto& table : tables_) {
        const auto& schema = table->schema;
        if (!schema.empty() && name.size() == schema.size() + 1 + table->name.size() &&
            name.starts_with(schema) && name[schema.size()] == '.' && name.ends_with(table->name)) {
            return table.get();
        }
    }
    return nullptr;
}

void MetaData::check_references() const {
    for (const auto& table : tables_) {
        for (const auto& key : table->foreign_keys) check_reference(*this, *table, key);
    }
}

MetaData::Sorted MetaData::sorted() const {
    std::vector<DependencyEdge> edges;
    std::vector<std::pair<const Table*, const ForeignKey*>> keys;
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        for (const auto& key : tables_[i]->foreign_keys) {
            const Table* target = named_target(*this, key);
            const auto at = std::find_if(tables_.begin(), tables_.end(),
                                         [target](const auto& t) { return t.get() == target; });
            if (at == tables_.end() || target == tables_[i].get()) continue;
            edges.push_back({static_cast<std::size_t>(at - tables_.begin()), i});
            keys.emplace_back(tables_[i].get(), &key);
        }
    }
    const TopologicalOrder order = sort_topologically(tables_.size(), edges);
    Sorted result;
    for (const std::size_t i : order.order) result.tables.push_back(tables_[i].get());
    for (const std::size_t i : order.dropped) result.cyclic.push_back(keys[i]);
    return result;
}

std::vector<std::vector<const Table*>> MetaData::cycles() const {
    std::vector<std::pair<const Table*, const Table*>> references;
    for (const auto& table : tables_) {
        for (const auto& key : table->foreign_keys) {
            const Table* target = named_target(*this, key);
            if (target != nullptr && target != table.get())
                references.emplace_back(table.get(), target);
        }
    }
    std::vector<std::vector<const Table*>> cycles;
    for (const auto& [owner, key] : sorted().cyclic) {
        auto round = way(references, named_target(*this, *key), owner);
        if (round.empty()) continue;
        std::rotate(round.begin(), std::prev(round.end()), round.end()); // begin at the owner
        if (std::find(cycles.begin(), cycles.end(), round) == cycles.end())
            cycles.push_back(std::move(round));
    }
    return cycles;
}

std::vector<std::string> MetaData::schema_names() const {
    std::vector<std::string> names;
    for (const auto& table : tables_) {
        if (!table->schema.empty()) names.push_back(table->schema);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

} // namespace mercator
