// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/mapping/inheritance.hpp>
#include <mercator/mapping/property.hpp>
#include <mercator/mapping/relationship.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/export.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

namespace mercator {

struct EntityPlan;  // loading/entity_plan.hpp; known here by name only
class Registry;     // mapping/registry.hpp
struct VersionRule; // mapping/version_rule.hpp

/// What the graph must be able to do with objects of a class that it knows only by address.
struct ObjectType {
    std::type_index type;
    std::string_view name;                 ///< "User"
    std::string_view full_name;            ///< "shop::User"
    std::string (*table_name)() = nullptr; ///< when the description gives none; not of a mixin
    std::size_t size = 0;
    std::size_t alignment = 0;
    void (*construct)(void* place) = nullptr;
    void (*move_construct)(void* place, void* from) = nullptr;
    void (*destroy)(void* object) noexcept = nullptr;
};

/// One class and its table: columns, keys, relationships (SQLAlchemy's Mapper). One per class and
/// process, made on first use from `describe`, immutable once configured, then read from any
/// thread.
class MERCATOR_API Mapper {
public:
    explicit Mapper(const ObjectType& object_type);
    Mapper(const Mapper&) = delete;
    Mapper& operator=(const Mapper&) = delete;
    ~Mapper();

    [[nodiscard]] const ObjectType& object_type() const noexcept { return object_type_; }
    [[nodiscard]] std::string_view class_name() const noexcept { return object_type_.name; }
    [[nodiscard]] std::uint32_t id() const noexcept {
        return id_;
    } ///< small and dense: an index for per-mapper arrays
    /// Its own table; of a class of single-table inheritance, the one that it shares. See `parts`.
    [[nodiscard]] const Table& table() const noexcept { return *table_; }
    [[nodiscard]] const std::shared_ptr<Table>& shared_table() const noexcept { return table_; }
    [[nodiscard]] const std::shared_ptr<const ast::TableRef>& table_ref() const noexcept {
        return table_ref_;
    }
    /// What every row must meet to be seen, by this class's own description. Columns outside of
    /// subqueries are the class's, whatever their qualifier: a mixin may have said it.
    [[nodiscard]] const std::vector<ast::ExpressionPtr>& criteria() const noexcept {
        return criteria_;
    }
    /// Those of its bases first, with the indices that they have there.
    [[nodiscard]] const std::deque<ColumnProperty>& columns() const noexcept { return columns_; }
    /// The fields of `columns()` side by side, for what walks over all of them; filled when the
    /// class is configured.
    [[nodiscard]] const std::vector<Field>& fields() const noexcept { return fields_; }
    /// Indices of the columns that are a Deferred<T>.
    [[nodiscard]] const std::vector<std::uint16_t>& deferrable_columns() const noexcept {
        return deferrable_columns_;
    }
    /// Indices of the columns that are an Attribute<T>.
    [[nodiscard]] const std::vector<std::uint16_t>& attribute_columns() const noexcept {
        return attribute_columns_;
    }
    /// Members that are no columns and filled by expressions, those of its bases not among them.
    [[nodiscard]] const std::deque<ExpressionProperty>& expressions() const noexcept {
        return expressions_;
    }
    /// Does the database compute one of the columns from others?
    [[nodiscard]] bool has_computed_columns() const noexcept { return computed_columns_; }
    /// Those of its bases first, with the indices that they have there.
    [[nodiscard]] const RelationshipList& relationships() const noexcept { return relationships_; }
    [[nodiscard]] const std::vector<std::uint16_t>& primary_key() const noexcept {
        return primary_key_;
    }
    /// The column by which others' writes are noticed, or nullptr.
    [[nodiscard]] const VersionRule* version() const noexcept { return version_.get(); }
    /// Index of the column whose value the database makes, or -1.
    [[nodiscard]] int generated_key() const noexcept { return generated_key_; }
    [[nodiscard]] bool has_integer_key() const noexcept { return integer_key_; }

