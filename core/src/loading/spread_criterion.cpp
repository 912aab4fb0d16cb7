// SPDX-License-Identifier: MIT
#include "spread_criterion.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/implied_join.hpp>
#include <mercator/ast/traverse.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace mercator {

std::vector<ReadTable> tables_in_order(const ast::Select& select) {
    using TablePtr = std::shared_ptr<const ast::TableRef>;
    std::vector<ReadTable> tables;
    for (const auto& item : select.from) {
        const auto* table = std::get_if<TablePtr>(&item);
        tables.push_back({table == nullptr ? nullptr : *table, nullptr, true});
    }
    for (const auto& join : select.joins) {
        const auto* table = std::get_if<TablePtr>(&join.target);
        tables.push_back({table == nullptr ? nullptr : *table, join.on,
                          join.kind == ast::JoinKind::Inner || join.kind == ast::JoinKind::Cross});
    }
    return tables;
}

bool is_part_of(const Mapper& mapper, const ast::TableRef& table, std::size_t& part) {
    const auto& parts = mapper.parts();
    for (part = 0; part < parts.size(); ++part) {
        if (parts[part].ref->name == table.name && parts[part].ref->schema == table.schema)
            return true;
    }
    return false;
}

namespace {

bool speaks_of(const ast::ExpressionPtr& condition, const std::string& qualifier) {
    bool found = false;
    static_cast<void>(ast::replace_columns(condition, qualifier,
                                           [&](const ast::ColumnRef&) -> ast::ExpressionPtr {
                                               found = true;
                                               return nullptr;
                                           }));
    return found;
}

bool is_column(const ast::ExpressionPtr& e, const std::string& qualifier, const std::string& name) {
    if (e->kind != ast::NodeKind::ColumnRef) return false;
    const auto& column = static_cast<const ast::ColumnRef&>(*e);
    return column.name == name && column.qualifier == qualifier;
}

/// Says the condition that these are parts of one object? Keys of several columns stand together.
bool ties(const ast::ExpressionPtr& on, const std::string& a, const std::string& a_key,
          const std::string& b, const std::string& b_key) {
    if (on == nullptr) return false;
    if (on->kind == ast::NodeKind::Logical) {
        const auto& all = static_cast<const ast::Logical&>(*on);
        return all.is_and &&
               std::any_of(all.operands.begin(), all.operands.end(),
                           [&](const auto& operand) { return ties(operand, a, a_key, b, b_key); });
    }
    if (on->kind != ast::NodeKind::Binary) return false;
    const auto& equal = static_cast<const ast::Binary&>(*on);
    return equal.op == ast::Operator::Equal &&
           ((is_column(equal.left, a, a_key) && is_column(equal.right, b, b_key)) ||
            (is_column(equal.left, b, b_key) && is_column(equal.right, a, a_key)));
}

/// "It does not hold", in words that are true for NULL as well.
ast::ExpressionPtr violated(const ast::ExpressionPtr& condition) {
    if (condition->kind == ast::NodeKind::NullTest) {
        const auto& test = static_cast<const ast::NullTest&>(*condition);
        return ast::is_null(test.operand, !test.negated);
    }
    const auto number = [](std::int64_t value) { return ast::bind(Value(value), BigInteger()); };
    return ast::binary(ast::Operator::Equal, ast::case_({{condition, number(0)}}, number(1)),
                       number(1));
}

class Placing {
public:
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    Placing(const Mapper& mapper, const ast::ExpressionPtr& condition, std::size_t part,
            const std::vector<ReadTable>& tables, std::size_t position) :
        mapper_(mapper),
        condition_(condition),
        part_(part),
        tables_(tables),
        position_(position),
        places_(mapper.parts().size(), nowhere) {
        places_[part] = position;
        find_tied();
    }

    ast::ExpressionPtr placed() {
        const auto needed = needed_parts();
        const auto last = latest(needed);
        if (last == nowhere) return absent_or_holds(needed);
        const bool is_needed = std::find(needed.begin(), needed.end(), part_) != needed.end();
        const bool others_bring_it = last > position_ || !is_needed;
        if (others_bring_it && all_kept(needed)) return nullptr;
        if (last > position_) return absent_or_holds(needed);
        return named([this](std::size_t part) { return qualifier(part); });
    }

private:
    [[nodiscard]] const std::string& qualifier(std::size_t part) const {
        return tables_[places_[part]].table->qualifier();
    }
    [[nodiscard]] const std::string& key_name(std::size_t part) const {
        return mapper_.parts()[part].key_names.front();
    }

