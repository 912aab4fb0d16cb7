// SPDX-License-Identifier: MIT
#include "selectin_loader.hpp"

#include "load_together.hpp"

namespace mercator {

void SelectinLoader::rows_loaded(LoadContext&, const LoadStep& step, const LoadedRows& rows) const {
    if (ends_here(step, rows.request.path)) return;
    rows.together->add(step, rows);
}

} // namespace mercator
