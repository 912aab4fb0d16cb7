// SPDX-License-Identifier: MIT
#include <mercator/loading/query.hpp>

#include "class_tables.hpp"
#include "concrete_rows.hpp"
#include "path_values.hpp"
#include "related_select.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/loading/orm_execution.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace mercator {

void throw_no_result(const char* function) {
    throw NoResultFound(fmt::format(
        "{} found no row; use first() or one_or_none() where absence is normal", function));
}

void throw_no_result(const char* function, const Mapper& mapper) {
    throw NoResultFound(
        fmt::format("{} found no {}; use first() or one_or_none() where absence is normal",
                    function, mapper.class_name()),
        std::string(mapper.class_name()));
}

void throw_multiple_results(const char* function) {
    throw MultipleResultsFound(fmt::format(
        "{} found more than one row; narrow the condition, or use first() or all()", function));
}

namespace {

bool is_condition(const ast::Expression& expression) {
    switch (expression.kind) {
    case ast::NodeKind::Label:
        return is_condition(*static_cast<const ast::Label&>(expression).operand);
    case ast::NodeKind::Unary:
    case ast::NodeKind::Binary:
    case ast::NodeKind::Logical:
    case ast::NodeKind::In:
    case ast::NodeKind::InSubquery:
    case ast::NodeKind::Like:
    case ast::NodeKind::Between:
        return true;
    default:
        return false;
    }
}

} // namespace

const FieldCodec* unknown_as_false(const ast::Expression& expression) {
    static constexpr FieldCodec codec{
        [](const void* member) { return Value(*static_cast<const bool*>(member)); },
        [](void* member, const Value& value, std::string_view) {
            const auto* truth = value.get_if<bool>();
            const auto* number = value.get_if<std::int64_t>();
            *static_cast<bool*>(member) =
                truth != nullptr ? *truth : number != nullptr && *number != 0;
        }};
    return expression.nullable && is_condition(expression) ? &codec : nullptr;
}

std::string result_name(const ast::Expression& expression) {
    if (expression.kind == ast::NodeKind::Label)
        return static_cast<const ast::Label&>(expression).name;
    if (expression.kind == ast::NodeKind::ColumnRef) {
        const auto& column = static_cast<const ast::ColumnRef&>(expression);
        return column.qualifier.empty() ? column.name : column.qualifier + "." + column.name;
    }
    return "an expression of the select";
}

namespace {

/// Listeners may change the statement.
void tell_select(LoadContext& context, QueryKind kind, const Mapper* mapper, ast::Select& select) {
    if (!context.listens_to_queries()) return;
    OrmExecution execution(kind, mapper, select, nullptr);
    context.tell_query(execution);
}

/// The whole statement, with everything flushed that it could miss.
ast::Select ready_to_run(LoadContext& context, const SelectDraft& draft) {
    ast::Select statement = *draft;
    infer_from(statement);
    tell_select(context, QueryKind::Columns, nullptr, statement);
    context.autoflush(statement);
    return statement;
}

std::string column_name(const ast::Expression& expression, std::size_t position) {
    if (expression.kind == ast::NodeKind::ColumnRef)
        return static_cast<const ast::ColumnRef&>(expression).name;
    if (expression.kind == ast::NodeKind::Label)
        return static_cast<const ast::Label&>(expression).name;
    return fmt::format("column_{}", position + 1);
}

} // namespace

RowReader open_rows(LoadContext& context, const SelectDraft& draft, const DecodePlan& plan) {
    return RowReader(context, ready_to_run(context, draft), plan);
}

Result<DynamicRow> read_dynamic(LoadContext& context, const SelectDraft& draft) {
    if (draft->columns.empty())
        throw CompileError("a select needs at least one column; add one with column(...)");
    const ast::Select statement = ready_to_run(context, draft);
    auto names = std::make_shared<std::vector<std::string>>();
    for (const auto& column : statement.columns)
        names->push_back(column_name(*column, names->size()));
    const StatementLease lease = context.run(statement);
    std::vector<DynamicRow> rows;
    for (std::vector<Value> values; lease->fetch(values);)
        rows.emplace_back(names, std::exchange(values, {}));
    return Result<DynamicRow>(std::move(rows));
}

QueryState::QueryState(const Mapper& for_mapper) : mapper(&for_mapper) {
    if (for_mapper.is_in_hierarchy()) {
        read_all_of(select, for_mapper);
    } else {
        select.from.emplace_back(for_mapper.table_ref());
    }
}

QueryState::QueryState(const QueryState& other) = default;
QueryState::QueryState(QueryState&& other) noexcept = default;
QueryState& QueryState::operator=(const QueryState& other) = default;
QueryState& QueryState::operator=(QueryState&& other) noexcept = default;
QueryState::~QueryState() = default;

