// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/session/database.hpp>
#include <mercator/session/model_library.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::command {

/// Which database, and whose models: what stands before the name of a command.
struct ApplicationOptions {
    std::string uri;
    std::string config_file;
    std::string section = "database";
    std::vector<std::string> libraries; ///< of models
    bool echo = false;
};

/// A mistake of the person at the keyboard: a word that names nothing, a switch that is missing.
class UsageError : public ArgumentError {
public:
    using ArgumentError::ArgumentError;
};

/// The configuration that the options describe: environment over file, the command line over both.
/// Throws UsageError without an address.
[[nodiscard]] Config configuration(const ApplicationOptions& options);

/// A database with the models of the libraries.
class Application {
public:
    explicit Application(const ApplicationOptions& options);
    /// The same models on another dialect, to write its SQL; nothing connects to it.
    Application(const ApplicationOptions& options, std::string_view dialect);

    [[nodiscard]] Database& db() noexcept { return *db_; }
    [[nodiscard]] const Database& db() const noexcept { return *db_; }
    /// UsageError when no library was given: there is nothing to create then.
    void require_models() const;
    /// The class of that name, or with a table of that name; nullptr if there is none.
    [[nodiscard]] const Mapper* find_model(std::string_view name) const;

private:
    void add_models(const std::vector<std::string>& libraries);

    std::unique_ptr<Database> db_;
    std::vector<std::unique_ptr<ModelLibrary>> libraries_;
};

/// The models on a dialect that is there, for what needs no address: a Database has one, and which
/// it is makes no difference to what the models say.
[[nodiscard]] Application models_alone(const ApplicationOptions& options);

} // namespace mercator::command
