// SPDX-License-Identifier: MIT
#pragma once

#include "row_reader.hpp"

#include <cppconn/resultset.h>

namespace mercator::mysql {

/// Rows through the connector's getters, which wrap, cut and round without a word.
class ConnectorRowReader : public RowReader<ConnectorRowReader> {
public:
    static constexpr bool binary_moments = false; ///< its moments are texts

    /// Looks at the columns' native types; `rows` must outlive the reading.
    void open(sql::ResultSet& rows);

    [[nodiscard]] bool is_null(std::uint16_t column) const { return rows_->isNull(column + 1U); }
    [[nodiscard]] std::int64_t signed_number(std::uint16_t column) const {
        return rows_->getInt64(column + 1U);
    }
    [[nodiscard]] std::uint64_t unsigned_number(std::uint16_t column) const {
        return rows_->getUInt64(column + 1U);
    }
    [[nodiscard]] double floating_number(std::uint16_t column) const {
        return static_cast<double>(rows_->getDouble(column + 1U));
    }
    [[nodiscard]] bool read_text(std::uint16_t column, std::string& text) const;

private:
    sql::ResultSet* rows_ = nullptr;
};

} // namespace mercator::mysql
