// SPDX-License-Identifier: MIT
#include "selectin_loader.hpp"

#include "related_loader.hpp"

namespace mercator {

void SelectinLoader::rows_loaded(LoadContext& context, const LoadStep& step,
                                 const LoadedRows& rows) const {
    if (ends_here(step, rows.request.path)) return;
    const auto owners = unloaded(rows.objects, *step.relationship);
    if (owners.empty()) return;
    RelatedLoader(context, step, rows.request.place, rows.request.path).load(owners);
}

} // namespace mercator
