// SPDX-License-Identifier: MIT
#include "row_workloads.hpp"

#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

namespace benchmarks {

namespace {

using mercator::col;

constexpr std::int64_t rows_per_transaction = 10'000;

std::uint64_t sum_of(const auto& rows) {
    std::uint64_t sum = 0;
    for (const auto& row : rows) sum = sum * 31 + checksum(row);
    return sum;
}

std::uint64_t sum_of_handles(const auto& handles) {
    std::uint64_t sum = 0;
    for (const auto& handle : handles) sum = sum * 31 + checksum(*handle);
    return sum;
}

void expect(std::uint64_t sum, std::uint64_t wanted, const char* who) {
    if (sum != wanted)
        throw std::runtime_error(fmt::format("{} did not read what was written", who));
}

} // namespace

Contest::Contest(mercator::Database& database, Sizes sizes, std::string tidy_drafts) :
    database_(database),
    rivals_{{"mercator", &database}},
    sizes_(sizes),
    tidy_drafts_(std::move(tidy_drafts)),
    drafts_(make_drafts(sizes.drafts)) {
    fill_posts();
    for (std::int64_t id = 1; id <= sizes_.posts; ++id) keys_.push_back(id);
    std::shuffle(keys_.begin(), keys_.end(), std::mt19937(20260101)); // the same order in every run
    keys_.resize(static_cast<std::size_t>(std::min(sizes_.lookups, sizes_.posts)));
}

void Contest::add_driver(std::string contender, mercator::Database& database) {
    rivals_.push_back({std::move(contender), &database});
}

void Contest::set_references(std::unique_ptr<Reference> c, std::unique_ptr<Reference> connector) {
    c_ = std::move(c);
    connector_ = std::move(connector);
}

void Contest::fill_posts() {
    database_.drop_all<Post, Draft>();
    database_.create_all<Post, Draft>();
    for (std::int64_t first = 1; first <= sizes_.posts; first += rows_per_transaction) {
        mercator::Session session = database_.session();
        const std::int64_t end = std::min(first + rows_per_transaction, sizes_.posts + 1);
        for (std::int64_t id = first; id < end; ++id) session.add(make_post(id));
        session.commit();
    }
}

/// Every repetition is rolled back, so the rows are put there once.
void Contest::put_drafts(bool there) {
    if (drafts_there_ == there) return;
    mercator::Session session = database_.session();
    if (there) {
        for (const Draft& draft : drafts_) session.add(Draft(draft));
    } else {
        session.connection().execute_script("DELETE FROM drafts");
    }
    session.commit();
    drafts_there_ = there;
}

/// What was rolled back would stay in the way of the next repetition on some backends.
void Contest::tidy_drafts() {
    if (!tidy_drafts_.empty()) database_.engine().connect().execute_script(tidy_drafts_);
}

void Contest::open_session(mercator::Database& database) {
    session_.emplace(database.session({.autoflush = true}));
}

void Contest::check_contenders() {
    std::uint64_t wanted = 0;
    for (std::int64_t id = 1; id <= sizes_.posts; ++id)
        wanted = wanted * 31 + checksum(make_post(id));
    expect(sum_of(c_->select_all()), wanted, "the reference");
    if (connector_) expect(sum_of(connector_->select_all()), wanted, "the connector");
    for (std::int64_t id = 1; id <= std::min<std::int64_t>(sizes_.posts, 100); ++id) {
        const std::uint64_t one = checksum(make_post(id));
        expect(checksum(c_->get(id)), one, "the reference by key");
        if (connector_) expect(checksum(connector_->get(id)), one, "the connector by key");
    }
    for (const Rival& rival : rivals_) check(*rival.database, wanted);
}

void Contest::check(mercator::Database& database, std::uint64_t wanted) {
    mercator::Session session = database.session();
    expect(sum_of(session.query<Post>().order_by(col(&Post::id)).values()), wanted, "values()");
    expect(sum_of_handles(session.query<const Post>().order_by(col(&Post::id)).all()), wanted,
           "a const query");
    expect(sum_of_handles(session.query<Post>().order_by(col(&Post::id)).all()), wanted,
           "a tracked query");
    for (std::int64_t id = 1; id <= std::min<std::int64_t>(sizes_.posts, 100); ++id) {
        const std::uint64_t one = checksum(make_post(id));
        expect(checksum(*session.get_values<Post>(id)), one, "get_values()");
        expect(checksum(*session.get<Post>(id)), one, "get()");
    }
}

std::vector<Workload> Contest::workloads() {
    std::vector<Workload> all;
    all.push_back(get_by_key());
    all.push_back(get_by_key_values());
    all.push_back(select_values());
    all.push_back(select_const());
    all.push_back(select_tracked());
    all.push_back(insert_flush());
    all.push_back(update_flush());
    return all;
}

Contender Contest::reads_by_key(const char* name, Reference& reference) {
    return {name,
            [&reference] {
                reference.begin();
                static_cast<void>(reference.get(1)); // the transaction begins with its first read
            },
            [this, &reference] {
                for (const std::int64_t key : keys_) {
                    if (reference.get(key).id != key) throw std::runtime_error("a wrong row");
                }
            },
            [&reference] { reference.rollback(); }};
}

Contender Contest::reads_all(const char* name, Reference& reference) {
    return {name, [] {}, [this, &reference] { rows_ = reference.select_all(); },
            [this] { rows_ = {}; }};
}

Workload Contest::get_by_key() {
    Workload workload{"get_by_key", keys_.size(), {}};
    workload.contenders.push_back(reads_by_key("c", *c_));
    for (const Rival& rival : rivals_)
        workload.contenders.push_back({rival.name,
                                       [this, rival] {
                                           open_session(*rival.database);
                                           static_cast<void>(session_->get_values<Post>(1));
                                       },
                                       [this] {
                                           for (const std::int64_t key : keys_) {
                                               if (session_->get<Post>(key)->id != key)
                                                   throw std::runtime_error("a wrong row");
                                           }
                                       },
                                       [this] { session_.reset(); }});
    if (connector_) workload.contenders.push_back(reads_by_key("connector", *connector_));
    return workload;
}

Workload Contest::get_by_key_values() {
    Workload workload{"get_by_key_values", keys_.size(), {}};
    workload.contenders.push_back(reads_by_key("c", *c_));
    for (const Rival& rival : rivals_)
        workload.contenders.push_back({rival.name,
                                       [this, rival] {
                                           open_session(*rival.database);
                                           static_cast<void>(session_->get_values<Post>(1));
                                       },
                                       [this] {
                                           for (const std::int64_t key : keys_) {
                                               if (session_->get_values<Post>(key)->id != key) {
                                                   throw std::runtime_error("a wrong row");
                                               }
                                           }
                                       },
                                       [this] { session_.reset(); }});
    if (connector_) workload.contenders.push_back(reads_by_key("connector", *connector_));
    return workload;
}

Workload Contest::select(const char* name, const std::function<void()>& run) {
    Workload workload{name, static_cast<std::size_t>(sizes_.posts), {}};
    workload.contenders.push_back(reads_all("c", *c_));
    for (const Rival& rival : rivals_)
        workload.contenders.push_back({rival.name, [this, rival] { open_session(*rival.database); },
                                       run,
                                       [this] {
                                           rows_ = {};
                                           objects_ = {};
                                           constants_ = {};
                                           session_.reset();
                                       }});
    if (connector_) workload.contenders.push_back(reads_all("connector", *connector_));
    return workload;
}

Workload Contest::select_values() {
    return select("select_values",
                  [this] { rows_ = session_->query<Post>().order_by(col(&Post::id)).values(); });
}

Workload Contest::select_const() {
    return select("select_const", [this] {
        constants_ = session_->query<const Post>().order_by(col(&Post::id)).all();
    });
}

Workload Contest::select_tracked() {
    return select("select_tracked",
                  [this] { objects_ = session_->query<Post>().order_by(col(&Post::id)).all(); });
}

Workload Contest::insert_flush() {
    Workload workload{"insert_flush", drafts_.size(), {}};
    workload.contenders.push_back({"c",
                                   [this] {
                                       put_drafts(false);
                                       tidy_drafts();
                                       copies_ = drafts_; // as new to the heap as the other's
                                   },
                                   [this] {
                                       c_->begin();
                                       c_->insert(copies_);
                                   },
                                   [this] {
                                       c_->rollback();
                                       copies_ = {};
                                   }});
    for (const Rival& rival : rivals_)
        workload.contenders.push_back({rival.name,
                                       [this, rival] {
                                           put_drafts(false);
                                           tidy_drafts();
                                           copies_ = drafts_;
                                           open_session(*rival.database);
                                       },
                                       [this] {
                                           for (Draft& draft : copies_)
                                               session_->add(std::move(draft));
                                           session_->flush();
                                       },
                                       [this] {
                                           session_->rollback();
                                           session_.reset();
                                           copies_ = {};
                                       }});
    return workload;
}

Workload Contest::update_flush() {
    Workload workload{"update_flush", drafts_.size(), {}};
    workload.contenders.push_back({"c",
                                   [this] {
                                       put_drafts(true);
                                       tidy_drafts();
                                       copies_ = drafts_;
                                       c_->begin();
                                   },
                                   [this] {
                                       for (Draft& draft : copies_) revise(draft);
                                       c_->update(copies_);
                                   },
                                   [this] {
                                       c_->rollback();
                                       copies_ = {};
                                   }});
    for (const Rival& rival : rivals_)
        workload.contenders.push_back({rival.name,
                                       [this, rival] {
                                           put_drafts(true);
                                           tidy_drafts();
                                           open_session(*rival.database);
                                           handles_ = session_->query<Draft>().all();
                                       },
                                       [this] {
                                           for (const auto& draft : handles_) revise(*draft);
                                           session_->flush();
                                       },
                                       [this] {
                                           session_->rollback();
                                           handles_ = {};
                                           session_.reset();
                                       }});
    return workload;
}

} // namespace benchmarks
