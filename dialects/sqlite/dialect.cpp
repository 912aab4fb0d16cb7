// SPDX-License-Identifier: MIT
#include "dialect.hpp"

#include "address.hpp"
#include "compiler.hpp"
#include "driver.hpp"
#include "inspector.hpp"

#include <sqlite3.h>

namespace mercator::sqlite {
namespace {

/// SQLite has no limit of its own; a longer name is a mistake.
constexpr std::uint32_t longest_name = 1024;

/// A part of the library that can be left out; the arrow operators are the newest of it.
bool has_json(int version) {
    return version >= 3'038'000 && sqlite3_compileoption_used("OMIT_JSON") == 0;
}

/// The library is in this process, so what it can do is known before any connection.
Capabilities capabilities_of_library() {
    const int version = sqlite3_libversion_number();
    Capabilities can;
    can.product = "SQLite";
    can.version = sqlite3_libversion();
    can.serializable = true;
    can.insert_returning = version >= 3'035'000;
    can.update_returning = can.insert_returning;
    can.delete_returning = can.insert_returning;
    can.window_functions = version >= 3'025'000;
    can.right_join = version >= 3'039'000;
    can.full_join = version >= 3'039'000;
    can.nulls_ordering = version >= 3'030'000;
    can.alter_constraints = false;
    can.comments = false;
    can.deferrable_foreign_keys = true;
    can.nan = false;
    can.negative_zero = false;
    can.nul_in_text = true;
    can.insert_batch = can.insert_returning ? ast::BatchForm::MultiRow : ast::BatchForm::Single;
    can.insert_batch_rows = can.insert_returning ? 100 : 1;
    can.delete_batch = ast::BatchForm::MultiRow;
    can.delete_batch_rows = 500;
    can.max_binds = version >= 3'032'000 ? 32'766 : 999;
    can.max_identifier_length = longest_name;
    can.json_functions = has_json(version);
    can.stored_columns = version >= 3'031'000;
    can.virtual_columns = version >= 3'031'000;
    return can;
}

} // namespace

SqliteDialect::SqliteDialect() :
    capabilities_(capabilities_of_library()),
    identifiers_('"', longest_name),
    ddl_(*this) {}

Compiled SqliteDialect::compile(const ast::Statement& statement) const {
    return SqliteCompiler(*this).compile(statement);
}

std::string SqliteDialect::compile_ddl(const ast::Expression& expression) const {
    return SqliteCompiler(*this, SqliteCompiler::Purpose::Schema)
        .compile_ddl_expression(expression);
}

void SqliteDialect::check(const Url& url) const {
    check_url(url);
}

std::unique_ptr<DriverConnection> SqliteDialect::connect(const Url& url,
                                                         const ConnectOptions& options) const {
    check_url(url);
    return std::make_unique<SqliteConnection>(url, options);
}

void SqliteDialect::initialize(DriverConnection& connection) {
    const auto& link = static_cast<SqliteConnection&>(connection);
    // Distributions raise this limit; asking with -1 changes nothing.
    capabilities_.max_binds =
        static_cast<std::uint32_t>(sqlite3_limit(link.handle(), SQLITE_LIMIT_VARIABLE_NUMBER, -1));
    capabilities_.multiple_connections = link.is_shared();
}

std::unique_ptr<Inspector> SqliteDialect::inspector(DriverConnection& connection) const {
    return std::make_unique<SqliteInspector>(static_cast<SqliteConnection&>(connection));
}

bool SqliteDialect::shares_database(const Url& url) const {
    return is_shared(url);
}

Url SqliteDialect::located(const Url& url, const std::string& base) const {
    return sqlite::located(url, base);
}

} // namespace mercator::sqlite
