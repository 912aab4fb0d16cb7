// SPDX-License-Identifier: MIT
#include "product_warning.hpp"

#include <mercator/support/log.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <tuple>

namespace mercator {

namespace {

/// The owner with the most pairs.
struct Product {
    std::size_t first = 0;
    std::size_t second = 0;
};

Product largest_product(const RelatedGroups& first, const RelatedGroups& second) {
    Product largest;
    for (const auto& group : first.groups()) {
        const Product here{group.members.size(), second.size_for(*group.owner)};
        if (here.first * here.second > largest.first * largest.second) largest = here;
    }
    return largest;
}

bool is_news(const CodePlace& place, const Relationship& first, const Relationship& second) {
    static std::mutex mutex;
    static std::set<std::tuple<std::string, unsigned, const void*, const void*>> told;
    const std::lock_guard lock(mutex);
    return told.emplace(place.file, place.line, &first, &second).second;
}

std::string told_place(const CodePlace& place) {
    return place.line == 0 ? std::string() : fmt::format(" at {}:{}", place.file, place.line);
}

void warn(LoadContext& context, const LoadRequest& request, const RelatedGroups& first,
          const RelatedGroups& second, const Product& product) {
    const Relationship& one = first.relationship();
    const Relationship& other = second.relationship();
    const auto sink = context.engine().options().log;
    cleaning(sink ? sink : default_log_sink())
        ->write(LogLevel::Warning,
                fmt::format("the query for {}{} joins {} and {}, so each member of the one comes "
                            "with each of the other: {} x {} = {} rows for one {}; load one apart "
                            "with selectin<&{}::{}>(), or all with split_query()",
                            request.mapper->class_name(), told_place(request.place), one.where,
                            other.where, product.first, product.second,
                            product.first * product.second, one.owner->class_name(),
                            other.owner->class_name(), other.member));
}

} // namespace

void warn_of_products(LoadContext& context, const LoadRequest& request, const JoinedSelect& joined,
                      const JoinedRows& rows) {
    const auto& entities = joined.entities;
    const auto multiplies = [&](std::size_t entity) {
        return entities[entity].is_collection() && !entities[entity].contained;
    };
    for (std::size_t second = 2; second < entities.size(); ++second) {
        if (!multiplies(second)) continue;
        for (std::size_t first = 1; first < second; ++first) {
            if (!multiplies(first) || entities[first].owner != entities[second].owner) continue;
            // A result without such rows must not hide a later one of the same query.
            const Product product = largest_product(rows.related(first), rows.related(second));
            if (product.first != 0 && is_news(request.place, *entities[first].relationship,
                                              *entities[second].relationship)) {
                warn(context, request, rows.related(first), rows.related(second), product);
            }
            break;
        }
    }
}

} // namespace mercator
