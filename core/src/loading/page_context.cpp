// SPDX-License-Identifier: MIT
#include "page_context.hpp"

#include <mercator/loading/deferred_columns.hpp>
#include <mercator/loading/extra_lazy.hpp>
#include <mercator/loading/loader_strategy.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

namespace mercator {

namespace {

[[noreturn]] void refuse_change() {
    throw StateError("objects of a stream (yield_per) are for reading, since no session writes "
                     "them; load the object with session.get() to change it");
}

} // namespace

PageContext::PageContext(LoadContext& session) :
    session_graph_(session.graph()->life()),
    graph_(Graph::create()) {
    criteria_ = session.criteria_in_use();
    graph_->attach(this);
}

PageContext::~PageContext() {
    graph_->attach(nullptr);
}

void PageContext::check_unchanged() const {
    if (!graph_->links().empty() || !graph_->associations().empty()) refuse_change();
    graph_->for_each([](InstanceState& state) {
        if (state.is_tracked() && is_changed(*state.mapper, state.object(), state.snapshot))
            refuse_change();
    });
}

LoadContext& PageContext::session() const {
    const auto graph = session_graph_.lock();
    if (graph == nullptr || graph->client() == nullptr) {
        throw DetachedError("the session of this stream (yield_per) has ended, or has let its "
                            "objects go");
    }
    return *static_cast<LoadContext*>(graph->client());
}

std::uint64_t PageContext::write(const ast::Statement&) {
    refuse_change();
}

void PageContext::cascade_save(InstanceState&) {
    refuse_change();
}

void PageContext::load_relationship(InstanceState& owner, const Relationship& relationship) {
    const Use use(session());
    touch_relationship(*this, owner, relationship);
}

void PageContext::load_column(InstanceState& state, const ColumnProperty& column) {
    const Use use(session());
    load_deferred(*this, state, column);
}

std::size_t PageContext::count_related(InstanceState& owner, const Relationship& relationship) {
    return mercator::count_related(*this, owner, relationship);
}
bool PageContext::has_related(InstanceState& owner, const Relationship& relationship) {
    return mercator::has_related(*this, owner, relationship);
}
bool PageContext::is_related(InstanceState& owner, const Relationship& relationship,
                             InstanceState& target) {
    return mercator::is_related(*this, owner, relationship, target);
}
std::vector<InstanceState*> PageContext::slice_related(InstanceState& owner,
                                                       const Relationship& relationship,
                                                       std::size_t offset, std::size_t limit) {
    return mercator::slice_related(*this, owner, relationship, offset, limit);
}

} // namespace mercator
