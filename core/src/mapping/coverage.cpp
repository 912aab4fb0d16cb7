// SPDX-License-Identifier: MIT
#include <mercator/mapping/coverage.hpp>

#include <algorithm>
#include <utility>

namespace mercator {

std::vector<UnmappedPart> find_unmapped(const Mapper& mapper, std::vector<MemberPlace> known) {
    for (const auto& property : mapper.columns()) {
        known.push_back(
            {property.field.offset, property.size, property.alignment, property.member});
    }
    for (const auto& relationship : mapper.relationships()) {
        const auto size = relationship.is_collection ? sizeof(RelatedMany) : sizeof(RelatedOne);
        known.push_back({relationship.offset, static_cast<std::uint32_t>(size), alignof(RelatedOne),
                         relationship.member});
    }
    std::sort(known.begin(), known.end(),
              [](const MemberPlace& a, const MemberPlace& b) { return a.offset < b.offset; });
    const ObjectType& type = mapper.object_type();
    known.push_back(
        {static_cast<std::uint32_t>(type.size), 0, static_cast<std::uint32_t>(type.alignment), {}});

    std::vector<UnmappedPart> parts;
    std::uint32_t end = 0;
    std::string after;
    for (const auto& place : known) {
        const std::uint32_t padded =
            (end + place.alignment - 1) / place.alignment * place.alignment;
        if (place.offset > padded) parts.push_back({end, place.offset - end, after});
        if (place.offset + place.size <= end) continue;
        end = place.offset + place.size;
        after = place.name;
    }
    return parts;
}

} // namespace mercator
