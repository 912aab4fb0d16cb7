// SPDX-License-Identifier: MIT
#include "raise_loader.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

void RaiseLoader::first_touch(LoadContext&, InstanceState&, const LoadStep& step) const {
    const Relationship& relationship = *step.relationship;
    throw StateError(fmt::format("{} is not loaded, and its mapping says Lazy::raise; query it "
                                 "explicitly, or map it with "
                                 "Lazy::select",
                                 relationship.where),
                     relationship.where);
}

} // namespace mercator
