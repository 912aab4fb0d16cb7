// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/member_name.hpp>
#include <mercator/mapping/property.hpp>
#include <mercator/mapping/related.hpp>
#include <mercator/mapping/relationship.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/type_of.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

template <class T>
class JoinSide;
template <class T>
class JoinOther;
template <class T>
[[nodiscard]] Mapper& declared_mapper();

/// A relationship as described, with the facts of its member alone.
[[nodiscard]] MERCATOR_API std::shared_ptr<Relationship>
described_backref(std::string_view member, std::uint32_t offset, bool is_collection);

/// Refuses what was said of a relationship while it is described: MappingError.
[[noreturn]] MERCATOR_API void refuse_relationship(const Relationship& relationship,
                                                   std::string_view why);

/// What can be said about one relationship, in any order. A view into the mapper under
/// construction; keep it no longer than `describe` runs. Terms are SQLAlchemy's. `many` says that
/// the member is a collection.
template <class T, class Target, bool many>
class RelationshipMapping {
public:
    explicit RelationshipMapping(Relationship& relationship) : relationship_(relationship) {}
    template <auto Member>
    static constexpr bool is_collection =
        std::derived_from<typename MemberPointer<decltype(Member)>::member_type, RelatedMany>;

    /// The member on the other side, configured from here; its own class need not mention it.
    template <auto Member>
    RelationshipMapping& backref() {
        using Pointer = MemberPointer<decltype(Member)>;
        static_assert(std::derived_from<Target, typename Pointer::class_type>,
                      "mercator: backref must name a member of the class on the other side of the "
                      "relationship");
        relationship_.backref = described_backref(
            member_name<Member>(), member_offset<Target>(Member), is_collection<Member>);
        return *this;
    }
    template <auto Member>
    RelationshipMapping& backref(Lazy lazy) {
        backref<Member>();
        relationship_.backref->lazy = lazy;
        return *this;
    }
    /// The same with anything that can be said of that side:
    /// `backref<&Post::author>([](auto& author) { author.lazy(Lazy::joined).inner_join(); })`.
    template <auto Member, class Describe>
    requires std::invocable < Describe, RelationshipMapping<Target, T, is_collection<Member>>
    & > RelationshipMapping& backref(Describe describe_side) {
        backref<Member>();
        RelationshipMapping<Target, T, is_collection<Member>> side(*relationship_.backref);
        describe_side(side);
        return *this;
    }
    /// The other side where it has no member: reached as `session.related<T>(object, name)`.
    RelationshipMapping& backref(std::string name) {
        relationship_.backref_name = std::move(name);
        return *this;
    }
    /// The member on the other side, which describes itself and names this one.
    template <auto Member>
    RelationshipMapping& back_populates() {
        using Pointer = MemberPointer<decltype(Member)>;
        static_assert(std::derived_from<Target, typename Pointer::class_type>,
                      "mercator: back_populates must name a member of the class on the other side "
                      "of the relationship");
        relationship_.has_back_populates = true;
        relationship_.back_populates_member = std::string(member_name<Member>());
        relationship_.back_populates_offset = member_offset<Target>(Member);
        return *this;
    }
    /// The same by the member's name, where the class on the other side is only declared here.
    RelationshipMapping& back_populates(std::string member) {
        relationship_.has_back_populates = true;
        relationship_.back_populates_member = std::move(member);
        relationship_.back_populates_offset = ColumnProperty::no_member;
        return *this;
    }

    /// A note of the application, kept with the relationship.
    RelationshipMapping& info(std::string key, Value value) {
        relationship_.info.set(std::move(key), std::move(value));
        return *this;
    }
    /// Looks at each object before it is assigned or added here: what `check` throws comes out as a
    /// ValidationError that names this member, and nothing is changed. With `back_references`
    /// off, only when it is done here, and not by an assignment on the other side.
    ///
    ///     role.relationship<&Role::users>().validate([](const Role& role, const User& user) {...});
    template <class Check>
    RelationshipMapping& validate(Check check, bool back_references = true) {
        relationship_.validate = [check = std::move(check)](const void* owner, const void* target) {
            check(*static_cast<const T*>(owner), *static_cast<const Target*>(target));
        };
        relationship_.validate_back_references = back_references;
        return *this;
    }

