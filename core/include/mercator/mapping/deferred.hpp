// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/related.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace mercator {

/// What a deferred member knows of its object: the untyped half of `Deferred<T>`.
class MERCATOR_API DeferredLink {
public:
    DeferredLink() noexcept = default;

    [[nodiscard]] bool loaded() const noexcept { return !unloaded_; }
    /// Loads the column now if it is not. Throws DetachedError when the session has ended.
    void load() const;
    /// For one that was moved out of its object: it is lost if it was not loaded.
    void leave() noexcept { owner_ = nullptr; }

private:
    friend class DeferredAccess;
    RelationshipOwner* owner_ = nullptr;
    std::uint16_t column_ = 0;
    bool unloaded_ = false;
};

/// A column that need not be loaded with its object, as `Deferred<std::string> body`: large texts
/// and files. Reads like a T, and loads when it is first read, for all objects of the same result
/// at once. A member of plain structs, which holds its T in place; outside of a session it is just
/// a T.
///
/// Deferred by `.deferred()` in the mapping, or for a query by `defer<&Post::body>()` and
/// `load_only<...>()`. A new value for one that is not loaded loads it first, so that the session
/// knows what changes. Copies have the value: copying an object loads it.
template <class T>
class Deferred {
public:
    using value_type = T;

    Deferred() = default;
    Deferred(T value) :
        // NOLINT(google-explicit-constructor): it stands for its value
        value_(std::move(value)) {}
    template <class U>
    requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, T> &&
             !std::same_as<std::remove_cvref_t<U>, Deferred>) Deferred(U&& value) :
        // NOLINT(google-explicit-constructor)
        value_(std::forward<U>(value)) {}
    Deferred(const Deferred& other) : value_(other.get()) {}
    Deferred(Deferred&& other) noexcept : value_(std::move(other.value_)), link_(other.link_) {
        link_.leave();
    }
    Deferred& operator=(const Deferred& other) {
        if (this != &other) *this = T(other.get());
        return *this;
    }
    Deferred& operator=(Deferred&& other) {
        if (this != &other) {
            other.link_.load();
            *this = std::move(other.value_);
        }
        return *this;
    }
    template <class U = T>
    requires(std::is_assignable_v<T&, U&&> && !std::same_as<std::remove_cvref_t<U>, Deferred>)
        Deferred& operator=(U&& value) {
        link_.load();
        value_ = std::forward<U>(value);
        return *this;
    }
    ~Deferred() = default;

    [[nodiscard]] bool loaded() const noexcept { return link_.loaded(); }
    /// The value, loaded if need be. Throws DetachedError when it was not loaded while its session
    /// lived, StateError when the mapping or the query says that it must not be loaded so.
    [[nodiscard]] const T& get() const {
        link_.load();
        return value_;
    }
    /// The value, to be changed in place.
    [[nodiscard]] T& edit() {
        link_.load();
        return value_;
    }
    operator const T&() const { return get(); } // NOLINT(google-explicit-constructor)
    const T& operator*() const { return get(); }
    const T* operator->() const { return &get(); }

    friend bool operator==(const Deferred& a, const Deferred& b) { return a.get() == b.get(); }
    template <class U>
    requires(!std::same_as<U, Deferred> && std::convertible_to<const U&, T>) friend bool
    operator==(const Deferred& a, const U& b) {
        return a.get() == b;
    }

private:
    T value_{}; // first, so that the column lies where the member does
    DeferredLink link_;
};

/// The type of a column behind a member's type, and where its link lies in the member (0: nowhere).
template <class T>
struct StoredMember {
    using type = T;
    static constexpr std::uint32_t link_offset = 0;
};
template <class T>
struct StoredMember<Deferred<T>> {
    using type = T;
    static constexpr std::uint32_t link_offset =
        (sizeof(T) + alignof(DeferredLink) - 1) / alignof(DeferredLink) * alignof(DeferredLink);
    static_assert(sizeof(Deferred<T>) >= link_offset + sizeof(DeferredLink));
};
template <class T>
using stored_member_t = typename StoredMember<T>::type;

/// How graph and loaders reach the links. Not for users.
class MERCATOR_API DeferredAccess {
public:
    static void bind(DeferredLink& link, RelationshipOwner* owner, std::uint16_t column) noexcept {
        link.owner_ = owner;
        link.column_ = column;
        link.unloaded_ = false;
    }
    static void set_loaded(DeferredLink& link, bool loaded) noexcept { link.unloaded_ = !loaded; }
};

} // namespace mercator
