// SPDX-License-Identifier: MIT
#include "prepared_rows.hpp"

#include "entity_assembler.hpp"
#include "planned_select.hpp"

namespace mercator {

PreparedRows::PreparedRows(LoadContext& context, const LoadRequest& request,
                           const ast::Select& select) :
    context_(context),
    request_(request),
    plan_(plan_of(request, select)),
    select_(select) {
    read_expressions();
    if (!plan_.missing.empty()) select_.columns = plan_.columns;
    if (request_.tag != nullptr) decode_ = tagged(select_, plan_.decode, *request_.tag);
}

PreparedRows::PreparedRows(LoadContext& context, const Mapper& mapper, std::span<const Value> key) :
    context_(context),
    request_{.mapper = &mapper},
    plan_(entity_plan(mapper, nullptr, false)),
    select_(select_by_key(mapper, plan_, key)) {
    read_expressions();
    if (request_.tag != nullptr) decode_ = tagged(select_, plan_.decode, *request_.tag);
}

void PreparedRows::read_expressions() {
    if (!wants_expressions(request_)) return;
    expressions_.emplace(request_);
    request_ = expressions_->with(request_);
}

void PreparedRows::read(DriverStatement& statement, std::vector<InstanceState*>& objects) {
    EntityAssembler assembler(context_, *request_.mapper, plan_, request_.read_only);
    if (request_.populate_existing) assembler.overwrite_known();
    if (request_.tag != nullptr) assembler.read_beside(decode_, request_.tag->place);
    while (InstanceState* state = assembler.next(statement)) {
        // A row of an object that this session has deleted must not bring it back.
        if (state->status == ObjectStatus::Deleted) continue;
        objects.push_back(state);
        if (request_.tag != nullptr) request_.tag->row(*state);
    }
}

} // namespace mercator
