// SPDX-License-Identifier: MIT
#include <mercator/engine/verify.hpp>

#include <mercator/engine/engine.hpp>
#include <mercator/engine/inspect.hpp>
#include <mercator/schema/naming_convention.hpp>
#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace mercator {

using Kind = SchemaDifference::Kind;

namespace {

std::string listed(const std::vector<std::string>& names) {
    return fmt::format("({})", fmt::join(names, ", "));
}

std::string_view action_text(ReferentialAction action) noexcept {
    switch (action) {
    case ReferentialAction::NoAction:
        return "no action";
    case ReferentialAction::Restrict:
        return "restrict";
    case ReferentialAction::Cascade:
        return "cascade";
    case ReferentialAction::SetNull:
        return "set null";
    case ReferentialAction::SetDefault:
        return "set default";
    }
    return {};
}

std::string_view deferral_text(Deferrable when) noexcept {
    if (when == Deferrable::No) return {};
    return when == Deferrable::InitiallyDeferred ? ", deferred" : ", deferrable";
}

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

/// What is on one side and not on the other, by a key that says what a thing does.
using Things = std::map<std::string, std::string>; // key to name

} // namespace

/// Compares one table after the other.
class SchemaVerifier {
public:
    SchemaVerifier(const MetaData& metadata, SchemaInspector& database) :
        metadata_(metadata),
        database_(database),
        can_(database.dialect().capabilities()) {}

    std::vector<SchemaDifference> run(const VerifyOptions& options) {
        std::map<std::string, std::set<std::string>> present; // by schema
        for (const auto& table : metadata_.tables()) {
            if (present.contains(table->schema)) continue;
            const auto names = database_.table_names(table->schema);
            present[table->schema].insert(names.begin(), names.end());
        }
        for (const auto& table : metadata_.tables()) {
            if (present[table->schema].erase(table->name) != 0) {
                compare(*table);
            } else {
                list_.push_back({Kind::MissingTable, table->name, {}, "a table", {}});
            }
        }
        for (const auto& [schema, names] : present) {
            for (const auto& name : names) {
                if (options.extra_tables)
                    list_.push_back({Kind::ExtraTable, name, {}, {}, "a table"});
            }
        }
        return std::move(list_);
    }

private:
    void compare(const Table& table) {
        table_ = &table;
        name_ = TableName(table.name, table.schema);
        compare_columns();
        compare_primary_key();
        compare_uniques_and_indexes();
        compare_foreign_keys();
        if (can_.check_constraints) compare_checks();
        compare_details();
    }

    void add(Kind kind, const std::string& name, std::string expected, std::string found) {
        list_.push_back({kind, table_->name, name, std::move(expected), std::move(found)});
    }

    void compare_columns() {
        auto reflected = database_.columns(name_);
        for (const Column& column : table_->columns) {
            if (column.is_system) continue;
            const auto found =
                std::find_if(reflected.begin(), reflected.end(),
                             [&column](const auto& other) { return other.name == column.name; });
            if (found == reflected.end()) {
                add(Kind::MissingColumn, column.name, "a column", {});
                continue;
            }
            compare_column(column, *found);
            reflected.erase(found);
        }
        for (const auto& column : reflected) add(Kind::ExtraColumn, column.name, {}, "a column");
    }

    void compare_column(const Column& column, const ReflectedColumn& found) {
        const Inspector& inspector = database_.inspector();
        const std::string type = inspector.canonical_type(
            column.native_type.empty()
                ? database_.dialect().types().compile(column.type.on(database_.dialect().name()))
                : column.native_type);
        const std::string found_type = inspector.canonical_type(found.native_type);
        const bool has_clauses = !column.native_type.empty() && type.starts_with(found_type);
        if (type != found_type && !has_clauses) {
            add(Kind::Type, column.name, type, found_type);
        } else {
            compare_names(column, found);
        }
        const bool is_computed = column.computed_from != nullptr;
        if (!found.primary_key && !is_computed && column.accepts_null() != found.nullable) {
            add(Kind::Nullable, column.name, column.accepts_null() ? "NULL allowed" : "not null",
                found.nullable ? "NULL allowed" : "not null");
        }
        const bool has_default = column.server_default_value != nullptr;
        if (has_default != found.default_text.has_value()) {
            add(Kind::Default, column.name, has_default ? "a default" : "no default",
                found.default_text.value_or("no default"));
        }
        compare_computed(column, found);
        if (table_->autoincrement_column() == &column && !found.generated_key)
            add(Kind::GeneratedKey, column.name, "made by the database", "not made by it");
        if (can_.comments && column.comment_text != found.comment)
            add(Kind::Comment, column.name, column.comment_text, found.comment);
    }

