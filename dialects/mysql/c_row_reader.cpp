// SPDX-License-Identifier: MIT
#include "c_row_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace mercator::mysql {
namespace {

/// Longer values are rare enough to be fetched in a second step.
constexpr unsigned long longest_buffer = 2'048;
constexpr unsigned binary_charset = 63;

std::optional<Date> day_of(const MYSQL_TIME& time) {
    const Date day{std::chrono::year(static_cast<int>(time.year)), std::chrono::month(time.month),
                   std::chrono::day(time.day)};
    return day.ok() && is_storable(day) ? std::optional(day) : std::nullopt;
}

std::chrono::microseconds time_of_day(const MYSQL_TIME& time) {
    return std::chrono::hours(time.hour) + std::chrono::minutes(time.minute) +
           std::chrono::seconds(time.second) + std::chrono::microseconds(time.second_part);
}

std::string spell(const MYSQL_TIME& time, bool only_day) {
    std::string text = fmt::format("{:04}-{:02}-{:02}", time.year, time.month, time.day);
    if (only_day) return text;
    text += fmt::format(" {:02}:{:02}:{:02}", time.hour, time.minute, time.second);
    if (time.second_part != 0) text += fmt::format(".{:06}", time.second_part);
    return text;
}

} // namespace

Native CRowReader::native(const Shape& shape) {
    switch (shape.type) {
    case MYSQL_TYPE_BIT:
        return Native::Unsigned;
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
        return shape.is_unsigned ? Native::Unsigned : Native::Signed;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE:
        return Native::Floating;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
        return Native::Decimal;
    case MYSQL_TYPE_TIMESTAMP:
    case MYSQL_TYPE_DATETIME:
        return Native::Moment;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
        return Native::Day;
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_JSON:
    case MYSQL_TYPE_NULL:
        return Native::Text; // their character set says binary
    default:
        return shape.binary ? Native::Binary : Native::Text;
    }
}

bool CRowReader::open(MYSQL_STMT& statement) {
    MYSQL_RES* const meta = mysql_stmt_result_metadata(&statement);
    if (meta == nullptr) return false;
    seen_.clear();
    const MYSQL_FIELD* const fields = mysql_fetch_fields(meta);
    for (unsigned i = 0; i < mysql_num_fields(meta); ++i) {
        seen_.push_back({fields[i].type, (fields[i].flags & UNSIGNED_FLAG) != 0,
                         fields[i].charsetnr == binary_charset, fields[i].length});
    }
    mysql_free_result(meta);
    if (statement_ == &statement && seen_ == shapes_) return true;
    statement_ = &statement;
    shapes_ = seen_;
    return bind();
}

bool CRowReader::is_buffered(std::size_t column) const {
    return columns_[column] == Native::Text || columns_[column] == Native::Binary ||
           columns_[column] == Native::Decimal || shapes_[column].type == MYSQL_TYPE_BIT;
}

bool CRowReader::bind() {
    cells_.assign(shapes_.size(), {});
    columns_.resize(shapes_.size());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < shapes_.size(); ++i) {
        columns_[i] = native(shapes_[i]);
        if (!is_buffered(i)) continue;
        cells_[i].capacity = std::clamp(shapes_[i].length, 16UL, longest_buffer);
        bytes += cells_[i].capacity;
    }
    texts_.resize(bytes);
    char* next = texts_.data();
    std::vector<MYSQL_BIND> binds;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        cells_[i].text = next;
        next += cells_[i].capacity;
        binds.push_back(bind(i));
    }
    return mysql_stmt_bind_result(statement_, binds.data()) == 0;
}

MYSQL_BIND CRowReader::bind(std::size_t column) {
    Cell& cell = cells_[column];
    MYSQL_BIND bind{};
    bind.length = &cell.length;
    bind.is_null = &cell.is_null;
    bind.error = &cell.is_cut;
    bind.buffer = &cell.value;
    bind.buffer_length = sizeof cell.value;
    switch (columns_[column]) {
    case Native::Signed:
        bind.buffer_type = MYSQL_TYPE_LONGLONG;
        break;
    case Native::Unsigned:
        bind.buffer_type = MYSQL_TYPE_LONGLONG;
        bind.is_unsigned = 1;
        break;
    case Native::Floating:
        bind.buffer_type = shapes_[column].type;
        break; // no conversion
    case Native::Moment:
        bind.buffer_type = MYSQL_TYPE_DATETIME;
        break;
    case Native::Day:
        bind.buffer_type = MYSQL_TYPE_DATE;
        break;
    default:
        break;
    }
    if (!is_buffered(column)) return bind;
    bind.buffer_type = shapes_[column].type == MYSQL_TYPE_BIT ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
    bind.buffer = cell.text;
    bind.buffer_length = cell.capacity;
    return bind;
}

std::uint64_t CRowReader::unsigned_number(std::uint16_t column) const {
    const Cell& cell = cells_[column];
    if (cell.is_null != 0) return 0;
    if (shapes_[column].type != MYSQL_TYPE_BIT) return cell.value.natural;
    std::uint64_t bits = 0;
    for (unsigned long i = 0; i < cell.length; ++i) {
        bits = bits << 8U | static_cast<unsigned char>(cell.text[i]);
    }
    return bits;
}

double CRowReader::floating_number(std::uint16_t column) const {
    const Cell& cell = cells_[column];
    if (cell.is_null != 0) return 0;
    return shapes_[column].type == MYSQL_TYPE_FLOAT ? static_cast<double>(cell.value.single)
                                                    : cell.value.floating;
}

bool CRowReader::read_text(std::uint16_t column, std::string& text) const {
    const Cell& cell = cells_[column];
    if (cell.is_null != 0) return false;
    switch (columns_[column]) {
    case Native::Signed:
        text = fmt::format("{}", cell.value.integer);
        return true;
    case Native::Unsigned:
        text = fmt::format("{}", unsigned_number(column));
        return true;
    case Native::Moment:
        text = spell(cell.value.time, false);
        return true;
    case Native::Day:
        text = spell(cell.value.time, true);
        return true;
    default:
        break;
    }
    if (cell.length <= cell.capacity) {
        text.assign(cell.text, cell.length);
        return true;
    }
    text.resize(cell.length);
    MYSQL_BIND whole{};
    whole.buffer_type = MYSQL_TYPE_STRING;
    whole.buffer = text.data();
    whole.buffer_length = text.size();
    if (mysql_stmt_fetch_column(statement_, &whole, column, 0) != 0) refuse_unreadable({}, column);
    return true;
}

template <>
std::optional<Date> CRowReader::moment<Date>(std::uint16_t column) const {
    const MYSQL_TIME& time = cells_[column].value.time;
    // A time of day would be lost.
    if (columns_[column] == Native::Moment && time_of_day(time).count() != 0) return std::nullopt;
    return day_of(time);
}

template <>
std::optional<DateTime> CRowReader::moment<DateTime>(std::uint16_t column) const {
    const MYSQL_TIME& time = cells_[column].value.time;
    const auto day = day_of(time);
    if (!day) return std::nullopt;
    const DateTime midnight = std::chrono::sys_days(*day);
    return columns_[column] == Native::Moment ? midnight + time_of_day(time) : midnight;
}

} // namespace mercator::mysql
