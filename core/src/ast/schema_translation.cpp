// SPDX-License-Identifier: MIT
#include <mercator/ast/cache_key.hpp>

#include "ast/rebuild.hpp"

#include <algorithm>
#include <utility>

namespace mercator::ast {
namespace {

using TablePtr = std::shared_ptr<const TableRef>;

class Translation {
public:
    explicit Translation(const SchemaTranslation& schemas) : schemas_(schemas) {}

    [[nodiscard]] std::shared_ptr<const Statement> of(const Statement& statement) const {
        switch (statement.kind) {
        case NodeKind::Select:
            return changed(static_cast<const Select&>(statement));
        case NodeKind::Insert:
            return changed(static_cast<const Insert&>(statement));
        case NodeKind::Update:
            return changed(static_cast<const Update&>(statement));
        default:
            return changed(static_cast<const Delete&>(statement));
        }
    }

private:
    [[nodiscard]] auto rebuild() const {
        return Rebuild([this](const Expression& e) { return leaf(e); },
                       [](const Select&) { return true; },
                       [this](const TablePtr& table) { return moved(table); });
    }

    template <class Written>
    [[nodiscard]] std::shared_ptr<const Statement> changed(const Written& statement) const {
        auto copy = std::make_shared<Written>(statement);
        change(*copy);
        return copy;
    }
    void change(Select& select) const { rebuild().change(select); }
    void change(Insert& insert) const {
        insert.table = moved(insert.table);
        rebuild().change(insert.values);
    }
    void change(Update& update) const {
        update.table = moved(update.table);
        for (auto& assignment : update.assignments) rebuild().change(assignment.value);
        rebuild().change(update.where);
    }
    void change(Delete& statement) const {
        statement.table = moved(statement.table);
        rebuild().change(statement.where);
    }

    /// A column says which table it is of, and maybe the path that leads there.
    [[nodiscard]] ExpressionPtr leaf(const Expression& e) const {
        if (e.kind != NodeKind::ColumnRef) return nullptr;
        const auto& column = static_cast<const ColumnRef&>(e);
        if (column.table == nullptr) return nullptr;
        auto table = moved(column.table);
        if (table == column.table) return nullptr;
        auto copy = std::make_shared<ColumnRef>(column);
        copy->table = std::move(table);
        return copy;
    }

    [[nodiscard]] TablePtr moved(const TablePtr& table) const {
        const auto found = std::find_if(schemas_.begin(), schemas_.end(), [&](const auto& entry) {
            return entry.first == table->schema;
        });
        if (found == schemas_.end() && table->implied == nullptr) return table;
        auto copy = std::make_shared<TableRef>(*table);
        if (found != schemas_.end()) copy->schema = found->second;
        if (table->implied != nullptr) {
            auto join = std::make_shared<ImpliedJoin>(*table->implied);
            join->owner = moved(join->owner);
            rebuild().change(join->on);
            copy->implied = std::move(join);
        }
        return copy;
    }

    const SchemaTranslation& schemas_;
};

} // namespace

std::shared_ptr<const Statement> translated(const Statement& statement,
                                            const SchemaTranslation& schemas) {
    return Translation(schemas).of(statement);
}

} // namespace mercator::ast
