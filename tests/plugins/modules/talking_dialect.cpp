// SPDX-License-Identifier: MIT
// A dialect with memory of its own, that says what it does in the host's log and throws the host's
// errors.
#include "core/dialect/plain_dialect.hpp"

#include <mercator/plugin/abi.h>
#include <mercator/support/log.hpp>

#include <array>
#include <cstddef>
#include <new>
#include <string>

namespace {

/// Room for one object, whose address no general allocator knows.
alignas(std::max_align_t) std::array<std::byte, 4096> room;
bool room_is_taken = false;
int given_back = 0;

class TalkingDialect final : public PlainDialect {
public:
    TalkingDialect() { can.version = std::to_string(given_back) + " given back"; }

    static void* operator new(std::size_t size) {
        if (room_is_taken || size > room.size()) throw std::bad_alloc();
        room_is_taken = true;
        return room.data();
    }
    static void operator delete(void* object) noexcept {
        room_is_taken = room_is_taken && object != room.data();
        ++given_back;
    }

    [[nodiscard]] std::unique_ptr<mercator::DriverConnection>
    connect(const mercator::Url& /*url*/, const mercator::ConnectOptions& options) const override {
        options.log->write(mercator::LogLevel::Warning, "the plugin will not connect");
        throw mercator::UnsupportedError("this dialect only talks", "talking");
    }
};

void* create() {
    return static_cast<mercator::Dialect*>(new TalkingDialect);
}

} // namespace

MERCATOR_DEFINE_PLUGIN("dialect", "talking", "1.0.0", "talking", create)
