// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/sql_type.hpp>
#include <mercator/types/value.hpp>

#include <string>
#include <string_view>

namespace mercator::postgresql {

/// The text of an array as the server reads it, `{1,NULL,"a b"}`, of a list that comes as the text
/// of a JSON array. DataError for elements that the server would cut or round, as for single
/// values.
[[nodiscard]] std::string array_text(const SqlType& type, const Value& list,
                                     std::string_view where);

} // namespace mercator::postgresql
