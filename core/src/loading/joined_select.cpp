// SPDX-License-Identifier: MIT
#include "joined_select.hpp"

#include "class_tables.hpp"
#include "concrete_rows.hpp"
#include "correlated_select.hpp"
#include "page_select.hpp"
#include "polymorphic_rows.hpp"
#include "row_expressions.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/loader_strategy.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace mercator {

namespace {

using TablePtr = std::shared_ptr<const ast::TableRef>;

const std::string& qualifier_of(const ast::FromItem& item) {
    if (const auto* table = std::get_if<TablePtr>(&item)) return (*table)->qualifier();
    return std::get<std::shared_ptr<const ast::Subquery>>(item)->alias;
}

/// A name for one more use of a table: no other one of the statement, the same each time that the
/// statement is built, and not longer than databases take.
class TableNames {
public:
    explicit TableNames(const ast::Select& select) {
        for (const auto& item : select.from) taken_.insert(qualifier_of(item));
        for (const auto& join : select.joins) taken_.insert(qualifier_of(join.target));
    }
    std::string next(std::string_view table) {
        std::size_t length = std::min<std::size_t>(table.size(), 48);
        while (length < table.size() && length > 0 &&
               (static_cast<unsigned char>(table[length]) & 0xc0U) == 0x80U)
            --length;
        for (int number = 1;; ++number) {
            auto name = fmt::format("{}_{}", table.substr(0, length), number);
            if (taken_.insert(name).second) return name;
        }
    }

private:
    std::set<std::string> taken_;
};

class Builder {
public:
    Builder(const LoadSettings& settings, const Criteria* criteria, const LoadRequest& request,
            const ast::Select& query) :
        settings_(settings),
        criteria_(criteria),
        request_(request),
        query_(query),
        names_(query) {
        if (request.tag != nullptr) tag_columns_ = request.tag->columns;
    }

    JoinedSelect build() {
        add_root();
        // The list grows while it is walked over: what is joined may have joins of its own.
        for (std::size_t i = 0; i < result_.entities.size(); ++i) add_related(i);
        result_.own_joins = query_.from.size() > 1 || !query_.joins.empty();
        for (const auto& entity : result_.entities) {
            if (entity.is_collection()) result_.repeats_roots = true;
        }
        start_statement();
        for (std::size_t i = 1; i < result_.entities.size(); ++i) join(i);
        finish_statement();
        return std::move(result_);
    }

private:
    void add_root() {
        JoinedEntity root;
        root.mapper = request_.mapper;
        root.options = request_.options;
        root.table = request_.mapper->table_ref();
        if (request_.path != nullptr) root.path = *request_.path;
        root.plan = &entity_plan(*root.mapper, root.options.get(), request_.read_only);
        for (const auto& property : root.mapper->columns())
            root.columns.push_back(selected(*property.ref));
        result_.entities.push_back(std::move(root));
    }

    /// The query's own expression for a column of its class.
    [[nodiscard]] ast::ExpressionPtr selected(const ast::ColumnRef& wanted) const {
        const bool one_table = request_.mapper->parts().size() == 1;
        for (const auto& column : query_.columns) {
            if (column->kind != ast::NodeKind::ColumnRef) continue;
            const auto& found = static_cast<const ast::ColumnRef&>(*column);
            if (found.name == wanted.name && (one_table || found.qualifier == wanted.qualifier))
                return column;
        }
        return class_column(*request_.mapper, request_.mapper->table_ref(), wanted);
    }

    [[nodiscard]] const LoadPath* path_of(std::size_t entity) const noexcept {
        return entity == 0 ? request_.path : &result_.entities[entity].path;
    }

    void add_related(std::size_t owner) {
        const Mapper& mapper = *result_.entities[owner].mapper;
        for (const auto& relationship : mapper.relationships()) {
            const LoadStep step =
                decided_step(settings_, result_.entities[owner].options.get(), relationship);
            if (is_brought_by_row(path_of(owner), step)) add_entity(owner, step);
        }
    }

    void add_entity(std::size_t owner, const LoadStep& step) {
        JoinedEntity entity;
        entity.relationship = step.relationship;
        entity.mapper = &step.target();
        entity.branch = step.branch;
        entity.owner = owner;
        entity.options = step.next();
        entity.expressions = wished_expressions(*entity.mapper, entity.options.get());
        entity.plan = &entity_plan(*entity.mapper, entity.options.get(), false);
        entity.path = {step.relationship, path_of(owner)};
        entity.contained = step.branch != nullptr && step.branch->contained != nullptr;
        entity.optional =
            entity.contained || result_.entities[owner].optional || !keeps_all_owners(step);
        entity.table = entity.contained ? step.branch->contained : alias_of(*entity.mapper);
        if (entity.contained) check_contained(entity);
        for (const auto& property : entity.mapper->columns())
            entity.columns.push_back(class_column(*entity.mapper, entity.table, *property.ref));
        result_.entities.push_back(std::move(entity));
    }

