// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/related.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace mercator {

/// Where the members of large collections stand, so that finding or taking out one of 100,000 does
/// not look at all of them. Made for a collection when it is first searched, and again after its
/// members got other places. Belongs to a graph.
class MERCATOR_API MemberIndex {
public:
    /// The member's place among `RelatedAccess::places`, or nothing.
    [[nodiscard]] std::optional<std::size_t> find(const RelatedMany& many, const void* member);
    /// Takes the member out; false if it is none.
    bool take_out(RelatedMany& many, const void* member);
    void forget(const RelatedMany& many) noexcept { collections_.erase(&many); }
    void clear() noexcept { collections_.clear(); }

private:
    struct Places {
        std::unordered_map<const void*, std::size_t> of;
        std::size_t known = 0; ///< so many places have been looked at
        std::uint32_t shape = 0;
    };
    [[nodiscard]] Places& places(const RelatedMany& many);

    std::unordered_map<const RelatedMany*, Places> collections_;
};

} // namespace mercator
