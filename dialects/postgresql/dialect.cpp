// SPDX-License-Identifier: MIT
#include "dialect.hpp"

#include "compiler.hpp"
#include "connect.hpp"
#include "driver.hpp"
#include "inspector.hpp"

namespace mercator::postgresql {
namespace {

constexpr std::uint32_t most_batch_rows = 10'000;

Capabilities initial_capabilities() {
    Capabilities can;
    can.product = "PostgreSQL";
    can.insert_returning = true;
    can.update_returning = true;
    can.delete_returning = true;
    can.uuid_type = true;
    can.json_type = true;
    can.json_functions = true;
    can.array_type = true;
    can.stored_columns = true;
    can.sequences = true;
    can.pipeline = true;
    can.read_uncommitted = true;
    can.read_committed = true;
    can.repeatable_read = true;
    can.serializable = true;
    can.deferrable_foreign_keys = true;
    can.insert_batch = ast::BatchForm::Arrays;
    can.update_batch = ast::BatchForm::Arrays;
    can.delete_batch = ast::BatchForm::Arrays;
    can.insert_batch_rows = most_batch_rows;
    can.update_batch_rows = most_batch_rows;
    can.delete_batch_rows = most_batch_rows;
    can.max_binds = 65'535;
    return can;
}

} // namespace

PostgresqlDialect::PostgresqlDialect() : capabilities_(initial_capabilities()) {}

Compiled PostgresqlDialect::compile(const ast::Statement& statement) const {
    return PostgresqlCompiler(*this).compile(statement);
}

std::string PostgresqlDialect::compile_ddl(const ast::Expression& expression) const {
    return PostgresqlCompiler(*this).compile_ddl_expression(expression);
}

void PostgresqlDialect::check(const Url& url) const {
    check_address(url);
}

std::unique_ptr<DriverConnection> PostgresqlDialect::connect(const Url& url,
                                                             const ConnectOptions& options) const {
    const bool named = url.option("prepared_statements").value_or("on") == "on";
    return std::make_unique<Connection>(
        open_link(url, options), named ? Preparation::Named : Preparation::Unnamed,
        Limits{answer_limit(url), options.ping_timeout}, options.log);
}

void PostgresqlDialect::initialize(DriverConnection& connection) {
    const auto rows = read_rows(connection,
                                "SELECT pg_catalog.split_part(pg_catalog.version(), ' ', 1), "
                                "pg_catalog.current_setting('server_version')",
                                {});
    capabilities_.product = *rows.at(0).at(0).get_if<std::string>();
    capabilities_.version = *rows.at(0).at(1).get_if<std::string>();
}

std::unique_ptr<Inspector> PostgresqlDialect::inspector(DriverConnection& connection) const {
    return std::make_unique<PostgresqlInspector>(connection);
}

} // namespace mercator::postgresql
