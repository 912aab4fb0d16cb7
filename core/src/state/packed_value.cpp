// SPDX-License-Identifier: MIT
#include "packed_value.hpp"

#include <cstring>
#include <type_traits>
#include <utility>

namespace mercator {

namespace {

struct PlainDecimal {
    std::int64_t high;
    std::uint64_t low;
    std::int64_t scale;
};

Decimal without_trailing_zeros(Decimal value) {
    while (value.scale() > 0) {
        const auto shorter = value.rescaled(value.scale() - 1);
        if (!shorter) break;
        value = *shorter;
    }
    return value;
}

template <class T>
void append_raw(std::string& out, const T& value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
T read_raw(std::string_view bytes) {
    T value{};
    std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
    return value;
}

template <std::size_t Index>
Value unpack_alternative(std::string_view bytes) {
    using T = std::variant_alternative_t<Index, Value::Storage>;
    if constexpr (std::is_same_v<T, Null>) {
        return Value();
    } else if constexpr (std::is_same_v<T, std::string>) {
        return Value(std::string(bytes));
    } else if constexpr (std::is_same_v<T, Bytes>) {
        const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
        return Value(Bytes(first, first + bytes.size()));
    } else if constexpr (std::is_same_v<T, Decimal>) {
        const auto plain = read_raw<PlainDecimal>(bytes);
        return Value(Decimal::from_parts(plain.high, plain.low, static_cast<int>(plain.scale)));
    } else {
        return Value(read_raw<T>(bytes));
    }
}

template <std::size_t... Index>
Value unpack_kind(std::size_t kind, std::string_view bytes, std::index_sequence<Index...>) {
    Value result;
    ((kind == Index ? (result = unpack_alternative<Index>(bytes), void()) : void()), ...);
    return result;
}

} // namespace

std::string pack_value(const Value& value) {
    std::string out(1, static_cast<char>(value.kind()));
    std::visit(
        [&]<class T>(const T& content) {
            if constexpr (std::is_same_v<T, Null>) {
                return;
            } else if constexpr (std::is_same_v<T, std::string>) {
                out.append(content);
            } else if constexpr (std::is_same_v<T, Bytes>) {
                out.append(reinterpret_cast<const char*>(content.data()), content.size());
            } else if constexpr (std::is_same_v<T, Decimal>) {
                const Decimal canonical = without_trailing_zeros(content);
                append_raw(out, PlainDecimal{canonical.coefficient_high(),
                                             canonical.coefficient_low(), canonical.scale()});
            } else {
                append_raw(out, content);
            }
        },
        value.storage());
    return out;
}

Value unpack_value(std::string_view bytes) {
    return unpack_kind(static_cast<std::size_t>(bytes.front()), bytes.substr(1),
                       std::make_index_sequence<std::variant_size_v<Value::Storage>>());
}

} // namespace mercator
