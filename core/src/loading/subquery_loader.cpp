// SPDX-License-Identifier: MIT
#include "subquery_loader.hpp"

#include "load_together.hpp"
#include "related_loader.hpp"

#include <algorithm>
#include <memory>
#include <variant>

namespace mercator {

namespace {

/// Does the statement bring the same rows when it is run again?
bool can_be_repeated(const ast::Select& select) {
    if ((select.limit || select.offset) && select.order_by.empty()) return false;
    // Rows that were joined to a page of owners.
    return std::all_of(select.from.begin(), select.from.end(), [](const ast::FromItem& item) {
        const auto* page = std::get_if<std::shared_ptr<const ast::Subquery>>(&item);
        return page == nullptr || can_be_repeated(*(*page)->select);
    });
}

} // namespace

void SubqueryLoader::rows_loaded(LoadContext& context, const LoadStep& step,
                                 const LoadedRows& rows) const {
    if (ends_here(step, rows.request.path)) return;
    rows.together->finish();
    const auto owners = unloaded(rows.objects, step);
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
