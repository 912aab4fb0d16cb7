// SPDX-License-Identifier: MIT
#pragma once

#include "transaction_record.hpp"

#include <mercator/state/graph.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mercator {

class SessionCore;

/// What a session and the Savepoint in its user's hand share.
struct OpenSavepoint {
    enum class End : std::uint8_t { NotYet, Committed, RolledBack, WithSession };

    SessionCore* core = nullptr; ///< nullptr once it is over
    End end = End::NotYet;
    std::string name;
    std::size_t changes = 0;  ///< how many were tracked before it
    TransactionRecord record; ///< how objects were before they were written inside
    // Of objects that had been expunged when it began.
    std::vector<Link> links;
    std::vector<Association> associations;

    void finish(End how) noexcept {
        core = nullptr;
        end = how;
    }
};

} // namespace mercator
