// SPDX-License-Identifier: MIT
#pragma once

#include "family_reference.hpp"
#include "measure.hpp"

#include <mercator/session/database.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace benchmarks {

/// 1,000 parents with 10 children each by every strategy, beside the same by hand. One operation is
/// all of them.
class FamilyContest {
public:
    /// Creates the tables and fills them.
    FamilyContest(mercator::Database& database,
                  const std::function<std::unique_ptr<FamilyReference>()>& connect);

    /// Everything by everybody against what was generated. Throws when somebody reads anything
    /// else.
    void check_contenders();
    [[nodiscard]] std::vector<Workload> workloads();

private:
    using Shelves = std::vector<std::shared_ptr<Shelf>>;
    using ByHand = std::vector<ShelfRow> (FamilyReference::*)();
    using Read = std::function<Shelves(mercator::Session&)>;
    struct Strategy {
        const char* workload;
        ByHand by_hand;
        Read read;
    };

    void fill();
    [[nodiscard]] static std::vector<Strategy> strategies();
    [[nodiscard]] Workload workload(const Strategy& strategy);

    mercator::Database& database_;
    std::unique_ptr<FamilyReference> reference_;
    // What a repetition leaves behind; let go outside the timed part.
    std::optional<mercator::Session> session_;
    Shelves shelves_;
    std::vector<ShelfRow> rows_;
};

/// What options cost a query: 100,000 queries built with and without them, and run on no rows.
[[nodiscard]] std::vector<Workload> option_workloads(mercator::Database& database);

} // namespace benchmarks
