// SPDX-License-Identifier: MIT
#pragma once

#include "application.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace mercator::command {

/// What is in the database: all tables, or those named (UsageError for one that is not there).
[[nodiscard]] std::string inspect_as_text(Database& db, const std::vector<std::string>& tables);
[[nodiscard]] nlohmann::ordered_json inspect_as_json(Database& db,
                                                     const std::vector<std::string>& tables);

/// What the models say: all classes, or those named.
[[nodiscard]] std::string models_as_text(const Application& application,
                                         const std::vector<std::string>& names);
[[nodiscard]] nlohmann::ordered_json models_as_json(const Application& application,
                                                    const std::vector<std::string>& names);

} // namespace mercator::command