namespace {

/// For the time of one operation, what the query's options say of criteria.
class Waived {
public:
    Waived(LoadContext& context, const std::shared_ptr<const LoadNode>& options) {
        if (options != nullptr && !options->without_criteria.empty())
            pause_.emplace(context.criteria_in_use(), options->without_criteria);
    }

private:
    std::optional<CriteriaPause> pause_;
};

} // namespace

void QueryState::waive_criteria(const Mapper* of_class) {
    auto node = std::make_shared<LoadNode>();
    node->mapper = mapper;
    if (of_class == nullptr) {
        node->without_criteria.all = true;
    } else {
        node->without_criteria.classes = {of_class};
    }
    options = merged(options, node);
}

namespace {

const EntityPlan& values_plan(const Mapper& mapper, const LoadNode* options) {
    const bool says =
        options != nullptr && (options->only_named_columns || !options->columns.empty());
    return says ? entity_plan(mapper, options, true) : entity_plan(mapper);
}

} // namespace

namespace {

/// Plain structs and streamed rows have no session that could fill their relationships, and rows
/// that are let go one by one cannot be put together.
void refuse_loaders(const LoadNode* options, const Mapper& mapper) {
    if (options == nullptr) return;
    if (!options->expressions.empty()) {
        throw CompileError(
            fmt::format("values() and stream() give the columns of {} alone, so an expression "
                        "cannot be loaded into a member; select it beside them",
                        mapper.class_name()),
            std::string(mapper.class_name()));
    }
    for (const LoadBranch& branch : options->branches) {
        if (!branch.lazy) continue;
        throw CompileError(
            fmt::format(
                "values() and stream() give plain {} without relationships, so {} cannot be "
                "loaded with them; read objects with all(), a page at a time",
                mapper.class_name(), branch.relationship->where),
            branch.relationship->where);
    }
}

} // namespace

RowReader QueryState::open(LoadContext& context) const {
    refuse_loaders(options.get(), *mapper);
    const Waived waived(context, options);
    // Rows without identity cannot load what they lack, so they lack what the options say alone.
    const EntityPlan& plan = values_plan(*mapper, options.get());
    ast::Select query = statement();
    query.columns = plan.columns;
    tell_select(context, QueryKind::Values, mapper, query);
    context.autoflush(query);
    return RowReader(context, query, plan.decode);
}

namespace {

/// Columns of classes that lie in tables of their own, as all of their rows together have them.
void name_concrete(ast::Select& select, const Mapper& mapper) {
    const std::string& alias = mapper.table_ref()->qualifier();
    const auto name = [&](std::vector<ast::ExpressionPtr>& list) {
        for (auto& item : list) item = concrete_names(item, mapper, alias);
    };
    name(select.where);
    name(select.group_by);
    name(select.having);
    name(select.order_by);
    for (auto& join : select.joins) join.on = concrete_names(join.on, mapper, alias);
}

} // namespace

ast::Select QueryState::statement() const {
    ast::Select copy = select;
    copy.columns = entity_plan(*mapper).columns;
    if (mapper->is_polymorphic() && has_concrete_classes(*mapper)) name_concrete(copy, *mapper);
    return copy;
}

LoadContext& QueryState::running_context() const {
    if (!bound) {
        throw StateError("this query belongs to no session; start it with session.query<T>() or "
                         "give it to session.execute()");
    }
    const auto objects = graph.lock();
    if (objects == nullptr || objects->client() == nullptr) {
        throw DetachedError(
            fmt::format("the session of this query for {} has ended; run it while the session "
                        "lives, or give it to another one's execute()",
                        mapper->class_name()),
            std::string(mapper->class_name()));
    }
    return *static_cast<LoadContext*>(objects->client());
}

void QueryState::attach(LoadContext& context, CodePlace where) noexcept {
    graph = context.graph()->life();
    place = where;
    bound = true;
}

namespace {

/// Listeners may change statement and options, or know the objects already.
bool is_answered(LoadContext& context, LoadRequest& request, ast::Select& select,
                 std::vector<InstanceState*>& objects) {
    OrmExecution execution(QueryKind::Objects, request.mapper, select, &request.options);
    context.tell_query(execution);
    if (!execution.answer()) return false;
    for (const auto& handle : *execution.answer()) {
        if (Graph::of(handle) != context.graph().get()) {
            throw StateError(fmt::format("the answer to a query for {} holds an object that is "
                                         "not of its session; load or merge it there first",
                                         request.mapper->class_name()),
                             std::string(request.mapper->class_name()));
        }
        objects.push_back(&state_of(handle.get()));
    }
    return true;
}

} // namespace

