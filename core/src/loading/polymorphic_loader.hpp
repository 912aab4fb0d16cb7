// SPDX-License-Identifier: MIT
#pragma once

#include "load_together.hpp"
#include "polymorphic_plan.hpp"

#include <mercator/loading/load_context.hpp>
#include <mercator/loading/load_request.hpp>

#include <memory>
#include <span>
#include <vector>

namespace mercator {

/// `read_rows` for a class whose rows may be of several: objects in the order of the rows, each as
/// the class that it is.
void read_polymorphic(LoadContext& context, const LoadRequest& request, const ast::Select& select,
                      std::vector<InstanceState*>& objects);

/// The object with this key that is one of the class; nullptr if there is none.
[[nodiscard]] InstanceState* polymorphic_by_key(LoadContext& context, const Mapper& mapper,
                                                std::span<const Value> key, bool read_only);

/// What options and mapping say of relationships that only some of the objects' classes have.
void load_along_classes(LoadContext& context, const LoadRequest& request,
                        std::span<InstanceState* const> objects, LoadTogether& together);

/// A plan whose columns are those of the class under its own names, as in `query`.
[[nodiscard]] std::shared_ptr<const PolymorphicPlan> plan_of_class(const PolymorphicWish& wish);

} // namespace mercator
