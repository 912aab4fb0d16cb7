// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/deferred.hpp>
#include <mercator/mapping/related.hpp>
#include <mercator/support/export.hpp>

#include <compare>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace mercator {

/// Whom an attribute tells of assignments: nobody outside of a session that has listeners. The
/// untyped half of `Attribute<T>`.
class MERCATOR_API AttributeLink {
public:
    AttributeLink() noexcept = default;

    [[nodiscard]] bool is_watched() const noexcept { return owner_ != nullptr; }
    /// Listeners of the member at `member` may change what is at `value`, which is about to be
    /// assigned, or refuse it by throwing.
    void tell(const void* member, void* value) const;

private:
    friend class AttributeAccess;
    RelationshipOwner* owner_ = nullptr;
};

/// May a U be compared with a value of type V?
template <class U, class V>
concept ComparesAs = std::convertible_to<const U&, V> ||
    (std::same_as<V, std::string>&& std::convertible_to<const U&, std::string_view>);

/// A column whose assignments can be listened to, as `Attribute<std::string> email`:
///
///     db.on<User>().set<&User::email>([](User&, std::string& value, const std::string& old) {
///         value = lower(value);
///     });
///
/// Reads like a T, which it holds in place; compares, copies and moves like one. Without listeners
/// it is a T and one pointer. What it holds is changed by assignment alone, so that nothing is
/// missed: take a copy, change it, assign it. `Attribute<Deferred<T>>` loads the former value
/// before listeners are told. A copy listens to nobody.
template <class T>
class Attribute {
public:
    using value_type = stored_member_t<T>;

    Attribute() = default;
    template <class U>
    requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, Attribute>)
        Attribute(U&& value) :
        // NOLINT(google-explicit-constructor): it stands for its value
        held_(std::forward<U>(value)) {}
    Attribute(const Attribute& other) : held_(other.held_) {}
    Attribute(Attribute&& other) noexcept(std::is_nothrow_move_constructible_v<T>) :
        held_(std::move(other.held_)) {}
    Attribute& operator=(const Attribute& other) {
        if (this != &other) assign(value_type(other.get()));
        return *this;
    }
    Attribute& operator=(Attribute&& other) {
        if (this == &other) return *this;
        if constexpr (std::same_as<T, value_type>) {
            assign(std::move(other.held_));
        } else {
            assign(value_type(other.get()));
        }
        return *this;
    }
    template <class U = value_type>
    requires(std::is_assignable_v<value_type&, U&&> &&
             !std::same_as<std::remove_cvref_t<U>, Attribute>) Attribute&
    operator=(U&& value) {
        if (!link_.is_watched()) {
            held_ = std::forward<U>(value);
            return *this;
        }
        if constexpr (std::constructible_from<value_type, U&&>) {
            assign(value_type(std::forward<U>(value)));
        } else {
            value_type made{};
            made = std::forward<U>(value);
            assign(std::move(made));
        }
        return *this;
    }
    ~Attribute() = default;

    /// The value; a deferred one is loaded if need be.
    [[nodiscard]] const value_type& get() const {
        if constexpr (std::same_as<T, value_type>) {
            return held_;
        } else {
            return held_.get();
        }
    }
    operator const value_type&() const { return get(); } // NOLINT(google-explicit-constructor)
    const value_type& operator*() const { return get(); }
    const value_type* operator->() const { return &get(); }

    template <class U>
    Attribute& operator+=(const U& by) {
        return *this = value_type(get() + by);
    }
    template <class U>
    Attribute& operator-=(const U& by) {
        return *this = value_type(get() - by);
    }
    Attribute& operator++() { return *this += 1; }
    Attribute& operator--() { return *this -= 1; }

    friend bool operator==(const Attribute& a, const Attribute& b) { return a.get() == b.get(); }
    template <class U>
    requires(!std::same_as<U, Attribute> && ComparesAs<U, value_type>) friend bool
    operator==(const Attribute& a, const U& b) {
        return a.get() == b;
    }
    friend auto operator<=>(const Attribute& a, const Attribute& b) { return a.get() <=> b.get(); }
    template <class U>
    requires(!std::same_as<U, Attribute> && ComparesAs<U, value_type>) friend auto
    operator<=>(const Attribute& a, const U& b) {
        return a.get() <=> b;
    }
    /// To a std::ostream, like its value.
    template <class Stream>
    requires requires(Stream& out, const value_type& value) { out << value; }
    friend Stream& operator<<(Stream& out, const Attribute& attribute) {
        out << attribute.get();
        return out;
    }

private:
    void assign(value_type value) {
        if (link_.is_watched()) {
            static_cast<void>(get()); // listeners are told of the former value
            link_.tell(this, &value);
        }
        held_ = std::move(value);
    }
    T held_{}; // first, so that the column lies where the member does
    AttributeLink link_;
};

/// Where the link of an Attribute<T> lies in the member; 0 in others.
template <class T>
inline constexpr std::uint32_t attribute_link_offset = 0;
template <class T>
inline constexpr std::uint32_t
    attribute_link_offset<Attribute<T>> = (sizeof(T) + alignof(AttributeLink) - 1) /
                                          alignof(AttributeLink) * alignof(AttributeLink);

template <class T>
struct StoredMember<Attribute<T>> {
    using type = stored_member_t<T>;
    static constexpr std::uint32_t link_offset = StoredMember<T>::link_offset;
    static_assert(sizeof(Attribute<T>) >=
                  attribute_link_offset<Attribute<T>> + sizeof(AttributeLink));
};

/// Is it an Attribute<T>?
template <class T>
inline constexpr bool is_attribute = false;
template <class T>
inline constexpr bool is_attribute<Attribute<T>> = true;

/// How the graph reaches the links. Not for users.
class MERCATOR_API AttributeAccess {
public:
    static void bind(AttributeLink& link, RelationshipOwner* owner) noexcept {
        link.owner_ = owner;
    }
};

} // namespace mercator
