// SPDX-License-Identifier: MIT
#include "dialect.hpp"

#include "address.hpp"
#include "c_driver.hpp"
#include "compiler.hpp"
#include "connector.hpp"
#include "inspector.hpp"

#include <mercator/support/error.hpp>

namespace mercator::mysql {
namespace {

/// What the other columns of a row share its packet with.
constexpr std::uint64_t room_for_the_row = 1'024;

constexpr const char* large_prefix =
    "SELECT @@innodb_large_prefix = 1 AND @@innodb_file_per_table = 1 AND @@innodb_file_format = "
    "'Barracuda'";

} // namespace

Dialect::Dialect() {
    Capabilities& can = capabilities_;
    can.product = "MySQL";
    can.full_join = false;
    can.nulls_ordering = false;
    can.transactional_ddl = false;
    can.nan = false;
    can.infinity = false;
    can.negative_zero = false;
    can.nul_in_text = true;
    can.trailing_blanks = false;
    can.partial_indexes = false;
    can.restrict_action = false;
    can.insert_batch = ast::BatchForm::MultiRow;
    can.update_batch = ast::BatchForm::MultiRow;
    can.delete_batch = ast::BatchForm::MultiRow;
    can.insert_batch_rows = 1'000;
    can.update_batch_rows = 250;
    can.delete_batch_rows = 1'000;
    can.max_binds = 65'535;
    can.max_identifier_length = 64;
    can.json_functions = true;
    can.read_uncommitted = true;
    can.read_committed = true;
    can.repeatable_read = true;
    can.serializable = true;
}

Compiled Dialect::compile(const ast::Statement& statement) const {
    return Compiler(*this).compile(statement);
}

std::string Dialect::compile_ddl(const ast::Expression& expression) const {
    const auto reader = expression.kind == ast::NodeKind::Literal
                            ? Compiler::Reader::Anybody
                            : Compiler::Reader::AnybodyInExpression;
    return Compiler(*this, reader).compile_ddl_expression(expression);
}

void Dialect::check(const Url& url) const {
    static_cast<void>(Address::from(url));
}

std::unique_ptr<DriverConnection> Dialect::connect(const Url& url,
                                                   const ConnectOptions& options) const {
    const Address address = Address::from(url);
    if (address.driver == Driver::C) return std::make_unique<CConnection>(address, options);
    return connect_by_connector(address, options);
}

void Dialect::initialize(DriverConnection& connection) {
    auto* ours = dynamic_cast<Connection*>(&connection);
    if (ours == nullptr) throw StateError("this connection was not opened by the mysql dialect");
    const Server& server = ours->server();
    server.describe(capabilities_);
    capabilities_.max_value_bytes = ours->max_packet() - room_for_the_row;
    types_.declare_uuid(server.has_uuid());
    types_.declare_json(server.has_json());
    table_collation_ = server.exact_collation();
    large_keys_ = server.has_large_keys() ? LargeKeys::Always : LargeKeys::No;
    reads_what_it_changes_ = server.reads_what_it_changes();
    has_json_overlaps_ = server.has_json_overlaps();
    json_equality_ = !server.has_json()           ? JsonEquality::None
                     : !server.is_mariadb         ? JsonEquality::Cast
                     : server.has_json_equality() ? JsonEquality::Function
                                                  : JsonEquality::None;
    if (server.has_large_prefix_setting() && ours->ask(large_prefix) == 1)
        large_keys_ = LargeKeys::WithRowFormat;
    ours->warn_of_other_product();
}

std::unique_ptr<mercator::Inspector> Dialect::inspector(DriverConnection& connection) const {
    return std::make_unique<Inspector>(dynamic_cast<Connection&>(connection));
}

} // namespace mercator::mysql
