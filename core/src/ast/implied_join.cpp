// SPDX-License-Identifier: MIT
#include <mercator/ast/implied_join.hpp>

#include "ast/children.hpp"
#include "ast/from.hpp"

#include <mercator/ast/cache_key.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace mercator::ast {
namespace {

using TablePtr = std::shared_ptr<const TableRef>;

bool is_same_expression(const ExpressionPtr& a, const ExpressionPtr& b) {
    if (a == b) return true;
    CacheKey left;
    CacheKey right;
    append_cache_key(a, left);
    append_cache_key(b, right);
    return left.bytes == right.bytes && left.binds == right.binds;
}

/// Do both lead to the same rows in the same way? Each access to a path makes its tables anew.
bool is_same_path(const TableRef& a, const TableRef& b) {
    if (a != b || (a.implied == nullptr) != (b.implied == nullptr)) return false;
    if (a.implied == b.implied) return true;
    return a.implied->kind == b.implied->kind &&
           is_same_path(*a.implied->owner, *b.implied->owner) &&
           is_same_expression(a.implied->on, b.implied->on);
}

/// Does the SELECT read the table, or can it join it?
bool reaches(const Select& select, const TableRef& table) {
    return reads(select, table.qualifier()) ||
           (table.implied != nullptr && reaches(select, *table.implied->owner));
}

class JoinCollector {
public:
    explicit JoinCollector(const Select& select) : select_(select) {}

    std::optional<Select> collect() {
        for (position_ = 0; position_ < select_.joins.size(); ++position_)
            look_at(select_.joins[position_].on);
        look_at_clauses(select_);
        if (found_.empty()) return std::nullopt;
        for (const TablePtr& table : outward_) require_not_hidden(*table);
        return joined();
    }

private:
    struct Found {
        std::size_t position; ///< of the statement's own joins, how many stand before it
        TablePtr table;
    };

    void look_at_clauses(const Select& select) {
        look_at(select.columns);
        look_at(select.where);
        look_at(select.group_by);
        look_at(select.having);
        look_at(select.order_by);
        look_at(select.limit);
        look_at(select.offset);
    }
    void look_at(const std::vector<ExpressionPtr>& list) {
        for (const auto& item : list) {
            if (item->kind == NodeKind::ColumnRef) {
                look_at(as<ColumnRef>(*item));
            } else {
                look_at(item);
            }
        }
    }
    void look_at(const ExpressionPtr& e) {
        if (e == nullptr) return;
        if (e->kind == NodeKind::ColumnRef) return look_at(as<ColumnRef>(*e));
        for_each_child(
            *e, [this](const ExpressionPtr& child) { look_at(child); },
            [this](const Select& child) { look_into(child); });
    }
    void look_at(const ColumnRef& column) {
        if (column.table != nullptr && column.table->implied != nullptr) follow(column);
    }
    [[gnu::noinline]] void follow(const ColumnRef& column) {
        const TablePtr& table = column.table;
        if (column.qualifier != table->qualifier()) return;
        // The innermost statement that can join it will.
        for (const Select* inner : inner_) {
            if (reaches(*inner, *table)) return;
        }
        if (reaches(select_, *table)) {
            add(table);
        } else {
            outward_.push_back(table);
        }
    }
    /// A subquery of a condition sees the tables around it; one that is read like a table does not.
    void look_into(const Select& inner) {
        inner_.push_back(&inner);
        for (const auto& join : inner.joins) look_at(join.on);
        look_at_clauses(inner);
        inner_.pop_back();
    }

    void add(const TablePtr& table) {
        const std::string& qualifier = table->qualifier();
        if (reads(select_, qualifier)) return require_before(qualifier, position_ + 1);
        if (const TableRef* known = find(qualifier)) {
            if (!is_same_path(*known, *table)) refuse_alias(qualifier);
            return;
        }
        const TablePtr& owner = table->implied->owner;
        if (owner->implied != nullptr) {
            add(owner);
        } else {
            require_before(owner->qualifier(), position_);
        }
        found_.push_back({position_, table});
    }