    /// Has each owner a target, so that an inner join loses none?
    [[nodiscard]] bool keeps_all_owners(const LoadStep& step) const {
        const Relationship& relationship = *step.relationship;
        if (step.branch != nullptr && step.branch->leaves_out()) return false;
        if (criteria_ != nullptr && criteria_->concern(*relationship.target)) return false;
        return relationship.inner_join ||
               (relationship.required && relationship.direction == Direction::ManyToOne &&
                relationship.is_simple && relationship.discriminators.empty());
    }

    TablePtr alias_of(const Mapper& mapper) { return alias_of(*mapper.table_ref()); }
    TablePtr alias_of(const ast::TableRef& plain) {
        auto table = std::make_shared<ast::TableRef>(plain);
        table->alias = names_.next(plain.name);
        table->implied = nullptr;
        return table;
    }

    void check_contained(const JoinedEntity& entity) const {
        if (entity.branch->leaves_out() || !entity.branch->order_by.empty()) {
            throw CompileError(
                fmt::format("contains_eager for {} takes what the query's own join brings; give "
                            "conditions and order to the query itself",
                            entity.relationship->where),
                entity.relationship->where);
        }
        const std::string& name = entity.table->qualifier();
        const auto is_it = [&](const ast::FromItem& item) { return qualifier_of(item) == name; };
        const bool reads = entity.table->implied != nullptr ||
                           std::any_of(query_.from.begin(), query_.from.end(), is_it) ||
                           std::any_of(query_.joins.begin(), query_.joins.end(),
                                       [&](const auto& join) { return is_it(join.target); });
        if (reads) return;
        throw CompileError(
            fmt::format("contains_eager for {} needs the query to read \"{}\"; join it, or load "
                        "the relationship with joined<&{}>()",
                        entity.relationship->where, name, member_of(*entity.relationship)),
            entity.relationship->where);
    }
    static std::string member_of(const Relationship& relationship) {
        return fmt::format("{}::{}", relationship.owner->class_name(), relationship.member);
    }

    /// Would a join change which rows the query's own clauses count?
    [[nodiscard]] bool needs_page() const {
        const bool joined = std::any_of(result_.entities.begin() + 1, result_.entities.end(),
                                        [](const auto& entity) { return !entity.contained; });
        if (joined && !query_.group_by.empty()) return true;
        const bool counted = query_.distinct || query_.limit || query_.offset;
        return counted && std::any_of(result_.entities.begin() + 1, result_.entities.end(),
                                      [](const auto& entity) {
                                          return entity.is_collection() && !entity.contained;
                                      });
    }

    void start_statement() {
        ast::Select& select = result_.select;
        if (!needs_page()) {
            select = query_;
            select.columns.clear();
            return;
        }
        page_.emplace(query_, names_.next(request_.mapper->table_ref()->name));
        for (auto& entity : result_.entities) {
            if (entity.relationship != nullptr && !entity.contained) continue;
            hand_out(entity);
        }
        select.order_by = page_->take_order();
        for (auto& column : tag_columns_) column = page_->outer(column);
    }

    /// Those columns of the inner query that the outer statement reads; others as they are asked
    /// for.
    void hand_out(JoinedEntity& entity) {
        const auto& properties = entity.mapper->columns();
        for (std::size_t i = 0; i < properties.size(); ++i) {
            const auto& read = entity.plan->columns;
            if (std::find(read.begin(), read.end(), properties[i].ref) != read.end())
                entity.columns[i] = page_->outer(entity.columns[i]);
        }
    }

    void join(std::size_t index) {
        JoinedEntity& entity = result_.entities[index];
        if (entity.contained) return;
        const Relationship& relationship = *entity.relationship;
        const auto kind = entity.optional ? ast::JoinKind::Left : ast::JoinKind::Inner;
        TablePtr link;
        if (relationship.secondary_ref != nullptr) {
            link = alias_of(*relationship.secondary_ref);
            result_.select.joins.push_back(
                {kind, link, in_names(relationship.condition, index, link)});
        }
        std::vector<ast::ExpressionPtr> on{in_names(
            link ? relationship.secondary_condition : relationship.condition, index, link)};
        for (const auto& kind_of : relationship.discriminators) on.push_back(equal(kind_of, index));
        if (entity.branch != nullptr) {
            for (const auto& condition : entity.branch->criteria)
                on.push_back(in_names(condition, index, link));
        }
        join_target(kind, entity, ast::and_(std::move(on)));
        add_order(index, link);
    }

