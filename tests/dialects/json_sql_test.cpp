// SPDX-License-Identifier: MIT
// Places in documents and what is asked of arrays, as each dialect spells them.
#include <mercator/ast/build.hpp>
#include <mercator/ast/cache_key.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/plugin/loader.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace mercator;

namespace {

std::string sql(const char* dialect_name, const ast::ExpressionPtr& condition) {
    plugin::Loader loader({MERCATOR_BUILD_DIALECT_DIR}, plugin::StandardFolders::Ignore);
    const std::unique_ptr<Dialect> dialect(
        static_cast<Dialect*>(loader.load("dialect", dialect_name).create()));
    ast::Select select;
    select.columns = {condition};
    select.from = {std::make_shared<ast::TableRef>(ast::TableRef{{}, "t", {}})};
    const std::string text = dialect->compile(select).sql;
    return text.substr(7, text.find(" FROM ", text.size() - 12) - 7);
}

ast::ExpressionPtr document() {
    return ast::column("t", "d", JsonDocument());
}
ast::ExpressionPtr place(std::vector<ast::JsonStep> steps,
                         ast::JsonForm form = ast::JsonForm::Document) {
    return ast::json_path(document(), std::move(steps), form);
}
ast::JsonStep key(std::string name) {
    return {std::move(name), -1};
}

} // namespace

TEST_CASE("TYP-21 a place in a document, in each dialect") {
    const auto theme = place({key("theme"), ast::json_index(2)});
    CHECK(sql("sqlite", theme) == R"(("t"."d" -> '$."theme"[2]'))");
    CHECK(sql("postgresql", theme) == R"(("t"."d" -> 'theme' -> 2))");
    CHECK(sql("mysql", theme) == R"(JSON_EXTRACT(`t`.`d`, '$."theme"[2]'))");
    CHECK_THROWS_AS(static_cast<void>(sql("ansi", theme)), UnsupportedError);

    const auto name = place({key("n")}, ast::JsonForm::Text);
    CHECK(sql("sqlite", name) == R"(CASE json_type("t"."d", '$."n"') WHEN 'text' THEN )"
                                 R"(json_extract("t"."d", '$."n"') END)");
    CHECK(sql("postgresql", name) == R"(CASE WHEN jsonb_typeof(("t"."d" -> 'n')) = 'string' THEN )"
                                     R"(("t"."d" -> 'n') #>> '{}' END)");
    CHECK(sql("mysql", name) ==
          R"(CASE WHEN JSON_TYPE(JSON_EXTRACT(`t`.`d`, '$."n"')) = 'STRING' THEN )"
          R"(JSON_UNQUOTE(JSON_EXTRACT(`t`.`d`, '$."n"')) COLLATE utf8mb4_bin END)");
}

