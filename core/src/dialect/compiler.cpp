// SPDX-License-Identifier: MIT
#include <mercator/dialect/compiler.hpp>

#include <mercator/ast/cache_key.hpp>
#include <mercator/ast/implied_join.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/support/error.hpp>
#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {
namespace {

using BindList = std::vector<const ast::Bind*>;

bool has_repeated_node(BindList binds) {
    std::sort(binds.begin(), binds.end());
    return std::adjacent_find(binds.begin(), binds.end()) != binds.end();
}

/// For each bind that was written, its position in the key.
void match_by_node(const BindList& written, const BindList& keyed, std::vector<BindSlot>& slots) {
    std::vector<std::pair<const ast::Bind*, std::uint32_t>> positions;
    positions.reserve(keyed.size());
    for (std::uint32_t i = 0; i < keyed.size(); ++i) positions.emplace_back(keyed[i], i);
    std::stable_sort(positions.begin(), positions.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < written.size(); ++i) {
        const auto found = std::lower_bound(
            positions.begin(), positions.end(), written[i],
            [](const auto& position, const ast::Bind* node) { return position.first < node; });
        slots[i].source = found->second;
    }
}

} // namespace

Compiler::Compiler(const Dialect& dialect) : dialect_(dialect), writer_(dialect.identifiers()) {
    visible_.reserve(8);
}

Compiler::~Compiler() = default;

Compiled Compiler::compile(const ast::Statement& statement) {
    check_columns_ = true;
    write_statement(statement);
    if (met_path_) { // seldom, so statements without paths are not searched for them
        writer_ = SqlWriter(dialect_.identifiers());
        visible_.clear();
        qualify_ = true;
        follows_paths_ = true;
        write_statement(statement);
    }
    writer_.compiled().writes = statement.kind != ast::NodeKind::Select;
    number_binds(statement);
    settle_types();
    return writer_.take_compiled();
}

SqlType Compiler::here(const SqlType& type) const {
    return type.rules == nullptr ? type : type.on(dialect_.name());
}

/// What the drivers are told: types as they are here, and what the rules of types ask for.
void Compiler::settle_types() {
    Compiled& compiled = writer_.compiled();
    const auto settle = [&](SqlType& type) {
        if (type.rules == nullptr) return;
        const TypeRules& rules = *type.rules;
        if (!rules.is_cacheable) {
            compiled.cacheable = false;
            compiled.uncached_type = rules.cpp_type;
        }
        if (rules.by_dialect || rules.variant_count != 0)
            compiled.dialect = &dialect_info(dialect_);
        type = here(type);
    };
    for (BindSlot& slot : compiled.binds) settle(slot.type);
    for (ResultColumn& column : compiled.columns) settle(column.type);
}

SqlAround Compiler::sql_around(const SqlType& type) const {
    const SqlType own = here(type);
    return own.rules == nullptr ? SqlAround() : dialect_.types().sql_around(own);
}

bool Compiler::is_wrapped_when_sent(const SqlType& type) const {
    if (type.rules == nullptr) return false;
    const SqlType own = here(type);
    return own.rules != nullptr && !dialect_.types().sql_around(own).write.empty();
}

void Compiler::write_parameter(std::size_t index, const SqlType& type) {
    if (type.rules == nullptr) return write_placeholder(index, type);
    write_sent(type, [&] { write_placeholder(index, here(type)); });
}

void Compiler::write_statement(const ast::Statement& statement) {
    switch (statement.kind) {
    case ast::NodeKind::Select:
        visit_select(static_cast<const ast::Select&>(statement));
        break;
    case ast::NodeKind::Insert:
        visit_insert(static_cast<const ast::Insert&>(statement));
        break;
    case ast::NodeKind::Update:
        visit_update(static_cast<const ast::Update&>(statement));
        break;
    case ast::NodeKind::Delete:
        visit_delete(static_cast<const ast::Delete&>(statement));
        break;
    default:
        throw CompileError(
            "this node is no statement; only SELECT, INSERT, UPDATE and DELETE can be compiled");
    }
}