    const TableRef* find(const std::string& qualifier) const {
        for (const Found& known : found_) {
            if (known.table->qualifier() == qualifier) return known.table.get();
        }
        return nullptr;
    }

    /// A statement around this one joins the table, under a name that must not mean another here.
    void require_not_hidden(const TableRef& table) const {
        const TableRef* known = find(table.qualifier());
        if (known != nullptr && !is_same_path(*known, table)) refuse_alias(table.qualifier());
    }

    [[noreturn]] static void refuse_alias(const std::string& qualifier) {
        throw CompileError(fmt::format("two different paths of the statement lead to \"{}\" under "
                                       "that name; join one of them to an alias of its own",
                                       qualifier),
                           qualifier);
    }

    /// The condition of a join knows what stands before it, and its own table.
    void require_before(const std::string& qualifier, std::size_t position) const {
        const auto is = [&qualifier](const Join& join) {
            return qualifier_of(join.target) == qualifier;
        };
        const auto joins = select_.joins.begin();
        const auto later =
            joins + static_cast<std::ptrdiff_t>(std::min(position, select_.joins.size()));
        if (std::none_of(later, select_.joins.end(), is)) return;
        throw CompileError(
            fmt::format("the condition of a join follows a path from \"{0}\", which is joined "
                        "only then; put the condition into where(), or join \"{0}\" before",
                        qualifier),
            qualifier);
    }

    /// Can there be rows without one of the table, because of an outer join?
    bool may_be_absent(const std::string& qualifier) const {
        bool is_there =
            std::any_of(select_.from.begin(), select_.from.end(),
                        [&](const FromItem& item) { return qualifier_of(item) == qualifier; });
        bool absent = false;
        for (const Join& join : select_.joins) {
            const bool keeps_right = join.kind == JoinKind::Right || join.kind == JoinKind::Full;
            if (is_there) {
                absent = absent || keeps_right;
            } else if (qualifier_of(join.target) == qualifier) {
                is_there = true;
                absent = join.kind == JoinKind::Left || join.kind == JoinKind::Full;
            }
        }
        return absent;
    }

    Select joined() const {
        Select result = select_;
        result.joins.clear();
        auto next = found_.begin();
        for (std::size_t i = 0; i <= select_.joins.size(); ++i) {
            for (; next != found_.end() && next->position == i; ++next) {
                const ImpliedJoin& join = *next->table->implied;
                const bool keeps = join.kind == JoinKind::Inner &&
                                   may_be_absent(start_of_path(next->table)->qualifier());
                result.joins.push_back({keeps ? JoinKind::Left : join.kind, next->table, join.on});
            }
            if (i < select_.joins.size()) result.joins.push_back(select_.joins[i]);
        }
        return result;
    }

    const Select& select_;
    std::size_t position_ = 0;
    std::vector<Found> found_;      ///< in the order of their positions, owners first
    std::vector<TablePtr> outward_; ///< of columns whose table a statement around this one joins
    std::vector<const Select*> inner_;
};

} // namespace

std::optional<Select> with_implied_joins(const Select& select) {
    return JoinCollector(select).collect();
}

const TablePtr& start_of_path(const TablePtr& table) noexcept {
    const TablePtr* start = &table;
    while ((*start)->implied != nullptr) start = &(*start)->implied->owner;
    return *start;
}

std::string path_alias(const std::string& owner, const std::string& step) {
    std::string alias = owner + "__" + step;
    if (alias.size() <= longest_plain_name) return alias;
    std::uint64_t hash = 14695981039346656037ULL; // FNV-1a
    for (const char c : alias) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    constexpr std::size_t kept = 40;
    return fmt::format("{}__{:016x}", alias.substr(0, kept), hash);
}

} // namespace mercator::ast
