// SPDX-License-Identifier: MIT
#include "../golden_schema.hpp"
#include "mysql_dialect.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/schema/ddl.hpp>

using namespace mercator;

namespace {

std::string options_of(Table table) {
    table.complete();
    const auto dialect = mysql_test::load_dialect();
    const std::string sql = dialect->ddl().compile(CreateTable{&table, false, {}});
    return sql.substr(sql.find("\n) ") + 3);
}

} // namespace

TEST_CASE("KEY-11 KEY-02 mysql spells one unique index for a column with every mark, none for a "
          "key") {
    Database database(Config{.uri = "mariadb://nobody@127.0.0.1:1/nothing",
                             .dialect_path = {MERCATOR_BUILD_DIALECT_DIR}});
    database.add(golden::marked());
    CHECK(database.create_all_sql<>() ==
          std::vector<std::string>{
              R"sql(CREATE TABLE `marked` (
    `id` BIGINT NOT NULL AUTO_INCREMENT,
    `code` VARCHAR(20) COMMENT 'it''s 100%',
    CONSTRAINT `pk_marked` PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)sql",
              R"sql(CREATE UNIQUE INDEX `ix_marked_code` ON `marked` (`code`))sql"});
}

TEST_CASE("DDL-14 KEY-17 mysql spells its table options and refuses unknown ones by name") {
    const Table table("t", Column("id", Integer()).primary_key());
    CHECK(options_of(Table(table).option("mysql_engine", "MyISAM")) ==
          "ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin");
    CHECK(options_of(Table(table).option("mysql_charset", "latin1")) ==
          "ENGINE=InnoDB DEFAULT CHARSET=latin1");
    CHECK(options_of(Table(table)
                         .option("mysql_collate", "utf8mb4_unicode_ci")
                         .option("mysql_row_format", "COMPRESSED")
                         .option("mysql_partition_by", "HASH (`id`) PARTITIONS 4")) ==
          "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci "
          "ROW_FORMAT=COMPRESSED PARTITION BY HASH (`id`) PARTITIONS 4");
    CHECK(options_of(Table(table).option("mariadb_engine", "Aria")) ==
          "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"); // no MariaDB met yet
    CHECK(options_of(Table(table).option("sqlite_strict")) ==
          "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin");
    const auto error = mysql_test::caught<CompileError>(
        [&] { static_cast<void>(options_of(Table(table).option("mysql_engin", "InnoDB"))); });
    CHECK(error.where() == "mysql_engin");
    CHECK(std::string(error.what()).find("mysql_engine") != std::string::npos);
    CHECK_THROWS_AS(options_of(Table(table).option("mariadb_strict", "true")), CompileError);
    CHECK_THROWS_AS(options_of(Table(table).option("mysql_engine", "InnoDB, x")), CompileError);
}

TEST_CASE("mysql refuses foreign keys in an engine that forgets them") {
    Table table("t", Column("id", Integer()).primary_key(),
                Column("u", Integer()).references("u.id"));
    CHECK_NOTHROW(options_of(Table(table).option("mysql_engine", "innodb")));
    const auto error = mysql_test::caught<CompileError>(
        [&] { static_cast<void>(options_of(Table(table).option("mysql_engine", "MyISAM"))); });
    CHECK(std::string(error.what()).find("MyISAM") != std::string::npos);
}

TEST_CASE_TEMPLATE("DDL-14 a table with options is made and told as it is", Driver,
                   mysql_test::MariaDbByConnector, mysql_test::MariaDbByC,
                   mysql_test::MySqlByConnector, mysql_test::MySqlByC) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    Table table("optional", Column("id", Integer()).primary_key());
    table.option("mysql_engine", "MyISAM")
        .option("mariadb_engine", "Aria")
        .option("mysql_charset", "latin1");
    table.complete();
    server->link->execute_script("DROP TABLE IF EXISTS optional");
    server->link->execute_script(server->dialect->ddl().compile(CreateTable{&table, false, {}}));
    const auto inspector = server->dialect->inspector(*server->link);
    const auto options = inspector->details("optional").options;
    REQUIRE(options.size() >= 2);
    CHECK(options[0] ==
          std::pair<std::string, std::string>{
              "mysql_engine",
              server->dialect->capabilities().product == "MariaDB" ? "Aria" : "MyISAM"});
    CHECK(options[1] == std::pair<std::string, std::string>{"mysql_charset", "latin1"});
    const auto schemas = inspector->schema_names();
    REQUIRE(!schemas.empty());
    const std::string here = server->url.database;
    CHECK(inspector->has_table({"optional", here}));
    CHECK_FALSE(inspector->has_table({"optional", "information_schema"}));
    CHECK(inspector->columns({"optional", here}).size() == 1);
    CHECK(inspector->canonical_type("int(11) unsigned") ==
          inspector->canonical_type("INT UNSIGNED"));
    CHECK(inspector->canonical_type("tinyint(4)") == inspector->canonical_type("TINYINT"));
    CHECK(inspector->canonical_type("tinyint(1)") != inspector->canonical_type("TINYINT"));
    CHECK(inspector->canonical_type("DECIMAL(10, 2)") == "decimal(10,2)");
    server->link->execute_script("DROP TABLE optional");
}