void QueryState::load(bool read_only, std::vector<InstanceState*>& objects) const {
    LoadContext& running = running_context();
    const LoadContext::Use use(running, place);
    LoadRequest request{.mapper = mapper,
                        .read_only = read_only,
                        .populate_existing = populate_existing,
                        .options = options,
                        .place = place};
    ast::Select full = statement();
    if (running.listens_to_queries() && is_answered(running, request, full, objects)) return;
    const Waived waived(running, request.options);
    running.autoflush(full);
    load_entities(running, request, full, objects);
}

std::int64_t QueryState::count() const {
    LoadContext& running = running_context();
    const LoadContext::Use use(running, place);
    const Waived waived(running, options);
    ast::Select all = statement();
    tell_select(running, QueryKind::Count, mapper, all);
    const ast::Select counting = count_of(all);
    running.autoflush(counting);
    StatementLease lease = running.run(counting);
    std::vector<Value> row;
    if (!lease->fetch(row)) return 0;
    const auto* count = row.front().get_if<std::int64_t>();
    return count == nullptr ? 0 : *count;
}

namespace {

bool is_no_rows(const ast::ExpressionPtr& limit) {
    if (limit == nullptr || limit->kind != ast::NodeKind::Bind) return false;
    const auto* count = static_cast<const ast::Bind&>(*limit).value.get_if<std::int64_t>();
    return count != nullptr && *count == 0;
}

} // namespace

bool QueryState::exists() const {
    LoadContext& running = running_context();
    const LoadContext::Use use(running, place);
    const Waived waived(running, options);
    ast::Select probe = statement();
    tell_select(running, QueryKind::Exists, mapper, probe);
    probe.order_by.clear();
    // Of equal constants DISTINCT would leave one, and OFFSET would skip it.
    if (!probe.distinct) probe.columns = {ast::bind(Value(std::int64_t{1}), BigInteger())};
    if (!is_no_rows(probe.limit)) probe.limit = row_count(1, "limit");
    running.autoflush(probe);
    StatementLease lease = running.run(probe);
    std::vector<Value> row;
    return lease->fetch(row);
}

namespace {

/// One statement changes one table. What a base has can be set in its own table, but no row be
/// deleted there alone.
void check_one_table(const Mapper& mapper, std::string_view verb, bool deletes) {
    const auto& classes = mapper.descendants();
    const auto spreads = [&](const Mapper* descendant) {
        const bool joined = descendant->parts().size() > mapper.parts().size();
        return (deletes && joined) ||
               (descendant != &mapper && descendant->inheritance() == Inheritance::Concrete);
    };
    const bool is_spread =
        mapper.parts().size() > 1 || std::any_of(classes.begin(), classes.end(), spreads);
    if (!is_spread) return;
    throw CompileError(
        fmt::format("{} by query changes one table, and what belongs to {} lies in several; read "
                    "the objects and change them, or delete them with session.delete_()",
                    verb, mapper.class_name()),
        std::string(mapper.class_name()));
}

void check_only_where(const ast::Select& select, const Mapper& mapper, std::string_view verb,
                      bool deletes) {
    const bool plain = select.joins.empty() && select.from.size() == 1 && select.group_by.empty() &&
                       !select.limit && !select.offset && !select.distinct;
    check_one_table(mapper, verb, deletes);
    if (plain) return;
    throw CompileError(
        fmt::format(
            "{} of {} by query can be narrowed by where() only; put joins into a condition, as in "
            "in(select(...)) or exists(select(...))",
            verb, mapper.class_name()),
        std::string(mapper.class_name()));
}

void check_rows_may_be_written(const Mapper& mapper) {
    if (!mapper.is_read_only()) return;
    throw StateError(fmt::format("{0} is mapped read_only(): rows of {0} are for reading alone",
                                 mapper.class_name()),
                     std::string(mapper.class_name()));
}

std::vector<ast::ExpressionPtr> without_paths(const std::vector<ast::ExpressionPtr>& conditions,
                                              const ast::TableRef& start) {
    std::vector<ast::ExpressionPtr> plain;
    plain.reserve(conditions.size());
    for (const auto& condition : conditions) plain.push_back(with_path_values(condition, start));
    return plain;
}

void check_may_be_set(const ColumnProperty& property, const Mapper& mapper) {
    check_rows_may_be_written(mapper);
    if (property.read_only) {
        throw StateError(fmt::format("{} is mapped read_only(), so no update may set it; it is "
                                     "written with its row alone",
                                     property.where),
                         property.where);
    }
    if (property.computed) {
        throw CompileError(fmt::format("{} is computed by the database, so it cannot be set; set "
                                       "the columns that it is computed from",
                                       property.where),
                           property.where);
    }
    for (const auto& own : mapper.columns()) {
        if (own.ref == property.ref) return; // a base's column has one of its own in each class
    }
    throw CompileError(
        fmt::format("{} cannot be set by an update of {}", property.where, mapper.class_name()),
        property.where);
}

/// What `on_update` gives for a row, taken from an object that exists only for this.
ast::ExpressionPtr on_update_value(const Mapper& mapper, const ColumnProperty& property) {
    Slab scratch(mapper);
    std::byte* object = scratch.construct().object();
    property.apply_on_update(object + property.field.offset);
    return ast::bind(mercator::load(property.field, object), property.field.type);
}

/// The rows have changed behind the objects' backs: each is read anew when it is met again.
void forget_rows(Graph& graph, const Mapper& mapper) {
    for (const Mapper* descendant : mapper.descendants())
        graph.slab(*descendant).for_each([](InstanceState& state) { state.loaded_in = 0; });
}

} // namespace