    /// Which foreign key, where there are several: the members of it, of this class (many-to-one)
    /// or of the other (one-to-many).
    template <auto First, auto... Rest>
    RelationshipMapping& foreign_keys() {
        using Class = typename MemberPointer<decltype(First)>::class_type;
        constexpr bool own = std::derived_from<T, Class>;
        static_assert(own || std::derived_from<Target, Class>,
                      "mercator: foreign_keys must name members of one of the two related classes");
        using Side = std::conditional_t<own, T, Target>;
        // For a class that refers to itself, the collection is the side that is referred to.
        relationship_.foreign_key_on_target = !own || (std::same_as<T, Target> && many);
        relationship_.foreign_key_offsets = {member_offset<Side>(First),
                                             member_offset<Side>(Rest)...};
        return *this;
    }
    /// One more member of it: `foreign_key<&Item::region>().foreign_key<&Item::order_no>()`.
    template <auto Member>
    RelationshipMapping& foreign_key() {
        const auto before = std::exchange(relationship_.foreign_key_offsets, {});
        foreign_keys<Member>();
        relationship_.foreign_key_offsets.insert(relationship_.foreign_key_offsets.begin(),
                                                 before.begin(), before.end());
        return *this;
    }
    /// For a class that refers to itself: the members on the side that is referred to, as in
    /// SQLAlchemy: `remote_side<&Category::id>()` makes it the reference to a parent,
    /// `remote_side<&Category::parent_id>()` the collection of children. After the backref of a
    /// collection, it may also name the key for the backref's side.
    template <auto... Members>
    RelationshipMapping& remote_side() {
        static_assert(
            (std::derived_from<Target, typename MemberPointer<decltype(Members)>::class_type> &&
             ...),
            "mercator: remote_side must name members of the class on the other side of the "
            "relationship");
        relationship_.remote_offsets = {member_offset<Target>(Members)...};
        return *this;
    }
    /// Many-to-many: the table between the two classes, whose rows tell which objects belong
    /// together. Needs no class; it is created with the classes' tables.
    RelationshipMapping& secondary(const Table& table) {
        relationship_.secondary = std::make_shared<const Table>(table);
        return *this;
    }
    /// How the two are joined, where foreign keys do not say it (or not all of it):
    /// `primaryjoin([](auto own, auto other) { return other(&Post::author_id) == own(&User::id)
    /// && other(&Post::state) == "published"; })`. With `secondary`, `other` is the table between:
    /// `other("user_id")`.
    template <class Condition>
    RelationshipMapping& primaryjoin(Condition condition) {
        relationship_.primaryjoin = [condition = std::move(condition)] {
            return condition(JoinSide<T>(Relationship::owner_side),
                             JoinOther<Target>(Relationship::target_side, Relationship::link_side))
                .node();
        };
        return *this;
    }
    /// The second half of a many-to-many join: `secondaryjoin([](auto link, auto other) { return
    /// link("followed_id") == other(&User::id); })`.
    template <class Condition>
    RelationshipMapping& secondaryjoin(Condition condition) {
        relationship_.secondaryjoin = [condition = std::move(condition)] {
            return condition(typename JoinOther<Target>::Link(Relationship::link_side),
                             JoinSide<Target>(Relationship::target_side))
                .node();
        };
        return *this;
    }
    /// Through another class, in two steps: `through<&Country::users, &User::posts>()`. For
    /// reading only; loaded by every strategy.
    template <auto First, auto Second>
    RelationshipMapping& through() {
        using Between = typename MemberPointer<decltype(First)>::member_type::target_type;
        static_assert(std::derived_from<T, typename MemberPointer<decltype(First)>::class_type>,
                      "mercator: through must begin with a relationship of this class");
        static_assert(
            std::derived_from<Between, typename MemberPointer<decltype(Second)>::class_type> &&
                std::same_as<Target,
                             typename MemberPointer<decltype(Second)>::member_type::target_type>,
            "mercator: the second step of through must lead from the class that the first leads "
            "to, to the class of this relationship");
        relationship_.through = {member_offset<T>(First),
                                 []() -> Mapper* { return &declared_mapper<Between>(); },
                                 member_offset<Between>(Second)};
        relationship_.view_only = true;
        return *this;
    }
    /// A column that must hold this value for the relationship to be meant; it is set with the
    /// foreign key. For keys that refer to several classes:
    /// `comment.relationship<&Comment::post>().foreign_keys<&Comment::subject_id>().when<&Comment::subject>("post")`.
    template <auto Member, class Value>
    RelationshipMapping& when(const Value& value) {
        using Class = typename MemberPointer<decltype(Member)>::class_type;
        constexpr bool own = std::derived_from<T, Class>;
        static_assert(own || std::derived_from<Target, Class>,
                      "mercator: when must name a member of one of the two related classes");
        using Side = std::conditional_t<own, T, Target>;
        using Column =
            typename WithoutOptional<typename MemberPointer<decltype(Member)>::member_type>::type;
        static_assert(std::convertible_to<const Value&, Column> &&
                          std::same_as<Value, bool> == std::same_as<Column, bool>,
                      "mercator: when needs a value of the member's type");
        relationship_.discriminators.push_back(
            {own, member_offset<Side>(Member), 0, stored_value<Column>(Column(value))});
        return *this;
    }

    /// Says aloud what the member's type says anyway: true for a Many<T>, false for a One<T>.
    template <bool on>
    RelationshipMapping& uselist() {
        static_assert(on == many, "mercator: uselist says something else than the member's type: "
                                  "true needs a Many<T>, false a One<T>");
        return *this;
    }
    /// Says aloud what kind it is; a model in which it is another is refused.
    RelationshipMapping& direction(Direction kind) {
        relationship_.expected = kind;
        return *this;
    }

