// SPDX-License-Identifier: MIT
#include "hierarchy_configuration.hpp"

#include "scratch_object.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace mercator {

void refuse_class(const Mapper& mapper, std::string_view why) {
    throw MappingError(fmt::format("{} {}", mapper.class_name(), why),
                       std::string(mapper.class_name()));
}

namespace {

void point_to(ColumnProperty& property, const Table& table, std::size_t column,
              const std::shared_ptr<const ast::TableRef>& table_ref) {
    property.table = &table;
    property.column = column;
    const Column& described = table.columns[column];
    auto ref = std::make_shared<ast::ColumnRef>(table_ref->qualifier(), described.name,
                                                described.type, property.field.optional);
    ref->table = table_ref;
    property.ref = std::move(ref);
    property.field.type = described.type;
}

void check_own_key(const Mapper& mapper, const Mapper& base) {
    const auto& columns = mapper.table().columns;
    if (std::any_of(columns.begin(), columns.end(),
                    [](const Column& column) { return column.is_primary_key; })) {
        refuse_class(mapper, fmt::format("has a primary key of its own, but its objects are "
                                         "objects of {0}, whose key they have; remove it (the key "
                                         "of a joined table is named by inherit_key())",
                                         base.class_name()));
    }
}

std::vector<std::string> key_names_of(const Table& table) {
    std::vector<std::string> names;
    for (const auto& column : table.columns) {
        if (column.is_primary_key) names.push_back(column.name);
    }
    return names;
}

} // namespace

// While the class is described
// ------------------------------------------------------------------------------------------------

void HierarchyConfiguration::begin(Mapper& mapper, Mapper& base, std::uint32_t base_offset) {
    if (mapper.base_ != nullptr)
        refuse_class(mapper,
                     "inherits two mapped classes; name one, and include<...>() the others");
    if (!mapper.columns_.empty() || !mapper.own_relationships_.empty())
        refuse_class(mapper, "says inherits<...>() after its first member; say it first, since the "
                             "base's columns come first");
    if (base_offset != 0) {
        refuse_class(mapper, fmt::format("does not begin with its base {0}; name {0} first among "
                                         "its bases, and if {1} has virtual functions, give {0} a "
                                         "virtual destructor",
                                         base.class_name(), mapper.class_name()));
    }
    if (base.without_table_)
        refuse_class(mapper, fmt::format("inherits {0}, which is abstract and has no table; take "
                                         "its columns by include<{0}>()",
                                         base.class_name()));
    if (base.declaration_.load(std::memory_order_relaxed) != Mapper::Declaration::Done)
        refuse_class(mapper, fmt::format("is used while its base {} is described; name its members "
                                         "in its own describe function",
                                         base.class_name()));
    mapper.base_ = &base;
    mapper.root_ = base.root_;
    mapper.columns_ = base.columns_;
    for (auto& property : mapper.columns_) {
        property.where = fmt::format("{}.{}", mapper.class_name(), property.member);
        property.field.where = property.where;
    }
    mapper.deferrable_columns_ = base.deferrable_columns_;
    mapper.attribute_columns_ = base.attribute_columns_;
    mapper.computed_columns_ = base.computed_columns_;
    mapper.version_ = base.version_;
    mapper.expressions_ = base.expressions_;
    for (auto& expression : mapper.expressions_) {
        expression.where = fmt::format("{}.{}", mapper.class_name(), expression.member);
        expression.field.where = expression.where;
    }
    mapper.synonyms_ = base.synonyms_;
    mapper.embedded_ = base.embedded_;
    mapper.looks_at_values_ = base.looks_at_values_;
    mapper.read_only_columns_ = base.read_only_columns_;
    mapper.read_only_ = base.read_only_;
    mapper.version_ = base.version_;
    if (mapper.registry_ == nullptr) mapper.registry_ = base.registry_;
    mapper.relationships_ = base.relationships_;
    mapper.first_own_column_ = static_cast<std::uint16_t>(mapper.columns_.size());
}