TEST_CASE("TYP-21 a key stands in quotes of the dialect, whatever it holds") {
    const auto odd = place({key("a'b\"c\\d"), key("$.x")});
    CHECK(sql("postgresql", odd) == R"(("t"."d" -> E'a''b"c\\d' -> '$.x'))");
    CHECK(sql("mysql", odd) == R"(JSON_EXTRACT(`t`.`d`, '$."a''b\"c\\d"."$.x"'))");
    const std::string by_decoded_keys = sql("sqlite", odd);
    CHECK(by_decoded_keys.find(R"(FROM json_each("t"."d", '$') AS mercator_part WHERE )"
                               R"(mercator_part.key = 'a''b"c\d' LIMIT 1) -> '$."$.x"')") !=
          std::string::npos);
    const auto injected = place({key("x') OR 1=1 --")});
    CHECK(sql("postgresql", injected) == R"(("t"."d" -> 'x'') OR 1=1 --'))");
    CHECK(sql("sqlite", injected) == R"(("t"."d" -> '$."x'') OR 1=1 --"'))");
    for (const char* dialect : {"sqlite", "postgresql", "mysql"})
        CHECK_THROWS_AS(static_cast<void>(sql(dialect, place({key(std::string("a\0b", 3))}))),
                        CompileError);
}

TEST_CASE("TYP-21 the first element of what is no array is not the thing itself") {
    const auto first = place({key("a"), ast::json_index(0)});
    CHECK(sql("postgresql", first) == R"((CASE WHEN jsonb_typeof(("t"."d" -> 'a')) = 'array' )"
                                      R"(THEN ("t"."d" -> 'a' -> 0) END))");
    CHECK(sql("mysql", first) ==
          R"(CASE WHEN JSON_TYPE(JSON_EXTRACT(`t`.`d`, '$."a"')) = 'ARRAY' THEN )"
          R"(JSON_EXTRACT(`t`.`d`, '$."a"[0]') END)");
}

TEST_CASE("TYP-24 questions to arrays are operators of PostgreSQL") {
    const auto numbers = ast::column("t", "n", Array(Integer()));
    const auto texts = ast::column("t", "x", Array(String(10)));
    using ast::ContainmentOf;
    CHECK(sql("postgresql", ast::contains(ContainmentOf::Element, numbers, ast::bind(5))) ==
          R"(($1 = ANY("t"."n")))");
    CHECK(sql("postgresql", ast::contains(ContainmentOf::All, numbers, ast::bind("[1]"))) ==
          R"(("t"."n" @> $1))");
    CHECK(sql("postgresql", ast::contains(ContainmentOf::Any, texts, ast::bind("[]"))) ==
          R"(("t"."x"::text[] && $1::text[]))");
    CHECK(sql("postgresql", ast::json_path(numbers, {}, ast::JsonForm::Length)) ==
          R"(CARDINALITY("t"."n"))");
    for (const char* dialect : {"ansi", "sqlite", "mysql"})
        CHECK_THROWS_AS(static_cast<void>(sql(
                            dialect, ast::contains(ContainmentOf::All, numbers, ast::bind("[1]")))),
                        UnsupportedError);
}

TEST_CASE("TYP-21 steps go on where others ended, and what is no document has none") {
    const auto whole = place({key("a"), key("b")});
    const auto further = ast::json_path(place({key("a")}), {key("b")});
    CHECK(sql("sqlite", whole) == sql("sqlite", further));
    CHECK_THROWS_AS(static_cast<void>(ast::json_path(ast::column("t", "n", Integer()), {})),
                    CompileError);
    CHECK_THROWS_AS(static_cast<void>(ast::json_path(place({}, ast::JsonForm::Text), {key("b")})),
                    CompileError);
    CHECK_THROWS_AS(static_cast<void>(ast::json_index(-1)), CompileError);
    CHECK_THROWS_AS(static_cast<void>(ast::contains(
                        ast::ContainmentOf::All, ast::column("t", "x", Text()), ast::bind("[]"))),
                    CompileError);
    CHECK_THROWS_AS(
        static_cast<void>(ast::binary(ast::Operator::Less, document(), ast::bind("{}"))),
        CompileError);
    CHECK_THROWS_AS(static_cast<void>(ast::in(document(), std::vector<Value>{Value("{}")})),
                    CompileError);
    CHECK_THROWS_AS(static_cast<void>(ast::binary(ast::Operator::Equal, document(),
                                                  ast::column("t", "x", Text()))),
                    CompileError);
}

TEST_CASE("TYP-21 statements about different places have different keys in the cache") {
    std::set<std::string> keys;
    const std::vector<ast::ExpressionPtr> all{
        place({}),
        place({key("a")}),
        place({key("b")}),
        place({key("a"), key("b")}),
        place({key("ab")}),
        place({key("")}),
        place({ast::json_index(0)}),
        place({ast::json_index(1)}),
        place({key("0")}),
        place({key("a")}, ast::JsonForm::Text),
        place({key("a")}, ast::JsonForm::Exists),
        place({key("a")}, ast::JsonForm::IsNull),
        ast::contains(ast::ContainmentOf::All, document(), ast::bind("[]")),
        ast::contains(ast::ContainmentOf::Any, document(), ast::bind("[]")),
        ast::contains(ast::ContainmentOf::Document, document(), ast::bind("[]")),
        ast::column("t", "d", Array(Integer())),
        ast::column("t", "d", Array(BigInteger()))};
    for (const auto& expression : all) {
        ast::CacheKey key;
        ast::append_cache_key(expression, key);
        keys.insert(key.bytes);
    }
    CHECK(keys.size() == all.size());
    // What stands below is reached by who rewrites a statement.
    const auto moved = ast::requalify(all[12], "t", "u");
    bool found = false;
    ast::traverse(moved, [&](const ast::Expression& node) {
        if (node.kind == ast::NodeKind::ColumnRef)
            found = static_cast<const ast::ColumnRef&>(node).qualifier == "u";
    });
    CHECK(found);
    CHECK(sql("sqlite", ast::requalify(place({key("a")}), "u", "v")) == R"(("t"."d" -> '$."a"'))");
}
