// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace mercator {

class RelationshipHost;

/// What a relationship member knows of the object that holds it, once that object lives in a
/// session's graph.
struct RelationshipOwner {
    RelationshipHost* host = nullptr;
};

/// What relationship members ask of the graph that holds them. Implemented by `Graph`; never by
/// users.
class MERCATOR_API RelationshipHost {
public:
    virtual ~RelationshipHost();
    /// Fills the member from the database. Throws DetachedError when the session has ended.
    virtual void load(RelationshipOwner& owner, std::uint16_t relationship) = 0;
    /// Makes `target` (may be empty) the one related object and keeps the other side in step.
    virtual void assign(RelationshipOwner& owner, std::uint16_t relationship,
                        const std::shared_ptr<void>& target) = 0;
    virtual void append(RelationshipOwner& owner, std::uint16_t relationship,
                        const std::shared_ptr<void>& target) = 0;
    virtual void remove(RelationshipOwner& owner, std::uint16_t relationship,
                        const void* target) = 0;
    /// The members are about to get other places: loads them, without a flush of the one that may
    /// be about to come. StateError if places are kept in a column (`ordering_list`) and some
    /// members may not be here.
    virtual void reorder(RelationshipOwner& owner, std::uint16_t relationship) = 0;
    /// A handle that keeps the graph alive, for an object of this graph.
    [[nodiscard]] virtual std::shared_ptr<void> handle(void* object) = 0;

    /// Loads a deferred column, by its index in the owner's mapper.
    virtual void load_column(RelationshipOwner& owner, std::uint16_t column) = 0;

    // What listeners are told of before it happens; what they throw leaves it undone.

    /// The Attribute<T> at `member` is about to take over what is at `value`, which they may
    /// change.
    virtual void value_set(RelationshipOwner& owner, const void* member, void* value) = 0;
    /// The collection is about to have these members, and no others; they may be changed.
    virtual void replacing(RelationshipOwner& owner, std::uint16_t relationship,
                           std::vector<std::shared_ptr<void>>& members) = 0;

    // Collections that are not loaded.

    /// Is each use of it a query (Lazy::dynamic)? StateError for one that is never read by itself
    /// (Lazy::write_only).
    [[nodiscard]] virtual bool is_asked_each_time(RelationshipOwner& owner,
                                                  std::uint16_t relationship) = 0;
    /// Is the object in the same graph? Others are in no collection of it.
    [[nodiscard]] virtual bool owns(const std::shared_ptr<void>& target) const noexcept = 0;
    [[nodiscard]] virtual std::size_t count(RelationshipOwner& owner,
                                            std::uint16_t relationship) = 0;
    [[nodiscard]] virtual bool is_empty(RelationshipOwner& owner, std::uint16_t relationship) = 0;
    [[nodiscard]] virtual bool contains(RelationshipOwner& owner, std::uint16_t relationship,
                                        const std::shared_ptr<void>& target) = 0;
    /// In the relationship's order.
    [[nodiscard]] virtual std::vector<std::shared_ptr<void>> slice(RelationshipOwner& owner,
                                                                   std::uint16_t relationship,
                                                                   std::size_t offset,
                                                                   std::size_t limit) = 0;
};

/// The untyped half of `One<T>`: everything but the cast.
class MERCATOR_API RelatedOne {
public:
    RelatedOne() noexcept = default;
    explicit RelatedOne(std::shared_ptr<void> target) noexcept;
    RelatedOne(const RelatedOne& other);
    RelatedOne(RelatedOne&& other) noexcept;
    RelatedOne& operator=(const RelatedOne& other);
    RelatedOne& operator=(RelatedOne&& other);
    ~RelatedOne() = default;

    /// Is the related object (or its absence) known without asking the database?
    [[nodiscard]] bool loaded() const noexcept { return owner_ == nullptr || loaded_; }

protected:
    [[nodiscard]] void* get() const;
    [[nodiscard]] std::shared_ptr<void> handle() const;
    void assign(std::shared_ptr<void> target);

private:
    friend class RelatedAccess;
    /// In a graph: points without owning, since the graph owns. Outside: owns, so that what was
    /// assigned stays alive.
    std::shared_ptr<void> target_;
    RelationshipOwner* owner_ = nullptr;
    std::uint16_t relationship_ = 0;
    bool loaded_ = false;
    bool partial_ = false;
};

