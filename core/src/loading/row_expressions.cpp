// SPDX-License-Identifier: MIT
#include "row_expressions.hpp"

#include <mercator/loading/row_assembler.hpp>
#include <mercator/loading/select.hpp>

#include <algorithm>
#include <cstdint>

namespace mercator {

bool wants_expressions(const LoadRequest& request) noexcept {
    if (request.options == nullptr || request.options->expressions.empty()) return false;
    if (request.tag == nullptr) return true;
    const auto& read = request.tag->columns;
    const auto& wish = request.options->expressions.front();
    return std::find(read.begin(), read.end(), wish.expression) == read.end();
}

ExpressionTag::ExpressionTag(const LoadRequest& request) : inner_(request.tag) {
    if (inner_ != nullptr) {
        tag_.columns = inner_->columns;
        for (const Field& field : inner_->fields) fields_.push_back(&field);
    }
    told_ = tag_.columns.size();
    for (const auto& wish : request.options->expressions) {
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