    void join_target(ast::JoinKind kind, const JoinedEntity& entity, ast::ExpressionPtr on) {
        if (has_concrete_classes(*entity.mapper)) {
            auto rows = concrete_rows(*entity.mapper, entity.table->qualifier());
            result_.select.joins.push_back({kind, std::move(rows), std::move(on)});
        } else {
            join_class(result_.select, kind, *entity.mapper, entity.table, std::move(on));
        }
    }

    /// Of the collection, after what the user's query says.
    void add_order(std::size_t index, const TablePtr& link) {
        const JoinedEntity& entity = result_.entities[index];
        if (!entity.is_collection()) return;
        const bool asked = entity.branch != nullptr && !entity.branch->order_by.empty();
        const auto& terms = asked ? entity.branch->order_by : entity.relationship->order_by;
        auto& order = result_.select.order_by;
        for (const auto& term : terms) order.push_back(in_names(term, index, link));
        if (terms.empty()) return;
        for (const auto key : entity.mapper->primary_key())
            order.push_back(ast::order(entity.columns[key]));
    }

    ast::ExpressionPtr equal(const Relationship::Discriminator& kind_of, std::size_t index) {
        const JoinedEntity& target = result_.entities[index];
        const JoinedEntity& side = kind_of.on_owner ? result_.entities[target.owner] : target;
        const auto& property = side.mapper->columns()[kind_of.column];
        return ast::binary(ast::Operator::Equal,
                           seen(side, class_column(*side.mapper, side.table, *property.ref)),
                           ast::bind(kind_of.value, property.field.type));
    }

    /// A condition or order of the mapping or of an option, with the names of this statement.
    ast::ExpressionPtr in_names(const ast::ExpressionPtr& expression, std::size_t index,
                                const TablePtr& link) {
        const JoinedEntity& entity = result_.entities[index];
        const JoinedEntity& owner = result_.entities[entity.owner];
        // The target's own name first: the owner may stand there under it.
        auto result = class_in_names(expression, *entity.mapper, entity.table);
        result = side_in_names(result, Relationship::target_side, *entity.mapper, entity.table);
        result = owner_in_names(result, *entity.relationship->owner, owner);
        if (link == nullptr) return result;
        return ast::replace_columns(
            result, std::string(Relationship::link_side),
            [&](const ast::ColumnRef& column) { return column_of(link, column); });
    }

    ast::ExpressionPtr owner_in_names(const ast::ExpressionPtr& expression, const Mapper& of,
                                      const JoinedEntity& owner) {
        ast::ExpressionPtr result = expression;
        for (std::size_t part = 0; part < of.parts().size(); ++part) {
            const TablePtr there =
                of.parts().size() == 1 && owner.mapper->parts().size() == 1
                    ? owner.table
                    : part_table(*owner.mapper, owner.table, *owner.mapper, part);
            result = ast::replace_columns(result, side_name(Relationship::owner_side, part),
                                          [&](const ast::ColumnRef& column) {
                                              return seen(owner, column_of(there, column));
                                          });
        }
        return result;
    }

    /// A column of an entity, which may lie in the page.
    ast::ExpressionPtr seen(const JoinedEntity& entity, ast::ExpressionPtr column) {
        const bool inside = page_ && (entity.relationship == nullptr || entity.contained);
        return inside ? page_->outer(column) : column;
    }

    void finish_statement() {
        ast::Select& select = result_.select;
        for (std::size_t i = 0; i < result_.entities.size(); ++i) {
            select_columns(i);
            if (i != 0) select_expressions(i);
        }
        if (page_) select.from.emplace_back(std::move(*page_).finish());
        for (std::size_t i = 0; i < tag_columns_.size(); ++i) {
            result_.decode.steps.push_back({static_cast<std::uint16_t>(select.columns.size()),
                                            static_cast<std::uint16_t>(result_.entities.size()),
                                            request_.tag->fields[i]});
            select.columns.push_back(tag_columns_[i]);
        }
    }

    void select_columns(std::size_t index) {
        JoinedEntity& entity = result_.entities[index];
        if (has_several_classes(*entity.mapper)) return select_classes(index);
        auto& columns = result_.select.columns;
        const auto first = columns.size();
        const auto target = static_cast<std::uint16_t>(index);
        const auto& properties = entity.mapper->columns();
        std::size_t key = first;
        for (const auto& read : entity.plan->columns) {
            const auto property =
                std::find_if(properties.begin(), properties.end(),
                             [&](const auto& candidate) { return candidate.ref == read; });
            const auto place = static_cast<std::size_t>(property - properties.begin());
            if (place == entity.mapper->primary_key().front()) key = columns.size();
            columns.push_back(entity.columns[place]);
        }
        for (const auto& step : entity.plan->decode.steps) {
            result_.decode.steps.push_back(
                {static_cast<std::uint16_t>(first + step.column), target, step.field});
        }
        if (!entity.optional) return;
        result_.decode.presence.push_back({static_cast<std::uint16_t>(key), target});
        add_presence(entity, target);
    }

