// SPDX-License-Identifier: MIT
#pragma once

#include "application.hpp"

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::command {

/// The interactive shell (Flask's `flask shell` with the database at hand): tables, models, rows of
/// models, SQL with readable tables, `create_all`. Understands one entry after the other; where
/// entries come from is the caller's business. SQL runs on one connection, so `begin` and `commit`
/// mean what they say.
class Shell {
public:
    Shell(Application& application, std::ostream& out, std::ostream& errors);

    /// Takes a line. True when it, with the lines before it, was a whole entry and has been carried
    /// out; false when SQL goes on until a semicolon.
    bool take(std::string_view line);
    /// Is an entry half typed?
    [[nodiscard]] bool is_waiting() const noexcept { return !pending_.empty(); }
    /// Forgets it.
    void drop_pending() noexcept { pending_.clear(); }
    [[nodiscard]] bool is_over() const noexcept { return over_; }
    /// Has an entry failed?
    [[nodiscard]] bool has_failed() const noexcept { return failed_; }
    /// The last whole entry, as it is to be remembered.
    [[nodiscard]] const std::string& last_entry() const noexcept { return last_; }
    /// Commands, models, tables and columns that begin so.
    [[nodiscard]] std::vector<std::string> complete(std::string_view beginning);
    /// What is said at the start.
    [[nodiscard]] std::string greeting() const;

private:
    struct Command;
    using Words = std::vector<std::string>;

    [[nodiscard]] static const std::vector<Command>& commands();
    void carry_out(const std::string& entry);
    [[nodiscard]] bool run_command(const std::string& entry);
    void help(const Words& words);
    void tables(const Words& words);
    void models(const Words& words);
    void describe(const Words& words);
    void rows(const Words& words);
    void count(const Words& words);
    void create(const Words& words);
    void drop(const Words& words);
    void verify(const Words& words);
    void schema(const Words& words);
    void format(const Words& words);
    void quit(const Words& words);
    [[nodiscard]] const Mapper& model(const Words& words) const;
    void run_sql(const std::string& sql);
    [[nodiscard]] bool run_transaction_command(const std::string& sql);
    void print(const TextResult& result);
    [[nodiscard]] Connection& connection();

    Application* application_;
    std::ostream* out_;
    std::ostream* errors_;
    std::optional<Connection> connection_; ///< opened by the first SQL
    std::string pending_;
    std::string last_;
    bool json_ = false;
    bool over_ = false;
    bool failed_ = false;
};

/// Runs the shell on the terminal, or on what is piped in; returns the exit code.
int run_shell(Application& application);

} // namespace mercator::command
