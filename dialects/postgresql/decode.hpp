// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/field.hpp>
#include <mercator/types/value.hpp>

#include <libpq-fe.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace mercator::postgresql {

/// Writes one binary cell into a member; `member` is its address. Chosen once per result column and
/// member, so that no row asks again what is what.
using Decoder = void (*)(const char* data, std::size_t length, std::byte* member,
                         const Field& field);

/// The decoder for cells of that database type, or a DataError naming the member when the two do
/// not fit: the column has another type than the model says.
[[nodiscard]] Decoder find_decoder(Oid type, const Field& field, std::string_view column_name);

/// NULL into the member: an empty optional, or a DataError naming `field.where`.
void decode_null(std::byte* member, const Field& field);

/// A cell of a dynamic row as what `declared` says, or as the database's own type where it says
/// nothing.
[[nodiscard]] Value decode_value(Oid type, const char* data, std::size_t length,
                                 const SqlType& declared, std::string_view where);

} // namespace mercator::postgresql