    /// Property at an offset; throws MappingError that names the class and says to map the member.
    [[nodiscard]] const ColumnProperty& column_at(std::uint32_t offset) const;
    /// Its node in a statement. Every `col(&Class::member)` comes this way, so the usual case is
    /// short and inline.
    [[nodiscard]] const std::shared_ptr<const ast::ColumnRef>& ref_at(std::uint32_t offset) const {
        if (is_configured()) {
            for (std::size_t i = 0; i < offsets_.size(); ++i) {
                if (offsets_[i] == offset) return refs_[i];
            }
        }
        return column_at(offset).ref;
    }
    [[nodiscard]] const ColumnProperty*
    find_column(std::string_view member_or_column) const noexcept;
    [[nodiscard]] const Relationship& relationship_at(std::uint32_t offset) const;
    [[nodiscard]] const Relationship* find_relationship(std::string_view member) const noexcept;
    /// A side without a member, made by `backref("name")` on the other class; throws MappingError
    /// that lists the names.
    [[nodiscard]] const Relationship& external_relationship(std::string_view name) const;

    /// Another name of a column, for those who go by names.
    struct Synonym {
        std::string name;
        std::uint16_t column = 0; ///< index in `columns()`
    };
    [[nodiscard]] const std::vector<Synonym>& synonyms() const noexcept { return synonyms_; }
    /// A member that is a struct and stored in several columns, in their order.
    struct Embedded {
        std::string member; ///< "total"
        std::string where;  ///< "Order.total"
        std::uint32_t offset = 0;
        std::vector<std::uint16_t> columns; ///< indices in `columns()`
    };
    [[nodiscard]] const std::deque<Embedded>& embedded() const noexcept { return embedded_; }
    /// Throws MappingError that says to embed the member.
    [[nodiscard]] const Embedded& embedded_at(std::uint32_t offset) const;
    /// Are its rows for reading alone?
    [[nodiscard]] bool is_read_only() const noexcept { return read_only_; }
    /// Has any column something that runs over its values before they are written?
    [[nodiscard]] bool looks_at_values() const noexcept { return looks_at_values_; }
    /// Has any column `read_only()`?
    [[nodiscard]] bool has_read_only_columns() const noexcept { return read_only_columns_; }
    /// The collection of classes that this one is of, or nullptr.
    [[nodiscard]] const Registry* registry() const noexcept { return registry_; }

    // Its place in a class hierarchy (`inherits`). An ordinary class is its own root.

