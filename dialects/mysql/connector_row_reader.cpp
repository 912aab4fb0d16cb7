// SPDX-License-Identifier: MIT
#include "connector_row_reader.hpp"

#include <cppconn/datatype.h>
#include <cppconn/resultset_metadata.h>

namespace mercator::mysql {
namespace {

Native native_type(sql::ResultSetMetaData& meta, unsigned number) {
    switch (meta.getColumnType(number)) {
    case sql::DataType::BIT:
        return Native::Unsigned;
    case sql::DataType::TINYINT:
    case sql::DataType::SMALLINT:
    case sql::DataType::MEDIUMINT:
    case sql::DataType::INTEGER:
    case sql::DataType::BIGINT:
    case sql::DataType::YEAR:
        return meta.isSigned(number) ? Native::Signed : Native::Unsigned;
    case sql::DataType::REAL:
    case sql::DataType::DOUBLE:
        return Native::Floating;
    case sql::DataType::DECIMAL:
    case sql::DataType::NUMERIC:
        return Native::Decimal;
    case sql::DataType::TIMESTAMP:
        return Native::Moment;
    case sql::DataType::DATE:
        return Native::Day;
    case sql::DataType::BINARY:
    case sql::DataType::VARBINARY:
    case sql::DataType::LONGVARBINARY:
        return Native::Binary;
    default:
        return Native::Text;
    }
}

} // namespace

void ConnectorRowReader::open(sql::ResultSet& rows) {
    rows_ = &rows;
    sql::ResultSetMetaData& meta = *rows.getMetaData();
    const unsigned count = meta.getColumnCount();
    columns_.resize(count);
    for (unsigned i = 0; i < count; ++i) columns_[i] = native_type(meta, i + 1);
}

bool ConnectorRowReader::read_text(std::uint16_t column, std::string& text) const {
    sql::SQLString read = rows_->getString(column + 1U);
    if (read.length() == 0 && is_null(column)) return false;
    text = std::move(*read.operator->());
    return true;
}

} // namespace mercator::mysql