/// A relationship to at most one object: `product.category`. Reads like a pointer and loads on
/// first touch while the session lives; assignment keeps the other side of the relationship in
/// step. A member of plain structs; T may be incomplete there. Belongs to the thread of its
/// session.
template <class T>
class One : public RelatedOne {
public:
    using target_type = T;

    One() noexcept = default;
    One(std::nullptr_t) noexcept {} // NOLINT(google-explicit-constructor)
    One(std::shared_ptr<T>
            target) noexcept // NOLINT(google-explicit-constructor): a handle is a related object
        :
        RelatedOne(std::move(target)) {}

    One& operator=(std::shared_ptr<T> target) {
        assign(std::move(target));
        return *this;
    }
    One& operator=(std::nullptr_t) {
        assign(nullptr);
        return *this;
    }
    void reset() { assign(nullptr); }

    /// The object, or nullptr. Throws DetachedError if it was never loaded and the session has
    /// ended.
    [[nodiscard]] T* get() const { return static_cast<T*>(RelatedOne::get()); }
    T* operator->() const { return get(); }
    T& operator*() const { return *get(); }
    explicit operator bool() const { return get() != nullptr; }

    /// A handle that keeps the object alive after the session.
    [[nodiscard]] std::shared_ptr<T> handle() const {
        return std::static_pointer_cast<T>(RelatedOne::handle());
    }
    operator std::shared_ptr<T>() const { return handle(); } // NOLINT(google-explicit-constructor)

    friend bool operator==(const One& one, const std::shared_ptr<T>& other) {
        return one.get() == other.get();
    }
    friend bool operator==(const One& one, std::nullptr_t) { return one.get() == nullptr; }
};

/// The untyped half of `Many<T>`.
class MERCATOR_API RelatedMany {
public:
    RelatedMany() noexcept = default;
    RelatedMany(const RelatedMany& other);
    RelatedMany(RelatedMany&& other) noexcept;
    RelatedMany& operator=(const RelatedMany& other);
    RelatedMany& operator=(RelatedMany&& other);
    ~RelatedMany() = default;

    /// Are the members known without asking the database?
    [[nodiscard]] bool loaded() const noexcept { return owner_ == nullptr || loaded_; }
    /// Loads the members now if they are not. StateError for a collection that is never held.
    void load() const;
    /// Loads the members; of a `Lazy::dynamic` collection, the database counts them.
    [[nodiscard]] std::size_t size() const { return is_asked() ? count() : items().size(); }
    [[nodiscard]] bool empty() const { return is_asked() ? asks_empty() : items().empty(); }
    /// How many there are, without loading them: counted by the database if they are not loaded,
    /// after a flush of what it could miss.
    [[nodiscard]] std::size_t count() const;
    void clear();
    /// Gives the member at `from` the place `to`, counted without it; of places that there are not,
    /// std::out_of_range. Loads the members. Where the relationship has an `ordering_list`, the
    /// next flush writes the places that changed; elsewhere the order is one of memory, until the
    /// members are read again.
    void move(std::size_t from, std::size_t to);

    /// The object in whose collection this is, for queries over the collection; nullptr outside a
    /// graph.
    [[nodiscard]] RelationshipOwner* owner() const noexcept { return owner_; }
    [[nodiscard]] std::uint16_t relationship() const noexcept { return relationship_; }

protected:
    [[nodiscard]] const std::vector<std::shared_ptr<void>>& items() const;
    [[nodiscard]] std::shared_ptr<void> handle_at(std::size_t index) const;
    void append(std::shared_ptr<void> target);
    void insert(std::size_t index, std::shared_ptr<void> target);
    void remove(const std::shared_ptr<void>& target);
    [[nodiscard]] bool contains(const std::shared_ptr<void>& target) const;
    [[nodiscard]] std::vector<std::shared_ptr<void>> slice(std::size_t offset,
                                                           std::size_t limit) const;
    /// Is this use of the collection a query of its own?
    [[nodiscard]] bool is_asked() const {
        return owner_ != nullptr && !loaded_ &&
               owner_->host->is_asked_each_time(*owner_, relationship_);
    }
    /// Where a collection that is asked each time ends.
    static constexpr std::size_t open_end = std::numeric_limits<std::size_t>::max();

private:
    friend class RelatedAccess;
    [[nodiscard]] bool asks_empty() const;
    void remove(const void* target);
    /// Those that were taken out leave their places empty until the members are looked at: taking
    /// many out, one by one, must not move all others each time.
    void close_gaps() const noexcept;
    void change_place(std::size_t from, std::size_t to);
    void arrange(const std::vector<const void*>& wanted);