void HierarchyConfiguration::end(Mapper& mapper) {
    if (mapper.table_ref_ == nullptr) { // no column has needed it
        mapper.table_ref_ = std::make_shared<ast::TableRef>(
            ast::TableRef{mapper.table_->schema, mapper.table_->name, {}});
    }
    if (mapper.base_ == nullptr) {
        if (mapper.concrete_ || !mapper.key_names_.empty())
            refuse_class(mapper, "says how it inherits, and inherits no class; say inherits<...>() "
                                 "first, or leave concrete() and inherit_key() out");
    } else {
        if (mapper.discriminator_offset_ || mapper.discriminator_expression_ || mapper.fallback_)
            refuse_class(mapper, fmt::format("has a polymorphic_on() or unknown_identity_as_base() "
                                             "of its own; they are said once, in the "
                                             "root of the hierarchy, {}",
                                             mapper.root_->class_name()));
        check_own_key(mapper, *mapper.base_);
        if (mapper.concrete_) {
            place_concrete(mapper);
        } else if (mapper.is_named_) {
            place_joined(mapper);
        } else {
            place_single(mapper);
        }
        mapper.identity_root_ =
            mapper.inheritance_ == Inheritance::Concrete ? &mapper : mapper.base_->identity_root_;
    }
    build_parts(mapper);
}

