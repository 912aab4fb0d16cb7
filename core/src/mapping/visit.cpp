// SPDX-License-Identifier: MIT
#include <mercator/mapping/visit.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

bool is_row_of(const Mapper& mapper, const void* object) {
    if (mapper.discriminator() < 0) {
        throw StateError(fmt::format("{} has neither virtual functions nor a column that tells the "
                                     "class of an object, so it cannot be visited; give it a "
                                     "virtual destructor",
                                     mapper.root().class_name()),
                         std::string(mapper.root().class_name()));
    }
    const auto& property = mapper.columns()[static_cast<std::size_t>(mapper.discriminator())];
    return load(property.field, static_cast<const std::byte*>(object)) == mapper.identity();
}

void throw_unlisted_class(const Mapper& root, const void* object) {
    std::string found;
    if (root.discriminator() >= 0) {
        const auto& property = root.columns()[static_cast<std::size_t>(root.discriminator())];
        found = fmt::format(" ({} is {})", property.where,
                            display(load(property.field, static_cast<const std::byte*>(object))));
    }
    throw StateError(fmt::format("visit() was given an object of a class that is not in the list "
                                 "{}::hierarchy{}; add the class to it",
                                 root.class_name(), found),
                     std::string(root.class_name()));
}

} // namespace mercator
