// SPDX-License-Identifier: MIT
#pragma once

#include "measure.hpp"
#include "reference.hpp"

#include <mercator/session/database.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace benchmarks {

/// How much work one repetition is.
struct Sizes {
    std::int64_t posts = 100'000;
    std::int64_t lookups = 10'000;
    std::int64_t drafts = 10'000;
};

/// One backend with all who compete on it, its tables filled.
class Contest {
public:
    /// Creates the tables and fills them. `tidy_drafts` is SQL that runs before each repetition
    /// that writes; may be empty.
    Contest(mercator::Database& database, Sizes sizes, std::string tidy_drafts);

    /// Lets Mercator compete once more through another driver, under that name. `database` is the
    /// one that has the tables.
    void add_driver(std::string contender, mercator::Database& database);
    /// `connector` may be empty.
    void set_references(std::unique_ptr<Reference> c, std::unique_ptr<Reference> connector);
    /// Everything that is read, by everybody, against what was generated. Throws when a contender
    /// reads anything else.
    void check_contenders();
    [[nodiscard]] std::vector<Workload> workloads();

private:
    /// Mercator through one driver.
    struct Rival {
        std::string name;
        mercator::Database* database;
    };

    void check(mercator::Database& database, std::uint64_t wanted);
    void fill_posts();
    void put_drafts(bool there);
    void tidy_drafts();

    [[nodiscard]] Workload get_by_key();
    [[nodiscard]] Workload get_by_key_values();
    [[nodiscard]] Workload select(const char* name, const std::function<void()>& run);
    [[nodiscard]] Workload select_values();
    [[nodiscard]] Workload select_const();
    [[nodiscard]] Workload select_tracked();
    [[nodiscard]] Workload insert_flush();
    [[nodiscard]] Workload update_flush();

    [[nodiscard]] Contender reads_by_key(const char* name, Reference& reference);
    [[nodiscard]] Contender reads_all(const char* name, Reference& reference);
    void open_session(mercator::Database& database);

    mercator::Database& database_;
    std::vector<Rival> rivals_;
    Sizes sizes_;
    std::string tidy_drafts_;
    bool drafts_there_ = false;
    std::unique_ptr<Reference> c_;
    std::unique_ptr<Reference> connector_;
    std::vector<std::int64_t> keys_; ///< in random order
    std::vector<Draft> drafts_;
    // What a repetition works on and leaves behind; let go outside the timed part.
    std::optional<mercator::Session> session_;
    std::vector<Draft> copies_;
    std::vector<std::shared_ptr<Draft>> handles_;
    std::vector<Post> rows_;
    std::vector<std::shared_ptr<Post>> objects_;
    std::vector<std::shared_ptr<const Post>> constants_;
};

} // namespace benchmarks
