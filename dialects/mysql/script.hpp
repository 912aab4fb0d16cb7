// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mercator::mysql {

/// The statements of a script, without the semicolons between them and without empty ones. Knows
/// quotes (doubled inside, no backslashes, as the session's sql_mode has it), `--`, `#` and block
/// comments, and BEGIN ... END bodies of routines and triggers, so no DELIMITER is needed. The
/// views point into `script`.
[[nodiscard]] std::vector<std::string_view> split_script(std::string_view script);

/// What a statement does to the transaction around it, told by its first words.
enum class TransactionEffect : std::uint8_t {
    None,
    Begin, ///< commits what was open and starts anew
    Commit,
    Rollback,
    ImplicitCommit,           ///< schema changes commit before they run
    ImplicitCommitAndSession, ///< and leave something in the session: LOCK TABLES
    Session                   ///< leaves something in the session: SET, a temporary table, a lock
};

/// Does it commit before it runs?
[[nodiscard]] constexpr bool commits_first(TransactionEffect effect) noexcept {
    return effect == TransactionEffect::ImplicitCommit ||
           effect == TransactionEffect::ImplicitCommitAndSession;
}

[[nodiscard]] TransactionEffect transaction_effect(std::string_view statement);

} // namespace mercator::mysql
