// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/types/temporal.hpp>

#include <optional>

namespace mercator {

/// Two mixins that most applications need. A mixin is a base class with columns and without a table
/// of its own: `struct Post : TimestampMixin, SoftDeleteMixin { ... }` has the members, and
/// `post.table("posts").include<TimestampMixin>().include<SoftDeleteMixin>()` the columns, where
/// that line stands among the others. Every class has its own.

/// When a row was made and last changed, in UTC, by the program's clock (see clock.hpp).
struct TimestampMixin {
    DateTime created_at{};
    DateTime updated_at{}; ///< of the last change of another column
};
inline void describe(Mapping<TimestampMixin>& mixin) {
    mixin.column<&TimestampMixin::created_at>().default_factory(utc_now);
    mixin.column<&TimestampMixin::updated_at>().default_factory(utc_now).on_update(utc_now);
}

/// Rows that are kept when they are deleted. Queries, relationships and lookups do not see them;
/// `query.without_criteria<Post>()` does. `session.delete_` still deletes for good.
///
/// A unique column holds the values of deleted rows as well: where a deleted name may be used
/// again, make it a partial index, `index<&User::name>(Index{.unique = true, .where =
/// col<User>(&SoftDeleteMixin::deleted_at).is_null()})`, on databases that have one.
struct SoftDeleteMixin {
    std::optional<DateTime> deleted_at;

    void soft_delete() { deleted_at = utc_now(); }
    void restore() noexcept { deleted_at.reset(); }
    [[nodiscard]] bool is_deleted() const noexcept { return deleted_at.has_value(); }
};
inline void describe(Mapping<SoftDeleteMixin>& mixin) {
    mixin.column<&SoftDeleteMixin::deleted_at>();
    mixin.criteria(col(&SoftDeleteMixin::deleted_at).is_null());
}

} // namespace mercator
