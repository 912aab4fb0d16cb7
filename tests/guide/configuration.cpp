// SPDX-License-Identifier: MIT
// The page on configuration, as a program.
#include <mercator/mercator.hpp>

#include <fmt/core.h>

#include <filesystem>
#include <fstream>

namespace {

int run(int argc, const char* const* argv) {
    mercator::Config config = mercator::Config::from_file("shop.toml"); // file over defaults
    config.apply_env();                                                 // environment over file
    config.apply_arguments(argc, argv); // command line over environment
    config.pool_size = 20;              // code over everything
    mercator::Database db(config);
    fmt::print("{}", config.to_string());
    return db.engine().connect().fetch_all("SELECT 1").size() == 1 ? 0 : 1;
}

} // namespace

int main() {
    const auto folder = std::filesystem::temp_directory_path() / "mercator-guide-configuration";
    std::filesystem::create_directories(folder);
    std::filesystem::current_path(folder);
    std::ofstream("shop.toml") << "[database]\nuri = 'sqlite:///shop.db'\npool_size = 3\n";
    const char* arguments[] = {"shop", "--db-busy-timeout=2s"};
    const int result = run(2, arguments);
    std::filesystem::remove_all(folder);
    return result;
}
