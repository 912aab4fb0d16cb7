// SPDX-License-Identifier: MIT
#include "n_plus_one.hpp"

#include <mercator/state/load_batch.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <string>

namespace mercator {

namespace {

std::string report(const LoadBatch& batch, const Relationship& relationship, std::uint32_t count) {
    const std::string_view name = relationship.owner->class_name();
    const std::string place =
        batch.place.line == 0
            ? std::string()
            : fmt::format(" queried at {}:{}", batch.place.file, batch.place.line);
    return fmt::format("{0} was loaded one by one for {1} of {2} {3} objects{4}; add "
                       ".options(selectin<&{3}::{5}>()) to that query, or map it with "
                       ".lazy(Lazy::batch)",
                       relationship.where, count, batch.members.size(), name, place,
                       relationship.member);
}

/// Where the relationship is counted. Relationships of two subclasses may have the same index.
std::size_t place_of(const Relationship& relationship) {
    std::size_t place = relationship.index;
    if (relationship.owner->base() == nullptr) return place;
    for (const Mapper* other : relationship.owner->root().descendants()) {
        if (other == relationship.owner) break;
        place += other->relationships().size();
    }
    return place;
}

} // namespace

void note_single_load(LoadContext& context, const InstanceState& owner,
                      const Relationship& relationship) {
    const LoadSettings& settings = context.load_settings();
    LoadBatch* batch = owner.batch;
    if (settings.n_plus_one == NPlusOne::ignore || batch == nullptr || batch->members.size() < 2)
        return;
    const std::size_t place = place_of(relationship);
    if (batch->single_loads.size() <= place) batch->single_loads.resize(place + 1);
    const std::uint32_t count = ++batch->single_loads[place];
    if (settings.n_plus_one == NPlusOne::raise && count >= settings.n_plus_one_threshold)
        throw NPlusOneError(report(*batch, relationship, count), relationship.where);
    if (settings.n_plus_one == NPlusOne::log && count == settings.n_plus_one_threshold) {
        context.engine().options().log->write(LogLevel::Warning,
                                              report(*batch, relationship, count));
    }
}

} // namespace mercator
