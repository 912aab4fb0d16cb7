// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace settings {

/// Makes the tables anew, with three users and their settings.
void open_accounts(mercator::Database& db);

/// A user's settings. NoResultFound if there are none; DataError, naming the member, if what is
/// stored is none of its type.
[[nodiscard]] std::shared_ptr<Settings> settings_of(mercator::Session& session,
                                                    const std::string& username);

/// Changes in place, at any depth: the flush finds them, and writes the columns that changed.
void change_settings(mercator::Session& session, const std::string& username);

/// Who has chosen a theme: the database looks into the documents. UnsupportedError where it has no
/// functions for JSON.
[[nodiscard]] std::vector<std::string> users_with_theme(mercator::Session& session,
                                                        const std::string& theme);
/// The same by reading all documents.
[[nodiscard]] std::vector<std::string> users_with_theme_by_walking(mercator::Session& session,
                                                                   const std::string& theme);

/// By the mail address that the table does not show.
[[nodiscard]] std::shared_ptr<User> user_by_mail(mercator::Session& session,
                                                 const std::string& mail);
/// Who gets mail on what has happened, and how often.
[[nodiscard]] std::vector<std::string> readers_of(mercator::Session& session, Digest digest);

/// Writes past the program, as other programs do.
void write_by_hand(mercator::Database& db, std::string_view sql);

} // namespace settings
