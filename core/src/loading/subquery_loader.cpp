// SPDX-License-Identifier: MIT
#include "subquery_loader.hpp"

#include "load_together.hpp"
#include "related_loader.hpp"

namespace mercator {

namespace {

/// Does the statement bring the same rows when it is run again?
bool can_be_repeated(const ast::Select& select) {
    return (!select.limit && !select.offset) || !select.order_by.empty();
}

} // namespace

void SubqueryLoader::rows_loaded(LoadContext& context, const LoadStep& step,
                                 const LoadedRows& rows) const {
    if (ends_here(step, rows.request.path)) return;
    rows.together->finish();
    const auto owners = unloaded(rows.objects, *step.relationship);
    if (owners.empty()) return;
    RelatedLoader loader(context, step, rows.request.place, rows.request.path);
    if (rows.select != nullptr && can_be_repeated(*rows.select))
        loader.embed(*rows.select, rows.objects);
    loader.load(owners);
}

void SubqueryLoader::first_touch(LoadContext& context, InstanceState& owner,
                                 const LoadStep& step) const {
    LoadStep later = step;
    later.lazy = Lazy::batch;
    strategy_of(later.lazy).first_touch(context, owner, later);
}

} // namespace mercator
