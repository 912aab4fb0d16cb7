// SPDX-License-Identifier: MIT
// The command `mercator`: creates, drops, verifies, inspects, draws and prints schemas, and opens a
// shell, for the models of any application (see mercator/session/model_library.hpp).
#include "application.hpp"
#include "inspect_command.hpp"
#include "schema_commands.hpp"
#include "shell.hpp"
#include "values.hpp"

#include <mercator/engine/dialect_registry.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <clocale>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace mercator::command;

// For scripts: what ended how.
constexpr int success = 0;
constexpr int failure = 1;
constexpr int usage_error = 2;
constexpr int differences_found = 3;

/// Everything that can be said on the command line.
struct Options {
    ApplicationOptions application;
    bool json = false;
    bool dry_run = false;
    bool yes = false;
    bool from_database = false;
    std::string dialect;
    std::string format = "sql";
    std::string output;
    std::string sql;
    std::vector<std::string> names;
};

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void print(const nlohmann::ordered_json& json) {
    print(json_text(json) + '\n');
}

int create(const Options& options) {
    Application application(options.application);
    application.require_models();
    print(create_all(application.db(), options.dry_run));
    return success;
}

int drop(const Options& options) {
    Application application(options.application);
    application.require_models();
    if (!options.yes && !options.dry_run) {
        throw UsageError("this drops the tables of the models with all their rows; say --yes, or "
                         "--dry-run to see the statements",
                         "--yes");
    }
    print(drop_all(application.db(), options.dry_run));
    return success;
}

int verify(const Options& options) {
    Application application(options.application);
    application.require_models();
    const auto differences = application.db().verify();
    print(options.json ? differences_as_json(differences) : differences_as_text(differences));
    return differences.empty() ? success : differences_found;
}

int inspect(const Options& options) {
    Application application(options.application);
    if (options.json) {
        print(inspect_as_json(application.db(), options.names));
    } else {
        print(inspect_as_text(application.db(), options.names));
    }
    return success;
}

int models(const Options& options) {
    const Application application = models_alone(options.application);
    application.require_models();
    if (options.json) {
        print(models_as_json(application, options.names));
    } else {
        print(models_as_text(application, options.names));
    }
    return success;
}

std::string schema_text(const Options& options) {
    if (options.from_database) {
        Application application(options.application);
        return print_existing_schema(application.db(), options.format);
    }
    Application application = !options.dialect.empty()
                                  ? Application(options.application, options.dialect)
                              : options.format != "sql" ? models_alone(options.application)
                                                        : Application(options.application);
    application.require_models();
    return print_schema(application.db(), options.format);
}

int schema(const Options& options) {
    const std::string text = schema_text(options);
    if (options.output.empty()) {
        print(text);
        return success;
    }
    std::ofstream file(options.output, std::ios::binary);
    file << text;
    file.close();
    if (!file) throw UsageError(fmt::format("{} cannot be written", options.output), "--output");
    return success;
}

int sql(const Options& options) {
    Application application(options.application);
    const auto result = application.db().engine().connect().execute_text(options.sql);
    if (options.json) {
        print(rows_as_json(result));
    } else {
        print(rows_as_text(result));
    }
    return success;
}

int dialects(const Options& options) {
    const auto found = mercator::dialects();
    if (options.json) {
        print(mercator::to_json_text(found));
        return success;
    }
    for (const auto& info : found) {
        fmt::print("{} {}: {}\n", info.name, info.version, fmt::join(info.schemes, ", "));
        if (!info.problem.empty()) fmt::print("    cannot be used: {}\n", info.problem);
    }
    return success;
}

int shell(const Options& options) {
    Application application(options.application);
    return run_shell(application);
}

void add_application_options(CLI::App& app, ApplicationOptions& options) {
    app.add_option("--uri", options.uri,
                   "the database: scheme://user@host/name or scheme:///file.db (the command "
                   "'dialects' lists the schemes); else MERCATOR_URI, else the configuration "
                   "file's");
    app.add_option("--config", options.config_file, "a configuration file, TOML or JSON")
        ->check(CLI::ExistingFile);
    app.add_option("--section", options.section, "its table of settings")->capture_default_str();
    app.add_option(
           "--app", options.libraries,
           "a shared library of models, with MERCATOR_MODELS(...) in it; several may be given")
        ->check(CLI::ExistingFile);
    app.add_flag("--echo", options.echo, "log the SQL");
    app.require_subcommand(1);
    app.fallthrough(); // these may stand behind the command as well
}

using Run = int (*)(const Options& options);

CLI::App& add_command(CLI::App& app, Run& chosen, Run run, const char* name, const char* summary) {
    CLI::App* const command = app.add_subcommand(name, summary);
    command->callback([&chosen, run] { chosen = run; });
    return *command;
}

void add_commands(CLI::App& app, Options& options, Run& chosen) {
    auto& create_command = add_command(app, chosen, &create, "create-all",
                                       "create the models' tables that are missing");
    create_command.add_flag("--dry-run", options.dry_run, "only show the statements");
    auto& drop_command =
        add_command(app, chosen, &drop, "drop-all", "drop the tables of the models");
    drop_command.add_flag("--dry-run", options.dry_run, "only show the statements");
    drop_command.add_flag("--yes", options.yes, "really");
    auto& verify_command =
        add_command(app, chosen, &verify, "verify",
                    "compare the database with the models; exit code 3 when they differ");
    verify_command.add_flag("--json", options.json);
    auto& inspect_command =
        add_command(app, chosen, &inspect, "inspect", "show the tables of the database");
    inspect_command.add_option("table", options.names, "these alone");
    inspect_command.add_flag("--json", options.json);
    auto& models_command = add_command(app, chosen, &models, "models",
                                       "show the classes with their members and relationships");
    models_command.add_option("model", options.names, "these alone");
    models_command.add_flag("--json", options.json);
    auto& schema_command =
        add_command(app, chosen, &schema, "schema", "print or draw the models' schema");
    schema_command.add_option("--dialect", options.dialect,
                              "of which database the SQL is; none is connected to");
    schema_command.add_option("--format", options.format)
        ->check(CLI::IsMember({"sql", "mermaid", "dot", "svg"}))
        ->capture_default_str();
    schema_command.add_option("--output", options.output, "a file instead of the terminal");
    schema_command.add_flag("--from-database", options.from_database,
                            "the schema that is there instead of the models'");
    auto& sql_command = add_command(app, chosen, &sql, "sql", "run one statement");
    sql_command.add_option("text", options.sql, "the statement")->required();
    sql_command.add_flag("--json", options.json);
    auto& dialects_command =
        add_command(app, chosen, &dialects, "dialects", "list the databases it can speak to");
    dialects_command.add_flag("--json", options.json);
    add_command(app, chosen, &shell, "shell", "tables, models, rows and SQL, interactively");
}

} // namespace

int main(int argc, char** argv) {
    std::setlocale(LC_CTYPE, ""); // how wide characters are
    Options options;
    Run chosen = nullptr;
    CLI::App app{"Works with the databases of Mercator's models."};
    app.name("mercator");
    add_application_options(app, options.application);
    add_commands(app, options, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? success : usage_error;
    }
    try {
        return chosen(options);
    } catch (const UsageError& error) {
        fmt::print(stderr, "mercator: {}\n", error.what());
        return usage_error;
    } catch (const std::exception& error) {
        fmt::print(stderr, "mercator: {}\n", error.what());
        return failure;
    }
}
