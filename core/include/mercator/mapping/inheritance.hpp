// SPDX-License-Identifier: MIT
// What a mapper knows of its place in a class hierarchy.
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/mapping/relationship.hpp>
#include <mercator/schema/table.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace mercator {

/// Where the columns lie that a class has beside those of its base. Terms are SQLAlchemy's.
enum class Inheritance : std::uint8_t {
    None,     ///< it has no base
    Single,   ///< in the base's table, where they are NULL for other classes
    Joined,   ///< in a table of its own, whose key is the base's
    Concrete, ///< in a table of its own, which repeats the base's
};

/// How a query for a base reads the columns that only some of its classes have.
enum class PolymorphicLoad : std::uint8_t {
    Inline,   ///< in the same statement, by outer joins of their tables
    Selectin, ///< by one more statement for each class that occurs
};

/// The list of all classes of a hierarchy, said in its root: `using hierarchy =
/// Hierarchy<Person, Employee, Customer>;`. Optional; then no other class can inherit the root, and
/// `visit` (mapping/visit.hpp) is checked by the compiler.
template <class Root, class... Derived>
struct Hierarchy {
    template <class T>
    static constexpr bool has = (std::is_same_v<T, Root> || ... || std::is_same_v<T, Derived>);
};

/// One of the tables over which the columns of an object are spread; ordinary classes have one.
struct TablePart {
    std::shared_ptr<Table> table;
    std::shared_ptr<const ast::TableRef> ref;
    std::uint16_t first_column = 0; ///< index in `Mapper::columns()` ...
    std::uint16_t end_column = 0;   ///< ... and the one after the last
    /// What the columns of the object's key are called in this table, in the order of the key.
    std::vector<std::string> key_names;
};

/// The name by which a relationship's conditions call the columns of one part of a side
/// (`Relationship::owner_side`, `target_side`): "(target)" for the first, "(target:1)" for the
/// second. Only classes with several parts have more than the first.
[[nodiscard]] MERCATOR_API std::string side_name(std::string_view side, std::size_t part);

class Mapper;

/// The table with one part of `mapper`'s objects in a statement that has `placed` (the class or a
/// base of it) under `table`: its own name (`Mapper::table_ref`), or an alias. The names of the
/// other parts follow from that one, and they are joined where a statement names their columns.
[[nodiscard]] MERCATOR_API std::shared_ptr<const ast::TableRef>
part_table(const Mapper& placed, const std::shared_ptr<const ast::TableRef>& table,
           const Mapper& mapper, std::size_t part);
/// That two parts of an object, under these names, are parts of one object.
[[nodiscard]] MERCATOR_API ast::ExpressionPtr same_object(const Mapper& mapper, std::size_t part,
                                                          const std::string& name,
                                                          std::size_t other,
                                                          const std::string& other_name);

/// The relationships of a class, those of its bases first. Those are the same objects as in the
/// base's list, so that an address tells which relationship is meant.
class RelationshipList {
public:
    class Iterator {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = Relationship;
        using difference_type = std::ptrdiff_t;
        using pointer = const Relationship*;
        using reference = const Relationship&;

        Iterator() = default;
        explicit Iterator(Relationship* const* at) noexcept : at_(at) {}
        reference operator*() const noexcept { return **at_; }
        pointer operator->() const noexcept { return *at_; }
        Iterator& operator++() noexcept {
            ++at_;
            return *this;
        }
        Iterator operator++(int) noexcept { return Iterator(at_++); }
        friend bool operator==(const Iterator&, const Iterator&) = default;

    private:
        Relationship* const* at_ = nullptr;
    };
    using value_type = Relationship;
    using const_iterator = Iterator;

    [[nodiscard]] Iterator begin() const noexcept { return Iterator(items_.data()); }
    [[nodiscard]] Iterator end() const noexcept { return Iterator(items_.data() + items_.size()); }
    [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
    [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
    [[nodiscard]] const Relationship& operator[](std::size_t index) const noexcept {
        return *items_[index];
    }

private:
    friend class Mapper;
    friend class MapperBuilder;
    friend class MapperConfiguration;
    friend class HierarchyConfiguration;

    std::vector<Relationship*> items_;
};

} // namespace mercator
