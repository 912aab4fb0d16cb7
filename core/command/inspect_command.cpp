// SPDX-License-Identifier: MIT
#include "inspect_command.hpp"

#include "text_table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace mercator::command {
namespace {

using Json = nlohmann::ordered_json;

std::string listed(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string target_of(const ForeignKey& key) {
    return key.target_columns.empty()
               ? key.target_table
               : fmt::format("{}({})", key.target_table, listed(key.target_columns));
}

std::vector<std::string> chosen(SchemaInspector& inspector, const std::vector<std::string>& names) {
    const auto there = inspector.table_names();
    if (names.empty()) return there;
    for (const auto& name : names) {
        if (std::find(there.begin(), there.end(), name) == there.end()) {
            throw UsageError(fmt::format("there is no table '{}'; there are: {}", name,
                                         there.empty() ? "none" : listed(there)),
                             name);
        }
    }
    return names;
}

std::string columns_as_text(SchemaInspector& inspector, const std::string& table) {
    TextTable text({"column", "type", "null", "default", "key"});
    for (const auto& column : inspector.columns(table)) {
        text.add({column.name, column.native_type, column.nullable ? "yes" : "no",
                  column.default_text.value_or(column.generated_key ? "(generated)" : ""),
                  column.primary_key ? "primary" : ""});
    }
    return text.text();
}

std::string table_as_text(SchemaInspector& inspector, const std::string& table) {
    std::string out = fmt::format("{}\n", table);
    if (const auto comment = inspector.comment(table); !comment.empty())
        out += fmt::format("  {}\n", comment);
    out += columns_as_text(inspector, table);
    auto end = std::back_inserter(out);
    for (const auto& key : inspector.foreign_keys(table))
        fmt::format_to(end, "  foreign key ({}) refers to {}\n", listed(key.columns),
                       target_of(key));
    for (const auto& unique : inspector.unique_constraints(table))
        fmt::format_to(end, "  unique ({})\n", listed(unique.columns));
    for (const auto& index : inspector.indexes(table))
        fmt::format_to(end, "  index {} ({})\n", index.name, listed(index.columns));
    for (const auto& check : inspector.checks(table))
        fmt::format_to(end, "  check {}: {}\n", check.name, check.text);
    return out;
}

Json columns_as_json(SchemaInspector& inspector, const std::string& table) {
    auto list = Json::array();
    for (const auto& column : inspector.columns(table)) {
        list.push_back({{"name", column.name},
                        {"type", column.native_type},
                        {"nullable", column.nullable},
                        {"primary_key", column.primary_key},
                        {"generated", column.generated_key},
                        {"default", column.default_text ? Json(*column.default_text) : Json()}});
    }
    return list;
}

Json table_as_json(SchemaInspector& inspector, const std::string& table) {
    Json object{{"name", table}, {"columns", columns_as_json(inspector, table)}};
    object["primary_key"] = inspector.primary_key(table).columns;
    object["foreign_keys"] = Json::array();
    for (const auto& key : inspector.foreign_keys(table)) {
        object["foreign_keys"].push_back({{"columns", key.columns},
                                          {"target_table", key.target_table},
                                          {"target_columns", key.target_columns}});
    }
    object["unique"] = Json::array();
    for (const auto& unique : inspector.unique_constraints(table))
        object["unique"].push_back(unique.columns);
    object["indexes"] = Json::array();
    for (const auto& index : inspector.indexes(table))
        object["indexes"].push_back({{"name", index.name}, {"columns", index.columns}});
    object["checks"] = Json::array();
    for (const auto& check : inspector.checks(table))
        object["checks"].push_back({{"name", check.name}, {"text", check.text}});
    return object;
}

std::vector<const Mapper*> chosen(const Application& application,
                                  const std::vector<std::string>& names) {
    if (names.empty()) return application.db().mappers();
    std::vector<const Mapper*> mappers;
    for (const auto& name : names) {
        mappers.push_back(application.find_model(name));
        if (mappers.back() != nullptr) continue;
        std::vector<std::string_view> known;
        for (const Mapper* mapper : application.db().mappers())
            known.push_back(mapper->class_name());
        throw UsageError(
            fmt::format("there is no model '{}'; there are: {}", name,
                        known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))),
            name);
    }
    return mappers;
}

std::string_view kind_of(const Relationship& relationship) {
    switch (relationship.direction) {
    case Direction::ManyToOne:
        return "many to one";
    case Direction::OneToMany:
        return relationship.is_collection ? "one to many" : "one to one";
    case Direction::ManyToMany:
        return "many to many";
    }
    return {};
}

std::string model_as_text(const Mapper& mapper) {
    std::string out = fmt::format("{} (table {})\n", mapper.class_name(), mapper.table().name);
    TextTable columns({"member", "type", "null", "key"});
    const auto& keys = mapper.primary_key();
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        const ColumnProperty& property = mapper.columns()[i];
        const bool is_key = std::find(keys.begin(), keys.end(), i) != keys.end();
        columns.add({property.member, to_string(property.field.type),
                     property.ref->nullable ? "yes" : "no", is_key ? "primary" : ""});
    }
    out += columns.text();
    for (const auto& relationship : mapper.relationships()) {
        fmt::format_to(std::back_inserter(out), "  {}: {} {}\n", relationship.member,
                       kind_of(relationship), relationship.target->class_name());
    }
    return out;
}

Json model_as_json(const Mapper& mapper) {
    Json object{{"name", mapper.class_name()}, {"table", mapper.table().name}};
    object["columns"] = Json::array();
    const auto& keys = mapper.primary_key();
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        const ColumnProperty& property = mapper.columns()[i];
        object["columns"].push_back(
            {{"member", property.member},
             {"column", property.ref->name},
             {"type", to_string(property.field.type)},
             {"nullable", property.ref->nullable},
             {"primary_key", std::find(keys.begin(), keys.end(), i) != keys.end()}});
    }
    object["relationships"] = Json::array();
    for (const auto& relationship : mapper.relationships()) {
        object["relationships"].push_back({{"member", relationship.member},
                                           {"kind", kind_of(relationship)},
                                           {"target", relationship.target->class_name()}});
    }
    return object;
}

} // namespace

std::string inspect_as_text(Database& db, const std::vector<std::string>& tables) {
    auto inspector = db.inspect();
    std::string out;
    for (const auto& table : chosen(inspector, tables)) {
        if (!out.empty()) out += '\n';
        out += table_as_text(inspector, table);
    }
    return out.empty() ? "no tables\n" : out;
}

nlohmann::ordered_json inspect_as_json(Database& db, const std::vector<std::string>& tables) {
    auto inspector = db.inspect();
    auto list = Json::array();
    for (const auto& table : chosen(inspector, tables))
        list.push_back(table_as_json(inspector, table));
    return list;
}

std::string models_as_text(const Application& application, const std::vector<std::string>& names) {
    std::string out;
    for (const Mapper* mapper : chosen(application, names)) {
        if (!out.empty()) out += '\n';
        out += model_as_text(*mapper);
    }
    return out.empty() ? "no models; name a library that has them: --app ./libmodels.so\n" : out;
}

nlohmann::ordered_json models_as_json(const Application& application,
                                      const std::vector<std::string>& names) {
    auto list = Json::array();
    for (const Mapper* mapper : chosen(application, names)) list.push_back(model_as_json(*mapper));
    return list;
}

} // namespace mercator::command
