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
    // Not inline: each would make the compiler look at all alternatives in every file that includes
    // this one.
    MERCATOR_API Value(const Value& other);
    MERCATOR_API Value(Value&& other) noexcept;
    MERCATOR_API Value& operator=(const Value& other);
    MERCATOR_API Value& operator=(Value&& other) noexcept;
    ~Value() = default;
    // NOLINTBEGIN(google-explicit-constructor)
    Value(Null) {}
    template <std::signed_integral Int>
    Value(Int value) : Value(Signed{value}) {}
    template <std::unsigned_integral Int>
    requires(!std::same_as<Int, bool>) Value(Int value) : Value(Unsigned{value}) {}
    MERCATOR_API Value(bool value);
    MERCATOR_API Value(float value);
    MERCATOR_API Value(double value);
    MERCATOR_API Value(std::string value);
    MERCATOR_API Value(std::string_view value);
    MERCATOR_API Value(const char* value);
    MERCATOR_API Value(Bytes value);
    MERCATOR_API Value(Decimal value);
    MERCATOR_API Value(DateTime value);
    MERCATOR_API Value(Date value);
    MERCATOR_API Value(Time value);
    MERCATOR_API Value(Interval value);
    MERCATOR_API Value(Uuid value);
    // NOLINTEND(google-explicit-constructor)

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
    struct Signed {
        std::int64_t value;
    };
    struct Unsigned {
        std::uint64_t value;
    };
    MERCATOR_API explicit Value(Signed integer);
    MERCATOR_API explicit Value(Unsigned integer);

    Storage storage_;
};

/// For logs and messages: text quoted, binary as its length, NULL as "NULL"; long text is cut,
/// control characters escaped.
[[nodiscard]] MERCATOR_API std::string display(const Value& value);

} // namespace mercator
