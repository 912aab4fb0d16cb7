// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_node.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace mercator {

/// What a query should do otherwise than its classes are mapped, for objects of Class: an argument
/// of `Query::options`. A plain value: keep it, combine it (`fetch_plan`), use it in many queries
/// and threads.
template <class Class>
class LoaderOption {
public:
    using class_type = Class;
    explicit LoaderOption(std::shared_ptr<const LoadNode> node) : node_(std::move(node)) {}
    [[nodiscard]] const std::shared_ptr<const LoadNode>& node() const noexcept { return node_; }

protected:
    std::shared_ptr<const LoadNode> node_;
};

/// An option for Class or for a base of it; or for a class that inherits it, as objects of a query
/// for Class may be of that one.
template <class Option, class Class>
concept LoaderOptionFor = requires {
    typename Option::class_type;
    requires std::derived_from<Class, typename Option::class_type> ||
        std::derived_from<typename Option::class_type, Class>;
    requires std::derived_from<Option, LoaderOption<typename Option::class_type>>;
};

/// A node that says one thing about one relationship.
[[nodiscard]] MERCATOR_API std::shared_ptr<const LoadNode>
branch_of(const Mapper& mapper, std::uint32_t relationship_offset, std::optional<Lazy> lazy);

/// How one relationship is loaded, and what of it.
template <class Class, class Target>
class RelationshipOption : public LoaderOption<Class> {
public:
    using LoaderOption<Class>::LoaderOption;

    /// What holds for the related objects: `selectin<&User::posts>().then(joined<&Post::tags>())`.
    template <class... Options>
    [[nodiscard]] RelationshipOption then(const Options&... options) const {
        static_assert((LoaderOptionFor<Options, Target> && ...),
                      "mercator: then() takes options about the class that the relationship leads "
                      "to");
        return changed([&](LoadBranch& branch) {
            ((branch.next = merged(branch.next, options.node())), ...);
        });
    }
    /// Only related objects for which this holds; the collection is then part of what there is, and
    /// a flush does not take the others for removed.
    template <class... Conditions>
    [[nodiscard]] RelationshipOption where(const Conditions&... conditions) const {
        static_assert((std::convertible_to<Conditions, const Condition&> && ...),
                      "mercator: where() takes conditions, as in col(&Post::state) == \"open\"");
        return changed(
            [&](LoadBranch& branch) { (branch.criteria.push_back(conditions.node()), ...); });
    }
    template <class... Terms>
    [[nodiscard]] RelationshipOption order_by(const Terms&... terms) const {
        return changed([&](LoadBranch& branch) { (add_order_term(branch.order_by, terms), ...); });
    }

    /// Only related objects of a class that inherits the target, with the same effect as `where`:
    /// `selectin<&Company::people>().of_type<Employee>().where(col(&Employee::salary) > 1000)`.
    template <class Subclass>
    [[nodiscard]] RelationshipOption<Class, Subclass> of_type() const {
        static_assert(std::derived_from<Subclass, Target>,
                      "mercator: of_type() names a class that inherits the relationship's target");
        const RelationshipOption same =
            changed([&](LoadBranch& branch) { branch.only = &mapper_of<Subclass>(); });
        return RelationshipOption<Class, Subclass>(same.node());
    }

protected:
    template <class Change>
    [[nodiscard]] RelationshipOption changed(Change&& change) const {
        auto node = std::make_shared<LoadNode>(*this->node_);
        change(node->branches.front());
        return RelationshipOption(std::move(node));
    }
};

/// The classes on both sides of a relationship member.
template <auto Member>
using ClassOfMember = typename MemberPointer<decltype(Member)>::class_type;

template <auto Member, class Owner = ClassOfMember<Member>>
struct RelationshipMember {
    static_assert(std::derived_from<Owner, ClassOfMember<Member>>,
                  "mercator: a loader option names a member of the class, or of its base");
    using Class = Owner;
    using Side = typename MemberPointer<decltype(Member)>::member_type;
    static_assert(std::derived_from<Side, RelatedOne> || std::derived_from<Side, RelatedMany>,
                  "mercator: a loader option names a relationship member, a One<T> or a Many<T>");
    using Target = typename Side::target_type;
    using Option = RelationshipOption<Class, Target>;
};

template <auto Member, class Class = ClassOfMember<Member>>
[[nodiscard]] auto load_as(std::optional<Lazy> lazy) {
    using Related = RelationshipMember<Member, Class>;
    const Mapper& mapper = mapper_of<typename Related::Class>();
    return typename Related::Option(
        branch_of(mapper, member_offset<typename Related::Class>(Member), lazy));
}

// How a relationship is loaded in one query, named as in `Lazy`. A mixin's needs the class that is
// meant: `joined<&OwnedMixin::owner, Shelf>()`.
template <auto Member, class Class = ClassOfMember<Member>>
[[nodiscard]] auto selectin() {
    return load_as<Member, Class>(Lazy::selectin);
}
template <auto Member, class Class = ClassOfMember<Member>>
[[nodiscard]] auto joined() {
    return load_as<Member, Class>(Lazy::joined);
}
template <auto Member, class Class = ClassOfMember<Member>>
[[nodiscard]] auto subquery() {
    return load_as<Member, Class>(Lazy::subquery);
}
template <auto Member, class Class = ClassOfMember<Member>>
[[nodiscard]] auto immediate() {
    return load_as<Member, Class>(Lazy::immediate);
}
/// One by one, when touched (`Lazy::select`).
template <auto Member, class Class = ClassOfMember<Member>>
[[nodiscard]] auto lazy() {
    return load_as<Member, Class>(Lazy::select);
}
template <auto Member, class Class = ClassOfMember<Member>>
[[nodiscard]] auto batch() {
    return load_as<Member, Class>(Lazy::batch);
}
template <auto Member, class Class = ClassOfMember<Member>>
[[nodiscard]] auto raise() {
    return load_as<Member, Class>(Lazy::raise);
}
template <auto Member, class Class = ClassOfMember<Member>>
[[nodiscard]] auto raise_on_sql() {
    return load_as<Member, Class>(Lazy::raise_on_sql);
}
template <auto Member, class Class = ClassOfMember<Member>>
[[nodiscard]] auto noload() {
    return load_as<Member, Class>(Lazy::noload);
}
/// As mapped: a step on the way to what `then` says.
template <auto Member, class Class = ClassOfMember<Member>>
[[nodiscard]] auto defaultload() {
    return load_as<Member, Class>(std::nullopt);
}
/// All relationships of Class that no other option names: `raise_all<User>()` is SQLAlchemy's
/// raiseload("*").
template <class Class>
[[nodiscard]] LoaderOption<Class> all_others(Lazy lazy) {
    auto node = std::make_shared<LoadNode>();
    node->mapper = &mapper_of<Class>();
    node->others = lazy;
    return LoaderOption<Class>(std::move(node));
}
template <class Class>
[[nodiscard]] LoaderOption<Class> raise_all() {
    return all_others<Class>(Lazy::raise);
}

/// Several options as one, to be named and used again:
/// `const auto overview = fetch_plan<User>(selectin<&User::posts>(), joined<&User::role>());`
template <class Class, class... Options>
[[nodiscard]] LoaderOption<Class> fetch_plan(const Options&... options) {
    static_assert((LoaderOptionFor<Options, Class> && ...),
                  "mercator: fetch_plan<Class>() takes options about that class");
    std::shared_ptr<const LoadNode> node;
    ((node = merged(node, options.node())), ...);
    return LoaderOption<Class>(std::move(node));
}

} // namespace mercator