    mutable std::vector<std::shared_ptr<void>> items_;
    RelationshipOwner* owner_ = nullptr;
    std::uint16_t relationship_ = 0;
    bool loaded_ = false;
    bool partial_ = false;
    mutable bool has_gaps_ = false;
    mutable std::uint32_t shape_ = 0; ///< counts what may have given members other places
};

/// A relationship to any number of objects: `role.users`. A range of handles that loads on first
/// touch; add and remove keep the other side in step. A member of plain structs; T may be
/// incomplete there. Belongs to the thread of its session.
template <class T>
class Many : public RelatedMany {
public:
    using target_type = T;

    Many() noexcept = default;
    Many(std::initializer_list<std::shared_ptr<T>> members) {
        for (const auto& member : members) add(member);
    }

    /// Random access for C++20's ranges; for older algorithms an input iterator, since what it
    /// gives are handles by value.
    class iterator {
    public:
        using value_type = std::shared_ptr<T>;
        using reference = std::shared_ptr<T>;
        using pointer = void;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        using iterator_concept = std::random_access_iterator_tag;
        iterator() = default;
        std::shared_ptr<T> operator*() const {
            return found_ ? std::static_pointer_cast<T>(found_->at(index_)) : (*many_)[index_];
        }
        std::shared_ptr<T> operator[](difference_type by) const { return *(*this + by); }
        iterator& operator++() {
            ++index_;
            return *this;
        }
        iterator operator++(int) {
            auto old = *this;
            ++index_;
            return old;
        }
        iterator& operator--() {
            --index_;
            return *this;
        }
        iterator operator--(int) {
            auto old = *this;
            --index_;
            return old;
        }
        iterator& operator+=(difference_type by) {
            index_ = static_cast<std::size_t>(static_cast<difference_type>(index_) + by);
            return *this;
        }
        iterator& operator-=(difference_type by) { return *this += -by; }
        friend iterator operator+(iterator it, difference_type by) { return it += by; }
        friend iterator operator+(difference_type by, iterator it) { return it += by; }
        friend iterator operator-(iterator it, difference_type by) { return it -= by; }
        friend difference_type operator-(const iterator& a, const iterator& b) {
            return static_cast<difference_type>(a.place(b)) -
                   static_cast<difference_type>(b.place(a));
        }
        friend bool operator==(const iterator& a, const iterator& b) {
            return a.place(b) == b.place(a);
        }
        friend auto operator<=>(const iterator& a, const iterator& b) {
            return a.place(b) <=> b.place(a);
        }

    private:
        friend class Many;
        iterator(const Many* many, std::size_t index) : many_(many), index_(index) {}
        /// The end of a query's result is known by the other iterator, which has it.
        [[nodiscard]] std::size_t place(const iterator& other) const noexcept {
            if (index_ != open_end || other.found_ == nullptr) return index_;
            return other.found_->size();
        }
        const Many* many_ = nullptr;
        std::size_t index_ = 0;
        /// What a collection that is asked each time has found.
        std::shared_ptr<const std::vector<std::shared_ptr<void>>> found_;
    };

