// SPDX-License-Identifier: MIT
#include "application.hpp"

#include <mercator/engine/dialect_registry.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator::command {
namespace {

/// A database that is never connected to, so any address of the dialect does: with a host and a
/// name, or with the one that it takes.
std::unique_ptr<Database> unconnected(std::string_view dialect) {
    for (const char* rest : {"localhost/schema", "/schema"}) {
        try {
            return std::make_unique<Database>(fmt::format("{}://{}", dialect, rest));
        } catch (const ArgumentError&) {
            continue;
        }
    }
    return std::make_unique<Database>(fmt::format("{}://schema", dialect));
}

} // namespace

Config configuration(const ApplicationOptions& options) {
    Config config;
    if (!options.config_file.empty())
        config.apply_file(options.config_file, {.section = options.section});
    config.apply_env();
    if (!options.uri.empty()) config.uri = options.uri;
    if (options.echo) config.echo = Echo::Statements;
    if (config.uri.empty()) {
        throw UsageError(
            "which database? give --uri scheme://user@host/name, --config shop.toml, or "
            "the environment variable MERCATOR_URI; 'mercator dialects' lists the "
            "schemes",
            "--uri");
    }
    return config;
}

Application::Application(const ApplicationOptions& options) :
    db_(std::make_unique<Database>(configuration(options))) {
    add_models(options.libraries);
}

Application::Application(const ApplicationOptions& options, std::string_view dialect) :
    db_(unconnected(dialect)) {
    add_models(options.libraries);
}

void Application::add_models(const std::vector<std::string>& libraries) {
    for (const auto& path : libraries) {
        libraries_.push_back(open_models(path));
        libraries_.back()->add_to(*db_);
    }
}

void Application::require_models() const {
    if (db_->mappers().empty() && db_->metadata().tables().empty()) {
        throw UsageError("no models are known; name the library that has them: --app "
                         "./libshop_models.so (a shared library with the line "
                         "MERCATOR_MODELS(User, ...))",
                         "--app");
    }
}

const Mapper* Application::find_model(std::string_view name) const {
    const auto& mappers = db_->mappers();
    const auto named = [&](auto what) {
        return std::find_if(mappers.begin(), mappers.end(),
                            [&](const Mapper* mapper) { return what(*mapper) == name; });
    };
    auto found = named([](const Mapper& mapper) { return mapper.class_name(); });
    if (found == mappers.end())
        found = named([](const Mapper& mapper) { return mapper.object_type().full_name; });
    if (found == mappers.end()) {
        found = named([](const Mapper& mapper) { return std::string_view(mapper.table().name); });
    }
    return found == mappers.end() ? nullptr : *found;
}

Application models_alone(const ApplicationOptions& options) {
    for (const auto& info : dialects()) {
        if (info.problem.empty()) return Application(options, info.name);
    }
    throw StateError("no dialect can be used; 'mercator dialects' says why");
}

} // namespace mercator::command