    [[nodiscard]] const Mapper* base() const noexcept { return base_; }
    [[nodiscard]] const Mapper& root() const noexcept { return *root_; }
    /// The class whose keys are told apart from those of this one: rows of its classes have one
    /// key each. The root, or the class of concrete-table inheritance on the way there.
    [[nodiscard]] const Mapper& identity_root() const noexcept { return *identity_root_; }
    [[nodiscard]] Inheritance inheritance() const noexcept { return inheritance_; }
    /// Is this the class or one that inherits it?
    [[nodiscard]] bool is_a(const Mapper& other) const noexcept {
        return this == &other || (base_ != nullptr && base_->is_a(other));
    }
    /// Itself and all classes known so far that inherit it, in the order in which they became
    /// known: classes that a program has not used yet are missing, so name all of a hierarchy when
    /// the database is set up.
    [[nodiscard]] const std::vector<const Mapper*>& descendants() const noexcept {
        return *descendants_.load(std::memory_order_acquire);
    }
    /// Do its rows tell which class they are of?
    [[nodiscard]] bool is_polymorphic() const noexcept { return discriminator_node_ != nullptr; }
    /// Has it a base, or is it known to be one, or is it polymorphic?
    [[nodiscard]] bool is_in_hierarchy() const noexcept {
        return base_ != nullptr || is_polymorphic() || descendants().size() > 1;
    }
    /// Index of the column that tells which class a row is of; -1 if none does, or an expression.
    [[nodiscard]] int discriminator() const noexcept { return discriminator_; }
    /// That column, or the expression; nullptr if there is none.
    [[nodiscard]] const ast::ExpressionPtr& discriminator_node() const noexcept {
        return discriminator_node_;
    }
    /// The discriminator's value in rows of exactly this class; NULL if it has none.
    [[nodiscard]] const Value& identity() const noexcept { return identity_; }
    /// What the member of the discriminator holds in an object that was just made.
    [[nodiscard]] const Value& initial_discriminator() const noexcept {
        return initial_discriminator_;
    }
    /// The class of the whole hierarchy with this identity, as its member holds it; nullptr if none
    /// is known.
    [[nodiscard]] const Mapper* mapper_of_identity(const Value& identity) const noexcept;
    /// Has it no objects of its own (`polymorphic_abstract`)?
    [[nodiscard]] bool is_abstract() const noexcept { return abstract_; }
    /// Has it not even a table (`abstract`)?
    [[nodiscard]] bool is_without_table() const noexcept { return without_table_; }
    /// The tables of one object, the root's first; of an ordinary class its table alone.
    [[nodiscard]] const std::vector<TablePart>& parts() const noexcept { return parts_; }
    /// Where in `parts()` a column lies.
    [[nodiscard]] std::size_t part_of(std::size_t column) const noexcept;
    [[nodiscard]] std::size_t part_of(const ColumnProperty& property) const noexcept;
    /// Index of the column of this name in one of its tables. The key has a name in each of them.
    [[nodiscard]] std::optional<std::uint16_t> column_in(const Table& table,
                                                         std::string_view column) const noexcept;
    /// What its column is called where it may be referred to: in its own table, if it is of the
    /// key.
    struct ColumnPlace {
        const Table* table;
        const Column* column;
    };
    [[nodiscard]] ColumnPlace place_of(const ColumnProperty& property) const;
    /// As said of this class or the nearest base.
    [[nodiscard]] std::optional<PolymorphicLoad> polymorphic_load() const noexcept;
    /// Are rows with an unknown identity read as objects of the base?
    [[nodiscard]] bool falls_back_to_base() const noexcept { return root_->fallback_; }

    /// What the loading room has made of this class to read its rows by; nullptr until then. It
    /// owns it, and never changes it once it is kept here.
    [[nodiscard]] const EntityPlan* entity_plan() const noexcept {
        return entity_plan_.load(std::memory_order_acquire);
    }
    void keep(const EntityPlan& plan) const noexcept {
        entity_plan_.store(&plan, std::memory_order_release);
    }

    /// An error about the table, told of the class and member that it comes from.
    [[nodiscard]] MappingError in_terms_of_class(const MappingError& error) const;

    /// Runs `describe` once; safe from any thread, and from within `describe` itself (a check that
    /// mentions own columns).
    void declare(void (*describe)(Mapper&)) {
        if (declaration_.load(std::memory_order_acquire) != Declaration::Done)
            run_declaration(describe);
    }
    /// Resolves this class and all that it refers to. Throws MappingError; nothing is half
    /// configured then.
    void configure();
    /// The same for several classes at once, in whatever order they are named: one may give another
    /// a backref.
    static void configure_together(const std::vector<Mapper*>& mappers);
    [[nodiscard]] bool is_configured() const noexcept {
        return configured_.load(std::memory_order_acquire);
    }

private:
    friend class MapperBuilder;
    friend class MapperConfiguration;
    friend class HierarchyConfiguration;

    enum class Declaration : std::uint8_t { None, Running, Done };
    void run_declaration(void (*describe)(Mapper&));
    void forget_hierarchy();
    [[nodiscard]] std::shared_ptr<Table> new_table() const;

    /// A composite foreign key as described: which of our columns, which members of the other
    /// class.
    struct CompositeKey {
        ForeignKey key;
        Mapper* (*target)();
        std::vector<std::uint32_t> target_offsets;
    };

