// SPDX-License-Identifier: MIT
#include "polymorphic_plan.hpp"

#include "concrete_rows.hpp"
#include "same_column.hpp"

#include <mercator/ast/traverse.hpp>

#include <algorithm>
#include <utility>

namespace mercator {

const PolymorphicPlan::Kind* PolymorphicPlan::find(const Mapper& of) const noexcept {
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const Kind& kind) { return kind.mapper == &of; });
    return found == kinds.end() ? nullptr : &*found;
}

namespace {

class Builder {
public:
    Builder(const PolymorphicWish& wish, const NameColumn& name) : wish_(wish), name_(name) {}

    PolymorphicPlan build() {
        const Mapper& mapper = *wish_.mapper;
        plan_.mapper = &mapper;
        for (const auto& column : own_plan(mapper).columns)
            static_cast<void>(place(mapper, column));
        for (const auto key : mapper.primary_key())
            plan_.key.push_back(place(mapper, mapper.columns()[key].ref));
        plan_.discriminator = place(mapper, mapper.discriminator_node());
        for (const Mapper* descendant : mapper.descendants()) {
            if (!descendant->is_abstract() && !descendant->identity().is_null()) add(*descendant);
        }
        return std::move(plan_);
    }

private:
    [[nodiscard]] const EntityPlan& own_plan(const Mapper& mapper) const {
        return wish_.whole ? entity_plan(mapper)
                           : entity_plan(mapper, wish_.options, wish_.read_only);
    }

    /// Index in the statement of a column, or of an expression over columns.
    std::uint16_t place(const Mapper& mapper, const ast::ExpressionPtr& own) {
        const auto named = ast::replace_columns(
            own, [&](const ast::ColumnRef& column) { return name_(mapper, column); });
        auto& columns = plan_.columns;
        auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
            return column == named || is_same_column(*column, *named);
        });
        if (found == columns.end()) found = columns.insert(found, named);
        return static_cast<std::uint16_t>(wish_.first +
                                          static_cast<std::size_t>(found - columns.begin()));
    }

    void add(const Mapper& mapper) {
        PolymorphicPlan::Kind kind;
        kind.mapper = &mapper;
        kind.own = &own_plan(mapper);
        kind.later = comes_later(mapper);
        plan_.reads_later = plan_.reads_later || kind.later;
        if (!kind.later) {
            for (const DecodeStep& step : kind.own->decode.steps) {
                kind.decode.steps.push_back(
                    {place(mapper, kind.own->columns[step.column]), 0, step.field});
            }
            std::stable_sort(
                kind.decode.steps.begin(), kind.decode.steps.end(),
                [](const DecodeStep& a, const DecodeStep& b) { return a.column < b.column; });
        }
        plan_.kinds.push_back(std::move(kind));
    }

    /// Does it lie in tables that the statement does not read?
    [[nodiscard]] bool comes_later(const Mapper& mapper) const {
        if (mapper.parts().size() == wish_.mapper->parts().size()) return false;
        if (has_concrete_classes(*wish_.mapper)) return true;
        return !wish_.all_inline && how(mapper) == PolymorphicLoad::Selectin;
    }

    [[nodiscard]] PolymorphicLoad how(const Mapper& mapper) const {
        if (wish_.options != nullptr) {
            const auto& said = wish_.options->classes;
            // The last word counts, and a word about the class itself before one about a base.
            for (const Mapper* at = &mapper; at != nullptr; at = at->base()) {
                const auto wish = std::find_if(said.rbegin(), said.rend(),
                                               [&](const auto& item) { return item.mapper == at; });
                if (wish != said.rend()) return wish->load;
            }
        }
        return mapper.polymorphic_load().value_or(PolymorphicLoad::Selectin);
    }

    const PolymorphicWish& wish_;
    const NameColumn& name_;
    PolymorphicPlan plan_;
};

} // namespace

PolymorphicPlan polymorphic_plan(const PolymorphicWish& wish, const NameColumn& name) {
    return Builder(wish, name).build();
}

} // namespace mercator