std::string Compiler::compile_ddl_expression(const ast::Expression& expression) {
    ddl_ = true;
    qualify_ = false;
    process(expression);
    return writer_.take_text();
}

void Compiler::number_binds(const ast::Statement& statement) {
    const BindList& written = writer_.bind_nodes();
    std::vector<BindSlot>& slots = writer_.compiled().binds;
    if (written.empty()) return;
    if (written.size() != slots.size()) {
        throw CompileError("a statement has parameters of its rows and values of its own; use the "
                           "one or the other");
    }
    thread_local BindList keyed; // kept, so that a compilation does not allocate for it
    keyed.clear();
    ast::append_binds(statement, keyed);
    if (written == keyed) {
        for (std::uint32_t i = 0; i < slots.size(); ++i) slots[i].source = i;
        return;
    }
    // The dialect wrote values in another order or twice. A node that stands in two places of this
    // tree may be two nodes in the next tree of the same structure, and then the order found here
    // would not hold for it.
    if (has_repeated_node(keyed)) writer_.not_cacheable();
    match_by_node(written, keyed, slots);
}

void Compiler::push_qualifier(std::string_view qualifier, bool is_derived) {
    const auto begin = visible_.begin() + static_cast<std::ptrdiff_t>(scope_start_);
    const auto is_same = [qualifier](const Visible& item) { return item.qualifier == qualifier; };
    if (std::any_of(begin, visible_.end(), is_same)) {
        throw CompileError(
            fmt::format("\"{}\" stands twice in the same statement; give one of the two an alias",
                        qualifier),
            std::string(qualifier));
    }
    visible_.push_back({qualifier, is_derived});
}

void Compiler::push_scope(const ast::Select& select) {
    const auto push = [this](const ast::FromItem& item) {
        if (const auto* table = std::get_if<std::shared_ptr<const ast::TableRef>>(&item)) {
            push_qualifier((*table)->qualifier());
        } else {
            push_qualifier(std::get<std::shared_ptr<const ast::Subquery>>(item)->alias, true);
        }
    };
    for (const auto& item : select.from) push(item);
    for (const auto& join : select.joins) push(join.target);
}

const Compiler::Visible* Compiler::source_of(const ast::ColumnRef& column) const {
    if (!check_columns_ || column.qualifier.empty()) return nullptr;
    // A mapper's columns share its table, whose name then is the very same characters.
    const std::string& known = column.table ? column.table->qualifier() : column.qualifier;
    for (const auto& item : visible_) {
        if (item.qualifier.data() == known.data()) return &item;
    }
    for (const auto& item : visible_) {
        if (item.qualifier == column.qualifier) return &item;
    }
    const bool may_be_joined = !follows_paths_ && select_ != nullptr && met_path_ &&
                               column.table != nullptr && column.table->implied != nullptr;
    if (may_be_joined) return nullptr;
    refuse_column(column);
}

void Compiler::refuse_column(const ast::ColumnRef& column) const {
    const std::string where = fmt::format("{}.{}", column.qualifier, column.name);
    const bool is_path = column.table != nullptr && column.table->implied != nullptr;
    if (is_path && select_ == nullptr) {
        throw CompileError(
            fmt::format("the column \"{}\" is reached from \"{}\" by a join, and only a SELECT "
                        "joins; ask has() of the relationship, or choose the rows by a subquery",
                        where, ast::start_of_path(column.table)->qualifier()),
            where);
    }
    std::string present;
    for (const auto& item : visible_)
        present += fmt::format("{}\"{}\"", present.empty() ? "" : ", ", item.qualifier);
    const auto& wanted = is_path ? ast::start_of_path(column.table)->qualifier() : column.qualifier;
    throw CompileError(fmt::format("the column \"{0}\" belongs to no table of the statement, "
                                   "which reads {1}; add \"{2}\" to it with a "
                                   "join, or use the alias under which it is read",
                                   where, present.empty() ? "no table" : present, wanted),
                       where);
}

} // namespace mercator
