// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>

#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>

#include <optional>
#include <vector>

namespace mercator::mysql {

/// Reads the current row of a result into members and Values. The connector's getters wrap, cut and round without a word,
/// so the column's native type decides which getter is exact, and every number is checked before it is narrowed.
class RowReader {
public:
    /// Looks at the columns' native types; `rows` must outlive the reading.
    void open(sql::ResultSet& rows);

    void read(const DecodeStep& step, std::byte* object) const;
    /// By `type`, or by the native type where it is Unknown.
    [[nodiscard]] Value read(std::uint16_t column, const SqlType& type) const;
    [[nodiscard]] std::size_t column_count() const noexcept { return columns_.size(); }

private:
    enum class Native : std::uint8_t { Signed, Unsigned, Floating, Decimal, Text, Binary, Moment, Day };

    static Native native_type(sql::ResultSetMetaData& meta, unsigned number);

    template <class T>
    [[nodiscard]] std::optional<T> get(std::uint16_t column, std::string_view where) const;
    template <class T>
    [[nodiscard]] std::optional<T> integer(std::uint16_t column, std::string_view where) const;
    template <class T>
    [[nodiscard]] std::optional<T> floating(std::uint16_t column, std::string_view where) const;
    [[nodiscard]] std::optional<std::string> text(std::uint16_t column) const;
    template <class T, class Parse>
    [[nodiscard]] std::optional<T> parsed(std::uint16_t column, std::string_view where, Parse parse) const;
    template <class T>
    [[nodiscard]] Value value(std::uint16_t column) const;

    sql::ResultSet* rows_ = nullptr;
    std::vector<Native> columns_;
};

}  // namespace mercator::mysql
