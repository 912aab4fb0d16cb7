// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/code_place.hpp>
#include <mercator/support/export.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace mercator {

class ListenerRegistry;

/// What every function that takes a listener returns. The listener stays as long as what it listens
/// to (a Database, a Session, an Engine), whether this is kept or not; `remove()` takes it out
/// before. To have it for a scope alone, keep a ScopedSubscription instead:
///
///     db.on<User>().before_insert(lower_email);                                  // for good
///     const ScopedSubscription trial = db.on<User>().before_insert(lower_email); // in this scope
///
/// A value; safe to outlive what was listened to.
class MERCATOR_API Subscription {
public:
    Subscription() noexcept = default;
    Subscription(const std::shared_ptr<ListenerRegistry>& registry, std::uint64_t number) noexcept;

    /// It is not called again, nor by an operation that is under way on this thread. Nothing
    /// happens when it is out already. Callable from any thread, and from the listener itself.
    void remove() const noexcept;
    [[nodiscard]] bool active() const noexcept;

private:
    std::weak_ptr<ListenerRegistry> registry_;
    std::uint64_t number_ = 0;
};

/// Takes the listener out when it ends. Move-only.
class MERCATOR_API ScopedSubscription {
public:
    ScopedSubscription() noexcept = default;
    // NOLINTNEXTLINE(google-explicit-constructor): it is the same, kept for a scope
    ScopedSubscription(Subscription subscription) noexcept :
        subscription_(std::move(subscription)) {}
    ScopedSubscription(ScopedSubscription&& other) noexcept :
        subscription_(std::exchange(other.subscription_, {})) {}
    ScopedSubscription& operator=(ScopedSubscription&& other) noexcept {
        if (this != &other) {
            subscription_.remove();
            subscription_ = std::exchange(other.subscription_, {});
        }
        return *this;
    }
    ~ScopedSubscription() { subscription_.remove(); }

    void remove() const noexcept { subscription_.remove(); }
    [[nodiscard]] bool active() const noexcept { return subscription_.active(); }

private:
    Subscription subscription_;
};

/// One listener, as a registry keeps it. What `call` is given depends on the kind.
struct ListenerEntry {
    std::uint8_t kind = 0;         ///< below 32; the rooms number theirs
    const void* subject = nullptr; ///< a class; nullptr: all
    std::uint32_t detail = 0;      ///< a member's place
    bool propagate = false;        ///< also of classes below the subject
    CodePlace place;               ///< where it was registered
    std::function<void(void*)> call;
};

/// The listeners of one Database, Session or Engine, in the order in which they came. Thread-safe;
/// a listener may add and remove others.
class MERCATOR_API ListenerRegistry : public std::enable_shared_from_this<ListenerRegistry> {
public:
    /// An entry, and whether it is to be called still.
    struct Kept {
        ListenerEntry entry;
        std::uint64_t number;
        std::atomic<bool> active{true};
    };
    using Entries = std::vector<std::shared_ptr<Kept>>;

    [[nodiscard]] static std::shared_ptr<ListenerRegistry> create();

    Subscription add(ListenerEntry entry);
    /// Several that are removed together.
    Subscription add(std::vector<ListenerEntry> entries);
    /// Is anybody there for one of these kinds, one bit for each?
    [[nodiscard]] bool any_of(std::uint32_t kinds) const noexcept {
        return (kinds_.load(std::memory_order_relaxed) & kinds) != 0;
    }
    /// Those that there are now; later changes do not touch the list.
    [[nodiscard]] std::shared_ptr<const Entries> entries() const;
    /// Calls those of a kind with `call`, one after the other.
    void tell(std::uint8_t kind, void* call) const;

    void remove(std::uint64_t number) noexcept;
    [[nodiscard]] bool has(std::uint64_t number) const noexcept;

private:
    ListenerRegistry() = default;

    mutable std::mutex mutex_;
    std::shared_ptr<const Entries> entries_ = std::make_shared<const Entries>();
    std::uint64_t next_ = 1;
    std::atomic<std::uint32_t> kinds_{0};
};

} // namespace mercator
