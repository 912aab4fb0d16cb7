// SPDX-License-Identifier: MIT
#include <mercator/state/member_index.hpp>

#include <algorithm>

namespace mercator {

namespace {

constexpr std::size_t searched_one_by_one = 32;

} // namespace

MemberIndex::Places& MemberIndex::places(const RelatedMany& many) {
    const auto& items = RelatedAccess::places(many);
    Places& places = collections_[&many];
    if (places.shape != RelatedAccess::shape(many) || places.known > items.size()) {
        places = {};
        places.shape = RelatedAccess::shape(many);
        places.of.reserve(items.size());
    }
    for (; places.known < items.size(); ++places.known) {
        if (items[places.known])
            places.of.insert_or_assign(items[places.known].get(), places.known);
    }
    return places;
}

std::optional<std::size_t> MemberIndex::find(const RelatedMany& many, const void* member) {
    if (member == nullptr) return std::nullopt;
    const auto& items = RelatedAccess::places(many);
    if (items.size() <= searched_one_by_one) {
        // From the end: what was added last is the most likely to be asked for.
        const auto found = std::find_if(items.rbegin(), items.rend(),
                                        [&](const auto& item) { return item.get() == member; });
        if (found == items.rend()) return std::nullopt;
        return static_cast<std::size_t>(items.rend() - found) - 1;
    }
    const Places& known = places(many);
    const auto found = known.of.find(member);
    if (found == known.of.end()) return std::nullopt;
    return found->second;
}

bool MemberIndex::take_out(RelatedMany& many, const void* member) {
    const auto place = find(many, member);
    if (!place) return false;
    if (const auto entry = collections_.find(&many); entry != collections_.end()) {
        Places& places = entry->second;
        places.of.erase(member);
        // The last place is not left empty: what comes next stands there.
        if (*place + 1 == RelatedAccess::places(many).size())
            places.known = std::min(places.known, *place);
    }
    RelatedAccess::take_out(many, *place);
    return true;
}

} // namespace mercator
