// SPDX-License-Identifier: MIT
// A type that only a plugin knows, in a model.
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

using mercator::col;

namespace {

struct PluginVectorRow {
    std::int64_t id{};
    std::string place;
    std::optional<std::string> other;

    static void describe(mercator::Mapping<PluginVectorRow>& row) {
        row.table("plugin_vectors");
        row.column<&PluginVectorRow::id>().primary_key();
        row.column<&PluginVectorRow::place>(mercator::native_type("vector(3)"));
        row.column<&PluginVectorRow::other>(mercator::native_type("vector(3)"));
    }
};

} // namespace

TEST_CASE("CUS-14 a type that a plugin brings is used in a model by its name") {
    const std::filesystem::path folder(MERCATOR_TEST_MODULE_DIR);
    if (!std::filesystem::exists(folder / "libmercator_derived_dialect.so")) {
        MESSAGE("SKIP: the dialect to derive from is not built");
        return;
    }
    mercator::Config config;
    config.uri = "derived://";
    config.dialect_path = {folder.string()};
    mercator::Database db(config);
    db.create_all<PluginVectorRow>();
    std::vector<std::string> texts;
    db.engine().on_statement(
        [&](const mercator::StatementEvent& event) { texts.emplace_back(event.sql); });
    {
        mercator::Session session = db.session();
        for (int i = 0; i < 3; ++i)
            session.add(PluginVectorRow{.place = "[1,2," + std::to_string(i) + "]", .other = {}});
        session.commit();
    }
    REQUIRE(!texts.empty());
    CHECK(texts.front().find("trim(?, '[]')") != std::string::npos);
    mercator::Session session = db.session();
    const auto found =
        session.query<PluginVectorRow>().where(col(&PluginVectorRow::place) == "[1,2,2]").one();
    CHECK(found->place == "[1,2,2]");
    CHECK(!found->other);
    session.close(); // memory has one connection
    mercator::Connection connection = db.engine().connect();
    CHECK(connection.fetch_all("select place from plugin_vectors order by id").at(0).at(0) ==
          mercator::Value("1,2,0"));
}