    /// Parts of the object in other tables of the statement, over however many between.
    void find_tied() {
        for (bool found = true; found;) {
            found = false;
            for (std::size_t at = 0; at < tables_.size(); ++at) found = place(at) || found;
        }
    }
    bool place(std::size_t at) {
        std::size_t part = 0;
        if (tables_[at].table == nullptr || !is_part_of(mapper_, *tables_[at].table, part) ||
            places_[part] != nowhere)
            return false;
        const std::string& name = tables_[at].table->qualifier();
        for (std::size_t other = 0; other < places_.size(); ++other) {
            if (places_[other] == nowhere) continue;
            const auto& there = tables_[places_[other]];
            const auto tied = [&](const ast::ExpressionPtr& on) {
                return ties(on, name, key_name(part), there.table->qualifier(), key_name(other));
            };
            if (!tied(tables_[at].on) && !tied(there.on)) continue;
            places_[part] = at;
            return true;
        }
        return false;
    }

    /// Those that the condition speaks of; a class is known by its own table, or by what the
    /// condition says of the discriminator.
    [[nodiscard]] std::vector<std::size_t> needed_parts() const {
        const auto& parts = mapper_.parts();
        std::vector<std::size_t> needed;
        for (std::size_t part = 0; part < parts.size(); ++part) {
            const bool is_own =
                part + 1 == parts.size() && mapper_.inheritance() == Inheritance::Joined;
            if (is_own || speaks_of(condition_, parts[part].ref->qualifier()))
                needed.push_back(part);
        }
        return needed;
    }
    [[nodiscard]] std::size_t latest(const std::vector<std::size_t>& needed) const {
        std::size_t last = 0;
        for (const auto part : needed) last = std::max(last, places_[part]); // nowhere is most
        return last;
    }
    [[nodiscard]] bool all_kept(const std::vector<std::size_t>& needed) const {
        return tables_[position_].keeps_no_other &&
               std::all_of(needed.begin(), needed.end(),
                           [&](std::size_t part) { return tables_[places_[part]].keeps_no_other; });
    }

    template <class Name>
    [[nodiscard]] ast::ExpressionPtr named(const Name& name) const {
        ast::ExpressionPtr named = condition_;
        for (std::size_t part = 0; part < mapper_.parts().size(); ++part) {
            const std::string& plain = mapper_.parts()[part].ref->qualifier();
            if (!speaks_of(condition_, plain)) continue;
            if (const std::string here = name(part); here != plain)
                named = ast::requalify(named, plain, here);
        }
        return named;
    }

    [[nodiscard]] ast::ExpressionPtr absent_or_holds(const std::vector<std::size_t>& needed) const {
        const std::string& outside = tables_[position_].table->qualifier();
        const auto name = [&](std::size_t part) {
            return part == part_
                       ? outside
                       : ast::path_alias(outside, "hidden_" + mapper_.parts()[part].ref->name);
        };
        auto select = std::make_shared<ast::Select>();
        std::size_t first = part_;
        for (const auto part : needed) {
            if (part == part_) continue;
            auto table = std::make_shared<ast::TableRef>(*mapper_.parts()[part].ref);
            table->alias = name(part);
            if (select->from.empty()) {
                first = part;
                select->where.push_back(same_object(mapper_, part, name(part), part_, outside));
                select->from.emplace_back(std::move(table));
            } else { // a join within a subquery may not name tables outside of it everywhere
                auto same = same_object(mapper_, part, name(part), first, name(first));
                select->joins.push_back({ast::JoinKind::Inner, std::move(table), std::move(same)});
            }
        }
        select->where.push_back(violated(named(name)));
        return ast::exists(std::move(select), true);
    }

    const Mapper& mapper_;
    const ast::ExpressionPtr& condition_;
    std::size_t part_;
    const std::vector<ReadTable>& tables_;
    std::size_t position_;
    std::vector<std::size_t> places_; ///< of each part in the statement
};

} // namespace

ast::ExpressionPtr criterion_at(const Mapper& mapper, const ast::ExpressionPtr& condition,
                                std::size_t part, const std::vector<ReadTable>& tables,
                                std::size_t position) {
    return Placing(mapper, condition, part, tables, position).placed();
}

} // namespace mercator
