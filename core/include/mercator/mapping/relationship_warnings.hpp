// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace mercator {

/// What is probably a mistake in the relationships of classes that are used together, as texts for
/// the log:
/// - two relationships that write one column, or the rows of one table between, and are not the two
///   sides of one (`back_populates`): a flush writes what the one says over what the other says;
/// - a table between to which a class is mapped as well: a session that knows a row by one does not
///   see what is done by the other.
/// `viewonly()` on one of the two silences it, and so does `overlaps("name")` on one of them.
/// Only of findings that concern a mapper from `first_new` on, so that each is told once.
[[nodiscard]] MERCATOR_API std::vector<std::string>
relationship_warnings(const std::vector<const Mapper*>& mappers, std::size_t first_new = 0);

} // namespace mercator
