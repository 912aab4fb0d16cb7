// SPDX-License-Identifier: MIT
#include <mercator/loading/chunked_stream.hpp>

#include "page_context.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/loading/orm_execution.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace mercator {

namespace {

/// Is it `key ASC` of the class, column by column?
bool is_key_order(const ast::Select& select, const Mapper& mapper) {
    const auto& key = mapper.primary_key();
    if (select.order_by.size() > key.size()) return false;
    for (std::size_t i = 0; i < select.order_by.size(); ++i) {
        const ast::Expression* term = select.order_by[i].get();
        if (term->kind == ast::NodeKind::Ordering) {
            const auto& ordering = static_cast<const ast::Ordering&>(*term);
            if (ordering.descending) return false;
            term = ordering.operand.get();
        }
        if (term->kind != ast::NodeKind::ColumnRef) return false;
        const auto& column = static_cast<const ast::ColumnRef&>(*term);
        const auto& own = *mapper.columns()[key[i]].ref;
        if (column.name != own.name || column.qualifier != own.qualifier) return false;
    }
    return true;
}

void check_can_page(const QueryState& query, std::size_t size) {
    const std::string where(query.mapper->class_name());
    if (size == 0) throw ArgumentError("yield_per needs at least 1 object at a time", where);
    if (query.select.offset) {
        throw ArgumentError(fmt::format("yield_per reads {} page by page, which an offset() of the "
                                        "whole does not go with; give where() the key to begin at",
                                        where),
                            where);
    }
    if (is_key_order(query.select, *query.mapper)) return;
    throw ArgumentError(
        fmt::format("yield_per reads {} in the order of the primary key, since each page begins "
                    "after the last key of the one before; leave order_by() out, or use all() or "
                    "stream()",
                    where),
        where);
}

std::int64_t own_limit(const ast::Select& select) {
    if (select.limit == nullptr || select.limit->kind != ast::NodeKind::Bind) return -1;
    const auto* limit = static_cast<const ast::Bind&>(*select.limit).value.get_if<std::int64_t>();
    return limit == nullptr ? -1 : *limit;
}

/// Rows whose key comes after this one: a > x, or a = x and b > y, or ...
ast::ExpressionPtr after(const Mapper& mapper, const std::vector<Value>& last) {
    const auto compare = [&](ast::Operator op, std::size_t i) {
        const ColumnProperty& property = mapper.columns()[mapper.primary_key()[i]];
        return ast::binary(op, property.ref, ast::bind(last[i], property.field.type));
    };
    std::vector<ast::ExpressionPtr> ways;
    for (std::size_t end = 0; end < last.size(); ++end) {
        std::vector<ast::ExpressionPtr> parts;
        for (std::size_t i = 0; i < end; ++i) parts.push_back(compare(ast::Operator::Equal, i));
        parts.push_back(compare(ast::Operator::Greater, end));
        ways.push_back(parts.size() == 1 ? parts.front() : ast::and_(std::move(parts)));
    }
    return ways.size() == 1 ? ways.front() : ast::or_(std::move(ways));
}

} // namespace

/// One page and its objects.
class ChunkReader::Page {
public:
    explicit Page(LoadContext& session) : context_(session) {}
    PageContext& context() noexcept { return context_; }

private:
    PageContext context_;
};

ChunkReader::ChunkReader(const QueryState& query, std::size_t size) :
    query_(query),
    size_(size),
    left_(own_limit(query.select)) {
    check_can_page(query, size);
}

ChunkReader::~ChunkReader() = default;

ast::Select ChunkReader::page_select() const {
    ast::Select select = query_.statement();
    const Mapper& mapper = *query_.mapper;
    if (!last_.empty()) select.where.push_back(after(mapper, last_));
    select.order_by.clear();
    for (const auto key : mapper.primary_key())
        select.order_by.push_back(ast::order(mapper.columns()[key].ref));
    auto rows = static_cast<std::int64_t>(size_);
    if (left_ >= 0) rows = std::min(rows, left_);
    select.limit = row_count(rows, "limit");
    return select;
}

void ChunkReader::remember_last(const InstanceState& state) {
    last_.clear();
    for (const auto key : state.mapper->primary_key())
        last_.push_back(load(state.mapper->columns()[key].field, state.object()));
}

bool ChunkReader::next(std::vector<std::shared_ptr<void>>& objects) {
    if (page_ != nullptr) page_->context().check_unchanged();
    const bool first = page_ == nullptr;
    page_ = nullptr;
    if (ended_ || left_ == 0) return false;
    LoadContext& session = query_.running_context();
    const LoadContext::Use use(session);
    ast::Select select = page_select();
    if (session.listens_to_queries()) {
        OrmExecution execution(QueryKind::Values, query_.mapper, select, nullptr);
        session.tell_query(execution);
    }
    if (first) session.autoflush(select);
    page_ = std::make_unique<Page>(session);
    PageContext& context = page_->context();
    CriteriaWaiver waiver;
    if (query_.options != nullptr) waiver = query_.options->without_criteria;
    const CriteriaPause pause(session.criteria_in_use(), waiver);
    std::vector<InstanceState*> states;
    const LoadRequest request{.mapper = query_.mapper,
                              .read_only = true,
                              .options = query_.options,
                              .place = query_.place};
    load_entities(context, request, select, states);
    if (states.empty()) {
        ended_ = true;
        return false;
    }
    ended_ = states.size() < size_ && query_.select.joins.empty();
    if (left_ >= 0) left_ -= static_cast<std::int64_t>(states.size());
    remember_last(*states.back());
    // A join of the query's own can bring an object several times.
    std::unordered_set<const InstanceState*> seen;
    for (InstanceState* state : states) {
        if (seen.insert(state).second) objects.push_back(context.graph()->handle(*state));
    }
    return true;
}

} // namespace mercator
