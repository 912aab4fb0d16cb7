// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>
#include <mercator/ast/select.hpp>
#include <mercator/schema/info.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mercator {

class Mapper;

/// How a relationship is loaded. Terms and meanings are SQLAlchemy's, but for `batch`, which is the
/// default here: a page of objects must not turn into a statement for each of them. Given on the
/// relationship, for a query by an option, or for a session by `SessionOptions::lazy`.
enum class Lazy : std::uint8_t {
    batch,     ///< when it is first touched, for all siblings of the result that the object is from
    select,    ///< when it is first touched, by a statement for this object alone
    joined,    ///< with the owners, by an outer join
    subquery,  ///< after the owners, by one statement that contains theirs
    selectin,  ///< after the owners, by a statement for each 500 of them
    immediate, ///< after the owners, by a statement for each
    dynamic,   ///< never held: each use of the collection is a query
    write_only,   ///< never read by itself: add, remove and query only
    raise,        ///< touching it is a StateError that says which option to add
    raise_on_sql, ///< the same, unless memory has what it refers to
    noload        ///< never: it is empty until something is assigned
};

/// What is done to related objects when it is done to the owner. Combined by `|`; SQLAlchemy's
/// default of `save_update | merge` holds where nothing is said.
enum class Cascade : std::uint8_t {
    none = 0,
    save_update = 1,    ///< an object related to one of the session is added to it
    merge = 2,          ///< `session.merge` copies it as well
    expunge = 4,        ///< `session.expunge` lets it go as well
    refresh = 8,        ///< `session.refresh` and expiry reach it (SQLAlchemy: refresh-expire)
    delete_ = 16,       ///< deleting the owner deletes it
    delete_orphan = 32, ///< so does taking it away from its owner; implies a single owner
    all = 31            ///< all but delete_orphan
};
[[nodiscard]] constexpr Cascade operator|(Cascade a, Cascade b) noexcept {
    return static_cast<Cascade>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
/// Is `part` among them?
[[nodiscard]] constexpr bool has(Cascade all, Cascade part) noexcept {
    return (static_cast<std::uint8_t>(all) & static_cast<std::uint8_t>(part)) ==
           static_cast<std::uint8_t>(part);
}

/// What a delete of the owner does with related objects that are not loaded.
enum class PassiveDeletes : std::uint8_t {
    off, ///< loads them, to let them go or delete them
    on,  ///< leaves those that are not loaded to the database's ON DELETE
    all  ///< leaves all of them to it, and sets no foreign key of loaded ones either
};

/// Is a collection that is loaded so never kept in memory?
[[nodiscard]] constexpr bool is_never_held(std::optional<Lazy> lazy) noexcept {
    return lazy == Lazy::dynamic || lazy == Lazy::write_only;
}

enum class Direction : std::uint8_t { ManyToOne, OneToMany, ManyToMany };

/// A member that refers to other objects. Its two sides know each other once the mappers are
/// configured. Filled while the class is described, completed by the configuration, read-only and
/// usable from any thread afterwards.
struct Relationship {
    std::string member; ///< "category"
    std::string where;  ///< "Product.category"
    std::uint32_t offset = 0;
    std::uint16_t index = 0;    ///< in the mapper's list
    bool is_collection = false; ///< Many<T> rather than One<T>
    Mapper* owner = nullptr;
    /// The other class; `where` is this relationship's, for the error when it is not known.
    Mapper* (*target_of)(const std::string& where) = nullptr;
    Mapper* target = nullptr; ///< set when configured

    // What it goes by, known once it is configured.

    Direction direction = Direction::ManyToOne;
    /// Pairs of column indices: of the owner's mapper, of the target's mapper. The foreign key side
    /// is the owner's for ManyToOne, the target's for OneToMany. Empty for ManyToMany, and where a
    /// condition has no equality of columns.
    std::vector<std::pair<std::uint16_t, std::uint16_t>> pairs;
    /// A mapper's column and the column of `secondary` that refers to it.
    struct SecondaryPair {
        std::uint16_t column = 0;
        std::uint16_t link = 0; ///< index in `secondary->columns`
    };
    /// ManyToMany: the table between the two, whose rows the relationship writes. For a
    /// relationship through another class (`through`), that class's table, which it only reads.
    std::shared_ptr<const Table> secondary;
    std::shared_ptr<const ast::TableRef> secondary_ref;
    std::vector<SecondaryPair> owner_links;
    std::vector<SecondaryPair> target_links;
    /// The whole join: owner with target, or owner with secondary. The owner's columns are
    /// qualified by `owner_side`, the target's by `target_side`, those of the table between by
    /// `link_side`: names that are replaced by those of a statement (`relationship_condition`).
    ast::ExpressionPtr condition;
    ast::ExpressionPtr secondary_condition; ///< secondary with target; else empty
    static constexpr std::string_view owner_side = "(owner)";
    static constexpr std::string_view target_side = "(target)";
    static constexpr std::string_view link_side = "(link)";
    /// Nothing but the equality of `pairs` (or of the links): loaders may go by keys alone.
    bool is_simple = true;
    Relationship* reverse = nullptr;
    /// The whole join with both tables under their own names; empty for ManyToMany, and where both
    /// are one table.
    ast::ExpressionPtr join_condition;
    bool required = false; ///< ManyToOne whose foreign key cannot be NULL

    // How it behaves.

    std::optional<Lazy> lazy; ///< empty: as the session says, which is `batch` unless told
    Cascade cascade = Cascade::save_update | Cascade::merge;
    /// ORDER BY of the collection (nodes of kind Ordering), columns qualified by `target_side`.
    std::vector<ast::ExpressionPtr> order_by;
    std::uint32_t limit = 0; ///< the first so many of each owner in that order (0: all); view only
    bool view_only = false;  ///< never written: assigning and adding are StateErrors
    bool single_parent = false; ///< a target has one owner at most; a second one is a StateError
    bool post_update = false; ///< its foreign key is written by an UPDATE of its own, after INSERT
    PassiveDeletes passive_deletes = PassiveDeletes::off;
    /// The database's ON UPDATE CASCADE changes foreign keys when the owner's key changes, or (if
    /// false) the session writes them.
    bool passive_updates = true;
    bool inner_join = false;      ///< joined loading need not keep owners without a target
    std::uint32_t batch_size = 0; ///< owners per statement of selectin and batch; 0: as the session
    std::uint32_t join_depth = 0; ///< how often a class that refers to itself is joined; 0: once
    /// Other relationships that may write the same columns, by name; "*" for all.
    std::vector<std::string> overlaps;
    /// A column that tells which class is meant, for keys that refer to several: `when`.
    struct Discriminator {
        bool on_owner = true; ///< whose column it is
        std::uint32_t offset = 0;
        std::uint16_t column = 0; ///< known once configured
        Value value;
    };
    std::vector<Discriminator> discriminators;
    std::optional<std::uint32_t> position_offset; ///< member of the target that holds its place
    /// Throws for an object that must not be related; may be empty.
    std::function<void(const void* owner, const void* target)> validate;
    bool validate_back_references = true; ///< also what the other side brings
    Info info;                            ///< notes of the application

    // As described, before configuration.

    /// The other side, to be made by us: described as far as `backref` said.
    std::shared_ptr<Relationship> backref;
    std::string backref_name; ///< other side without a member, reached by `session.related`
    std::string back_populates_member;
    std::uint32_t back_populates_offset = 0;
    bool has_back_populates = false;
    std::vector<std::uint32_t> foreign_key_offsets; ///< chosen by foreign_keys<...>()
    bool foreign_key_on_target = false;
    std::optional<Direction> expected;         ///< as asserted by `direction`
    std::vector<std::uint32_t> remote_offsets; ///< chosen by remote_side<...>()
    /// Made when the mappers are configured, since they may mention columns that are described
    /// later; with the qualifiers of `condition`, or the tables' own names.
    std::function<ast::ExpressionPtr()> primaryjoin;
    std::function<ast::ExpressionPtr()> secondaryjoin;
    std::vector<std::function<ast::ExpressionPtr()>> order_terms;
    /// The two steps of a relationship through another class: members of the owner and of the
    /// class between.
    struct Through {
        std::uint32_t first_offset = 0;
        Mapper* (*between)() = nullptr;
        std::uint32_t second_offset = 0;
    };
    std::optional<Through> through;
};

/// The condition that a row of the owner and a row of the target belong together, for the tables
/// under these qualifiers: "owner.fk = target.pk". For a relationship by a table between, that
/// table has a row for both: an EXISTS, since it stands in neither.
[[nodiscard]] MERCATOR_API ast::ExpressionPtr
relationship_condition(const Relationship& relationship, const std::string& owner,
                       const std::string& target);
/// The same where a side has several tables: a name for each of its `Mapper::parts()`.
[[nodiscard]] MERCATOR_API ast::ExpressionPtr
relationship_condition(const Relationship& relationship, const std::vector<std::string>& owner,
                       const std::vector<std::string>& target);

} // namespace mercator
