// SPDX-License-Identifier: MIT
#include <mercator/dialect/sql_writer.hpp>

#include "support/fitted_name.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace mercator {

SqlWriter& SqlWriter::identifier(std::string_view name) {
    const std::size_t before = length_;
    const char* end = preparer_->write_plain(room(name.size() + 2), name);
    if (end != nullptr) {
        length_ = static_cast<std::size_t>(end - buffer_.data());
        return *this;
    }
    length_ = before;
    return text(preparer_->quote(name));
}

SqlWriter& SqlWriter::alias(std::string_view name) {
    if (name.size() <= preparer_->max_length()) return identifier(name);
    return identifier(fitted_name(name, preparer_->max_length()));
}

SqlWriter& SqlWriter::number(std::uint64_t value) {
    char digits[20];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    return text(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

void SqlWriter::grow(std::size_t size) {
    buffer_.resize(std::max(buffer_.size() * 2, length_ + size));
}

std::string SqlWriter::take_text() {
    buffer_.resize(length_);
    length_ = 0;
    return std::exchange(buffer_, {});
}

Compiled SqlWriter::take_compiled() {
    compiled_.sql = take_text();
    return std::move(compiled_);
}

} // namespace mercator
