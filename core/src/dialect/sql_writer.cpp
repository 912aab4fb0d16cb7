// SPDX-License-Identifier: MIT
#include <mercator/dialect/sql_writer.hpp>

#include <charconv>

namespace mercator {

SqlWriter& SqlWriter::number(std::uint64_t value) {
    char digits[20];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    compiled_.sql.append(digits, end);
    return *this;
}

} // namespace mercator
