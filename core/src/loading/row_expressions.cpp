// SPDX-License-Identifier: MIT
#include "row_expressions.hpp"

#include <mercator/loading/row_assembler.hpp>
#include <mercator/loading/select.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

namespace mercator {

namespace {

/// Made when it is first asked for, since the relationships that it may be about are known then;
/// one for the life of the program.
const ExpressionWish& wish_of(const ExpressionProperty& property) {
    static std::mutex mutex;
    static std::map<const ExpressionProperty*, ExpressionWish> made;
    const std::lock_guard lock(mutex);
    const auto known = made.find(&property);
    if (known != made.end()) return known->second;
    ExpressionWish wish{property.field, property.make()};
    wish.field.type = wish.expression->type;
    wish.field.where = property.where;
    return made.emplace(&property, std::move(wish)).first->second;
}

bool is_loaded(const ExpressionProperty& property, const LoadNode* options) {
    if (options == nullptr) return !property.deferred;
    for (auto choice = options->expression_choices.rbegin();
         choice != options->expression_choices.rend(); ++choice) {
        if (choice->property == &property) return choice->load;
    }
    return !property.deferred && !options->only_named_columns;
}

bool has_wishes(const LoadRequest& request) noexcept {
    return has_expressions(*request.mapper) ||
           (request.options != nullptr && !request.options->expressions.empty());
}

} // namespace

bool has_expressions(const Mapper& mapper) noexcept {
    for (const Mapper* part = &mapper; part != nullptr; part = part->base()) {
        if (!part->expressions().empty()) return true;
    }
    return false;
}

std::vector<ExpressionWish> wished_expressions(const Mapper& mapper, const LoadNode* options) {
    std::vector<ExpressionWish> wishes;
    for (const Mapper* part = &mapper; part != nullptr; part = part->base()) {
        for (const ExpressionProperty& property : part->expressions()) {
            if (is_loaded(property, options)) wishes.push_back(wish_of(property));
        }
    }
    if (options != nullptr)
        wishes.insert(wishes.end(), options->expressions.begin(), options->expressions.end());
    return wishes;
}

bool wants_expressions(const LoadRequest& request) {
    if (!has_wishes(request)) return false;
    const auto wishes = wished_expressions(*request.mapper, request.options.get());
    if (wishes.empty()) return false;
    if (request.tag == nullptr) return true;
    const auto& read = request.tag->columns;
    return std::find(read.begin(), read.end(), wishes.front().expression) == read.end();
}

ExpressionTag::ExpressionTag(const LoadRequest& request) :
    inner_(request.tag),
    wishes_(wished_expressions(*request.mapper, request.options.get())) {
    if (inner_ != nullptr) {
        tag_.columns = inner_->columns;
        for (const Field& field : inner_->fields) fields_.push_back(&field);
    }
    told_ = tag_.columns.size();
    for (const auto& wish : wishes_) {
        tag_.columns.push_back(wish.expression);
        fields_.push_back(&wish.field);
    }
    values_.resize(tag_.columns.size());
    for (std::size_t i = 0; i < values_.size(); ++i) {
        Field field = result_field<Value>(
            *tag_.columns[i], static_cast<std::uint32_t>(i * sizeof(Value)), fields_[i]->where);
        field.type = fields_[i]->type;
        tag_.fields.push_back(field);
    }
    tag_.place = reinterpret_cast<std::byte*>(values_.data());
    tag_.row = [this](InstanceState& object) { fill(object); };
}

void ExpressionTag::fill(InstanceState& object) const {
    for (std::size_t i = told_; i < values_.size(); ++i)
        store(*fields_[i], object.object(), values_[i]);
    if (inner_ == nullptr) return;
    for (std::size_t i = 0; i < told_; ++i) store(*fields_[i], inner_->place, values_[i]);
    inner_->row(object);
}

LoadRequest ExpressionTag::with(const LoadRequest& request) const {
    LoadRequest both = request;
    both.tag = &tag_;
    return both;
}

void read_with_expressions(LoadContext& context, const LoadRequest& request,
                           const ast::Select& select, std::vector<InstanceState*>& objects) {
    const ExpressionTag expressions(request);
    read_rows(context, expressions.with(request), select, objects);
}

} // namespace mercator
