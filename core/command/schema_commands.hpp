// SPDX-License-Identifier: MIT
#pragma once

#include "application.hpp"

#include <string>
#include <vector>

namespace mercator::command {

/// Creates what is missing, and tells which statements that took; with `dry_run` only tells.
[[nodiscard]] std::string create_all(Database& db, bool dry_run);
/// Drops the tables of the models. The caller has asked for consent.
[[nodiscard]] std::string drop_all(Database& db, bool dry_run);

/// In what the database is not as the models say; empty for nothing.
[[nodiscard]] std::string differences_as_text(const std::vector<SchemaDifference>& differences);
[[nodiscard]] std::string differences_as_json(const std::vector<SchemaDifference>& differences);

/// The schema of the models ("sql", "mermaid", "dot", "svg").
[[nodiscard]] std::string print_schema(Database& db, const std::string& format);
/// The schema that is in the database, in the same forms.
[[nodiscard]] std::string print_existing_schema(Database& db, const std::string& format);

} // namespace mercator::command
