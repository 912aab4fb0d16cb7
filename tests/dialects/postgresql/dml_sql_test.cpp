// SPDX-License-Identifier: MIT
#include "postgresql.hpp"

using namespace mercator;
using namespace postgresql_test;

namespace {

const ast::TargetColumn id{"id", BigInteger(), false};
const ast::TargetColumn label{"name", String(40), true};
const ast::TargetColumn price{"price", Numeric(10, 2), false};

} // namespace

TEST_CASE("postgresql inserts arrays in their order and returns the keys") {
    ast::Insert insert;
    insert.table = table("items");
    insert.columns = {label, price};
    insert.returning = {id};
    insert.form = ast::BatchForm::Arrays;
    const Compiled made = dialect().compile(insert);
    CHECK(made.sql ==
          R"(INSERT INTO "items" ("name", "price") SELECT batch.c1, batch.c2 FROM )"
          R"(UNNEST($1::text[], $2::numeric[]) WITH ORDINALITY AS batch(c1, c2, position) )"
          R"(ORDER BY batch.position RETURNING "id")");
    CHECK(kinds(made) == std::vector{TypeKind::String, TypeKind::Numeric});
    CHECK(made.form == ast::BatchForm::Arrays);
    CHECK(made.columns.size() == 1);
}

TEST_CASE("postgresql inserts several rows of defaults") {
    ast::Insert insert;
    insert.table = table("items");
    insert.form = ast::BatchForm::MultiRow;
    insert.rows = 3;
    CHECK(dialect().compile(insert).sql ==
          R"(INSERT INTO "items" SELECT FROM generate_series(1, 3))");
    insert.rows = 1;
    CHECK(dialect().compile(insert).sql == R"(INSERT INTO "items" DEFAULT VALUES)");
}

TEST_CASE("postgresql updates from arrays") {
    ast::Update update;
    update.table = table("items");
    update.columns = {label, price};
    update.keys = {id};
    update.form = ast::BatchForm::Arrays;
    CHECK(dialect().compile(update).sql ==
          R"(UPDATE "items" SET "name" = batch.c1, "price" = batch.c2 FROM )"
          R"(UNNEST($1::text[], $2::numeric[], $3::bigint[]) AS batch(c1, c2, k1) )"
          R"(WHERE "items"."id" = batch.k1)");
}

TEST_CASE("postgresql updates a table named like the batch") {
    ast::Update update;
    update.table = table("batch");
    update.columns = {label};
    update.keys = {id};
    update.form = ast::BatchForm::Arrays;
    CHECK(dialect().compile(update).sql ==
          R"(UPDATE "batch" SET "name" = batch_rows.c1 FROM )"
          R"(UNNEST($1::text[], $2::bigint[]) AS batch_rows(c1, k1) )"
          R"(WHERE "batch"."id" = batch_rows.k1)");
}

TEST_CASE("postgresql deletes by an array of keys") {
    ast::Delete statement;
    statement.table = table("items");
    statement.keys = {id};
    statement.form = ast::BatchForm::Arrays;
    CHECK(dialect().compile(statement).sql ==
          R"(DELETE FROM "items" WHERE "id" = ANY($1::bigint[]))");
    statement.keys = {id, label};
    CHECK(dialect().compile(statement).sql ==
          R"(DELETE FROM "items" WHERE ("id", "name") IN (SELECT batch.k1, batch.k2 FROM )"
          R"(UNNEST($1::bigint[], $2::text[]) AS batch(k1, k2)))");
}
