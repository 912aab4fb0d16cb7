// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace mercator {

/// A part of an object that nothing in its description speaks of: a member that was forgotten, or
/// is meant to live in memory only.
struct UnmappedPart {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    std::string after; ///< the member before it, or empty at the beginning

    friend bool operator==(const UnmappedPart&, const UnmappedPart&) = default;
};

/// Where a member lies.
struct MemberPlace {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    std::uint32_t alignment = 1;
    std::string name;
};

/// The untyped half of `unmapped_parts`.
[[nodiscard]] MERCATOR_API std::vector<UnmappedPart> find_unmapped(const Mapper& mapper,
                                                                   std::vector<MemberPlace> known);

/// What of T is neither a column nor a relationship nor one of the members given: for a test that a
/// new member cannot be forgotten, `CHECK(unmapped_parts<User>(members<&User::cached>).empty())`.
///
/// C++20 cannot list the members of a struct, so this looks at the bytes that are not spoken for,
/// without those that alignment explains: a small member between two large ones (a `bool` before an
/// `int64`) is not seen. Classes whose backrefs reach into T must be known, as for every use of T.
/// Throws MappingError when T's description is wrong.
template <class T, auto... NotStored>
[[nodiscard]] std::vector<UnmappedPart> unmapped_parts(MemberList<NotStored...> /*not_stored*/) {
    std::vector<MemberPlace> known;
    if constexpr (std::is_polymorphic_v<T>) known.push_back({0, sizeof(void*), alignof(void*), {}});
    (known.push_back({member_offset<T>(NotStored),
                      sizeof(typename MemberPointer<decltype(NotStored)>::member_type),
                      alignof(typename MemberPointer<decltype(NotStored)>::member_type),
                      std::string(member_name<NotStored>())}),
     ...);
    return find_unmapped(mapper_of<T>(), std::move(known));
}
template <class T>
[[nodiscard]] std::vector<UnmappedPart> unmapped_parts() {
    return unmapped_parts<T>(members<>);
}

} // namespace mercator
