// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/related.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>

namespace mercator {

/// Takes a new object into the session of the object whose collection this is. StateError outside a
/// session.
[[nodiscard]] MERCATOR_API std::shared_ptr<void> save_link(const RelatedMany& links,
                                                           const Mapper& mapper, void* object);

/// What a member of an association object is when it is looked at through it: the related object
/// of a One<T>, else the member's value.
template <class Member>
struct SeenThrough {
    using type = Member;
    [[nodiscard]] static const Member& of(const Member& member) { return member; }
    [[nodiscard]] static bool is(const Member& member, const Member& value) {
        return member == value;
    }
};
template <class T>
struct SeenThrough<One<T>> {
    using type = std::shared_ptr<T>;
    [[nodiscard]] static std::shared_ptr<T> of(const One<T>& member) { return member.handle(); }
    [[nodiscard]] static bool is(const One<T>& member, const std::shared_ptr<T>& object) {
        return member.get() == object.get();
    }
};

/// One object's view through its association objects to what they lead to, or hold: a range of
/// handles (of values, where `Member` is a column) that loads the links on first touch. A view:
/// keep it no longer than its owner. Belongs to the thread of the session.
template <class Link, class Member>
class AssociationView {
public:
    using Seen = SeenThrough<Member>;
    using value_type = typename Seen::type;

    AssociationView(Many<Link>& links, Member Link::*member) : links_(&links), member_(member) {}

    class iterator {
    public:
        using value_type = typename Seen::type;
        using reference = decltype(Seen::of(std::declval<const Member&>()));
        using pointer = void;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        iterator() = default;
        iterator(typename Many<Link>::iterator at, Member Link::*member) :
            at_(std::move(at)),
            member_(member) {}
        reference operator*() const { return Seen::of((**at_).*member_); }
        iterator& operator++() {
            ++at_;
            return *this;
        }
        iterator operator++(int) {
            auto old = *this;
            ++at_;
            return old;
        }
        friend bool operator==(const iterator& a, const iterator& b) { return a.at_ == b.at_; }

    private:
        typename Many<Link>::iterator at_;
        Member Link::*member_ = nullptr;
    };

    [[nodiscard]] iterator begin() const { return {links_->begin(), member_}; }
    [[nodiscard]] iterator end() const { return {links_->end(), member_}; }
    [[nodiscard]] std::size_t size() const { return links_->size(); }
    [[nodiscard]] bool empty() const { return links_->empty(); }
    [[nodiscard]] bool contains(const value_type& target) const {
        return link_to(target) != nullptr;
    }
    /// The association object that leads there, for what it says beside; empty if none does.
    [[nodiscard]] std::shared_ptr<Link> link_to(const value_type& target) const {
        for (const auto& link : *links_) {
            if (Seen::is((*link).*member_, target)) return link;
        }
        return nullptr;
    }
    /// Makes the association object, adds it to the session and returns it; what is there already
    /// is returned as it is. StateError if the owner or the target is in no session.
    std::shared_ptr<Link> add(const value_type& target) { return add(target, Link{}); }
    /// The same with what the association object says beside: `add(logic, Enrollment{.grade =
    /// "A"})`.
    std::shared_ptr<Link> add(const value_type& target, Link link) {
        if (auto there = link_to(target)) return there;
        link.*member_ = target;
        auto saved = std::static_pointer_cast<Link>(
            save_link(*links_, mapper_of<Link>(), std::addressof(link)));
        links_->add(saved);
        return saved;
    }
    /// The same with a function that completes a new association object before it is added:
    /// `add(logic, [](Enrollment& enrollment) { enrollment.grade = "A"; })`.
    template <std::invocable<Link&> Complete>
    std::shared_ptr<Link> add(const value_type& target, Complete&& complete) {
        if (auto there = link_to(target)) return there;
        Link link{};
        std::forward<Complete>(complete)(link);
        return add(target, std::move(link));
    }
    /// Takes the association object out of the owner's collection. It is deleted if that collection
    /// cascades delete_orphan, as it should.
    void remove(const value_type& target) {
        if (const auto link = link_to(target)) links_->remove(link);
    }
    void clear() { links_->clear(); }

private:
    Many<Link>* links_;
    Member Link::*member_;
};

/// What `through` makes: `courses(*ada)` is Ada's view.
template <class Owner, class Link, class Member>
class AssociationProxy {
public:
    constexpr AssociationProxy(Many<Link> Owner::*links, Member Link::*member) noexcept :
        links_(links),
        member_(member) {}
    [[nodiscard]] AssociationView<Link, Member> operator()(Owner& owner) const {
        return {owner.*links_, member_};
    }

private:
    Many<Link> Owner::*links_;
    Member Link::*member_;
};

/// The way through association objects (SQLAlchemy's association proxy), to what they lead to or to
/// a column of theirs:
///
///     inline constexpr auto courses = through(&Student::enrollments, &Enrollment::course);
///     courses(*ada).add(logic);
///     for (const auto& course : courses(*ada)) print(course->title);
template <class Owner, class Link, class Member>
[[nodiscard]] constexpr AssociationProxy<Owner, Link, Member>
through(Many<Link> Owner::*links, Member Link::*member) noexcept {
    static_assert(!std::derived_from<Member, RelatedMany>,
                  "mercator: through() leads to one object or value of each association object; "
                  "this member of it is a collection");
    return {links, member};
}

/// The same for one object. As a member function of the class it reads like a collection (define
/// the class of the association objects before):
///
///     auto courses() { return through<&Student::enrollments, &Enrollment::course>(*this); }
///     ada->courses().add(logic);
template <auto Links, auto Member, class Owner>
[[nodiscard]] auto through(Owner& owner) {
    return through(Links, Member)(owner);
}

} // namespace mercator
