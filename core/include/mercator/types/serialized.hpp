// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/error.hpp>
#include <mercator/types/type_of.hpp>

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Whole objects in one column. Not included by mercator.hpp.
namespace mercator {

/// How a T becomes bytes or text and back, and which version of that it is:
///
///     struct SettingsCodec {
///         static constexpr int version = 2;
///         static std::string encode(const Settings&);             // or mercator::Bytes
///         static Settings    decode(std::string, int version);    // 1 or 2; or without `version`
///     };
///     struct User { mercator::Serialized<Settings, SettingsCodec> settings; };
///
/// The version stands before the stored value, so that old rows stay readable when the form
/// changes. A `decode` without a version takes the present one only; newer ones than the program's
/// are a DataError. What it throws becomes a DataError that names the member.
template <class T, class Codec>
class Serialized {
public:
    Serialized() = default;
    Serialized(T object) : value(std::move(object)) {} // NOLINT(google-explicit-constructor)

    /// Changing it in place is seen by the next flush.
    T value{};
    [[nodiscard]] T* operator->() noexcept { return &value; }
    [[nodiscard]] const T* operator->() const noexcept { return &value; }
    [[nodiscard]] T& operator*() noexcept { return value; }
    [[nodiscard]] const T& operator*() const noexcept { return value; }

    /// By value where T has `==`, else by what would be stored.
    friend bool operator==(const Serialized& a, const Serialized& b) {
        if constexpr (std::equality_comparable<T>)
            return a.value == b.value;
        else
            return Codec::encode(a.value) == Codec::encode(b.value);
    }
};

/// "2:" before the rest: the same for text and for bytes.
template <class T, class Codec>
struct TypeDecorator<Serialized<T, Codec>> {
    using Object = Serialized<T, Codec>;
    using storage = std::remove_cvref_t<decltype(Codec::encode(std::declval<const T&>()))>;
    static_assert(std::same_as<storage, std::string> || std::same_as<storage, Bytes>,
                  "mercator: the encode of a Serialized's codec must return a std::string or "
                  "mercator::Bytes");
    static_assert(Codec::version > 0, "mercator: a codec's version counts from 1");
    using Unit = typename storage::value_type;

    static storage bind(const Object& object) {
        storage stored;
        for (const char c : std::to_string(Codec::version) + ':')
            stored.push_back(static_cast<Unit>(c));
        const storage encoded = Codec::encode(object.value);
        stored.insert(stored.end(), encoded.begin(), encoded.end());
        return stored;
    }

    static Object result(storage stored) {
        const std::string_view text(reinterpret_cast<const char*>(stored.data()), stored.size());
        int version = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), version);
        const auto length = static_cast<std::size_t>(read.ptr - text.data());
        if (read.ec != std::errc() || length >= text.size() || text[length] != ':' || version < 1)
            refuse("the stored object has no version before it");
        if (version > Codec::version) {
            refuse("the stored object has the version " + std::to_string(version) +
                   ", and this program knows up to " + std::to_string(Codec::version));
        }
        stored.erase(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(length) + 1);
        if constexpr (requires { Codec::decode(std::move(stored), version); }) {
            return Object(Codec::decode(std::move(stored), version));
        } else {
            if (version != Codec::version) {
                refuse("the stored object has the version " + std::to_string(version) +
                       ", and its codec reads no old ones");
            }
            return Object(Codec::decode(std::move(stored)));
        }
    }

    static bool equal(const Object& a, const Object& b) { return a == b; }

private:
    [[noreturn]] static void refuse(std::string what) { throw_data_error(std::move(what), ""); }
};

} // namespace mercator
