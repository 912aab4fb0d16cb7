// SPDX-License-Identifier: MIT
#include "joined_loader.hpp"

#include "joined_rows.hpp"
#include "product_warning.hpp"

#include <mercator/loading/row_assembler.hpp>

namespace mercator {

namespace {

/// Flushes what the joined tables could miss; the query's own were seen to by its caller.
void flush_first(LoadContext& context, const LoadRequest& request, const JoinedSelect& joined) {
    if (request.path == nullptr) return context.autoflush(joined.select);
    for (const JoinedEntity& entity : joined.entities) context.autoflush_new(*entity.mapper);
}

LoadRequest request_for(const LoadRequest& root, const JoinedEntity& entity) {
    return LoadRequest{.mapper = entity.mapper,
                       .populate_existing = root.populate_existing,
                       .options = entity.options,
                       .place = root.place,
                       .path = &entity.path};
}

/// Loads what hangs on objects that came by a join.
void load_below(LoadContext& context, const LoadRequest& request, const JoinedSelect& joined,
                std::size_t index, const JoinedRows& rows) {
    const JoinedEntity& entity = joined.entities[index];
    if (entity.mapper->relationships().empty() && entity.options == nullptr && !entity.classes)
        return;
    const auto objects = rows.distinct(index);
    if (objects.empty()) return;
    const ast::Select select = joined.rows_of(index);
    load_along(context, request_for(request, entity), &select, objects);
}

} // namespace

bool JoinedLoader::joins_owners() const noexcept {
    return true;
}

void JoinedLoader::rows_loaded(LoadContext& context, const LoadStep& step,
                               const LoadedRows& rows) const {
    if (!joins_further(rows.request.path, step)) return;
    if (rows.request.populate_existing && is_brought_by_row(rows.request.path, step)) return;
    LoadStep apart = step;
    apart.lazy = Lazy::selectin;
    strategy_of(apart.lazy).rows_loaded(context, apart, rows);
}

void JoinedLoader::first_touch(LoadContext& context, InstanceState& owner,
                               const LoadStep& step) const {
    LoadStep later = step;
    later.lazy = Lazy::batch;
    strategy_of(later.lazy).first_touch(context, owner, later);
}

bool wants_joins(LoadContext& context, const LoadRequest& request) noexcept {
    for (const auto& relationship : request.mapper->relationships()) {
        const LoadStep step =
            decided_step(context.load_settings(), request.options.get(), relationship);
        if (is_brought_by_row(request.path, step)) return true;
    }
    return false;
}

void read_joined(LoadContext& context, const LoadRequest& request, const ast::Select& select,
                 std::vector<InstanceState*>& objects) {
    const JoinedSelect joined =
        joined_select(context.load_settings(), context.criteria(), request, select);
    flush_first(context, request, joined);
    JoinedRows rows(context, request, joined);
    {
        // Free again afterwards, so loaders may run others.
        StatementLease statement = context.run(joined.select);
        rows.read(*statement);
    }
    rows.read_later();
    warn_of_products(context, request, joined, rows);
    rows.relate();
    for (std::size_t i = 1; i < joined.entities.size(); ++i)
        load_below(context, request, joined, i, rows);
    objects.insert(objects.end(), rows.roots().begin(), rows.roots().end());
}

} // namespace mercator
