// SPDX-License-Identifier: MIT
#include "raise_loader.hpp"

#include "related_loader.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

void RaiseLoader::first_touch(LoadContext& context, InstanceState& owner,
                              const LoadStep& step) const {
    if (step.lazy == Lazy::raise_on_sql &&
        RelatedLoader(context, step, CodePlace{}).from_memory(owner)) {
        return;
    }
    const Relationship& relationship = *step.relationship;
    const bool mapped = relationship.lazy == step.lazy;
    throw StateError(
        fmt::format(
            "{0} is not loaded, and {1} says Lazy::{2}: add .options(selectin<&{3}::{4}>()) "
            "to the query, load it with session.load(...){5}",
            relationship.where, mapped ? "its mapping" : "the query or the session",
            step.lazy == Lazy::raise ? "raise" : "raise_on_sql", relationship.owner->class_name(),
            relationship.member, mapped ? ", or map it with Lazy::batch" : ""),
        relationship.where);
}

} // namespace mercator
