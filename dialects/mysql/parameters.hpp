// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/field.hpp>

#include <cppconn/prepared_statement.h>

#include <memory>
#include <string_view>
#include <vector>

namespace mercator::mysql {

/// Gives a prepared statement its parameters, counted from 0. Checks what the server would round, cut or misread: text that
/// is not UTF-8 or too long, decimals with digits too many, NaN, moments out of range. One thread.
class Parameters {
public:
    /// `max_packet` is the server's limit for one packet and for one value.
    explicit Parameters(std::size_t max_packet) : max_packet_(max_packet) {}

    /// Before each execution.
    void begin(sql::PreparedStatement& statement, std::size_t count);
    /// After each execution: frees what large values needed.
    void end() noexcept { streams_.clear(); }

    /// A value on its way into a column (`stored`) or only to be compared.
    void set(std::size_t index, const Value& value, const SqlType& type, bool stored);
    void set(std::size_t index, const Field& field, const std::byte* object);

private:
    struct Target {
        unsigned number;         ///< as the connector counts, from 1
        const SqlType& type;
        bool stored;
        std::string_view where;
    };
    void set_null(const Target& target);
    void set_integer(const Target& target, std::int64_t value);
    void set_unsigned(const Target& target, std::uint64_t value);
    void set_double(const Target& target, double value);
    void set_text(const Target& target, std::string_view text);
    void set_bytes(const Target& target, std::string_view bytes);
    void set_decimal(const Target& target, const Decimal& value);
    template <class Moment>
    void set_moment(const Target& target, const Moment& value);

    template <class T>
    void set_typed(const Target& target, const T& value);

    sql::PreparedStatement* statement_ = nullptr;
    std::size_t max_packet_;
    std::size_t inline_bytes_ = 0;
    std::vector<bool> sticky_unsigned_;
    std::vector<std::unique_ptr<std::istream>> streams_;
    sql::SQLString scratch_;
};

}  // namespace mercator::mysql