std::uint64_t QueryState::update(std::initializer_list<AssignmentList> lists) const {
    std::vector<Assignment> all;
    for (const AssignmentList& list : lists)
        all.insert(all.end(), list.assignments().begin(), list.assignments().end());
    return update(all);
}

std::uint64_t QueryState::update(const std::vector<Assignment>& assignments) const {
    LoadContext& running = running_context();
    const LoadContext::Use use(running, place);
    const Waived waived(running, options);
    ast::Select which = select;
    tell_select(running, QueryKind::Update, mapper, which);
    check_only_where(which, *mapper, "an update", false);
    running.autoflush(which);
    ast::Update update;
    update.table = mapper->table_ref();
    update.where = without_paths(which.where, *update.table);
    const auto assign = [&](const ColumnProperty& property, ast::ExpressionPtr value) {
        update.assignments.push_back(
            {{property.in_schema().name, property.field.type, property.field.optional},
             std::move(value)});
    };
    for (const auto& assignment : assignments) {
        check_may_be_set(*assignment.property, *mapper);
        assign(*assignment.property, with_path_values(assignment.value, *update.table));
    }
    for (const auto& property : mapper->columns()) {
        const bool set =
            std::any_of(assignments.begin(), assignments.end(), [&](const Assignment& assignment) {
                return assignment.property->ref == property.ref;
            });
        if (property.apply_on_update && !set) assign(property, on_update_value(*mapper, property));
    }
    if (const Criteria* criteria = running.criteria()) criteria->apply(update);
    const auto count = running.write(update);
    forget_rows(*running.graph(), *mapper);
    return count;
}

std::uint64_t QueryState::remove() const {
    LoadContext& running = running_context();
    const LoadContext::Use use(running, place);
    const Waived waived(running, options);
    ast::Select which = select;
    check_rows_may_be_written(*mapper);
    tell_select(running, QueryKind::Delete, mapper, which);
    check_only_where(which, *mapper, "a delete", true);
    running.autoflush(which);
    ast::Delete statement;
    statement.table = mapper->table_ref();
    statement.where = without_paths(which.where, *statement.table);
    if (const Criteria* criteria = running.criteria()) criteria->apply(statement);
    const auto count = running.write(statement);
    forget_rows(*running.graph(), *mapper);
    return count;
}

void QueryState::split(bool apart) {
    auto node = std::make_shared<LoadNode>();
    node->mapper = mapper;
    node->split = apart;
    options = merged(options, node);
}

void QueryState::limit_to(std::int64_t count) {
    if (select.limit && select.limit->kind == ast::NodeKind::Bind) {
        const auto* own = static_cast<const ast::Bind&>(*select.limit).value.get_if<std::int64_t>();
        if (own != nullptr && *own <= count) return;
    }
    select.limit = row_count(count, "limit");
}

void QueryState::restrict_to(RelationshipOwner& owner, std::uint16_t index) {
    auto& state = static_cast<InstanceState&>(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    auto* client = static_cast<Graph*>(owner.host)->client();
    if (client == nullptr) {
        throw DetachedError(
            fmt::format("{} cannot be queried, because its session has ended", relationship.where),
            relationship.where);
    }
    auto* context = static_cast<LoadContext*>(client);
    attach(*context, {});
    if (state.status == ObjectStatus::Pending) {
        // Its key is made by the flush, and the condition needs it.
        ast::Select of_owner;
        of_owner.from.emplace_back(relationship.owner->table_ref());
        context->autoflush(of_owner);
    }
    const Mapper& target = *relationship.target;
    std::vector<std::string> own_side;
    for (std::size_t part = 0; part < relationship.owner->parts().size(); ++part)
        own_side.push_back(side_name(Relationship::owner_side, part));
    std::vector<std::string> tables;
    for (const TablePart& part : target.parts()) tables.push_back(part.ref->qualifier());
    select.where.push_back(with_values_of(state, relationship,
                                          relationship_condition(relationship, own_side, tables)));
}

} // namespace mercator
