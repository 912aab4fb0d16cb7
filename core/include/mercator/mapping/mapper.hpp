// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/mapping/property.hpp>
#include <mercator/mapping/relationship.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/export.hpp>

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

namespace mercator {

struct EntityPlan; // loading/entity_plan.hpp; known here by name only

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
    [[nodiscard]] const Table& table() const noexcept { return *table_; }
    [[nodiscard]] const std::shared_ptr<Table>& shared_table() const noexcept { return table_; }
    [[nodiscard]] const std::shared_ptr<const ast::TableRef>& table_ref() const noexcept {
        return table_ref_;
    }
    [[nodiscard]] const std::deque<ColumnProperty>& columns() const noexcept { return columns_; }
    /// The fields of `columns()` side by side, for what walks over all of them; filled when the
    /// class is configured.
    [[nodiscard]] const std::vector<Field>& fields() const noexcept { return fields_; }
    /// Indices of the columns that are a Deferred<T>.
    [[nodiscard]] const std::vector<std::uint16_t>& deferrable_columns() const noexcept {
        return deferrable_columns_;
    }
    [[nodiscard]] const std::deque<Relationship>& relationships() const noexcept {
        return relationships_;
    }
    [[nodiscard]] const std::vector<std::uint16_t>& primary_key() const noexcept {
        return primary_key_;
    }
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

    /// What the loading room has made of this class to read its rows by; nullptr until then. It owns
    /// it, and never changes it once it is kept here.
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

    enum class Declaration : std::uint8_t { None, Running, Done };
    void run_declaration(void (*describe)(Mapper&));
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
    std::vector<std::uint32_t>
        offsets_; ///< beside `fields_`; ColumnProperty::no_member without one
    std::vector<std::shared_ptr<const ast::ColumnRef>> refs_; ///< beside `fields_`
    std::deque<Relationship> relationships_;
    std::deque<Relationship> external_; ///< sides without a member
    std::vector<CompositeKey> composite_keys_;
    std::vector<std::uint16_t> primary_key_;
    int generated_key_ = -1;
    bool integer_key_ = false;
    bool key_is_whole_ = false; ///< named in one go: nothing may be added
    std::atomic<Declaration> declaration_{Declaration::None};
    std::atomic<bool> configured_{false};
    mutable std::atomic<const EntityPlan*> entity_plan_{nullptr};
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
