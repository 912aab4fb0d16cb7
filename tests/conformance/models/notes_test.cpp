// SPDX-License-Identifier: MIT
// Notes of the application on what is described, beside what the database knows.
#include "backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <string>

using mercator::Value;
using mercator::test::Backend;

namespace {

struct Pallet {
    std::int64_t id{};
    std::string label;
};
void describe(mercator::Mapping<Pallet>& pallet) {
    pallet.info("owner", "logistics");
    pallet.column<&Pallet::id>().primary_key();
    pallet.column<&Pallet::label>(mercator::String(40)).info("widget", "text");
}

} // namespace

TEST_CASE("MOD-42 notes survive a merge with the table as the database has it") {
    Backend db;
    db->create_all<Pallet>();
    db.run("ALTER TABLE " + db.quoted("pallet") + " ADD COLUMN " + db.quoted("legacy") +
           " INTEGER");
    const mercator::Table& described = *db->metadata().find("pallet");
    const mercator::Table whole = described.completed_by(db->inspect().reflect({"pallet", ""}));
    REQUIRE(whole.columns.size() == 3);
    CHECK(whole.find_column("legacy") != nullptr);
    CHECK(*whole.column("label").info.find("widget") == Value("text"));
    CHECK(whole.column("label").type == mercator::String(40));
    CHECK(*whole.info.find("owner") == Value("logistics"));
    CHECK(whole.column("legacy").info.empty());
    CHECK(described.columns.size() == 2);
}
