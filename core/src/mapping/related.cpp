// SPDX-License-Identifier: MIT
#include <mercator/mapping/related.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

namespace mercator {

RelationshipHost::~RelationshipHost() = default;

RelatedOne::RelatedOne(std::shared_ptr<void> target) noexcept : target_(std::move(target)) {}

// A copy stands outside the graph: it owns what it points to.
RelatedOne::RelatedOne(const RelatedOne& other) :
    target_(other.loaded() && other.target_ ? other.handle() : nullptr) {}

RelatedOne::RelatedOne(RelatedOne&& other) noexcept :
    target_(other.owner_ == nullptr ? std::move(other.target_)
            : other.target_         ? other.owner_->host->handle(other.target_.get())
                                    : nullptr) {}

RelatedOne& RelatedOne::operator=(const RelatedOne& other) {
    if (this != &other) assign(other.handle());
    return *this;
}

RelatedOne& RelatedOne::operator=(RelatedOne&& other) {
    if (this != &other) assign(other.owner_ == nullptr ? std::move(other.target_) : other.handle());
    return *this;
}

void* RelatedOne::get() const {
    if (owner_ != nullptr && !loaded_) owner_->host->load(*owner_, relationship_);
    return target_.get();
}

std::shared_ptr<void> RelatedOne::handle() const {
    void* object = get();
    if (owner_ == nullptr || object == nullptr) return target_;
    return owner_->host->handle(object);
}

void RelatedOne::assign(std::shared_ptr<void> target) {
    if (owner_ == nullptr) {
        target_ = std::move(target);
        return;
    }
    owner_->host->assign(*owner_, relationship_, target);
}

RelatedMany::RelatedMany(const RelatedMany& other) {
    if (!other.loaded()) return;
    const auto count = other.size();
    items_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) items_.push_back(other.handle_at(i));
}

RelatedMany::RelatedMany(RelatedMany&& other) noexcept {
    if (other.owner_ == nullptr) {
        items_ = std::move(other.items_);
        return;
    }
    if (!other.loaded_) return;
    other.close_gaps();
    for (auto& item : other.items_) items_.push_back(other.owner_->host->handle(item.get()));
}

RelatedMany& RelatedMany::operator=(const RelatedMany& other) {
    if (this == &other) return *this;
    RelatedMany copy(other.owner_ != nullptr && !other.loaded_ ? (other.load(), other) : other);
    return *this = std::move(copy);
}

RelatedMany& RelatedMany::operator=(RelatedMany&& other) {
    if (this == &other) return *this;
    if (owner_ == nullptr && other.owner_ == nullptr) {
        items_ = std::move(other.items_);
        return *this;
    }
    std::vector<std::shared_ptr<void>> wanted;
    for (std::size_t i = 0; i < other.size(); ++i) wanted.push_back(other.handle_at(i));
    if (owner_ != nullptr) owner_->host->replacing(*owner_, relationship_, wanted);
    std::unordered_set<const void*> among_wanted;
    for (const auto& item : wanted) among_wanted.insert(item.get());
    const auto current = items();
    if (owner_ != nullptr) owner_->host->reorder(*owner_, relationship_);
    std::unordered_set<const void*> there;
    for (auto item = current.rbegin(); item != current.rend(); ++item) {
        if (among_wanted.contains(item->get())) {
            there.insert(item->get());
        } else {
            remove(item->get());
        }
    }
    std::vector<const void*> order;
    for (auto& item : wanted) {
        order.push_back(item.get());
        if (there.insert(item.get()).second) append(std::move(item));
    }
    arrange(order);
    return *this;
}

void RelatedMany::close_gaps() const noexcept {
    if (!has_gaps_) return;
    std::erase(items_, nullptr);
    has_gaps_ = false;
    ++shape_;
}

void RelatedMany::load() const {
    if (owner_ != nullptr && !loaded_) owner_->host->load(*owner_, relationship_);
}

const std::vector<std::shared_ptr<void>>& RelatedMany::items() const {
    load();
    close_gaps();
    return items_;
}

