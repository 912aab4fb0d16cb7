// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/engine/engine.hpp>
#include <mercator/support/export.hpp>
#include <mercator/support/log.hpp>
#include <mercator/support/url.hpp>

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// How a configuration file is read.
struct ConfigFileOptions {
    std::string section = "database"; ///< the table in the file; empty: the whole file
    /// Replaces `${NAME}` in texts by the environment variable; `$$` is a dollar sign. In `uri` the
    /// value is percent-encoded, so a password may hold any sign.
    bool expand_environment = false;
};

/// What an application decides about its database, as one aggregate: `Config{.uri =
/// "sqlite:///shop.db"}`. A value. Printing it shows no password.
///
/// Sources can be laid over one another; the later call wins, so the usual precedence is spelled
///
///     Config config = Config::from_file("shop.toml"); // file over defaults
///     config.apply_env();                             // environment over file
///     config.apply_arguments(argc, argv);             // command line over environment
///     config.pool_size = 20;                          // code over everything
///
/// Names are those of the members, in the environment in capitals: `MERCATOR_POOL_SIZE=20`,
/// `--db-pool-size=20`, `pool_size = 20`. Durations have a unit ("30s", "250ms", "5m", "1h"),
/// switches are true/false, on/off, yes/no or 1/0. What is unknown or makes no sense is an
/// ArgumentError that names the key and, for a slip of the pen, the name that was probably meant;
/// it never repeats the value of a secret. docs/configuration.md lists everything.
struct MERCATOR_API Config {
    std::string uri{};
    Echo echo = Echo::Off;
    std::size_t pool_size = 5;                      ///< hard maximum of open connections
    std::chrono::milliseconds pool_timeout{30'000}; ///< how long to wait for a free one
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds busy_timeout{
        5'000}; ///< how long to wait for another writer of the same file
    std::size_t compile_cache_size = 500;
    std::size_t statement_cache_size = 100;
    std::shared_ptr<LogSink> log{};          ///< default: the spdlog logger "mercator"
    std::vector<std::string> dialect_path{}; ///< folders searched first for dialect plugins
    bool hide_parameters = false;            ///< no values in the log, whatever `echo` says
    std::size_t pool_max_idle =
        std::numeric_limits<std::size_t>::max();   ///< links that may lie idle
    std::chrono::milliseconds max_lifetime{0};     ///< of a link; 0: without end
    bool pre_ping = false;                         ///< ask an idle link for a sign of life
    std::chrono::milliseconds ping_window{1'000};  ///< ... unless it was used within this time
    std::chrono::milliseconds ping_timeout{5'000}; ///< how long the sign of life may take
    std::chrono::milliseconds lease_warning{0};    ///< tell of connections kept longer; 0: never
    std::string base_directory{};          ///< of relative file names; empty: the working folder
                                           ///< when the engine is made
    std::optional<std::string> password{}; ///< instead of the one in `uri`
    std::string password_file{};           ///< its first line is the password; refused when others
                                           ///< than its owner may read it
    std::string lazy{};           ///< how sessions load relationships that are mapped without a
                                  ///< strategy: batch (also when empty), select, joined, subquery,
                                  ///< selectin, immediate, raise, raise_on_sql
    std::size_t batch_size = 500; ///< owners per statement that loads a relationship
    std::string n_plus_one{};     ///< statements one by one: ignore, log (also when empty), raise
    bool track_modifications = false; ///< tell listeners of `models_committed` what commits write
    std::map<std::string, std::string> connect_args{}; ///< options added to those of `uri`
    OnConnect on_connect{};                            ///< prepares each new link
    Creator creator{};                                 ///< opens links instead of the dialect
    Isolation isolation = Isolation::Default;          ///< of transactions: read_committed, ...
    /// Addresses of further databases, by the `bind_key` of the classes that live there:
    /// `MERCATOR_BINDS_ARCHIVE`, a table `[database.binds]`, `binds.archive`,
    /// `--db-binds-archive`. They have the settings of the first one but for what belongs to its
    /// address or its vendor: password, password_file, connect_args, on_connect and creator.
    std::map<std::string, std::string> binds{};

    /// The defaults with the environment laid over them. `uri` may stay empty.
    [[nodiscard]] static Config from_env(std::string_view prefix = "MERCATOR_");
    /// The defaults with a file laid over them.
    [[nodiscard]] static Config from_file(const std::string& file,
                                          const ConfigFileOptions& options = {});
    /// The defaults with texts laid over them (SQLAlchemy's `engine_from_config`): entries whose
    /// name begins with `prefix` are ours, the others are left alone.
    [[nodiscard]] static Config from_map(const std::map<std::string, std::string>& settings,
                                         std::string_view prefix = {});

    /// Variables that are empty, or far from any name of ours, are left alone.
    void apply_env(std::string_view prefix = "MERCATOR_");
    /// TOML, or JSON when the name ends in ".json". A relative `base_directory` or `password_file`
    /// leads from the file's folder. Everything in the section must be known; `connect_args` is a
    /// table of its own.
    void apply_file(const std::string& file, const ConfigFileOptions& options = {});
    void apply_map(const std::map<std::string, std::string>& settings,
                   std::string_view prefix = {});
    /// Takes "--db-pool-size=20" and its kin; arguments that begin otherwise are left alone. A
    /// command line can be read by other users: put no password there.
    void apply_arguments(int count, const char* const* arguments,
                         std::string_view prefix = "--db-");

    /// The address with `password` or the content of `password_file` in it.
    [[nodiscard]] Url url() const;
    [[nodiscard]] EngineOptions engine_options() const;
    /// Of the engines of `binds`.
    [[nodiscard]] EngineOptions bind_engine_options() const;
    /// One line for each setting that is not its default, secrets as `***`.
    [[nodiscard]] std::string to_string() const;
};

/// As `to_string`.
MERCATOR_API std::ostream& operator<<(std::ostream& out, const Config& config);

} // namespace mercator
