// SPDX-License-Identifier: MIT
#pragma once

#include "c_parameters.hpp"
#include "c_row_reader.hpp"
#include "driver.hpp"
#include "statement.hpp"

#include <mysql.h>

#include <memory>
#include <optional>

namespace mercator::mysql {

class CConnection;

/// A prepared statement of the C client. The rows of a SELECT are read from the wire one by one as
/// long as nothing else wants the link; then the rest is read into memory. Other results are read
/// completely when the statement runs, because errors may hide behind their rows.
class CStatement final : public Statement {
public:
    CStatement(CConnection& connection, std::shared_ptr<const Compiled> compiled);
    ~CStatement() override;
    CStatement(const CStatement&) = delete;
    CStatement& operator=(const CStatement&) = delete;

    bool fetch(const DecodePlan& plan, std::byte** targets) override;
    void fetch_again(const DecodePlan& plan, std::byte** targets) override;
    bool fetch(std::vector<Value>& row) override;
    [[nodiscard]] bool is_null(std::uint16_t column) const override;
    [[nodiscard]] std::vector<std::string> column_names() const override;
    void reset() noexcept override;

    /// Reads into memory what is still on the wire. An error that comes instead is thrown by the
    /// next fetch.
    void keep_rest();

private:
    enum class Result : std::uint8_t {
        None,
        Rows,
        End ///< all rows have been fetched
    };
    struct Close {
        void operator()(MYSQL_STMT* statement) const noexcept { mysql_stmt_close(statement); }
    };

    [[nodiscard]] bool has_result() const override { return result_ != Result::None; }
    void begin(std::size_t count) override;
    void bind(std::span<const Value> values) override;
    void bind(const BindPlan& plan, std::size_t first, const std::byte* object) override;
    std::uint64_t send() override;
    void drop_result() override { reset(); }
    [[nodiscard]] std::int64_t first_generated_key() const override;

    void prepare();
    std::uint64_t open_result();
    bool next();
    void skip_rest();
    void skip_further_results();
    [[nodiscard]] bool is_streaming() const noexcept;
    void close() noexcept;
    [[nodiscard]] NativeError error() const;
    [[noreturn]] void fail();

    CConnection& connection_;
    std::unique_ptr<MYSQL_STMT, Close> prepared_;
    CParameters parameters_;
    CRowReader reader_;
    std::optional<DatabaseErrorInfo> failure_; ///< met while the rest was read
    Result result_ = Result::None;
    bool may_stream_ = false;
    bool stored_ = false; ///< the client holds rows
};

} // namespace mercator::mysql
