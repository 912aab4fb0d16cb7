// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/loader_option.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <memory>

namespace mercator {

/// A node that says that the query's own join brings a relationship; without `table`, under the
/// target table's own name.
[[nodiscard]] MERCATOR_API std::shared_ptr<const LoadNode>
contained_branch(const Mapper& mapper, std::uint32_t relationship_offset,
                 std::shared_ptr<const ast::TableRef> table);

/// The query's own join also fills the relationship:
/// `session.query<Post>().join<&Post::author>().where(col(&User::name) ==
/// "Ada").options(contains_eager<&Post::author>())`. What the query's conditions leave out of a
/// collection is then missing from it in memory, so such a collection is known to be a part: a
/// flush takes nothing for removed, and cascades read the rest. LIMIT counts the joined rows.
template <auto Member>
[[nodiscard]] auto contains_eager() {
    using Related = RelationshipMember<Member>;
    const Mapper& mapper = mapper_of<typename Related::Class>();
    return typename Related::Option(
        contained_branch(mapper, member_offset<typename Related::Class>(Member), nullptr));
}
/// The same for a join to an alias.
template <auto Member>
[[nodiscard]] auto contains_eager(const Alias<typename RelationshipMember<Member>::Target>& alias) {
    using Related = RelationshipMember<Member>;
    const Mapper& mapper = mapper_of<typename Related::Class>();
    return typename Related::Option(
        contained_branch(mapper, member_offset<typename Related::Class>(Member), alias.table()));
}

} // namespace mercator
