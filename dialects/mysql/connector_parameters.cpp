// SPDX-License-Identifier: MIT
#include "connector_parameters.hpp"

#include <cppconn/datatype.h>
#include <fmt/format.h>

#include <limits>
#include <sstream>

namespace mercator::mysql {
namespace {

/// As the connector counts.
unsigned number(const Target& target) {
    return static_cast<unsigned>(target.index + 1);
}

} // namespace

void ConnectorParameters::begin(sql::PreparedStatement& statement, std::size_t count) {
    if (statement_ != &statement || sticky_unsigned_.size() != count) {
        statement_ = &statement;
        sticky_unsigned_.assign(count, false);
    }
    inline_bytes_ = 0;
    streams_.clear();
}

void ConnectorParameters::put_null(const Target& target) {
    statement_->setNull(number(target), sql::DataType::SQLNULL);
}

void ConnectorParameters::put_integer(const Target& target, std::int64_t value) {
    // The connector never forgets that a parameter was unsigned once and would send -1 as 2^64 - 1.
    if (value < 0 && sticky_unsigned_[target.index]) {
        return put_bytes(target, fmt::format("{}", value));
    }
    statement_->setInt64(number(target), value);
}

void ConnectorParameters::put_unsigned(const Target& target, std::uint64_t value) {
    if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return put_integer(target, static_cast<std::int64_t>(value));
    }
    sticky_unsigned_[target.index] = true;
    statement_->setUInt64(number(target), value);
}

void ConnectorParameters::put_double(const Target& target, double value) {
    statement_->setDouble(number(target), value);
}

void ConnectorParameters::put_bytes(const Target& target, std::string_view bytes) {
    check_size(target, bytes.size(), max_packet_);
    inline_bytes_ += bytes.size();
    if (inline_bytes_ > max_packet_ / largest_inline_share) {
        inline_bytes_ -= bytes.size();
        streams_.push_back(std::make_unique<std::istringstream>(std::string(bytes)));
        statement_->setBlob(number(target), streams_.back().get());
        return;
    }
    scratch_->assign(bytes);
    statement_->setString(number(target), scratch_);
}

} // namespace mercator::mysql
