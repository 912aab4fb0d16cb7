// SPDX-License-Identifier: MIT
#include "mysql_dialect.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/schema/ddl.hpp>
#include <mercator/schema/table.hpp>

using namespace mercator;

namespace {

std::string ddl_of(Table table) {
    table.complete();
    return mysql_test::load_dialect()->ddl().compile(CreateTable{&table, false, {}});
}

}  // namespace

TEST_CASE("mysql creates InnoDB tables with native unsigned types, sized text and exact collation") {
    CHECK(ddl_of(Table("t", Column("id", BigInteger()).primary_key(), Column("flag", Boolean()).nullable(false),
                       Column("small", SqlType(TypeKind::UInt8)), Column("big", SqlType(TypeKind::UInt64)),
                       Column("name", String(64)).comment("it's a name"), Column("note", Text()),
                       Column("page", Text(20'000)), Column("data", LargeBinary()),
                       Column("at", DateTime()).server_default(ast::function(ast::FunctionId::Now, {}, DateTime())),
                       Column("price", Numeric(12, 2)))) ==
          "CREATE TABLE `t` (\n"
          "    `id` BIGINT NOT NULL AUTO_INCREMENT,\n"
          "    `flag` TINYINT(1) NOT NULL,\n"
          "    `small` TINYINT UNSIGNED,\n"
          "    `big` BIGINT UNSIGNED,\n"
          "    `name` VARCHAR(64) COMMENT 'it''s a name',\n"
          "    `note` LONGTEXT,\n"
          "    `page` MEDIUMTEXT,\n"
          "    `data` LONGBLOB,\n"
          "    `at` DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6),\n"
          "    `price` DECIMAL(12, 2),\n"
          "    CONSTRAINT `pk_t` PRIMARY KEY (`id`)\n"
          ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin");
}

TEST_CASE("mysql refuses an index over text without a length and names the column") {
    const auto error = mysql_test::caught<CompileError>(
        [] { static_cast<void>(ddl_of(Table("t", Column("id", Integer()).primary_key(), Column("note", Text()).unique()))); });
    CHECK(error.where() == "t.note");
    CHECK(std::string(error.what()).find("String(n)") != std::string::npos);
}

TEST_CASE("mysql refuses a key that is longer than InnoDB's limit") {
    const Column id = Column("id", Integer()).primary_key();
    CHECK_THROWS_AS(static_cast<void>(ddl_of(Table("t", id, Column("name", String(769)).unique()))), CompileError);
    CHECK_NOTHROW(static_cast<void>(ddl_of(Table("t", id, Column("name", String(768)).unique()))));
}

TEST_CASE("mysql drops a foreign key by that name") {
    const Table table("t");
    const ForeignKey key{"fk_x", {"x"}, "u", {"id"}, {}, {}};
    CHECK(mysql_test::load_dialect()->ddl().compile(DropForeignKey{&table, &key}) == "ALTER TABLE `t` DROP FOREIGN KEY `fk_x`");
}

TEST_CASE("mysql spells a text default so that a backslash means itself in every sql_mode") {
    const auto dialect = mysql_test::load_dialect();
    CHECK(dialect->compile_ddl(*ast::literal(Value("it's"))) == "'it''s'");
    CHECK(dialect->compile_ddl(*ast::literal(Value("a\\b"))) == "_utf8mb4 X'615C62'");
}

TEST_CASE("mysql checks an address without connecting") {
    const auto dialect = mysql_test::load_dialect();
    CHECK_NOTHROW(dialect->check(Url::parse("mysql://u:p@h:3307/db?unix_socket=/run/s.sock&connect_timeout=3")));
    const auto error = mysql_test::caught<ArgumentError>([&] { dialect->check(Url::parse("mysql://u:secret@h/db?nonsense=1")); });
    CHECK(error.where() == "nonsense");
    CHECK(std::string(error.what()).find("secret") == std::string::npos);
}
