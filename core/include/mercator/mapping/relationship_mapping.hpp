// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/member_name.hpp>
#include <mercator/mapping/property.hpp>
#include <mercator/mapping/related.hpp>

#include <concepts>
#include <string>
#include <utility>

namespace mercator {

/// What can be said about one relationship.
template <class T, class Target>
class RelationshipMapping {
public:
    explicit RelationshipMapping(Relationship& relationship) : relationship_(relationship) {}

    /// The member on the other side, configured from here; its own class need not mention it.
    template <auto Member>
    RelationshipMapping& backref(Lazy lazy = Lazy::select) {
        using Pointer = MemberPointer<decltype(Member)>;
        static_assert(std::derived_from<Target, typename Pointer::class_type>,
                      "mercator: backref must name a member of the class on the other side of the "
                      "relationship");
        relationship_.has_backref = true;
        relationship_.backref_member = std::string(member_name<Member>());
        relationship_.backref_offset = member_offset<Target>(Member);
        relationship_.backref_is_collection =
            std::derived_from<typename Pointer::member_type, RelatedMany>;
        relationship_.backref_lazy = lazy;
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
    /// Which foreign key, where there are several: a member of this class (many-to-one) or of the
    /// other (one-to-many).
    template <auto Member>
    RelationshipMapping& foreign_key() {
        using Class = typename MemberPointer<decltype(Member)>::class_type;
        constexpr bool own = std::derived_from<T, Class>;
        static_assert(own || std::derived_from<Target, Class>,
                      "mercator: foreign_key must name a member of one of the two related classes");
        relationship_.foreign_key_on_target = !own || relationship_.is_collection;
        if constexpr (own) {
            relationship_.foreign_key_offsets.push_back(member_offset<T>(Member));
        } else {
            relationship_.foreign_key_offsets.push_back(member_offset<Target>(Member));
        }
        return *this;
    }
    /// For a class that refers to itself: the member on the side that is referred to (its key), as
    /// in SQLAlchemy.
    template <auto Member>
    RelationshipMapping& remote_side() {
        relationship_.has_remote_side = true;
        relationship_.remote_offset = member_offset<Target>(Member);
        return *this;
    }
    RelationshipMapping& lazy(Lazy strategy) {
        relationship_.lazy = strategy;
        return *this;
    }
    /// Deleting the owner deletes the related objects.
    RelationshipMapping& cascade_delete() {
        relationship_.cascade_delete = true;
        return *this;
    }

private:
    Relationship& relationship_;
};

} // namespace mercator
