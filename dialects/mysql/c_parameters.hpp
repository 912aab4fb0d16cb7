// SPDX-License-Identifier: MIT
#pragma once

#include "parameters.hpp"

#include <mysql.h>

#include <deque>
#include <vector>

namespace mercator::mysql {

/// Parameters for the C client's binary protocol. Text and bytes are sent from where they are, so
/// the objects and Values must live until `send` has returned. One thread.
class CParameters : public Parameters<CParameters> {
public:
    /// `max_packet` is the server's limit for one packet and for one value.
    CParameters(std::size_t max_packet, bool has_uuid) :
        Parameters(has_uuid),
        max_packet_(max_packet) {}

    /// Before each execution.
    void begin(std::size_t count);
    /// Hands over what was put: true unless the client reports an error.
    [[nodiscard]] bool send(MYSQL_STMT& statement);

    void put_null(const Target& target);
    void put_integer(const Target& target, std::int64_t value);
    void put_unsigned(const Target& target, std::uint64_t value);
    void put_double(const Target& target, double value);
    void put_bytes(const Target& target, std::string_view bytes);

private:
    /// Numbers, and texts that do not live anywhere else.
    union Slot {
        std::int64_t integer;
        std::uint64_t natural;
        double floating;
        char text[48];
    };
    struct Large {
        unsigned index;
        std::string_view bytes;
    };

    MYSQL_BIND& put(const Target& target, enum_field_types type, const void* value,
                    std::size_t size);
    [[nodiscard]] std::string_view kept(std::size_t index, std::string_view passing);

    std::size_t max_packet_;
    std::size_t inline_bytes_ = 0;
    std::vector<MYSQL_BIND> binds_;
    std::vector<Slot> slots_;
    std::vector<Large> large_;
    std::deque<std::string> copies_;
};

} // namespace mercator::mysql
