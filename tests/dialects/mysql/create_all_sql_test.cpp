// SPDX-License-Identifier: MIT
#include "../golden_schema.hpp"

#include <doctest/doctest.h>

TEST_CASE("DDL-10 TYP-15 mysql spells a whole schema without a connection") {
    mercator::Database database(mercator::Config{
        .uri = "mysql://nobody@127.0.0.1:1/nothing", .dialect_path = {MERCATOR_BUILD_DIALECT_DIR}});
    const auto statements = database.create_all_sql<golden::Article, golden::Writer>();
    CHECK(database.engine().statistics().connections_opened == 0);
    CHECK(statements == std::vector<std::string>{
R"sql(CREATE TABLE `writer` (
    `id` BIGINT NOT NULL AUTO_INCREMENT,
    `name` VARCHAR(60) NOT NULL COMMENT 'what it''s called',
    CONSTRAINT `pk_writer` PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)sql",
R"sql(CREATE UNIQUE INDEX `ix_writer_name` ON `writer` (`name`))sql",
R"sql(CREATE TABLE `order` (
    `year` INT NOT NULL,
    `number` SMALLINT NOT NULL,
    `flag` TINYINT(1) DEFAULT TRUE NOT NULL,
    `i8` TINYINT DEFAULT -1 NOT NULL,
    `u8` TINYINT UNSIGNED NOT NULL,
    `u16` SMALLINT UNSIGNED NOT NULL,
    `u32` INT UNSIGNED NOT NULL,
    `u64` BIGINT UNSIGNED NOT NULL,
    `single` FLOAT NOT NULL,
    `real` DOUBLE NOT NULL,
    `money` DECIMAL(10, 2) DEFAULT 9.50 NOT NULL,
    `exact` DECIMAL(38, 10) NOT NULL,
    `title` VARCHAR(100) DEFAULT 'it''s new' NOT NULL,
    `text` LONGTEXT NOT NULL,
    `data` LONGBLOB NOT NULL,
    `at` DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) NOT NULL,
    `on` DATE,
    `status` VARCHAR(9) NOT NULL,
    `writer_id` BIGINT,
    CONSTRAINT `pk_order` PRIMARY KEY (`year`, `number`),
    CONSTRAINT `uq_order_title_year` UNIQUE (`title`, `year`),
    CONSTRAINT `fk_order_writer_id_writer` FOREIGN KEY (`writer_id`) REFERENCES `writer` (`id`) ON DELETE SET NULL,
    CONSTRAINT `money_enough` CHECK (`money` > 0.5)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)sql",
R"sql(CREATE INDEX `ix_order_title` ON `order` (`title`))sql"});
}
