// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>
#include <mercator/types/blob.hpp>
#include <mercator/types/decimal.hpp>
#include <mercator/types/temporal.hpp>
#include <mercator/types/uuid.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace mercator {

/// Absence of a value: SQL's NULL.
struct Null {
    friend constexpr bool operator==(Null, Null) noexcept { return true; }
};
inline constexpr Null null{};

/// Which alternative a Value holds; the order is that of `Value::Storage`.
enum class ValueKind : std::uint8_t {
    Null,
    Boolean,
    Integer,
    Unsigned,
    Float,
    Double,
    String,
    Bytes,
    Decimal,
    DateTime,
    Date,
    Time,
    Interval,
    Uuid
};

/// One value whose type is known only at run time: a bound parameter or a cell of a dynamic row.
/// Never used per cell when rows are read into structs (see `DecodePlan`). A value type.
class Value {
public:
    using Storage = std::variant<Null, bool, std::int64_t, std::uint64_t, float, double,
                                 std::string, Bytes, Decimal, DateTime, Date, Time, Interval, Uuid>;

    Value() = default;
    Value(Null) {}                         // NOLINT(google-explicit-constructor)
    Value(bool value) : storage_(value) {} // NOLINT(google-explicit-constructor)
    template <std::signed_integral Int>
    Value(Int value) :
        storage_(static_cast<std::int64_t>(value)) {} // NOLINT(google-explicit-constructor)
    template <std::unsigned_integral Int>
    requires(!std::same_as<Int, bool>) Value(Int value) :
        storage_(static_cast<std::uint64_t>(value)) {}       // NOLINT(google-explicit-constructor)
    Value(float value) : storage_(value) {}                  // NOLINT(google-explicit-constructor)
    Value(double value) : storage_(value) {}                 // NOLINT(google-explicit-constructor)
    Value(std::string value) : storage_(std::move(value)) {} // NOLINT(google-explicit-constructor)
    Value(std::string_view value) :
        storage_(std::string(value)) {} // NOLINT(google-explicit-constructor)
    Value(const char* value) :
        storage_(std::string(value)) {}                // NOLINT(google-explicit-constructor)
    Value(Bytes value) : storage_(std::move(value)) {} // NOLINT(google-explicit-constructor)
    Value(Decimal value) : storage_(value) {}          // NOLINT(google-explicit-constructor)
    Value(DateTime value) : storage_(value) {}         // NOLINT(google-explicit-constructor)
    Value(Date value) : storage_(value) {}             // NOLINT(google-explicit-constructor)
    Value(Time value) : storage_(value) {}             // NOLINT(google-explicit-constructor)
    Value(Interval value) : storage_(value) {}         // NOLINT(google-explicit-constructor)
    Value(Uuid value) : storage_(value) {}             // NOLINT(google-explicit-constructor)

    [[nodiscard]] ValueKind kind() const noexcept {
        return static_cast<ValueKind>(storage_.index());
    }
    [[nodiscard]] bool is_null() const noexcept { return kind() == ValueKind::Null; }
    /// The alternative T, or nullptr when the value is of another kind.
    template <class T>
    [[nodiscard]] const T* get_if() const noexcept {
        return std::get_if<T>(&storage_);
    }
    [[nodiscard]] const Storage& storage() const noexcept { return storage_; }
    [[nodiscard]] Storage& storage() noexcept { return storage_; }

    friend bool operator==(const Value&, const Value&) = default;

private:
    Storage storage_;
};

/// For logs and messages: text quoted, binary as its length, NULL as "NULL"; long text is cut,
/// control characters escaped.
[[nodiscard]] MERCATOR_API std::string display(const Value& value);

} // namespace mercator
