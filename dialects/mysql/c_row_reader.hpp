// SPDX-License-Identifier: MIT
#pragma once

#include "row_reader.hpp"

#include <mysql.h>

#include <vector>

namespace mercator::mysql {

/// Rows from buffers that the C client fills at each fetch. What is longer than its buffer is
/// fetched straight into its place.
class CRowReader : public RowReader<CRowReader> {
public:
    static constexpr bool binary_moments = true;

    /// After each execution that gives rows: looks at the columns and binds the buffers if the
    /// columns are not those of last time. True unless the client reports an error.
    [[nodiscard]] bool open(MYSQL_STMT& statement);
    /// The statement was prepared anew.
    void forget() noexcept { shapes_.clear(); }

    [[nodiscard]] bool is_null(std::uint16_t column) const { return cells_[column].is_null != 0; }
    [[nodiscard]] std::int64_t signed_number(std::uint16_t column) const {
        const Cell& cell = cells_[column];
        return cell.is_null != 0 ? 0 : cell.value.integer;
    }
    [[nodiscard]] std::uint64_t unsigned_number(std::uint16_t column) const;
    [[nodiscard]] double floating_number(std::uint16_t column) const;
    [[nodiscard]] bool read_text(std::uint16_t column, std::string& text) const;
    template <class T>
    [[nodiscard]] std::optional<T> moment(std::uint16_t column) const;
    [[nodiscard]] std::size_t column_count() const noexcept { return cells_.size(); }

private:
    /// All that decides how a column is bound.
    struct Shape {
        enum_field_types type;
        bool is_unsigned;
        bool binary;
        unsigned long length;
        friend bool operator==(const Shape&, const Shape&) = default;
    };
    struct Cell {
        union {
            std::int64_t integer;
            std::uint64_t natural;
            float single;
            double floating;
            MYSQL_TIME time;
        } value;
        char* text = nullptr;
        unsigned long capacity = 0;
        unsigned long length = 0; ///< of the value, however short the buffer
        my_bool is_null = 0;
        my_bool is_cut = 0;
    };

    [[nodiscard]] static Native native(const Shape& shape);
    [[nodiscard]] bool bind();
    [[nodiscard]] MYSQL_BIND bind(std::size_t column);
    [[nodiscard]] bool is_buffered(std::size_t column) const;

    MYSQL_STMT* statement_ = nullptr;
    std::vector<Shape> shapes_;
    std::vector<Shape> seen_;
    std::vector<Cell> cells_;
    std::vector<char> texts_;
};

template <>
std::optional<mercator::Date> CRowReader::moment<mercator::Date>(std::uint16_t column) const;
template <>
std::optional<mercator::DateTime>
CRowReader::moment<mercator::DateTime>(std::uint16_t column) const;

} // namespace mercator::mysql
