// SPDX-License-Identifier: MIT
#include "connector_statement.hpp"

#include "connector_driver.hpp"
#include "thread_guard.hpp"

#include <mercator/support/error.hpp>

#include <cppconn/resultset_metadata.h>

namespace mercator::mysql {
namespace {

/// The connector keeps a result's rows until the statement runs again; above this many we give the
/// memory back and prepare anew next time, which costs far less than reading them did.
constexpr std::size_t rows_worth_freeing = 4'096;

} // namespace

ConnectorStatement::ConnectorStatement(ConnectorConnection& connection,
                                       std::shared_ptr<const Compiled> compiled) :
    Statement(connection, std::move(compiled)),
    connection_(connection),
    parameters_(connection.max_packet(), connection.server().has_uuid()) {
    prepare();
}

ConnectorStatement::~ConnectorStatement() {
    ConnectorStatement::reset();
    try {
        prepared_.reset();
    } catch (const std::exception&) { // the server forgets the statement with the link
        static_cast<void>(prepared_.release());
    }
}

void ConnectorStatement::fail(const sql::SQLException& error) {
    try {
        connection_.fail(native_error(error), compiled().sql);
    } catch (const DatabaseError& described) {
        if (described.code() == ErrorCode::StatementInvalidated) prepared_.reset();
        throw;
    }
}

void ConnectorStatement::prepare() {
    enter_thread();
    guarded([&] { prepared_.reset(connection_.native().prepareStatement(compiled().sql)); });
}

void ConnectorStatement::begin(std::size_t count) {
    enter_thread();
    if (prepared_ == nullptr) prepare();
    parameters_.begin(*prepared_, count);
}

void ConnectorStatement::bind(std::span<const Value> values) {
    const auto& binds = compiled().binds;
    guarded([&] {
        for (std::size_t i = 0; i < values.size(); ++i) {
            parameters_.set(i, values[i], binds[i % binds.size()].type, stores_values());
        }
    });
}

void ConnectorStatement::bind(const BindPlan& plan, std::size_t first, const std::byte* object) {
    guarded([&] {
        for (std::size_t i = 0; i < plan.fields.size(); ++i)
            parameters_.set(first + i, plan.fields[i], object);
    });
}

std::uint64_t ConnectorStatement::execute_prepared() {
    // -1 says that rows came back: whether RETURNING gives some, the server tells only now.
    const int count = prepared_->executeUpdate();
    if (count != -1) return static_cast<std::uint64_t>(count);
    result_.reset(prepared_->getResultSet());
    reader_.open(*result_);
    return result_->rowsCount();
}

std::uint64_t ConnectorStatement::send() {
    try {
        const std::uint64_t count = execute_prepared();
        parameters_.end();
        return count;
    } catch (const sql::SQLException& error) {
        parameters_.end();
        result_.reset();
        fail(error);
    }
}

bool ConnectorStatement::fetch(const DecodePlan& plan, std::byte** targets) {
    if (result_ == nullptr) return false;
    return guarded([&] {
        if (!result_->next()) return false;
        drop_absent(plan, targets, [this](std::uint16_t column) { return is_null(column); });
        reader_.read(plan, targets);
        return true;
    });
}

void ConnectorStatement::fetch_again(const DecodePlan& plan, std::byte** targets) {
    guarded([&] {
        drop_absent(plan, targets, [this](std::uint16_t column) { return is_null(column); });
        reader_.read(plan, targets);
        return true;
    });
}

bool ConnectorStatement::fetch(std::vector<Value>& row) {
    row.clear();
    if (result_ == nullptr) return false;
    return guarded([&] {
        if (!result_->next()) return false;
        reader_.read(compiled(), row);
        return true;
    });
}

std::vector<std::string> ConnectorStatement::column_names() const {
    std::vector<std::string> names;
    if (result_ == nullptr) return names;
    try {
        sql::ResultSetMetaData* const described = result_->getMetaData(); // the result owns it
        const unsigned count = described->getColumnCount();
        for (unsigned i = 1; i <= count; ++i)
            names.emplace_back(described->getColumnLabel(i).c_str());
    } catch (const sql::SQLException& error) {
        connection_.fail(native_error(error), compiled().sql);
    }
    return names;
}

bool ConnectorStatement::is_null(std::uint16_t column) const {
    try {
        return result_ == nullptr || result_->isNull(column + 1U);
    } catch (const sql::SQLException& error) {
        connection_.fail(native_error(error), compiled().sql);
    }
}

std::int64_t ConnectorStatement::first_generated_key() const {
    return connection_.ask("SELECT LAST_INSERT_ID()");
}

void ConnectorStatement::reset() noexcept {
    if (result_ == nullptr) return;
    const bool large = last_count() > rows_worth_freeing;
    try {
        result_.reset();
        if (large) prepared_.reset();
    } catch (const std::exception&) { // destructors of the connector; the next execution reports
                                      // what is wrong
        static_cast<void>(prepared_.release());
    }
}

} // namespace mercator::mysql