    /// Of an object that lies in several tables, each must have its part.
    void add_presence(const JoinedEntity& entity, std::uint16_t target) {
        const Mapper& mapper = *entity.mapper;
        const auto& property = mapper.columns()[mapper.primary_key().front()];
        auto& columns = result_.select.columns;
        for (std::size_t part = 1; part < mapper.parts().size(); ++part) {
            const TablePtr table = part_table(mapper, entity.table, mapper, part);
            result_.decode.presence.push_back({static_cast<std::uint16_t>(columns.size()), target});
            columns.push_back(
                seen(entity, ast::column(table->qualifier(), mapper.parts()[part].key_names.front(),
                                         property.field.type, true)));
        }
    }

    /// Of an entity whose rows may be of several classes: what all of them have that come in the
    /// row, and first of all what tells them apart.
    void select_classes(std::size_t index) {
        JoinedEntity& entity = result_.entities[index];
        auto& columns = result_.select.columns;
        const auto target = static_cast<std::uint16_t>(index);
        const bool is_root = entity.relationship == nullptr;
        const PolymorphicWish wish{.mapper = entity.mapper,
                                   .options = entity.options.get(),
                                   .read_only = is_root && request_.read_only,
                                   .first = columns.size()};
        const bool concrete = has_concrete_classes(*entity.mapper);
        entity.classes = polymorphic_plan(wish, [&](const Mapper& of, const ast::ColumnRef& own) {
            auto plain = concrete
                             ? concrete_column(*entity.mapper, entity.table->qualifier(), of, own)
                             : class_column(*entity.mapper, entity.table, of, own);
            return seen(entity, std::move(plain));
        });
        const auto& plan = *entity.classes;
        columns.insert(columns.end(), plan.columns.begin(), plan.columns.end());
        result_.decode.steps.push_back(PolymorphicRows::step(plan, target));
        if (!entity.optional) return;
        result_.decode.presence.push_back({plan.key.front(), target});
        add_presence(entity, target);
    }

    /// Values for members of joined objects that are no columns. The query's own come by its tag.
    void select_expressions(std::size_t index) {
        const JoinedEntity& entity = result_.entities[index];
        auto& columns = result_.select.columns;
        for (const ExpressionWish& wish : entity.expressions) {
            result_.decode.steps.push_back({static_cast<std::uint16_t>(columns.size()),
                                            static_cast<std::uint16_t>(index), wish.field});
            auto value = in_names(wish.expression, index, nullptr);
            columns.push_back(page_ && entity.contained ? page_->outer(value) : value);
        }
    }

    const LoadSettings& settings_;
    const Criteria* criteria_;
    const LoadRequest& request_;
    const ast::Select& query_;
    TableNames names_;
    std::vector<ast::ExpressionPtr> tag_columns_;
    JoinedSelect result_;
    std::optional<PageSelect> page_;
};

} // namespace

bool JoinedSelect::leads_to(std::size_t ancestor, std::size_t entity) const noexcept {
    while (entity > ancestor) entity = entities[entity].owner;
    return entity == ancestor;
}

ast::Select JoinedSelect::rows_of(std::size_t entity) const {
    ast::Select rows = select;
    rows.columns = entities[entity].columns;
    rows.order_by.clear();
    return rows;
}

bool joins_further(const LoadPath* path, const LoadStep& step) noexcept {
    if (step.branch != nullptr && step.branch->lazy) return true; // joined() or single_query()
    if (path == nullptr) return true;
    if (path->relationship != nullptr && path->relationship->reverse == step.relationship)
        return false;
    return path->count(*step.relationship) < std::max(1U, step.relationship->join_depth);
}

namespace {

/// Do its conditions follow paths? What a path joins would have to stand before the table at which
/// it begins.
bool follows_paths(const LoadBranch& branch) {
    bool found = false;
    const auto look = [&found](const ast::Expression& part) {
        if (part.kind != ast::NodeKind::ColumnRef) return;
        const auto& table = static_cast<const ast::ColumnRef&>(part).table;
        found = found || (table != nullptr && table->implied != nullptr);
    };
    for (const auto& condition : branch.criteria) ast::traverse(condition, look);
    return found;
}

} // namespace

bool is_brought_by_row(const LoadPath* path, const LoadStep& step) noexcept {
    if (!strategy_of(step.lazy).joins_owners()) return false;
    if (step.branch != nullptr && step.branch->contained != nullptr) return true;
    // The first few of each owner cannot be told by a join alone.
    return step.relationship->limit == 0 && joins_further(path, step) &&
           (step.branch == nullptr || !follows_paths(*step.branch));
}

JoinedSelect joined_select(const LoadSettings& settings, const Criteria* criteria,
                           const LoadRequest& request, const ast::Select& query) {
    return Builder(settings, criteria, request, query).build();
}

} // namespace mercator
