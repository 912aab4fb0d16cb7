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

/// They come beside the rows, with what the request wants to know of each row itself.
void read_with_expressions(LoadContext& context, const LoadRequest& request,
                           const ast::Select& select, std::vector<InstanceState*>& objects) {
    const auto& wishes = request.options->expressions;
    const RowTag* inner = request.tag;
    RowTag tag;
    std::vector<const Field*> fields;
    if (inner != nullptr) {
        tag.columns = inner->columns;
        for (const Field& field : inner->fields) fields.push_back(&field);
    }
    const std::size_t told = tag.columns.size();
    for (const auto& wish : wishes) {
        tag.columns.push_back(wish.expression);
        fields.push_back(&wish.field);
    }
    std::vector<Value> values(tag.columns.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        Field field = result_field<Value>(
            *tag.columns[i], static_cast<std::uint32_t>(i * sizeof(Value)), fields[i]->where);
        field.type = fields[i]->type;
        tag.fields.push_back(field);
    }
    tag.place = reinterpret_cast<std::byte*>(values.data());
    tag.row = [&](InstanceState& object) {
        for (std::size_t i = told; i < values.size(); ++i)
            store(*fields[i], object.object(), values[i]);
        if (inner == nullptr) return;
        for (std::size_t i = 0; i < told; ++i) store(*fields[i], inner->place, values[i]);
        inner->row(object);
    };
    LoadRequest both = request;
    both.tag = &tag;
    read_rows(context, both, select, objects);
}

} // namespace mercator
