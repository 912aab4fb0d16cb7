// SPDX-License-Identifier: MIT
#include <mercator/support/listener.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace mercator {

Subscription::Subscription(const std::shared_ptr<ListenerRegistry>& registry,
                           std::uint64_t number) noexcept :
    registry_(registry),
    number_(number) {}

void Subscription::remove() const noexcept {
    if (const auto registry = registry_.lock()) registry->remove(number_);
}

bool Subscription::active() const noexcept {
    const auto registry = registry_.lock();
    return registry != nullptr && registry->has(number_);
}

std::shared_ptr<ListenerRegistry> ListenerRegistry::create() {
    return std::shared_ptr<ListenerRegistry>(new ListenerRegistry());
}

Subscription ListenerRegistry::add(ListenerEntry entry) {
    std::vector<ListenerEntry> one;
    one.push_back(std::move(entry));
    return add(std::move(one));
}

Subscription ListenerRegistry::add(std::vector<ListenerEntry> entries) {
    const std::lock_guard lock(mutex_);
    auto more = std::make_shared<Entries>(*entries_);
    std::uint32_t kinds = kinds_.load(std::memory_order_relaxed);
    for (auto& entry : entries) {
        kinds |= std::uint32_t{1} << entry.kind;
        auto kept = std::make_shared<Kept>();
        kept->entry = std::move(entry);
        kept->number = next_;
        more->push_back(std::move(kept));
    }
    entries_ = std::move(more);
    kinds_.store(kinds, std::memory_order_relaxed);
    return {shared_from_this(), next_++};
}

std::shared_ptr<const ListenerRegistry::Entries> ListenerRegistry::entries() const {
    const std::lock_guard lock(mutex_);
    return entries_;
}

void ListenerRegistry::tell(std::uint8_t kind, void* call) const {
    const auto now = entries();
    for (const auto& kept : *now) {
        if (kept->entry.kind == kind && kept->active.load(std::memory_order_relaxed))
            kept->entry.call(call);
    }
}

void ListenerRegistry::remove(std::uint64_t number) noexcept {
    // Ends after the lock: what a listener holds may remove other listeners as it ends.
    std::shared_ptr<const Entries> former;
    const std::lock_guard lock(mutex_);
    std::uint32_t kinds = 0;
    bool found = false;
    for (const auto& kept : *entries_) {
        if (kept->number == number) {
            kept->active.store(false, std::memory_order_relaxed);
            found = true;
        } else if (kept->active.load(std::memory_order_relaxed)) {
            kinds |= std::uint32_t{1} << kept->entry.kind;
        }
    }
    if (!found) return;
    kinds_.store(kinds, std::memory_order_relaxed);
    try {
        auto rest = std::make_shared<Entries>();
        std::copy_if(entries_->begin(), entries_->end(), std::back_inserter(*rest),
                     [](const auto& kept) { return kept->active.load(std::memory_order_relaxed); });
        former = std::exchange(entries_, std::move(rest));
    } catch (...) { // without memory it stays, and is not called
    }
}

bool ListenerRegistry::has(std::uint64_t number) const noexcept {
    const std::lock_guard lock(mutex_);
    return std::any_of(entries_->begin(), entries_->end(), [&](const auto& kept) {
        return kept->number == number && kept->active.load(std::memory_order_relaxed);
    });
}

} // namespace mercator
