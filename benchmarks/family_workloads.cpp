// SPDX-License-Identifier: MIT
#include "family_workloads.hpp"

#include <mercator/mercator.hpp>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace benchmarks {

using mercator::col;

FamilyContest::FamilyContest(mercator::Database& database,
                             const std::function<std::unique_ptr<FamilyReference>()>& connect) :
    database_(database) {
    fill();
    reference_ = connect();
}

void FamilyContest::fill() {
    database_.drop_all<Shelf, Book>();
    database_.create_all<Shelf, Book>();
    mercator::Session session = database_.session();
    for (std::int64_t id = 1; id <= family_parents; ++id) {
        const ShelfRow row = make_shelf(id);
        session.add(Shelf{.id = row.id, .name = row.name, .room = row.room});
        for (const BookRow& book : row.books) {
            session.add(Book{.id = book.id,
                             .shelf_id = book.shelf_id,
                             .title = book.title,
                             .price = book.price,
                             .pages = book.pages});
        }
    }
    session.commit();
}

namespace {

/// Statements one by one are what is measured here.
const mercator::SessionOptions patient{.loading = {.n_plus_one = mercator::NPlusOne::ignore}};

/// All shelves, with this option.
template <class Option>
auto reading_with(const Option& option) {
    return [option](mercator::Session& session) {
        return session.query<Shelf>().order_by(col(&Shelf::id)).options(option).all();
    };
}

/// The same, and then every collection touched.
template <class Option>
auto touching_with(const Option& option) {
    return [read = reading_with(option)](mercator::Session& session) {
        auto shelves = read(session);
        for (const auto& shelf : shelves) benchmark::DoNotOptimize(shelf->books.size());
        return shelves;
    };
}

} // namespace

std::vector<FamilyContest::Strategy> FamilyContest::strategies() {
    using mercator::batch;
    using mercator::joined;
    using mercator::lazy;
    using mercator::selectin;
    using mercator::subquery;
    return {
        {"load_joined", &FamilyReference::by_join, reading_with(joined<&Shelf::books>())},
        {"load_selectin", &FamilyReference::by_two_statements,
         reading_with(selectin<&Shelf::books>())},
        {"load_subquery", &FamilyReference::by_two_statements,
         reading_with(subquery<&Shelf::books>())},
        {"load_batch", &FamilyReference::by_two_statements, touching_with(batch<&Shelf::books>())},
        {"load_lazy", &FamilyReference::one_by_one, touching_with(lazy<&Shelf::books>())},
    };
}

void FamilyContest::check_contenders() {
    std::vector<ShelfRow> generated;
    for (std::int64_t id = 1; id <= family_parents; ++id) generated.push_back(make_shelf(id));
    const std::uint64_t wanted = checksum(generated);
    for (const Strategy& strategy : strategies()) {
        mercator::Session session = database_.session(patient);
        if (checksum(((*reference_).*(strategy.by_hand))()) != wanted)
            throw std::runtime_error(
                fmt::format("{} by hand did not read what was written", strategy.workload));
        if (checksum(strategy.read(session)) != wanted)
            throw std::runtime_error(
                fmt::format("{} did not read what was written", strategy.workload));
    }
}

Workload FamilyContest::workload(const Strategy& strategy) {
    Workload workload{strategy.workload, 1, {}};
    workload.contenders.push_back(
        {"c", [this] { reference_->begin(); },
         [this, strategy] { rows_ = ((*reference_).*(strategy.by_hand))(); },
         [this] {
             rows_ = {};
             reference_->rollback();
         }});
    workload.contenders.push_back({"mercator",
                                   [this] { session_.emplace(database_.session(patient)); },
                                   [this, strategy] { shelves_ = strategy.read(*session_); },
                                   [this] {
                                       shelves_ = {};
                                       session_.reset();
                                   }});
    return workload;
}

std::vector<Workload> FamilyContest::workloads() {
    std::vector<Workload> all;
    for (const Strategy& strategy : strategies()) all.push_back(workload(strategy));
    return all;
}

namespace {

constexpr std::size_t option_queries = 100'000;

/// A query that finds nothing, so that only its making and its options cost.
auto query_of_nothing(mercator::Session& session) {
    return session.query<Shelf>().where(col(&Shelf::id) == 0);
}

} // namespace

std::vector<Workload> option_workloads(mercator::Database& database) {
    const auto build = [&database](auto&& each) {
        return [&database, each] {
            mercator::Session session = database.session();
            for (std::size_t i = 0; i < option_queries; ++i)
                benchmark::DoNotOptimize(each(query_of_nothing(session)));
        };
    };
    const auto with_options = [](auto query) {
        return std::move(query).options(
            mercator::selectin<&Shelf::books>().then(mercator::joined<&Book::shelf>()));
    };
    const auto contender = [](const char* name, std::function<void()> run) {
        return Contender{name, [] {}, std::move(run), [] {}};
    };
    Workload built{"options_built", option_queries, {}};
    built.contenders.push_back(contender("without", build([](auto query) { return query; })));
    built.contenders.push_back(contender("mercator", build(with_options)));
    Workload run{"options_run", option_queries, {}};
    run.contenders.push_back(
        contender("without", build([](auto query) { return query.all().size(); })));
    run.contenders.push_back(contender("mercator", build([with_options](auto query) {
                                           return with_options(std::move(query)).all().size();
                                       })));
    return {std::move(built), std::move(run)};
}

} // namespace benchmarks
