// SPDX-License-Identifier: MIT
#pragma once

#include "wire.hpp"

#include <mercator/dialect/compiled.hpp>
#include <mercator/dialect/driver.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::postgresql {

/// One encoded parameter: into a scratch area, or the value's own storage. `data` is nullptr for
/// NULL.
struct Encoded {
    const char* data = nullptr;
    std::size_t length = 0;
};

inline constexpr std::size_t scratch_bytes = 64;

/// The parameters of one statement in the form that libpq takes. Buffers live as long as the
/// statement and are reused; text and binary data are not copied, so the objects must stay until
/// the statement has been sent.
class Parameters {
public:
    explicit Parameters(const Compiled& compiled);

    /// All of these check what the database would cut, refuse late or misread (NUL, encoding,
    /// lengths, digits) and throw DataError.
    void set(std::span<const Value> values);
    void set_row(const BindPlan& plan, const std::byte* object);
    void set_rows(const BindPlan& plan, std::span<const std::byte* const> rows);
    /// One array per slot, the column of all rows.
    void set_arrays(const BindPlan& plan, std::span<const std::byte* const> rows);

    [[nodiscard]] int count() const noexcept { return static_cast<int>(slots_.size()); }
    [[nodiscard]] const char* const* values() const noexcept { return values_.data(); }
    [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }
    [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }
    [[nodiscard]] const Oid* types() const noexcept { return types_.data(); }

private:
    void check_count(std::size_t given) const;
    void set_slots(const BindPlan& plan, const std::byte* object, std::size_t first_slot);
    void put(std::size_t slot, Encoded encoded);
    /// Keeps the text of an array until it is sent.
    const Value& hold_array(std::size_t slot, const Value& list, std::string_view where);

    std::vector<SqlType> sql_types_;
    std::vector<WireType> slots_;
    std::vector<Oid> types_;
    std::vector<const char*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
    std::vector<std::array<char, scratch_bytes>> scratch_;
    std::vector<Value> held_; // what codecs made, until it is sent
    std::vector<std::string> arrays_;
};

/// One value for a parameter of that SQL type.
[[nodiscard]] Encoded encode_value(const SqlType& type, const Value& value, char* scratch,
                                   std::string_view where);

/// A binary one-dimensional array of one field of all rows.
void write_array(std::string& out, const SqlType& type, const Field& field,
                 std::span<const std::byte* const> rows);

} // namespace mercator::postgresql