void HierarchyConfiguration::place_single(Mapper& mapper) {
    Mapper& base = *mapper.base_;
    Table& own = *mapper.table_;
    Table& shared = *base.table_;
    if (!own.options.empty() || !own.comment.empty() || !own.info.empty() ||
        !own.bind_key.empty() || !mapper.key_names_.empty()) {
        refuse_class(mapper,
                     fmt::format("has its columns in the table {} of {}, and says something "
                                 "of a table of its own; say it there, or give it one by "
                                 "table(\"...\")",
                                 shared.name, base.class_name()));
    }
    for (const auto& column : own.columns) {
        if (shared.find_column(column.name) == nullptr) continue;
        refuse_class(mapper,
                     fmt::format("has a column {0}, which the table {1} that it shares has "
                                 "already; give it another by .name(\"{2}_{0}\"), or "
                                 "describe the member in a class that both inherit",
                                 column.name, shared.name, mapper.object_type_.table_name()));
    }
    const std::size_t first = shared.columns.size();
    for (std::size_t i = mapper.first_own_column_; i < mapper.columns_.size(); ++i) {
        Column& column = own.columns[mapper.columns_[i].column];
        if (!column.is_nullable.value_or(false))
            mapper.required_columns_.push_back({static_cast<std::uint16_t>(i), nullptr});
        column.is_nullable = true; // other classes have none
    }
    const auto append = [](auto& list, auto& more) {
        list.insert(list.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
    };
    append(shared.columns, own.columns);
    append(shared.uniques, own.uniques);
    append(shared.checks, own.checks);
    append(shared.indexes, own.indexes);
    append(shared.foreign_keys, own.foreign_keys);
    mapper.inheritance_ = Inheritance::Single;
    mapper.table_ = base.table_;
    mapper.table_ref_ = base.table_ref_;
    for (std::size_t i = mapper.first_own_column_; i < mapper.columns_.size(); ++i) {
        ColumnProperty& property = mapper.columns_[i];
        point_to(property, shared, first + property.column, base.table_ref_);
    }
}

void HierarchyConfiguration::place_joined(Mapper& mapper) {
    const TablePart& parent = mapper.base_->parts_.back();
    std::vector<std::string> names =
        mapper.key_names_.empty() ? parent.key_names : mapper.key_names_;
    if (names.size() != parent.key_names.size()) {
        refuse_class(mapper, fmt::format("names {} columns in inherit_key(), and the key of {} has "
                                         "{}; name one for each",
                                         names.size(), mapper.base_->class_name(),
                                         parent.key_names.size()));
    }
    Table& table = *mapper.table_;
    if (table.bind_key.empty()) table.bind_key = parent.table->bind_key;
    std::vector<Column> key;
    for (std::size_t i = 0; i < names.size(); ++i) {
        Column column(names[i], parent.table->column(parent.key_names[i]).type);
        column.primary_key();
        column.autoincrement(false);
        key.push_back(std::move(column));
    }
    table.columns.insert(table.columns.begin(), key.begin(), key.end());
    ForeignKey reference = mapper.key_rules_;
    reference.columns = names;
    reference.target_table = parent.table->name;
    reference.target_schema = parent.table->schema;
    reference.target_columns = parent.key_names;
    table.foreign_keys.insert(table.foreign_keys.begin(), std::move(reference));
    mapper.key_names_ = std::move(names);
    mapper.inheritance_ = Inheritance::Joined;
    imply_join(mapper);
    for (std::size_t i = mapper.first_own_column_; i < mapper.columns_.size(); ++i) {
        ColumnProperty& property = mapper.columns_[i];
        point_to(property, table, property.column + key.size(), mapper.table_ref_);
    }
}

/// A statement about a base that names a column of this class joins its table: rows of other
/// classes have none there.
void HierarchyConfiguration::imply_join(Mapper& mapper) {
    const TablePart& parent = mapper.base_->parts_.back();
    auto own = std::make_shared<ast::TableRef>(*mapper.table_ref_);
    auto join = std::make_shared<ast::ImpliedJoin>();
    std::vector<ast::ExpressionPtr> same_key;
    for (std::size_t i = 0; i < parent.key_names.size(); ++i) {
        const SqlType& type = parent.table->column(parent.key_names[i]).type;
        same_key.push_back(ast::binary(
            ast::Operator::Equal, ast::column(own->qualifier(), mapper.key_names_[i], type, false),
            ast::column(parent.ref->qualifier(), parent.key_names[i], type, false)));
    }
    join->owner = parent.ref;
    join->kind = ast::JoinKind::Left;
    join->on = ast::and_(std::move(same_key));
    own->implied = std::move(join);
    mapper.table_ref_ = std::move(own);
}

void HierarchyConfiguration::place_concrete(Mapper& mapper) {
    Table& table = *mapper.table_;
    std::vector<Column> columns;
    for (std::size_t i = 0; i < mapper.first_own_column_; ++i)
        columns.push_back(mapper.columns_[i].in_schema());
    table.columns.insert(table.columns.begin(), columns.begin(), columns.end());
    mapper.inheritance_ = Inheritance::Concrete;
    for (std::size_t i = 0; i < mapper.columns_.size(); ++i) {
        ColumnProperty& property = mapper.columns_[i];
        if (i < mapper.first_own_column_) {
            point_to(property, table, i, mapper.table_ref_);
        } else {
            property.column += columns.size();
        }
    }
    mapper.first_own_column_ = 0;
}

void HierarchyConfiguration::build_parts(Mapper& mapper) {
    mapper.parts_.clear();
    const auto end = static_cast<std::uint16_t>(mapper.columns_.size());
    if (mapper.inheritance_ == Inheritance::Single || mapper.inheritance_ == Inheritance::Joined)
        mapper.parts_ = mapper.base_->parts_;
    if (mapper.inheritance_ == Inheritance::Single) {
        mapper.parts_.back().end_column = end;
        return;
    }
    const bool joined = mapper.inheritance_ == Inheritance::Joined;
    mapper.parts_.push_back({mapper.table_, mapper.table_ref_, mapper.first_own_column_, end,
                             joined ? mapper.key_names_ : key_names_of(*mapper.table_)});
}

// While mappers are configured
// ------------------------------------------------------------------------------------------------

void HierarchyConfiguration::follow_base(Mapper& mapper) {
    if (mapper.base_ == nullptr || mapper.inheritance_ == Inheritance::Concrete) return;
    const Mapper& base = *mapper.base_;
    for (std::size_t i = 0; i < mapper.first_own_column_; ++i)
        mapper.columns_[i].field.type = base.columns_[i].field.type;
    if (mapper.inheritance_ != Inheritance::Joined) return;
    const TablePart& parent = base.parts_.back();
    for (std::size_t i = 0; i < mapper.key_names_.size(); ++i) {
        for (auto& column : mapper.table_->columns) {
            if (column.name == mapper.key_names_[i])
                column.type = parent.table->column(parent.key_names[i]).type;
        }
    }
}

void HierarchyConfiguration::list_relationships(Mapper& mapper) {
    auto& items = mapper.relationships_.items_;
    items.clear();
    if (mapper.base_ != nullptr) items = mapper.base_->relationships_.items_;
    for (auto& relationship : mapper.own_relationships_) {
        relationship.index = static_cast<std::uint16_t>(items.size());
        items.push_back(&relationship);
    }
}

void HierarchyConfiguration::settle(Mapper& mapper) {
    build_parts(mapper); // mixins and keys are known by now
    settle_discriminator(mapper);
    settle_identity(mapper);
}

void HierarchyConfiguration::settle_discriminator(Mapper& mapper) {
    if (mapper.base_ != nullptr) {
        mapper.discriminator_ = mapper.base_->discriminator_;
        mapper.discriminator_node_ = mapper.base_->discriminator_node_;
        if (mapper.inheritance_ == Inheritance::Concrete && mapper.discriminator_ >= 0) {
            mapper.discriminator_node_ =
                mapper.columns_[static_cast<std::size_t>(mapper.discriminator_)].ref;
        }
        return;
    }
    if (mapper.discriminator_offset_) {
        for (std::size_t i = 0; i < mapper.columns_.size(); ++i) {
            if (mapper.columns_[i].member_place() != *mapper.discriminator_offset_) continue;
            mapper.discriminator_ = static_cast<int>(i);
            mapper.discriminator_node_ = mapper.columns_[i].ref;
        }
        if (mapper.discriminator_ < 0)
            refuse_class(mapper, fmt::format("is polymorphic_on() a member that is no column; add "
                                             "mapping.column<&{}::member>() to its describe "
                                             "function",
                                             mapper.class_name()));
    } else if (mapper.discriminator_expression_) {
        mapper.discriminator_node_ = mapper.discriminator_expression_();
    }
}

void HierarchyConfiguration::settle_identity(Mapper& mapper) {
    if (mapper.discriminator_ < 0 || mapper.object_type_.construct == nullptr) return;
    const ColumnProperty& property =
        mapper.columns_[static_cast<std::size_t>(mapper.discriminator_)];
    ScratchObject scratch(mapper.object_type_);
    mapper.initial_discriminator_ = load(property.field, scratch.object());
    if (mapper.identity_.is_null()) return;
    try {
        store(property.field, scratch.object(), mapper.identity_);
    } catch (const Error& error) {
        refuse_class(mapper, fmt::format("has an identity that {} cannot hold: {}; give it a value "
                                         "of the member's type",
                                         property.where, error.what()));
    }
    mapper.identity_ = load(property.field, scratch.object());
}

ast::ExpressionPtr HierarchyConfiguration::requirement(const Mapper& mapper,
                                                       const ColumnProperty& property) {
    std::vector<Value> identities;
    for (const Mapper* descendant : mapper.descendants()) {
        if (!descendant->identity_.is_null() && descendant->identity_root_ == mapper.identity_root_)
            identities.push_back(descendant->identity_);
    }
    return ast::to_ddl(ast::or_({ast::in(mapper.discriminator_node_, std::move(identities), true),
                                 ast::is_null(property.ref, true)}));
}

void HierarchyConfiguration::check_requirement(const Mapper& mapper,
                                               const ColumnProperty& property) {
    if (mapper.discriminator_ < 0 ||
        mapper.columns_[static_cast<std::size_t>(mapper.discriminator_)].table == property.table)
        return;
    throw MappingError(
        fmt::format("{} cannot be NULL, but lies in the table {}, where rows of other classes have "
                    "no value for it, and the column that tells the class is in the table {}; make "
                    "the member a std::optional, say nullable(), or give {} a table of its own",
                    property.where, property.table->name,
                    mapper.columns_[static_cast<std::size_t>(mapper.discriminator_)].table->name,
                    mapper.class_name()),
        property.where);
}

/// The list of classes grows, and the check with it.
void HierarchyConfiguration::require_columns(Mapper& mapper) {
    if (mapper.discriminator_node_ == nullptr) return;
    for (auto& [column, check] : mapper.required_columns_) {
        auto condition = requirement(mapper, mapper.columns_[column]);
        auto& checks = mapper.table_->checks;
        const auto known = std::find_if(checks.begin(), checks.end(), [&](const auto& other) {
            return check != nullptr && other.condition == check;
        });
        if (known == checks.end()) {
            checks.push_back({{}, condition});
        } else {
            known->condition = condition;
        }
        check = std::move(condition);
    }
    mapper.table_->complete();
}

// Checks
// ------------------------------------------------------------------------------------------------

void HierarchyConfiguration::check(const Mapper& mapper, const std::vector<Mapper*>& together) {
    const bool has_identity = !mapper.identity_.is_null();
    if (!mapper.is_polymorphic()) {
        if (has_identity || mapper.abstract_)
            refuse_class(mapper, fmt::format("has an identity() or is polymorphic_abstract(), but "
                                             "no column tells which class a row is of; add "
                                             "polymorphic_on<&{0}::...>() to the description of "
                                             "{0}",
                                             mapper.root_->class_name()));
        if (mapper.inheritance_ == Inheritance::Single ||
            mapper.inheritance_ == Inheritance::Joined)
            refuse_class(mapper,
                         fmt::format("shares rows with {0}, and no column tells which class "
                                     "a row is of; add polymorphic_on<&{0}::...>() to the "
                                     "description of {0}, or make it concrete()",
                                     mapper.root_->class_name()));
    } else if (mapper.abstract_ && has_identity) {
        refuse_class(mapper,
                     "is polymorphic_abstract() and has an identity; leave one of them out");
    } else if (!mapper.abstract_ && !has_identity) {
        refuse_class(mapper, "has no identity, so its rows cannot be told from those of other "
                             "classes; add identity(...), or polymorphic_abstract() if it has no "
                             "objects of its own");
    }
    if (mapper.object_type_.construct == nullptr && !mapper.abstract_)
        refuse_class(mapper, "has pure virtual functions, so no row can be read into an object of "
                             "it; describe it as polymorphic_abstract(), or implement them");
    for (const auto& required : mapper.required_columns_)
        check_requirement(mapper, mapper.columns_[required.column]);
    check_identities(mapper, together);
    check_concrete(mapper);
}

void HierarchyConfiguration::check_identities(const Mapper& mapper,
                                              const std::vector<Mapper*>& together) {
    if (mapper.identity_.is_null()) return;
    const auto compare = [&](const Mapper* other) {
        if (other == &mapper || other->root_ != mapper.root_ ||
            !(other->identity_ == mapper.identity_))
            return;
        refuse_class(mapper, fmt::format("has the identity {} that {} has; give each class of a "
                                         "hierarchy its own",
                                         display(mapper.identity_), other->class_name()));
    };
    for (const Mapper* other : mapper.root_->descendants()) compare(other);
    for (const Mapper* other : together) compare(other);
}

/// Rows of other tables that refer to the base's table do not mean rows of this one.
void HierarchyConfiguration::check_concrete(const Mapper& mapper) {
    if (mapper.inheritance_ != Inheritance::Concrete) return;
    for (const auto& relationship : mapper.base_->relationships()) {
        if (relationship.direction == Direction::ManyToOne) continue;
        throw MappingError(
            fmt::format("{} has a table of its own (concrete), and inherits {}, by which other "
                        "rows refer to the table {}; make it a joined or single table, or describe "
                        "the relationship in the classes that have it",
                        mapper.class_name(), relationship.where, mapper.base_->table().name),
            relationship.where);
    }
}

void HierarchyConfiguration::enter(Mapper& mapper) {
    for (Mapper* ancestor = mapper.base_; ancestor != nullptr; ancestor = ancestor->base_) {
        auto list = ancestor->descendants();
        list.push_back(&mapper);
        ancestor->descendants_.store(&ancestor->descendant_lists_.emplace_back(std::move(list)),
                                     std::memory_order_release);
        // What was made of the ancestor did not know of this class.
        ancestor->entity_plan_.store(nullptr, std::memory_order_release);
    }
    for (Mapper* holder = &mapper; holder != nullptr; holder = holder->base_)
        require_columns(*holder);
}

} // namespace mercator
