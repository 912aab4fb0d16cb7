// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/related.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>

namespace mercator {

/// Takes a new object into the session of the object whose collection this is. StateError outside a
/// session.
[[nodiscard]] MERCATOR_API std::shared_ptr<void> save_link(const RelatedMany& links,
                                                           const Mapper& mapper, void* object);

/// One object's view through its association objects to what they lead to: a range of handles that
/// loads the links on first touch. A view: keep it no longer than its owner. Belongs to the thread
/// of the session.
template <class Link, class Target>
class AssociationView {
public:
    AssociationView(Many<Link>& links, One<Target> Link::*target) :
        links_(&links),
        target_(target) {}

    class iterator {
    public:
        using value_type = std::shared_ptr<Target>;
        using reference = std::shared_ptr<Target>;
        using pointer = void;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        iterator() = default;
        iterator(typename Many<Link>::iterator at, One<Target> Link::*target) :
            at_(std::move(at)),
            target_(target) {}
        std::shared_ptr<Target> operator*() const { return ((**at_).*target_).handle(); }
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
        One<Target> Link::*target_ = nullptr;
    };

    [[nodiscard]] iterator begin() const { return {links_->begin(), target_}; }
    [[nodiscard]] iterator end() const { return {links_->end(), target_}; }
    [[nodiscard]] std::size_t size() const { return links_->size(); }
    [[nodiscard]] bool empty() const { return links_->empty(); }
    [[nodiscard]] bool contains(const std::shared_ptr<Target>& target) const {
        return link_to(target) != nullptr;
    }
    /// The association object that leads there, for what it says beside; empty if none does.
    [[nodiscard]] std::shared_ptr<Link> link_to(const std::shared_ptr<Target>& target) const {
        for (const auto& link : *links_) {
            if (((*link).*target_).get() == target.get()) return link;
        }
        return nullptr;
    }
    /// Makes the association object, adds it to the session and returns it; what is there already
    /// is returned as it is. StateError if the owner or the target is in no session.
    std::shared_ptr<Link> add(const std::shared_ptr<Target>& target) { return add(target, Link{}); }
    /// The same with what the association object says beside: `add(logic, Enrollment{.grade =
    /// "A"})`.
    std::shared_ptr<Link> add(const std::shared_ptr<Target>& target, Link link) {
        if (auto there = link_to(target)) return there;
        link.*target_ = target;
        auto saved = std::static_pointer_cast<Link>(
            save_link(*links_, mapper_of<Link>(), std::addressof(link)));
        links_->add(saved);
        return saved;
    }
    /// Takes the association object out of the owner's collection. It is deleted if that collection
    /// cascades delete_orphan, as it should.
    void remove(const std::shared_ptr<Target>& target) {
        if (const auto link = link_to(target)) links_->remove(link);
    }
    void clear() { links_->clear(); }

private:
    Many<Link>* links_;
    One<Target> Link::*target_;
};

/// What `through` makes: `courses(*ada)` is Ada's view.
template <class Owner, class Link, class Target>
class AssociationProxy {
public:
    constexpr AssociationProxy(Many<Link> Owner::*links, One<Target> Link::*target) noexcept :
        links_(links),
        target_(target) {}
    [[nodiscard]] AssociationView<Link, Target> operator()(Owner& owner) const {
        return {owner.*links_, target_};
    }

private:
    Many<Link> Owner::*links_;
    One<Target> Link::*target_;
};

/// The way through association objects (SQLAlchemy's association proxy):
///
///     inline constexpr auto courses = through(&Student::enrollments, &Enrollment::course);
///     courses(*ada).add(logic);
///     for (const auto& course : courses(*ada)) print(course->title);
template <class Owner, class Link, class Target>
[[nodiscard]] constexpr AssociationProxy<Owner, Link, Target>
through(Many<Link> Owner::*links, One<Target> Link::*target) noexcept {
    return {links, target};
}

} // namespace mercator
