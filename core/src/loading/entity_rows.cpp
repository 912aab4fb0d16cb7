// SPDX-License-Identifier: MIT
#include <mercator/loading/entity_rows.hpp>

#include "entity_assembler.hpp"

#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/loader_strategy.hpp>
#include <mercator/loading/orm_execution.hpp>
#include <mercator/loading/row_assembler.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_set>

namespace mercator {

namespace {

/// The select with all columns of its objects, and how its rows are decoded: target 0 is the row,
/// the others are the objects.
struct Expanded {
    ast::Select select;
    DecodePlan plan;
};

void add_object(Expanded& expanded, const ast::Expression& place, const EntityPlan& plan,
                std::uint16_t target) {
    const auto& key = static_cast<const ast::ColumnRef&>(place);
    auto& columns = expanded.select.columns;
    const std::size_t first = columns.size();
    for (const auto& step : plan.decode.steps) {
        expanded.plan.steps.push_back(
            {static_cast<std::uint16_t>(first + step.column), target, step.field});
    }
    std::size_t presence = first;
    for (const auto& read : plan.columns) {
        const auto& column = static_cast<const ast::ColumnRef&>(*read);
        if (column.name == key.name) presence = columns.size();
        auto ref = std::make_shared<ast::ColumnRef>(key.qualifier, column.name, column.type,
                                                    column.nullable);
        ref->table = key.table;
        columns.push_back(std::move(ref));
    }
    expanded.plan.presence.push_back({static_cast<std::uint16_t>(presence), target});
}

Expanded expanded(const SelectDraft& draft, const std::vector<EntityColumn>& entities,
                  const DecodePlan& values) {
    Expanded result{*draft, {}};
    const auto columns = std::exchange(result.select.columns, {});
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto found =
            std::find_if(entities.begin(), entities.end(),
                         [&](const EntityColumn& entity) { return entity.column == i; });
        if (found != entities.end()) {
            add_object(result, *columns[i], entity_plan(*found->mapper, nullptr, found->read_only),
                       static_cast<std::uint16_t>(found - entities.begin() + 1));
            continue;
        }
        for (DecodeStep step : values.steps) {
            if (step.column != i) continue;
            step.column = static_cast<std::uint16_t>(result.select.columns.size());
            result.plan.steps.push_back(step);
        }
        result.select.columns.push_back(columns[i]);
    }
    return result;
}

} // namespace

class EntityRows::Reader {
public:
    Reader(LoadContext& context, const SelectDraft& draft, std::vector<EntityColumn> entities,
           const DecodePlan& values) :
        context_(context),
        use_(context),
        expanded_(expanded(draft, entities, values)),
        targets_(entities.size() + 1) {
        infer_from(expanded_.select);
        if (context.listens_to_queries()) {
            OrmExecution execution(QueryKind::Columns, nullptr, expanded_.select, nullptr);
            context.tell_query(execution);
        }
        context.autoflush(expanded_.select);
        // All maps of keys first: a new one may move the others.
        for (const EntityColumn& entity : entities)
            static_cast<void>(context.graph()->identities(*entity.mapper));
        for (const EntityColumn& entity : entities) {
            Source& source = sources_.emplace_back(context, *entity.mapper, entity.read_only);
            source.read_only = entity.read_only;
        }
        lease_.emplace(context.run(expanded_.select));
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() {
        for (Source& source : sources_) {
            if (source.fresh != nullptr) source.assembler.discard(*source.fresh);
        }
    }

    bool next(std::byte* row) {
        targets_.front() = row;
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            Source& source = sources_[i];
            if (source.fresh == nullptr) source.fresh = &source.assembler.begin();
            targets_[i + 1] = source.fresh->object();
        }
        if (!(*lease_)->fetch(expanded_.plan, targets_.data())) {
            lease_.reset();
            finish();
            return false;
        }
        for (std::size_t i = 0; i < sources_.size(); ++i) settle(sources_[i], targets_[i + 1]);
        return true;
    }

    [[nodiscard]] std::shared_ptr<void> object(std::size_t entity) const {
        InstanceState* state = sources_[entity].current;
        if (state == nullptr) return nullptr;
        return std::shared_ptr<void>(context_.graph(), state->object());
    }

private:
    struct Source {
        Source(LoadContext& context, const Mapper& of, bool is_read_only) :
            assembler(context, of, entity_plan(of, nullptr, is_read_only), is_read_only),
            mapper(of) {}
        EntityAssembler assembler;
        const Mapper& mapper;
        bool read_only = false;
        InstanceState* fresh = nullptr;
        InstanceState* current = nullptr;
        std::vector<InstanceState*> objects;
        std::unordered_set<const InstanceState*> seen;
    };

    void settle(Source& source, const std::byte* target) {
        source.current = nullptr;
        if (target == nullptr) return;
        InstanceState& state = source.assembler.settle(*source.fresh);
        if (&state == source.fresh) source.fresh = nullptr;
        if (state.status == ObjectStatus::Deleted) return;
        source.current = &state;
        if (!source.objects.empty() && source.objects.back() == &state) return;
        if (source.seen.insert(&state).second) source.objects.push_back(&state);
    }

    /// What is mapped to come with the objects.
    void finish() {
        for (const Source& source : sources_) {
            const LoadRequest request{.mapper = &source.mapper, .read_only = source.read_only};
            load_along(context_, request, nullptr, source.objects);
        }
        if (context_.graph()->is_watched()) context_.tell_transitions();
    }

    LoadContext& context_;
    LoadContext::Use use_;
    Expanded expanded_;
    std::deque<Source> sources_;
    std::vector<std::byte*> targets_;
    std::optional<StatementLease> lease_;
};

EntityRows::EntityRows(LoadContext& context, const SelectDraft& draft,
                       std::vector<EntityColumn> entities, const DecodePlan& values) :
    reader_(std::make_unique<Reader>(context, draft, std::move(entities), values)) {}

EntityRows::~EntityRows() = default;

bool EntityRows::next(std::byte* row) {
    return reader_->next(row);
}

std::shared_ptr<void> EntityRows::object(std::size_t entity) const {
    return reader_->object(entity);
}

} // namespace mercator
