// SPDX-License-Identifier: MIT
#include "immediate_loader.hpp"

#include "load_together.hpp"
#include "related_loader.hpp"

namespace mercator {

void ImmediateLoader::rows_loaded(LoadContext& context, const LoadStep& step,
                                  const LoadedRows& rows) const {
    if (ends_here(step, rows.request.path)) return;
    rows.together->finish();
    RelatedLoader loader(context, step, rows.request.place, rows.request.path);
    for (InstanceState* owner : unloaded(rows.objects, step)) {
        // One that was loaded before it may have brought it.
        if (!unloaded({&owner, 1}, step).empty()) loader.load({&owner, 1});
    }
}

} // namespace mercator
