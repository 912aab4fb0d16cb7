// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace mercator {

/// A step in an object's life, named as SQLAlchemy names its lifecycle events:
///
///     add                  Transient  -> Pending
///     flush                Pending    -> Persistent
///     a query, get         (nothing)  -> Persistent
///     delete_              Persistent -> Deleted
///     commit               Deleted    -> Detached
///     expunge              Pending    -> Transient,   Persistent -> Detached
///     add after expunge    Transient  -> Pending,     Detached   -> Persistent
///     rollback             Pending    -> Transient,   Persistent -> Transient (was inserted),
///                          Deleted    -> Persistent
///     a failed commit      Persistent -> Pending (was inserted: it is to be inserted again)
///
/// There is a step whenever `session.status()` answers something else than before.
enum class Transition : std::uint8_t {
    TransientToPending,
    PendingToTransient,
    PendingToPersistent,
    LoadedAsPersistent,
    PersistentToPending,
    PersistentToTransient,
    PersistentToDeleted,
    PersistentToDetached,
    DeletedToPersistent,
    DeletedToDetached,
    DeletedToTransient, ///< added and deleted in one transaction that was rolled back
    DetachedToPersistent,
    DetachedToTransient ///< expunged after its INSERT, which was rolled back
};

/// "PendingToPersistent".
[[nodiscard]] MERCATOR_API std::string_view name_of(Transition transition) noexcept;

/// A handle on an object of whatever class: what lists and listeners of all classes are given. It
/// keeps the object alive, as every handle does.
class AnyObject {
public:
    AnyObject(const Mapper& mapper, std::shared_ptr<void> object) noexcept :
        mapper_(&mapper),
        object_(std::move(object)) {}

    [[nodiscard]] const Mapper& mapper() const noexcept { return *mapper_; }
    [[nodiscard]] std::string_view class_name() const noexcept { return mapper_->class_name(); }
    /// The object as a T, which may be a base of its class; empty when it is something else.
    template <class T>
    [[nodiscard]] std::shared_ptr<T> as() const {
        for (const Mapper* mapper = mapper_; mapper != nullptr; mapper = mapper->base()) {
            if (mapper->object_type().type == std::type_index(typeid(T)))
                return std::static_pointer_cast<T>(object_);
        }
        return nullptr;
    }
    [[nodiscard]] const std::shared_ptr<void>& handle() const noexcept { return object_; }
    [[nodiscard]] const void* address() const noexcept { return object_.get(); }
    friend bool operator==(const AnyObject& object, const std::shared_ptr<void>& handle) noexcept {
        return object.object_ == handle;
    }

private:
    const Mapper* mapper_;
    std::shared_ptr<void> object_;
};

/// Called after the operation that made the step, on the session's thread. By then a flush has
/// succeeded and all rows of a query are read, so a listener may use the session. What it throws
/// leaves the operation, which is complete all the same; from `close()`, the session's end and an
/// operation that fails by itself, it is dropped.
using TransitionListener = std::function<void(Transition, const AnyObject&)>;

} // namespace mercator
