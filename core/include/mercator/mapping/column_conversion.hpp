// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/type_of.hpp>
#include <mercator/types/type_rules.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace mercator {

/// Two functions of a column as the codec of its member. `Member` may be a std::optional.
template <class Member, auto Encode, auto Decode>
struct ColumnConversionOf {
    using Plain = typename WithoutOptional<Member>::type;
    static_assert(std::invocable<decltype(Encode), const Plain&>,
                  "mercator: the first function of convert<...>() must take the member's value");
    using Stored = std::remove_cvref_t<std::invoke_result_t<decltype(Encode), const Plain&>>;
    static_assert(Mappable<Stored> && !WithoutOptional<Stored>::optional,
                  "mercator: the first function of convert<...>() must return what can be stored");
    static_assert(std::is_invocable_r_v<Plain, decltype(Decode), Stored>,
                  "mercator: the second function of convert<...>() must make the member's value of "
                  "what the first one returns");

    [[nodiscard]] static constexpr SqlType sql_type() noexcept {
        return default_sql_type<Stored>();
    }

    template <class M>
    struct Codec {
        static constexpr bool optional = WithoutOptional<M>::optional;
        static Value load(const void* member) {
            const M& value = *static_cast<const M*>(member);
            if constexpr (optional)
                return value ? encoded(*value) : Value();
            else
                return encoded(value);
        }
        static void store(void* member, const Value& value, std::string_view where) {
            M& target = *static_cast<M*>(member);
            if constexpr (optional) {
                if (value.is_null()) {
                    target.reset();
                    return;
                }
            }
            target = decoded(value, where);
        }
        /// What is stored may differ each time, as with a random start of an encryption.
        static bool same(const void* member, const Value& other) {
            const M& value = *static_cast<const M*>(member);
            if constexpr (optional) {
                if (!value || other.is_null()) return !value && other.is_null();
                return *value == decoded(other, {});
            } else {
                return !other.is_null() && value == decoded(other, {});
            }
        }
        static constexpr auto same_or_none() noexcept -> bool (*)(const void*, const Value&) {
            if constexpr (std::equality_comparable<Plain>)
                return &same;
            else
                return nullptr;
        }
        static constexpr FieldCodec codec{&load, &store, same_or_none()};
    };

    static constexpr const FieldCodec& codec = Codec<Member>::codec;
    static Value encode(const Value& value) {
        Plain plain{};
        mercator::store(field_of<Plain>({}), reinterpret_cast<std::byte*>(std::addressof(plain)),
                        value);
        return encoded(plain);
    }
    static constexpr ColumnConversion conversion{&encode, &Codec<Plain>::codec,
                                                 &Codec<std::optional<Plain>>::codec,
                                                 static_cast<std::uint8_t>(TypeOf<Plain>::kind)};

private:
    template <class T>
    static Field field_of(std::string_view where) {
        Field field;
        field.kind = TypeOf<T>::kind;
        field.optional = TypeOf<T>::optional;
        field.codec = TypeOf<T>::codec();
        field.where = where;
        return field;
    }
    static Value encoded(const Plain& plain) {
        try {
            const Stored stored(std::invoke(Encode, plain));
            return mercator::load(field_of<Stored>({}),
                                  reinterpret_cast<const std::byte*>(std::addressof(stored)));
        } catch (const Error&) {
            throw;
        } catch (const std::exception&) {
            throw_data_error("the column's conversion refused the value", "");
        }
    }
    static Plain decoded(const Value& value, std::string_view where) {
        Stored stored{};
        mercator::store(field_of<Stored>(where),
                        reinterpret_cast<std::byte*>(std::addressof(stored)), value);
        try {
            return std::invoke(Decode, std::move(stored));
        } catch (const DataError& error) {
            throw_naming(error, where);
        } catch (const Error&) {
            throw;
        } catch (const std::exception&) {
            throw_data_error("the column's conversion refused the stored value",
                             std::string(where));
        }
    }
};

} // namespace mercator
