// SPDX-License-Identifier: MIT
#include "connector_driver.hpp"

#include "connector_statement.hpp"
#include "thread_guard.hpp"

#include <cppconn/metadata.h>
#include <cppconn/resultset.h>
#include <mysql_driver.h>

namespace mercator::mysql {
namespace {

void set_if_given(sql::ConnectOptionsMap& map, const char* name, const std::string& value) {
    if (!value.empty()) map[name] = sql::SQLString(value);
}

void set_if_given(sql::ConnectOptionsMap& map, const char* name, const std::optional<int>& value) {
    if (value) map[name] = *value;
}

sql::ConnectOptionsMap connect_map(const Address& address, int timeout) {
    sql::ConnectOptionsMap map;
    map["hostName"] = sql::SQLString(address.bracketed_host());
    map["port"] = static_cast<int>(address.port);
    map["userName"] = sql::SQLString(address.user);
    map["password"] = sql::SQLString(address.password.value_or(""));
    map["OPT_CONNECT_TIMEOUT"] = timeout;
    map["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
    map["CLIENT_FOUND_ROWS"] = true;
    map["OPT_LOCAL_INFILE"] = 0; // a server may not ask for our files
    set_if_given(map, "schema", address.database);
    set_if_given(map, "socket", address.socket);
    set_if_given(map, "OPT_READ_TIMEOUT", address.read_timeout);
    set_if_given(map, "OPT_WRITE_TIMEOUT", address.write_timeout);
    set_if_given(map, "sslCA", address.tls_authority);
    set_if_given(map, "sslCert", address.tls_certificate);
    set_if_given(map, "sslKey", address.tls_key);
    if (address.tls != Tls::Disabled) map["sslEnforce"] = true;
    if (address.tls == Tls::VerifyIdentity) map["sslVerify"] = true;
    return map;
}

std::unique_ptr<sql::Connection> open(const Address& address, const ConnectOptions& options) {
    const Connecting connecting(address, options);
    sql::ConnectOptionsMap map = connect_map(address, connecting.timeout_seconds());
    try {
        return std::unique_ptr<sql::Connection>(connector().connect(map));
    } catch (const sql::SQLException& error) {
        connecting.fail(native_error(error));
    }
}

} // namespace

NativeError native_error(const sql::SQLException& error) {
    return {error.getErrorCode(), error.getSQLState(), error.what()};
}

ConnectorConnection::ConnectorConnection(const Address& address, const ConnectOptions& options) :
    Connection(address, options) {
    enter_thread();
    link_ = open(address, options);
    std::string greeting;
    try {
        greeting = link_->getMetaData()->getDatabaseProductVersion().asStdString();
        service_.reset(link_->createStatement());
    } catch (const sql::SQLException& error) {
        fail(native_error(error), {});
    }
    met(greeting);
}

ConnectorConnection::~ConnectorConnection() {
    enter_thread();
    try {
        service_.reset();
        link_.reset();
    } catch (const std::exception&) { // the link goes away in any case
        static_cast<void>(link_.release());
    }
}

void ConnectorConnection::send(const std::string& sql) {
    enter_thread();
    try {
        bool has_rows = service_->execute(sql);
        for (;;) {
            if (has_rows) delete service_->getResultSet();
            if (!service_->getMoreResults()) break;
            has_rows = true;
        }
    } catch (const sql::SQLException& error) {
        fail(native_error(error), sql);
    }
}

std::int64_t ConnectorConnection::ask(const std::string& sql) {
    enter_thread();
    try {
        const std::unique_ptr<sql::ResultSet> rows(service_->executeQuery(sql));
        return rows->next() ? rows->getInt64(1) : 0;
    } catch (const sql::SQLException& error) {
        fail(native_error(error), sql);
    }
}

bool ConnectorConnection::is_encrypted() {
    enter_thread();
    const std::string sql = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";
    try {
        const std::unique_ptr<sql::ResultSet> rows(service_->executeQuery(sql));
        return rows->next() && rows->getString(2).length() != 0;
    } catch (const sql::SQLException& error) {
        fail(native_error(error), sql);
    }
}

std::unique_ptr<DriverStatement>
ConnectorConnection::prepare(std::shared_ptr<const Compiled> compiled) {
    check_usable(compiled->sql);
    return std::make_unique<ConnectorStatement>(*this, std::move(compiled));
}

} // namespace mercator::mysql
