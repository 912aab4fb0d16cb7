// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/attribute.hpp>
#include <mercator/mapping/member_name.hpp>
#include <mercator/mapping/related.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mercator {

/// A collection whose members are found by one of their members, as in a map:
///
///     struct Page { …; KeyedMany<&Note::name> notes; };
///     page->notes.find("todo")->text = "…";
///
/// Everything else is as with Many<Note>, of which it is a kind; the mapping says nothing special.
/// The class of the members must be complete where the collection is declared. What a member holds
/// now counts, changed or not: finding one takes the same time however many there are, finding that
/// there is none looks at all. Of two members with equal keys, the first is found.
///
/// A class of your own can be derived from Many<T> in the same way; Many must be its first base.
template <auto Key>
class KeyedMany : public Many<typename MemberPointer<decltype(Key)>::class_type> {
public:
    using target_type = typename MemberPointer<decltype(Key)>::class_type;
    using key_type =
        stored_member_t<std::remove_cv_t<typename MemberPointer<decltype(Key)>::member_type>>;
    using Base = Many<target_type>;
    using Base::Base;

    /// The member with this key, or empty.
    [[nodiscard]] std::shared_ptr<target_type> find(const key_type& key) const {
        this->load();
        refresh_places();
        if (const auto place = places_.find(key); place != places_.end()) {
            if (auto member = Base::operator[](place->second); (*member).*Key == key) return member;
        }
        for (auto member : *this) {
            if ((*member).*Key == key) return member;
        }
        return nullptr;
    }
    /// The same, where absence is an error: std::out_of_range.
    [[nodiscard]] std::shared_ptr<target_type> at(const key_type& key) const {
        auto member = find(key);
        if (!member) throw std::out_of_range("no member of this collection has the key");
        return member;
    }
    /// As `find`.
    [[nodiscard]] std::shared_ptr<target_type> operator[](const key_type& key) const {
        return find(key);
    }
    [[nodiscard]] bool contains_key(const key_type& key) const { return find(key) != nullptr; }
    /// Puts the member in the place of the one that has its key, if there is one: that is removed.
    void put(const std::shared_ptr<target_type>& member) {
        if (const auto other = find((*member).*Key); other && other != member) this->remove(other);
        this->add(member);
    }
    /// Removes the member with this key; false if there is none.
    bool remove_key(const key_type& key) {
        const auto member = find(key);
        if (member) this->remove(member);
        return member != nullptr;
    }
    /// Keys and members, in the order of the collection.
    [[nodiscard]] std::vector<std::pair<key_type, std::shared_ptr<target_type>>> entries() const {
        std::vector<std::pair<key_type, std::shared_ptr<target_type>>> list;
        for (auto member : *this) {
            key_type key = (*member).*Key;
            list.emplace_back(std::move(key), std::move(member));
        }
        return list;
    }

private:
    void refresh_places() const {
        const std::size_t size = this->size();
        if (known_ > size || shape_ != RelatedAccess::shape(*this)) {
            places_.clear();
            known_ = 0;
            shape_ = RelatedAccess::shape(*this);
        }
        for (; known_ < size; ++known_) // the first of equal ones stays
            places_.emplace((*Base::operator[](known_)).*Key, known_);
    }

    /// Where members were when they were last looked at; each is looked at again before it counts.
    mutable std::unordered_map<key_type, std::size_t> places_;
    mutable std::size_t known_ = 0;
    mutable std::uint32_t shape_ = 0;
};

/// A collection without two members of the same key: a set.
///
///     struct Post { …; UniqueMany<&Tag::word> tags; };
template <auto Key>
class UniqueMany : public KeyedMany<Key> {
public:
    using typename KeyedMany<Key>::target_type;
    using KeyedMany<Key>::KeyedMany;

    /// False, and nothing happens, if there is one with its key already.
    bool add(const std::shared_ptr<target_type>& member) {
        if (this->find((*member).*Key)) return false;
        KeyedMany<Key>::add(member);
        return true;
    }
    /// At this place; false, and nothing happens, if there is another one with its key already.
    bool insert(std::size_t index, const std::shared_ptr<target_type>& member) {
        if (const auto other = this->find((*member).*Key); other && other != member) return false;
        KeyedMany<Key>::insert(index, member);
        return true;
    }
};

} // namespace mercator