    [[nodiscard]] iterator begin() const {
        if (is_asked()) {
            iterator first(this, 0);
            first.found_ = std::make_shared<const std::vector<std::shared_ptr<void>>>(
                RelatedMany::slice(0, open_end));
            return first;
        }
        load();
        return {this, 0};
    }
    [[nodiscard]] iterator end() const { return {this, is_asked() ? open_end : items().size()}; }
    [[nodiscard]] std::shared_ptr<T> operator[](std::size_t index) const {
        return std::static_pointer_cast<T>(handle_at(index));
    }
    /// The first and the last member; of none, std::out_of_range.
    [[nodiscard]] std::shared_ptr<T> front() const { return (*this)[0]; }
    [[nodiscard]] std::shared_ptr<T> back() const { return (*this)[size() - 1]; }
    /// At the end.
    void add(std::shared_ptr<T> member) { RelatedMany::append(std::move(member)); }
    /// Before the member that has this place now; at the end, if the place is the size. Behind it,
    /// std::out_of_range. One that is a member already is moved there. Loads the members; what is
    /// written of the order is as with `move`.
    void insert(std::size_t index, std::shared_ptr<T> member) {
        RelatedMany::insert(index, std::move(member));
    }
    /// Loads nothing.
    void remove(const std::shared_ptr<T>& member) { RelatedMany::remove(member); }
    /// Without loading the collection: by the member's own foreign key, or else asked of the
    /// database.
    [[nodiscard]] bool contains(const std::shared_ptr<T>& member) const {
        return RelatedMany::contains(member);
    }
    /// The members from `offset` on, `limit` of them at most, in the order of the collection. Reads
    /// only those if the collection is not loaded.
    [[nodiscard]] std::vector<std::shared_ptr<T>> slice(std::size_t offset,
                                                        std::size_t limit) const {
        std::vector<std::shared_ptr<T>> members;
        for (auto& member : RelatedMany::slice(offset, limit))
            members.push_back(std::static_pointer_cast<T>(std::move(member)));
        return members;
    }

    /// A query over the members that loads nothing but what it selects:
    /// `laptops->products.query().where(...)`.
    [[nodiscard]] auto query() const { return query_members(*this); }
};

/// How graph and loaders reach inside relationship members. Not for users.
class MERCATOR_API RelatedAccess {
public:
    static void bind(RelatedOne& one, RelationshipOwner* owner,
                     std::uint16_t relationship) noexcept {
        one.owner_ = owner;
        one.relationship_ = relationship;
    }
    static void bind(RelatedMany& many, RelationshipOwner* owner,
                     std::uint16_t relationship) noexcept {
        many.owner_ = owner;
        many.relationship_ = relationship;
    }
    static bool is_loaded(const RelatedOne& one) noexcept { return one.loaded_; }
    static bool is_loaded(const RelatedMany& many) noexcept { return many.loaded_; }
    static void* target(const RelatedOne& one) noexcept { return one.target_.get(); }
    static const std::shared_ptr<void>& held(const RelatedOne& one) noexcept { return one.target_; }
    /// The members; for reading alone, take the const one: a change of places makes the graph
    /// search anew.
    static std::vector<std::shared_ptr<void>>& items(RelatedMany& many) noexcept {
        many.close_gaps();
        ++many.shape_;
        return many.items_;
    }
    static const std::vector<std::shared_ptr<void>>& items(const RelatedMany& many) noexcept {
        many.close_gaps();
        return many.items_;
    }
    /// The members with empty places among them.
    static const std::vector<std::shared_ptr<void>>& places(const RelatedMany& many) noexcept {
        return many.items_;
    }
    /// Is another one once members may have got other places.
    static std::uint32_t shape(const RelatedMany& many) noexcept { return many.shape_; }
    static void take_out(RelatedMany& many, std::size_t place) noexcept {
        if (place + 1 == many.items_.size()) {
            many.items_.pop_back();
        } else {
            many.items_[place].reset();
            many.has_gaps_ = true;
        }
    }
    /// Sets what the member points to, without owning and without telling anybody.
    static void set(RelatedOne& one, void* object) noexcept {
        one.target_ = std::shared_ptr<void>(std::shared_ptr<void>(), object);
        one.loaded_ = true;
        one.partial_ = false;
    }
    static void unload(RelatedOne& one) noexcept {
        one.target_.reset();
        one.loaded_ = false;
    }
    static void set_loaded(RelatedMany& many, bool loaded) noexcept { many.loaded_ = loaded; }
    /// Loaded, but criteria of the query have left some out.
    static void set_partial(RelatedOne& one) noexcept { one.partial_ = true; }
    static void set_partial(RelatedMany& many) noexcept { many.partial_ = true; }
    static bool is_partial(const RelatedOne& one) noexcept { return one.loaded_ && one.partial_; }
    static bool is_partial(const RelatedMany& many) noexcept {
        return many.loaded_ && many.partial_;
    }
    static void unload(RelatedMany& many) noexcept {
        many.items_.clear();
        many.has_gaps_ = false;
        ++many.shape_;
        many.loaded_ = false;
        many.partial_ = false;
    }
    static void push(RelatedMany& many, void* object) {
        many.items_.emplace_back(std::shared_ptr<void>(), object);
    }
};

} // namespace mercator
