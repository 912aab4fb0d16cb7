// SPDX-License-Identifier: MIT
#include <mercator/loading/entity_rows.hpp>

#include "class_tables.hpp"
#include "concrete_rows.hpp"
#include "entity_assembler.hpp"
#include "polymorphic_rows.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/loader_strategy.hpp>
#include <mercator/loading/orm_execution.hpp>
#include <mercator/loading/row_assembler.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_set>

namespace mercator {

namespace {

/// The select with all columns of its objects, and how its rows are decoded: target 0 is the row,
/// the others are the objects.
struct Expanded {
    ast::Select select;
    DecodePlan plan;
    /// For entities whose rows may be of several classes; empty for the others.
    std::vector<std::optional<PolymorphicPlan>> classes;
};

const std::shared_ptr<const ast::TableRef>& table_of(const ast::Expression& place,
                                                     const Mapper& mapper) {
    const auto& key = static_cast<const ast::ColumnRef&>(place);
    return key.table != nullptr && !key.table->alias.empty() ? key.table : mapper.table_ref();
}

/// All that the classes have is in the row: it is handed out before the next one is read.
void add_classes(Expanded& expanded, const ast::Expression& place, const EntityColumn& entity,
                 std::uint16_t target) {
    auto& columns = expanded.select.columns;
    const auto& table = table_of(place, *entity.mapper);
    const bool concrete = has_concrete_classes(*entity.mapper);
    auto& plan = expanded.classes[target - 1U].emplace(polymorphic_plan(
        {.mapper = entity.mapper,
         .read_only = entity.read_only,
         .all_inline = true,
         .first = columns.size()},
        [&](const Mapper& of, const ast::ColumnRef& own) {
            return concrete ? concrete_column(*entity.mapper, table->qualifier(), of, own)
                            : class_column(*entity.mapper, table, of, own);
        }));
    if (plan.reads_later) {
        throw CompileError(
            fmt::format("entity<{}>() cannot read classes that lie in further tables beside "
                        "tables that repeat the columns of a base; use query<{}>()",
                        entity.mapper->class_name(), entity.mapper->class_name()),
            std::string(entity.mapper->class_name()));
    }
    columns.insert(columns.end(), plan.columns.begin(), plan.columns.end());
    expanded.plan.steps.push_back(PolymorphicRows::step(plan, target));
    expanded.plan.presence.push_back({plan.key.front(), target});
}

/// FROM may not tell yet which class is read.
void read_entities(ast::Select& select, const std::vector<EntityColumn>& entities,
                   const std::vector<ast::ExpressionPtr>& places) {
    if (!select.from.empty()) return;
    const EntityColumn& first = entities.front();
    const auto& table = table_of(*places[first.column], *first.mapper);
    if (has_concrete_classes(*first.mapper)) {
        select.from.push_back(concrete_rows(*first.mapper, table->qualifier()));
        return;
    }
    read_tables_as(select, *first.mapper, table);
    if (auto condition = class_condition(*first.mapper, table))
        select.where.push_back(std::move(condition));
}

/// Its columns lie in several tables; it is there when the last one has a row.
void add_parts(Expanded& expanded, const ast::Expression& place, const Mapper& mapper,
               const EntityPlan& plan, std::uint16_t target) {
    const auto& table = table_of(place, mapper);
    auto& columns = expanded.select.columns;
    for (const auto& read : plan.columns)
        columns.push_back(class_column(mapper, table, static_cast<const ast::ColumnRef&>(*read)));
    expanded.plan.presence.push_back({static_cast<std::uint16_t>(columns.size()), target});
    columns.push_back(ast::column(table->qualifier(), mapper.parts().back().key_names.front(),
                                  mapper.columns()[mapper.primary_key().front()].field.type, true));
}

void add_object(Expanded& expanded, const ast::Expression& place, const Mapper& mapper,
                const EntityPlan& plan, std::uint16_t target) {
    const auto& key = static_cast<const ast::ColumnRef&>(place);
    auto& columns = expanded.select.columns;
    const std::size_t first = columns.size();
    for (const auto& step : plan.decode.steps) {
        expanded.plan.steps.push_back(
            {static_cast<std::uint16_t>(first + step.column), target, step.field});
    }
    if (mapper.parts().size() > 1) return add_parts(expanded, place, mapper, plan, target);
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
    Expanded result{*draft, {}, {}};
    result.classes.resize(entities.size());
    const auto columns = std::exchange(result.select.columns, {});
    if (entities.front().mapper->is_in_hierarchy()) read_entities(result.select, entities, columns);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto found =
            std::find_if(entities.begin(), entities.end(),
                         [&](const EntityColumn& entity) { return entity.column == i; });
        if (found != entities.end()) {
            const auto target = static_cast<std::uint16_t>(found - entities.begin() + 1);
            if (has_several_classes(*found->mapper)) {
                add_classes(result, *columns[i], *found, target);
            } else {
                add_object(result, *columns[i], *found->mapper,
                           entity_plan(*found->mapper, nullptr, found->read_only), target);
            }
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
            const auto& classes = expanded_.classes[sources_.size() - 1];
            if (!classes) continue;
            source.classes =
                std::make_unique<PolymorphicRows>(context, *classes, entity.read_only, false);
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
            if (source.classes != nullptr) {
                targets_[i + 1] = source.classes->place();
                continue;
            }
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
        std::unique_ptr<PolymorphicRows> classes; ///< where rows may be of several
        InstanceState* fresh = nullptr;
        InstanceState* current = nullptr;
        std::vector<InstanceState*> objects;
        std::unordered_set<const InstanceState*> seen;
    };

    void settle(Source& source, const std::byte* target) {
        source.current = nullptr;
        if (target == nullptr) return;
        InstanceState& state = source.classes != nullptr ? *source.classes->take(**lease_).state
                                                         : source.assembler.settle(*source.fresh);
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
