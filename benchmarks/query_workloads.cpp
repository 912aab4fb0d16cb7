// SPDX-License-Identifier: MIT
#include "query_workloads.hpp"

#include "post.hpp"

#include <mercator/mercator.hpp>

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

namespace benchmarks {

struct Writer {
    std::int64_t id{};
    std::string name;
    std::int64_t logins{};
};

struct Remark {
    std::int64_t id{};
    std::int64_t post_id{};
    std::string body;
};

void describe(mercator::Mapping<Writer>& writer) {
    writer.table("writers");
    writer.column<&Writer::id>().primary_key();
    writer.column<&Writer::name>();
    writer.column<&Writer::logins>();
}

void describe(mercator::Mapping<Remark>& remark) {
    remark.table("remarks");
    remark.column<&Remark::id>().primary_key();
    remark.column<&Remark::post_id>();
    remark.column<&Remark::body>();
}

namespace {

using mercator::col;

constexpr std::size_t builds = 2'000;

mercator::ast::Select build() {
    static const mercator::DateTime since = make_post(1).created_at;
    return mercator::select(col(&Writer::name), col(&Post::id), col(&Post::title), col(&Post::score), col(&Remark::body))
        .join<Post>(col(&Post::user_id) == col(&Writer::id))
        .join<Remark>(col(&Remark::post_id) == col(&Post::id))
        .where(col(&Post::score) > 10.0, col(&Post::created_at) >= since, col(&Writer::logins) < 100)
        .order_by(col(&Post::score).desc(), col(&Post::id).asc())
        .limit(20)
        .offset(40)
        .statement();
}

std::string append_by_hand() {
    std::string sql;
    sql.reserve(512);
    sql += "SELECT ";
    sql += "\"writers\".\"name\", \"posts\".\"id\", \"posts\".\"title\", \"posts\".\"score\", \"remarks\".\"body\"";
    sql += " FROM \"writers\"";
    sql += " JOIN \"posts\" ON \"posts\".\"user_id\" = \"writers\".\"id\"";
    sql += " JOIN \"remarks\" ON \"remarks\".\"post_id\" = \"posts\".\"id\"";
    sql += " WHERE \"posts\".\"score\" > ? AND \"posts\".\"created_at\" >= ? AND \"writers\".\"logins\" < ?";
    sql += " ORDER BY \"posts\".\"score\" DESC, \"posts\".\"id\"";
    sql += " LIMIT ? OFFSET ?";
    return sql;
}

Workload workload(const char* name, std::function<void()> run) {
    const auto by_hand = [] {
        for (std::size_t i = 0; i < builds; ++i) benchmark::DoNotOptimize(append_by_hand());
    };
    return {name, builds, {{"c", [] {}, by_hand, [] {}}, {"mercator", [] {}, std::move(run), [] {}}}};
}

}  // namespace

std::vector<Workload> query_workloads(mercator::Engine& engine) {
    static_cast<void>(engine.capabilities());   // the spelling is settled by the first connection
    std::vector<Workload> all;
    all.push_back(workload("build_query", [&engine] {
        for (std::size_t i = 0; i < builds; ++i) benchmark::DoNotOptimize(engine.dialect().compile(build()));
    }));
    all.push_back(workload("build_query_cached", [&engine, key = mercator::ast::CacheKey()]() mutable {
        for (std::size_t i = 0; i < builds; ++i) benchmark::DoNotOptimize(engine.compile(build(), key));
    }));
    return all;
}

}  // namespace benchmarks