    /// Not what it is computed from: each database writes that in its own words.
    void compare_computed(const Column& column, const ReflectedColumn& found) {
        const auto words = [](bool computed, bool stored) {
            return !computed ? "no computed column"
                   : stored  ? "computed, stored"
                             : "computed, virtual";
        };
        const std::string expected =
            words(column.computed_from != nullptr, column.computed_when == Computed::Stored);
        const std::string there =
            words(!found.computed.empty(), found.computed.ends_with("STORED"));
        // A reflected table has the clause in its type.
        if (expected != there && column.native_type.empty())
            add(Kind::Computed, column.name, expected, there);
    }

    /// The names of an enum that is a type of the database.
    void compare_names(const Column& column, const ReflectedColumn& found) {
        const SqlType type = column.type.on(database_.dialect().name());
        if (!is_enum_type(type) || !is_enum_type(found.type)) return;
        const EnumLabels& expected = *labels_of(type);
        const EnumLabels& there = *labels_of(found.type);
        if (!std::equal(expected.names, expected.names + expected.count, there.names,
                        there.names + there.count))
            add(Kind::Type, column.name, to_string(type), to_string(found.type));
    }

    void compare_primary_key() {
        std::vector<std::string> key;
        for (const Column* column : table_->primary_key()) key.push_back(column->name);
        const auto found = database_.primary_key(name_).columns;
        if (key != found) add(Kind::PrimaryKey, {}, listed(key), listed(found));
    }

    void diff(const Things& expected, const Things& found, Kind missing, Kind extra) {
        for (const auto& [key, name] : expected) {
            if (!found.contains(key)) add(missing, name, key, {});
        }
        for (const auto& [key, name] : found) {
            if (!expected.contains(key)) add(extra, name, {}, key);
        }
    }

    std::string index_key(const Index& index) const {
        std::string key = "(";
        for (const auto& column : index.columns) {
            if (key.size() > 1) key += ", ";
            key += column;
            const auto& list = index.descending;
            const bool descends = std::find(list.begin(), list.end(), column) != list.end();
            if (can_.descending_indexes && descends) key += " descending";
        }
        key += ')';
        if (index.where == nullptr) return key;
        return key + (index.unique ? ", unique and partial" : ", partial");
    }

    /// Several partial indexes may stand on the same columns, each for other rows.
    std::string numbered(const Things& side, const Index& index) const {
        const std::string key = index_key(index);
        std::string unused = key;
        for (int number = 2; index.where != nullptr && side.contains(unused); ++number)
            unused = fmt::format("{} ({})", key, number);
        return unused;
    }

    /// A unique index over whole columns does what a unique constraint does, and some databases
    /// make no difference.
    void compare_uniques_and_indexes() {
        Things uniques, found_uniques, indexes, found_indexes;
        const auto note = [this](const std::vector<UniqueConstraint>& constraints,
                                 const std::vector<Index>& list, Things& unique, Things& plain) {
            for (const auto& constraint : constraints)
                unique[listed(constraint.columns)] = constraint.name;
            for (const auto& index : list) {
                Things& side = index.unique && index.where == nullptr ? unique : plain;
                if (&side == &unique) {
                    side[listed(index.columns)] = index.name;
                } else {
                    side.emplace(numbered(side, index), index.name);
                }
            }
        };
        note(table_->uniques, table_->indexes, uniques, indexes);
        note(database_.unique_constraints(name_), database_.indexes(name_), found_uniques,
             found_indexes);
        diff(uniques, found_uniques, Kind::MissingUnique, Kind::ExtraUnique);
        diff(indexes, found_indexes, Kind::MissingIndex, Kind::ExtraIndex);
    }

    static std::string reference_text(const ForeignKey& key) {
        return fmt::format("{} to {}{}{}", listed(key.columns),
                           key.target_schema.empty() ? "" : key.target_schema + ".",
                           key.target_table, listed(key.target_columns));
    }

    std::string actions_text(const ForeignKey& key) const {
        const auto told = [this](ReferentialAction action) {
            const bool same = !can_.restrict_action && action == ReferentialAction::Restrict;
            return action_text(same ? ReferentialAction::NoAction : action);
        };
        return fmt::format("on delete {}, on update {}{}", told(key.on_delete), told(key.on_update),
                           deferral_text(key.deferrable));
    }

