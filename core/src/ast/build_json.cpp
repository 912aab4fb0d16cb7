// SPDX-License-Identifier: MIT
#include <mercator/ast/build.hpp>

#include "ast/bind_type.hpp"
#include "ast/node_pool.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator::ast {
namespace {

bool holds_elements(const SqlType& type) noexcept {
    return type.kind == TypeKind::Json || type.kind == TypeKind::Array;
}

SqlType type_of(JsonForm form) noexcept {
    switch (form) {
    case JsonForm::Document:
        return JsonDocument();
    case JsonForm::Text:
        return mercator::Text();
    case JsonForm::Integer:
    case JsonForm::Length:
        return BigInteger();
    case JsonForm::Double:
        return Double();
    case JsonForm::Boolean:
    case JsonForm::IsNull:
    case JsonForm::Exists:
        return Boolean();
    }
    return {};
}

/// What `part` is compared with.
SqlType part_type(ContainmentOf of, const SqlType& whole) noexcept {
    return of == ContainmentOf::Element && whole.kind == TypeKind::Array ? whole.element_type()
                                                                         : whole;
}

} // namespace

JsonStep json_index(std::int64_t index) {
    if (index < 0)
        throw CompileError(
            fmt::format("{} is no place in an array; they are counted from 0", index));
    return {{}, index};
}

ExpressionPtr json_path(ExpressionPtr document, std::vector<JsonStep> steps, JsonForm form) {
    for (const JsonStep& step : steps) {
        if (step.key.find('\0') != std::string::npos)
            throw CompileError("a key of a document holds a NUL byte, which no statement can");
    }
    if (document->kind == NodeKind::JsonPath) {
        const auto& outer = static_cast<const JsonPath&>(*document);
        if (outer.form == JsonForm::Document) {
            steps.insert(steps.begin(), outer.steps.begin(), outer.steps.end());
            document = outer.document;
        }
    }
    const bool is_length = form == JsonForm::Length && steps.empty();
    if (document->type.kind != TypeKind::Json && !(is_length && holds_elements(document->type))) {
        throw CompileError(
            fmt::format("{} is no JSON document, so there is nothing to look up in it; give the "
                        "column the type JsonDocument()",
                        to_string(document->type)));
    }
    SqlType type = type_of(form);
    type.sensitive = document->type.sensitive;
    return make_node<JsonPath>(std::move(document), std::move(steps), form, type);
}

ExpressionPtr contains(ContainmentOf of, ExpressionPtr whole, ExpressionPtr part) {
    if (!holds_elements(whole->type)) {
        throw CompileError(fmt::format("{} is no array and no JSON document; give the column the "
                                       "type Array(...) or JsonDocument()",
                                       to_string(whole->type)));
    }
    const SqlType wanted = part_type(of, whole->type);
    if (part->kind == NodeKind::Bind && part->type.kind == TypeKind::Unknown) {
        const Value& value = static_cast<const Bind&>(*part).value;
        part = make_node<Bind>(value, bind_type(value, wanted));
    }
    if (!are_comparable(part->type, wanted)) {
        throw CompileError(fmt::format("{} cannot be looked for in {}", to_string(part->type),
                                       to_string(whole->type)));
    }
    return make_node<Containment>(of, std::move(whole), std::move(part));
}

} // namespace mercator::ast
