// SPDX-License-Identifier: MIT
#include "../golden_schema.hpp"

#include <doctest/doctest.h>

TEST_CASE("DDL-10 TYP-15 sqlite spells a whole schema without a connection") {
    mercator::Database database(
        mercator::Config{.uri = "sqlite://", .dialect_path = {MERCATOR_BUILD_DIALECT_DIR}});
    const auto statements = database.create_all_sql<golden::Article, golden::Writer>();
    CHECK(database.engine().statistics().connections_opened == 0);
    CHECK(statements == std::vector<std::string>{
                            R"sql(CREATE TABLE "writer" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL
))sql",
                            R"sql(CREATE UNIQUE INDEX "ix_writer_name" ON "writer" ("name"))sql",
                            R"sql(CREATE TABLE "order" (
    "year" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "flag" INTEGER DEFAULT TRUE NOT NULL,
    "i8" INTEGER DEFAULT -1 NOT NULL,
    "u8" INTEGER NOT NULL,
    "u16" INTEGER NOT NULL,
    "u32" INTEGER NOT NULL,
    "u64" INTEGER NOT NULL,
    "single" REAL NOT NULL,
    "real" REAL NOT NULL,
    "money" INTEGER DEFAULT 950 NOT NULL,
    "exact" TEXT NOT NULL,
    "title" TEXT DEFAULT 'it''s new' NOT NULL,
    "text" TEXT NOT NULL,
    "data" BLOB NOT NULL,
    "at" TEXT DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f000', 'now'), '.000000', '')) NOT NULL,
    "on" TEXT,
    "status" TEXT NOT NULL,
    "writer_id" INTEGER,
    CONSTRAINT "pk_order" PRIMARY KEY ("year", "number"),
    CONSTRAINT "uq_order_title_year" UNIQUE ("title", "year"),
    CONSTRAINT "fk_order_writer_id_writer" FOREIGN KEY ("writer_id") REFERENCES "writer" ("id") ON DELETE SET NULL,
    CONSTRAINT "money_enough" CHECK ("money" > 50)
))sql",
                            R"sql(CREATE INDEX "ix_order_title" ON "order" ("title"))sql"});
}
