// SPDX-License-Identifier: MIT
#include "concrete_rows.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace mercator {

bool has_concrete_classes(const Mapper& mapper) noexcept {
    if (!mapper.is_polymorphic()) return false;
    const auto& classes = mapper.descendants();
    return std::any_of(classes.begin(), classes.end(), [&](const Mapper* descendant) {
        return descendant != &mapper && descendant->inheritance() == Inheritance::Concrete;
    });
}

namespace {

/// A column of the rows of several tables.
struct AlignedColumn {
    std::string name; ///< among the aligned
    SqlType type;
    std::vector<std::pair<std::string, std::string>> tables; ///< which have it, and as what
};

/// The classes with a table of their own; those that lie in more than one are read later.
std::vector<const Mapper*> table_owners(const Mapper& mapper) {
    std::vector<const Mapper*> owners;
    for (const Mapper* descendant : mapper.descendants()) {
        const bool own =
            descendant == &mapper || descendant->inheritance() == Inheritance::Concrete;
        if (own && !descendant->is_without_table() && descendant->parts().size() == 1)
            owners.push_back(descendant);
    }
    return owners;
}

class Alignment {
public:
    explicit Alignment(const Mapper& mapper) : owners_(table_owners(mapper)) {
        for (const Mapper* descendant : mapper.descendants()) {
            if (descendant->is_without_table() || descendant->parts().size() != 1) continue;
            for (const auto& property : descendant->columns()) add(*property.ref);
        }
    }

    [[nodiscard]] const std::vector<const Mapper*>& owners() const noexcept { return owners_; }
    [[nodiscard]] const std::vector<AlignedColumn>& columns() const noexcept { return columns_; }
    [[nodiscard]] const AlignedColumn* find(const ast::ColumnRef& own) const {
        const std::pair<std::string, std::string> wanted{own.qualifier, own.name};
        const auto found =
            std::find_if(columns_.begin(), columns_.end(), [&](const AlignedColumn& column) {
                return std::find(column.tables.begin(), column.tables.end(), wanted) !=
                       column.tables.end();
            });
        return found == columns_.end() ? nullptr : &*found;
    }

private:
    void add(const ast::ColumnRef& own) {
        if (find(own) != nullptr) return;
        const auto same =
            std::find_if(columns_.begin(), columns_.end(), [&](const AlignedColumn& column) {
                return column.name == own.name && column.type == own.type;
            });
        if (same != columns_.end()) {
            same->tables.emplace_back(own.qualifier, own.name);
            return;
        }
        std::string name = own.name;
        const auto taken = [&](const AlignedColumn& column) { return column.name == name; };
        for (int number = 2; std::any_of(columns_.begin(), columns_.end(), taken); ++number)
            name = fmt::format("{}_{}", own.name, number);
        columns_.push_back({std::move(name), own.type, {{own.qualifier, own.name}}});
    }

    std::vector<const Mapper*> owners_;
    std::vector<AlignedColumn> columns_;
};

/// Made once for the classes that are known, and kept for ever.
const Alignment& alignment_of(const Mapper& mapper) {
    static std::mutex mutex;
    static std::map<std::pair<std::uint32_t, std::size_t>, std::unique_ptr<const Alignment>> made;
    const std::lock_guard lock(mutex);
    auto& alignment = made[{mapper.id(), mapper.descendants().size()}];
    if (alignment == nullptr) alignment = std::make_unique<const Alignment>(mapper);
    return *alignment;
}

/// All aligned columns of one table.
ast::SelectPtr rows_of(const Alignment& alignment, const Mapper& owner) {
    auto select = std::make_shared<ast::Select>();
    const std::string& table = owner.table_ref()->qualifier();
    select->from.emplace_back(owner.table_ref());
    for (const AlignedColumn& column : alignment.columns()) {
        const auto own = std::find_if(column.tables.begin(), column.tables.end(),
                                      [&](const auto& place) { return place.first == table; });
        auto value = own == column.tables.end()
                         ? ast::cast(ast::literal(Value(), column.type), column.type)
                         : ast::column(table, own->second, column.type);
        select->columns.push_back(ast::label(std::move(value), column.name));
    }
    return select;
}

ast::ExpressionPtr aligned(const Alignment& alignment, const std::string& alias,
                           const ast::ColumnRef& own) {
    const AlignedColumn* column = alignment.find(own);
    return column == nullptr ? nullptr : ast::column(alias, column->name, own.type, own.nullable);
}

} // namespace

ast::FromItem concrete_rows(const Mapper& mapper, const std::string& alias) {
    const Alignment& alignment = alignment_of(mapper);
    auto rows = std::make_shared<ast::Subquery>();
    rows->alias = alias;
    for (const Mapper* owner : alignment.owners()) {
        auto select = rows_of(alignment, *owner);
        if (rows->select == nullptr) {
            rows->select = std::move(select);
        } else {
            rows->and_all.push_back(std::move(select));
        }
    }
    return std::shared_ptr<const ast::Subquery>(std::move(rows));
}

ast::ExpressionPtr concrete_column(const Mapper& mapper, const std::string& alias, const Mapper& of,
                                   const ast::ColumnRef& own) {
    if (auto column = aligned(alignment_of(mapper), alias, own)) return column;
    throw CompileError(fmt::format("column {}.{} of {} is not among those of {}", own.qualifier,
                                   own.name, of.class_name(), mapper.class_name()),
                       std::string(of.class_name()));
}

ast::ExpressionPtr concrete_names(const ast::ExpressionPtr& expression, const Mapper& mapper,
                                  const std::string& alias) {
    const Alignment& alignment = alignment_of(mapper);
    return ast::replace_columns(expression, [&](const ast::ColumnRef& column) {
        return aligned(alignment, alias, column);
    });
}

} // namespace mercator
