// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/session/database.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace mercator::test {

/// The database under test, empty at the beginning and at the end of its life: make one at the top
/// of each case.
///
/// Its place is MERCATOR_TEST_URI. Where that is a file, each Backend has a fresh file of its own
/// beside it; on a server all tables of the test's database are dropped before and after. Without
/// the variable it is a file in the temporary folder, so a conformance program runs by hand as
/// well. One at a time.
class Backend {
public:
    /// `base` gives what a test wants to set; its `uri` is replaced.
    explicit Backend(Config base = {});
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    ~Backend();

    [[nodiscard]] Database& database() noexcept { return *database_; }
    Database* operator->() noexcept { return database_.get(); }
    Database& operator*() noexcept { return *database_; }

    /// Where the database lies, with the password: for a Database of one's own beside this one.
    [[nodiscard]] const std::string& uri() const noexcept { return config_.uri; }
    [[nodiscard]] const Config& config() const noexcept { return config_; }
    /// A second Database on the same place: another application.
    [[nodiscard]] std::unique_ptr<Database> another() const;

    [[nodiscard]] const Capabilities& can() { return database_->engine().capabilities(); }
    /// Runs SQL text on a connection of its own, outside any session, and commits it.
    void run(std::string_view sql);
    [[nodiscard]] ValueRows rows(std::string_view sql);
    /// An identifier as this backend quotes it.
    [[nodiscard]] std::string quoted(std::string_view name) const;

private:
    void drop_everything() const;

    std::filesystem::path folder_; ///< empty for servers
    Config config_;
    std::unique_ptr<Database> database_;
};

/// "This backend cannot do what the feature says", for the feature table; then return from the
/// case.
void cannot(std::string_view feature_id, std::string_view reason);
/// "This case cannot run here", then return from it.
void skip(std::string_view reason);

} // namespace mercator::test