std::shared_ptr<void> RelatedMany::handle_at(std::size_t index) const {
    if (is_asked()) return slice(index, 1).at(0);
    const auto& item = items().at(index);
    return owner_ == nullptr ? item : owner_->host->handle(item.get());
}

void RelatedMany::append(std::shared_ptr<void> target) {
    if (!target) return;
    if (owner_ == nullptr) {
        if (!contains(target)) items_.push_back(std::move(target));
        return;
    }
    owner_->host->append(*owner_, relationship_, target);
}

namespace {

void check_place(std::size_t place, std::size_t end) {
    if (place >= end) {
        throw std::out_of_range(fmt::format("a collection has no place {} among {}", place, end));
    }
}

} // namespace

void RelatedMany::insert(std::size_t index, std::shared_ptr<void> target) {
    if (owner_ != nullptr) owner_->host->reorder(*owner_, relationship_);
    check_place(index, items().size() + 1);
    if (!target) return;
    const void* member = target.get();
    append(std::move(target));
    const auto found = std::find_if(items_.rbegin(), items_.rend(),
                                    [&](const auto& item) { return item.get() == member; });
    if (found == items_.rend()) return;
    change_place(static_cast<std::size_t>(items_.rend() - found) - 1,
                 std::min(index, items_.size() - 1));
}

void RelatedMany::move(std::size_t from, std::size_t to) {
    if (owner_ != nullptr) owner_->host->reorder(*owner_, relationship_);
    const std::size_t size = items().size();
    check_place(from, size);
    check_place(to, size);
    change_place(from, to);
}

void RelatedMany::change_place(std::size_t from, std::size_t to) {
    if (from == to) return;
    const auto at = [&](std::size_t place) {
        return items_.begin() + static_cast<std::ptrdiff_t>(place);
    };
    if (from < to) {
        std::rotate(at(from), at(from) + 1, at(to) + 1);
    } else {
        std::rotate(at(to), at(from), at(from) + 1);
    }
    ++shape_;
}

/// Gives the members the order of these.
void RelatedMany::arrange(const std::vector<const void*>& wanted) {
    close_gaps();
    std::unordered_map<const void*, std::size_t> place;
    for (const void* member : wanted) place.emplace(member, place.size());
    const auto place_of = [&](const auto& item) {
        const auto known = place.find(item.get());
        return known == place.end() ? wanted.size() : known->second;
    };
    std::stable_sort(items_.begin(), items_.end(),
                     [&](const auto& a, const auto& b) { return place_of(a) < place_of(b); });
    ++shape_;
}

void RelatedMany::remove(const void* target) {
    if (owner_ == nullptr) {
        std::erase_if(items_, [&](const auto& item) { return item.get() == target; });
        return;
    }
    owner_->host->remove(*owner_, relationship_, target);
}

void RelatedMany::remove(const std::shared_ptr<void>& target) {
    if (owner_ == nullptr || owner_->host->owns(target)) remove(target.get());
}

bool RelatedMany::contains(const std::shared_ptr<void>& target) const {
    if (owner_ != nullptr)
        return target != nullptr && owner_->host->contains(*owner_, relationship_, target);
    return std::any_of(items_.begin(), items_.end(),
                       [&](const auto& item) { return item.get() == target.get(); });
}

std::size_t RelatedMany::count() const {
    return loaded() ? items().size() : owner_->host->count(*owner_, relationship_);
}

bool RelatedMany::asks_empty() const {
    return owner_->host->is_empty(*owner_, relationship_);
}

std::vector<std::shared_ptr<void>> RelatedMany::slice(std::size_t offset, std::size_t limit) const {
    if (!loaded()) return owner_->host->slice(*owner_, relationship_, offset, limit);
    std::vector<std::shared_ptr<void>> members;
    const std::size_t there = items().size();
    for (std::size_t i = offset; i < there && members.size() < limit; ++i)
        members.push_back(handle_at(i));
    return members;
}

void RelatedMany::clear() {
    const auto current = is_asked() ? slice(0, open_end) : items();
    for (auto item = current.rbegin(); item != current.rend(); ++item)
        remove(item->get()); // each is then the last one
}

} // namespace mercator
