// SPDX-License-Identifier: MIT
#include <mercator/types/dialect_info.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <mutex>
#include <string>

namespace mercator {
namespace {

struct Known {
    std::string name, product, version;
    DialectInfo info;
};

struct KnownDialects {
    std::mutex mutex;
    std::array<Known, most_dialects> list; // the first `count`; what is there never changes
    std::atomic<std::uint32_t> count = 0;
};

KnownDialects& known() {
    static auto* all = new KnownDialects; // never destroyed: static objects may still convert
    return *all;
}

bool same_facts(const DialectInfo& a, const DialectInfo& b) {
    return a.name == b.name && a.product == b.product && a.version == b.version &&
           a.uuid_type == b.uuid_type && a.json_type == b.json_type &&
           a.array_type == b.array_type && a.nul_in_text == b.nul_in_text;
}

} // namespace

const DialectInfo& dialect_of_number(std::uint32_t number) noexcept {
    static constexpr DialectInfo none;
    if (number == 0) return none;
    const KnownDialects& all = known();
    return number <= all.count.load(std::memory_order_acquire) ? all.list[number - 1].info : none;
}

const DialectInfo& numbered_dialect(const DialectInfo& facts) {
    KnownDialects& all = known();
    const std::lock_guard lock(all.mutex);
    const std::uint32_t count = all.count.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (same_facts(all.list[i].info, facts)) return all.list[i].info;
    }
    if (count == most_dialects) {
        throw StateError(fmt::format(
            "types whose conversions ask for the database can be used on {} different databases "
            "(dialect, product, version) in one process, and {} {} would be one more; use another "
            "process, or conversions that do not ask",
            most_dialects, facts.name, facts.version));
    }
    Known& added = all.list[count];
    added = {std::string(facts.name), std::string(facts.product), std::string(facts.version),
             facts};
    added.info.name = added.name;
    added.info.product = added.product;
    added.info.version = added.version;
    added.info.number = count + 1;
    all.count.store(count + 1, std::memory_order_release);
    return added.info;
}

} // namespace mercator