    /// How it is loaded, whatever the session says.
    RelationshipMapping& lazy(Lazy strategy) {
        relationship_.lazy = strategy;
        return *this;
    }
    /// Joined loading drops owners without a target: quicker where there always is one.
    RelationshipMapping& inner_join(bool on = true) {
        relationship_.inner_join = on;
        return *this;
    }
    /// Owners per statement when it is loaded for many.
    RelationshipMapping& batch_size(std::uint32_t owners) {
        if (owners == 0)
            refuse_relationship(relationship_, "has a batch_size of 0; give it at least 1");
        relationship_.batch_size = owners;
        return *this;
    }
    /// How many levels of a class that refers to itself are loaded at once.
    RelationshipMapping& join_depth(std::uint32_t levels) {
        relationship_.join_depth = levels;
        return *this;
    }
    /// The order of the collection, by members of the other class; without it, the order of its
    /// key. Rows that are equal in it come in the order of the key.
    template <auto... Members>
    RelationshipMapping& order_by() {
        (order_by([](const auto& other) { return other(Members); }), ...);
        return *this;
    }
    /// By an expression: `order_by([](auto post) { return post(&Post::created_at).desc(); })`.
    template <class Term>
    RelationshipMapping& order_by(Term term) {
        relationship_.order_terms.push_back([term = std::move(term)] {
            return term(JoinSide<Target>(Relationship::target_side)).node();
        });
        return *this;
    }
    /// Only the first of each owner, in the order of the collection; for reading only.
    RelationshipMapping& limit(std::uint32_t count) {
        if (count == 0)
            refuse_relationship(relationship_, "is limited to nothing; give limit() at least 1");
        relationship_.limit = count;
        relationship_.view_only = true;
        return *this;
    }
    /// For reading only: it takes no part in a flush, and changing it is a StateError.
    RelationshipMapping& viewonly(bool on = true) {
        relationship_.view_only = on;
        return *this;
    }

    /// What is done to related objects as well: `cascade(Cascade::all | Cascade::delete_orphan)`.
    RelationshipMapping& cascade(Cascade cascades) {
        relationship_.cascade = cascades;
        return *this;
    }
    /// Deleting the owner deletes the related objects: one more cascade.
    RelationshipMapping& cascade_delete() {
        relationship_.cascade = relationship_.cascade | Cascade::delete_;
        return *this;
    }
    RelationshipMapping& single_parent(bool on = true) {
        relationship_.single_parent = on;
        return *this;
    }
    RelationshipMapping& passive_deletes(PassiveDeletes mode = PassiveDeletes::on) {
        relationship_.passive_deletes = mode;
        return *this;
    }
    RelationshipMapping& passive_updates(bool on) {
        relationship_.passive_updates = on;
        return *this;
    }
    /// Two rows that refer to each other: this side's foreign key is written by an UPDATE after
    /// both are inserted, and emptied by one before they are deleted.
    RelationshipMapping& post_update(bool on = true) {
        relationship_.post_update = on;
        return *this;
    }
    /// Says that another relationship writes the same column on purpose: `overlaps("courses")`.
    RelationshipMapping& overlaps(std::string member) {
        relationship_.overlaps.push_back(std::move(member));
        return *this;
    }
    /// The place of each member of the collection is kept in this column, 0, 1, 2 ..., and orders
    /// it: `playlist->items.insert(1, song)`, `move(4, 0)`. The members have their places in memory
    /// at once, the column at the next flush, which updates the rows whose places changed and no
    /// others. A list that something is added to is loaded by the flush if it is not; one that is
    /// not loaded and only loses members may keep gaps until then. The column is the list's to
    /// write: values of your own are numbered over.
    ///
    /// The places may be unique for each owner. Where rows exchange places, one of them then gets
    /// a negative place for a moment (NULL if the member is optional; one counted from the top of
    /// its type if it is unsigned), and rows are written one by one.
    ///
    /// MappingError for Lazy::dynamic, Lazy::write_only, viewonly() and many-to-many.
    template <auto Member>
    RelationshipMapping& ordering_list() {
        static_assert(many, "mercator: ordering_list is for collections; this member is a One<T>");
        static_assert(
            StorableInteger<typename WithoutOptional<
                typename MemberPointer<decltype(Member)>::member_type>::type>,
            "mercator: ordering_list needs a member that is an integer, to keep the place in");
        order_by<Member>();
        std::rotate(relationship_.order_terms.begin(), relationship_.order_terms.end() - 1,
                    relationship_.order_terms.end()); // what is said besides tells equals apart
        relationship_.position_offset = member_offset<Target>(Member);
        return *this;
    }

private:
    template <class Column>
    [[nodiscard]] static mercator::Value stored_value(const Column& value) {
        if constexpr (TypeOf<Column>::kind == FieldKind::Codec) {
            return Conversion<Column>::to_value(value);
        } else {
            return mercator::Value(value);
        }
    }
    Relationship& relationship_;
};

} // namespace mercator
