// SPDX-License-Identifier: MIT
#include "family.hpp"

#include <doctest/doctest.h>

#include <mutex>

using namespace family;

namespace {

struct Lines {
    std::shared_ptr<std::vector<std::string>> written =
        std::make_shared<std::vector<std::string>>();
    [[nodiscard]] Config config() const {
        Config config;
        config.log = log_to([written = written](LogLevel level, std::string_view message) {
            if (level == LogLevel::Warning) written->emplace_back(message);
        });
        return config;
    }
};

/// The Family's tables, over a backend that writes its log into `lines`.
struct Watched {
    explicit Watched(Config with) : family(6, 1), database(with_address(std::move(with))) {
        database.map<Owner<1>, Child<1>, Label<1>>();
    }
    Config with_address(Config config) const {
        config.uri = family.uri();
        return config;
    }
    Family<1> family;
    Database database;
};

} // namespace

TEST_CASE(
    "LOAD-29 LOAD-09 a relationship loaded one by one is reported once, with the place of the "
    "query and the way out") {
    const Lines lines;
    Watched watched(lines.config());
    auto options = watched.database.session_options();
    options.loading.lazy = Lazy::select;
    Session session = watched.database.session(options);
    const auto owners = session.query<Owner<1>>().all();
    const unsigned line = __LINE__ - 1;
    for (const auto& owner : owners) CHECK(owner->children.size() == 1);
    REQUIRE(lines.written->size() == 1);
    CHECK(lines.written->front() ==
          "Owner<1>.children was loaded one by one for 3 of 6 Owner<1> objects queried at " +
              std::string(__FILE__) + ":" + std::to_string(line) +
              "; add .options(selectin<&Owner<1>::children>()) to that query, or map it with "
              ".lazy(Lazy::batch)");
}

TEST_CASE("LOAD-29 it can be an error, and then nothing is loaded") {
    const Lines lines;
    Config config = lines.config();
    config.lazy = "select";
    config.n_plus_one = "raise";
    Watched watched(std::move(config));
    Session session = watched.database.session();
    const auto owners = session.query<Owner<1>>().all();
    static_cast<void>(owners[0]->children.size());
    static_cast<void>(owners[1]->children.size());
    CHECK_THROWS_AS(static_cast<void>(owners[2]->children.size()), NPlusOneError);
    CHECK_FALSE(owners[2]->children.loaded());
    CHECK(lines.written->empty());
    // What memory knows is no statement.
    for (const auto& owner : {owners[0], owners[1]})
        CHECK(owner->children[0]->owner.handle() == owner);
}

TEST_CASE("LOAD-29 batches, single objects and ignorance are not reported") {
    const Lines lines;
    Watched watched(lines.config());
    {
        Session session = watched.database.session();
        for (const auto& owner : session.query<Owner<1>>().all())
            CHECK(owner->children.size() == 1);
    }
    auto options = watched.database.session_options();
    options.loading.lazy = Lazy::select;
    {
        Session session = watched.database.session(options);
        for (std::int64_t key = 1; key <= 6; ++key)
            CHECK(session.get<Owner<1>>(key)->children.size() == 1);
    }
    options.loading.n_plus_one = NPlusOne::ignore;
    Session session = watched.database.session(options);
    for (const auto& owner : session.query<Owner<1>>().all()) CHECK(owner->children.size() == 1);
    CHECK(lines.written->empty());
}

TEST_CASE("LOAD-29 LOAD-30 what a configuration cannot mean is refused with the choices") {
    for (const auto& [key, value] :
         {std::pair{"lazy", "lasy"}, {"n_plus_one", "warn"}, {"batch_size", "0"}}) {
        CAPTURE(key);
        try {
            Config config = Config::from_map({{key, value}});
            config.uri = "ansi://configuration";
            const Database database(config);
            FAIL("it was taken");
        } catch (const ArgumentError& error) {
            CHECK(error.where() == key);
        }
    }
    Config config = Config::from_map({{"lazy", "selectin"}, {"batch_size", "7"}});
    config.uri = "ansi://configuration";
    Database database(config);
    CHECK(database.session_options().loading.lazy == Lazy::selectin);
    CHECK(database.session_options().loading.batch_size == 7);
}

TEST_CASE("LOAD-40 a budget of statements is kept, or broken with the list of what was sent") {
    Family<1> family(4, 1);
    Session session = family->session();
    const auto total = expect_statements(*family, 2, [&] {
        std::size_t children = 0;
        for (const auto& owner : session.query<Owner<1>>().all())
            children += owner->children.size();
        return children;
    });
    CHECK(total == 4);
    session.clear();
    try {
        expect_statements(family->engine(), 1, [&] {
            for (const auto& owner : session.query<Owner<1>>().all())
                static_cast<void>(owner->labels.size());
        });
        FAIL("two were sent");
    } catch (const StatementCountError& error) {
        const std::string text = error.what();
        CHECK(text.find("1 statement(s) expected, 2 sent") != std::string::npos);
        CHECK(text.find("1. SELECT") != std::string::npos);
        CHECK(text.find("owner_labels_1") != std::string::npos);
    }
    {
        ExpectStatements expected(family->engine(), 1);
        static_cast<void>(session.query<Label<1>>().all());
        expected.check();
        static_cast<void>(session.query<Label<1>>().all());
    }
    CHECK_THROWS_AS(
        [&] {
            const ExpectStatements expected(family->engine(), 0);
            static_cast<void>(session.query<Label<1>>().all());
        }(),
        StatementCountError);
}
