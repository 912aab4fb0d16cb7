// SPDX-License-Identifier: MIT
#include <mercator/mapping/criterion.hpp>

#include <mutex>

namespace mercator {
namespace {

struct Noted {
    std::mutex mutex;
    std::vector<const Mapper*> mappers;
};

Noted& noted() {
    static Noted instance;
    return instance;
}

} // namespace

std::atomic<std::uint32_t> mapped_criteria_count{0};

std::vector<const Mapper*> mappers_with_criteria() {
    const std::lock_guard lock(noted().mutex);
    return noted().mappers;
}

void note_mapped_criteria(const Mapper& mapper) {
    const std::lock_guard lock(noted().mutex);
    noted().mappers.push_back(&mapper);
    mapped_criteria_count.store(static_cast<std::uint32_t>(noted().mappers.size()),
                                std::memory_order_release);
}

} // namespace mercator