    void compare_foreign_keys() {
        const auto found = database_.foreign_keys(name_);
        Things expected_keys, found_keys;
        for (const auto& key : found) found_keys[reference_text(key)] = key.name;
        for (const auto& key : table_->foreign_keys) {
            expected_keys[reference_text(key)] = key.name;
            for (const auto& other : found) {
                if (reference_text(other) != reference_text(key)) continue;
                if (actions_text(other) != actions_text(key))
                    add(Kind::ForeignKeyActions, key.name, actions_text(key), actions_text(other));
            }
        }
        diff(expected_keys, found_keys, Kind::MissingForeignKey, Kind::ExtraForeignKey);
    }

    void compare_checks() {
        Things expected, found;
        for (const auto& check : table_->checks) expected[check.name] = check.name;
        for (const auto& check : database_.checks(name_)) found[check.name] = check.name;
        // What the type of a column asks for stands with the column, without a name.
        const bool has_own = std::any_of(
            table_->columns.begin(), table_->columns.end(), [this](const Column& column) {
                const SqlType type = column.type.on(database_.dialect().name());
                return is_enum_type(type) || type.kind == TypeKind::Json;
            });
        if (has_own) found.erase("");
        diff(expected, found, Kind::MissingCheck, Kind::ExtraCheck);
    }

    void compare_details() {
        const auto details = database_.inspector().details(name_);
        if (can_.comments && table_->comment != details.comment)
            add(Kind::Comment, {}, table_->comment, details.comment);
        for (const auto& [option, value] : table_->options) {
            for (const auto& [found, found_value] : details.options) {
                if (found == option && lower(value) != lower(found_value))
                    add(Kind::Option, option, value, found_value);
            }
        }
    }

    const MetaData& metadata_;
    SchemaInspector& database_;
    const Capabilities& can_;
    const Table* table_ = nullptr;
    TableName name_{""};
    std::vector<SchemaDifference> list_;
};

namespace {

std::string_view what(Kind kind) noexcept {
    switch (kind) {
    case Kind::Type:
        return "type";
    case Kind::Nullable:
        return "column";
    case Kind::Default:
        return "default";
    case Kind::GeneratedKey:
        return "key";
    case Kind::PrimaryKey:
        return "primary key";
    case Kind::MissingUnique:
    case Kind::ExtraUnique:
        return "unique constraint";
    case Kind::MissingForeignKey:
    case Kind::ExtraForeignKey:
    case Kind::ForeignKeyActions:
        return "foreign key";
    case Kind::MissingIndex:
    case Kind::ExtraIndex:
        return "index";
    case Kind::MissingCheck:
    case Kind::ExtraCheck:
        return "check";
    case Kind::Comment:
        return "comment";
    case Kind::Option:
        return "option";
    case Kind::MissingTable:
    case Kind::ExtraTable:
        return "table";
    case Kind::Computed:
    case Kind::MissingColumn:
    case Kind::ExtraColumn:
        return "column";
    }
    return {};
}

} // namespace

std::string SchemaDifference::text() const {
    const std::string where = name.empty() ? table : fmt::format("{}.{}", table, name);
    switch (kind) {
    case Kind::MissingTable:
    case Kind::MissingColumn:
        return fmt::format("{}: the {} is missing in the database", where, what(kind));
    case Kind::ExtraTable:
    case Kind::ExtraColumn:
        return fmt::format("{}: the {} is unknown to the models", where, what(kind));
    case Kind::MissingUnique:
    case Kind::MissingForeignKey:
    case Kind::MissingIndex:
    case Kind::MissingCheck:
        return fmt::format("{}: the {} {} is missing in the database", where, what(kind), expected);
    case Kind::ExtraUnique:
    case Kind::ExtraForeignKey:
    case Kind::ExtraIndex:
    case Kind::ExtraCheck:
        return fmt::format("{}: the {} {} is unknown to the models", where, what(kind), found);
    default:
        return fmt::format("{}: the {} is \"{}\" in the database, the models say \"{}\"", where,
                           what(kind), found, expected);
    }
}

std::vector<SchemaDifference> verify(const MetaData& metadata, SchemaInspector& inspector,
                                     const VerifyOptions& options) {
    return SchemaVerifier(metadata, inspector).run(options);
}

std::vector<SchemaDifference> verify(const MetaData& metadata, Engine& engine,
                                     const VerifyOptions& options) {
    SchemaInspector inspector(engine);
    return verify(metadata, inspector, options);
}

} // namespace mercator
