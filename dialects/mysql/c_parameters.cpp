// SPDX-License-Identifier: MIT
#include "c_parameters.hpp"

#include <algorithm>
#include <cstring>

namespace mercator::mysql {
namespace {

/// What is larger travels in packets of its own, of this size. Not for speed alone: MariaDB 10.11
/// crashes when such a value stands in a batched UPDATE's packet.
constexpr std::size_t piece_bytes = 256U * 1024U;

} // namespace

void CParameters::begin(std::size_t count) {
    binds_.resize(count);
    slots_.resize(count);
    inline_bytes_ = 0;
    large_.clear();
    copies_.clear();
}

bool CParameters::send(MYSQL_STMT& statement) {
    if (binds_.empty()) return true;
    if (mysql_stmt_bind_param(&statement, binds_.data()) != 0) return false;
    // Only now, when all are there: the server would add a later attempt to an earlier one's
    // pieces.
    for (const Large& large : large_) {
        for (std::size_t at = 0; at < large.bytes.size(); at += piece_bytes) {
            const std::string_view piece = large.bytes.substr(at, piece_bytes);
            if (mysql_stmt_send_long_data(&statement, large.index, piece.data(), piece.size())) {
                return false;
            }
        }
    }
    return true;
}

MYSQL_BIND& CParameters::put(const Target& target, enum_field_types type, const void* value,
                             std::size_t size) {
    MYSQL_BIND& bind = binds_[target.index];
    bind = {};
    bind.buffer_type = type;
    bind.buffer = const_cast<void*>(value); // the client only reads parameters
    bind.buffer_length = size;
    return bind;
}

void CParameters::put_null(const Target& target) {
    put(target, MYSQL_TYPE_NULL, nullptr, 0);
}

void CParameters::put_integer(const Target& target, std::int64_t value) {
    Slot& slot = slots_[target.index];
    slot.integer = value;
    put(target, MYSQL_TYPE_LONGLONG, &slot, sizeof value);
}

void CParameters::put_unsigned(const Target& target, std::uint64_t value) {
    Slot& slot = slots_[target.index];
    slot.natural = value;
    put(target, MYSQL_TYPE_LONGLONG, &slot, sizeof value).is_unsigned = 1;
}

void CParameters::put_double(const Target& target, double value) {
    Slot& slot = slots_[target.index];
    slot.floating = value;
    put(target, MYSQL_TYPE_DOUBLE, &slot, sizeof value);
}

std::string_view CParameters::kept(std::size_t index, std::string_view passing) {
    Slot& slot = slots_[index];
    if (passing.size() > sizeof slot.text) return copies_.emplace_back(passing);
    std::copy(passing.begin(), passing.end(), slot.text);
    return {slot.text, passing.size()};
}

void CParameters::put_bytes(const Target& target, std::string_view bytes) {
    check_size(target, bytes.size(), max_packet_);
    if (target.passing) bytes = kept(target.index, bytes);
    if (bytes.empty()) bytes = ""; // no address would mean NULL
    inline_bytes_ += bytes.size();
    const bool is_large =
        bytes.size() > piece_bytes || inline_bytes_ > max_packet_ / largest_inline_share;
    put(target, is_large ? MYSQL_TYPE_LONG_BLOB : MYSQL_TYPE_STRING, bytes.data(), bytes.size());
    if (!is_large) return;
    inline_bytes_ -= bytes.size();
    large_.push_back({static_cast<unsigned>(target.index), bytes});
}

} // namespace mercator::mysql
