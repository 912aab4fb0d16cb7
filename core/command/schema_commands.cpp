// SPDX-License-Identifier: MIT
#include "schema_commands.hpp"

#include "picture.hpp"

#include <mercator/schema/diagram.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iterator>

namespace mercator::command {
namespace {

std::string script(const std::vector<std::string>& statements) {
    std::string out;
    for (const auto& statement : statements)
        fmt::format_to(std::back_inserter(out), "{};\n", statement);
    return out;
}

std::string told(const std::vector<std::string>& statements, bool dry_run,
                 std::string_view nothing) {
    if (statements.empty()) return fmt::format("{}\n", nothing);
    return script(statements) + fmt::format("-- {} statement{}{}\n", statements.size(),
                                            statements.size() == 1 ? "" : "s",
                                            dry_run ? " to run; nothing was changed" : " run");
}

std::string picture(const MetaData& metadata, const std::string& format) {
    if (format == "mermaid") return mermaid(metadata);
    if (format == "dot") return graphviz(metadata);
    return draw_svg(graphviz(metadata));
}

} // namespace

std::string create_all(Database& db, bool dry_run) {
    const auto statements = db.create_all_plan();
    if (!dry_run) db.create_all();
    return told(statements, dry_run, "nothing to do: all tables are there");
}

std::string drop_all(Database& db, bool dry_run) {
    const auto statements = db.drop_all_plan();
    if (!dry_run) db.drop_all();
    return told(statements, dry_run, "nothing to do: no table of the models is there");
}

std::string differences_as_text(const std::vector<SchemaDifference>& differences) {
    if (differences.empty()) return "the database is as the models say\n";
    std::string out;
    for (const auto& difference : differences) {
        out += difference.text();
        out += '\n';
    }
    return out;
}

std::string differences_as_json(const std::vector<SchemaDifference>& differences) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& difference : differences) {
        list.push_back({{"table", difference.table},
                        {"name", difference.name},
                        {"expected", difference.expected},
                        {"found", difference.found},
                        {"text", difference.text()}});
    }
    return list.dump(2) + '\n';
}

std::string print_schema(Database& db, const std::string& format) {
    if (format == "sql") return script(db.create_all_sql());
    return picture(db.metadata(), format);
}

std::string print_existing_schema(Database& db, const std::string& format) {
    auto inspector = db.inspect();
    if (format == "sql") return script(inspector.to_sql());
    return picture(inspector.reflect_all(), format);
}

} // namespace mercator::command