    ObjectType object_type_;
    std::uint32_t id_;
    std::shared_ptr<Table> table_;
    std::shared_ptr<const ast::TableRef> table_ref_;
    std::deque<ColumnProperty> columns_; // deque: properties are pointed to while more are added
    std::vector<Field> fields_;
    std::vector<std::uint16_t> deferrable_columns_;
    std::vector<std::uint16_t> attribute_columns_;
    std::vector<std::uint32_t>
        offsets_; ///< beside `fields_`; ColumnProperty::no_member without one
    std::vector<std::shared_ptr<const ast::ColumnRef>> refs_; ///< beside `fields_`
    std::deque<Relationship> own_relationships_;              // deque: as of columns
    RelationshipList relationships_;
    std::deque<ExpressionProperty> expressions_;
    bool computed_columns_ = false;
    std::deque<Relationship> external_; ///< sides without a member
    std::vector<CompositeKey> composite_keys_;
    std::vector<ast::ExpressionPtr> criteria_;
    std::vector<Synonym> synonyms_;
    std::deque<Embedded> embedded_;
    const Registry* registry_ = nullptr;
    bool is_named_ = false; ///< the description names the table
    bool read_only_ = false;
    bool looks_at_values_ = false;
    bool read_only_columns_ = false;
    std::vector<std::uint16_t> primary_key_;
    std::shared_ptr<const VersionRule> version_;
    int generated_key_ = -1;
    bool integer_key_ = false;
    bool key_is_whole_ = false; ///< named in one go: nothing may be added
    std::atomic<Declaration> declaration_{Declaration::None};
    std::atomic<bool> configured_{false};
    mutable std::atomic<const EntityPlan*> entity_plan_{nullptr};

    Mapper* base_ = nullptr;
    const Mapper* root_ = this;
    const Mapper* identity_root_ = this;
    Inheritance inheritance_ = Inheritance::None;
    std::vector<TablePart> parts_;
    std::uint16_t first_own_column_ = 0; ///< those before it lie in tables of the base
    int discriminator_ = -1;
    ast::ExpressionPtr discriminator_node_;
    Value identity_;
    Value initial_discriminator_;
    bool abstract_ = false;
    bool without_table_ = false;
    bool concrete_ = false;
    bool fallback_ = false;
    std::optional<PolymorphicLoad> polymorphic_load_;
    /// Each list is one longer than the one before; the last one counts, the others may be in use.
    std::deque<std::vector<const Mapper*>> descendant_lists_;
    std::atomic<const std::vector<const Mapper*>*> descendants_{nullptr};

    // As described, before configuration.

    std::optional<std::uint32_t> discriminator_offset_;
    std::function<ast::ExpressionPtr()> discriminator_expression_;
    std::vector<std::string> key_names_; ///< of a joined table, if they are not the base's
    ForeignKey key_rules_;               ///< of the foreign key from there to the base's table
    /// Columns of a shared table that cannot be NULL for this class, and the checks that say so.
    struct RequiredColumn {
        std::uint16_t column;
        ast::ExpressionPtr check;
    };
    std::vector<RequiredColumn> required_columns_;
};

/// The mapper whose table this is (an alias stands for its table), or nullptr. Thread-safe.
[[nodiscard]] MERCATOR_API const Mapper* mapper_of_table(const ast::TableRef& table);

/// The mapper of a class that is only declared where it is referred to: found by its full name
/// among those that are known by now. Throws MappingError that lists them. Thread-safe.
[[nodiscard]] MERCATOR_API Mapper& mapper_by_name(std::string_view full_name,
                                                  const std::string& where);

/// The one mapper of a type, made when first asked for. Thread-safe.
[[nodiscard]] MERCATOR_API Mapper& registered_mapper(const ObjectType& object_type);

} // namespace mercator
