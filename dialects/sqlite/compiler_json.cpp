// SPDX-License-Identifier: MIT
#include "compiler.hpp"

#include <mercator/support/error.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace mercator::sqlite {
namespace {

/// SQLite compares a key of a path with the spelling in the document's text, and cannot be told of
/// a quote. Keys that a document may spell in several ways are looked for among the decoded ones.
bool is_plain_key(const std::string& key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return c >= ' ' && c < '\x7f' && c != '"' && c != '\\' && c != '/';
    });
}

} // namespace

struct SqliteCompiler::JsonPlace {
    const ast::Expression& document;
    const std::vector<ast::JsonStep>& steps;
    std::size_t begin = 0; ///< of the steps behind the last key that no path can name
};

SqliteCompiler::JsonPlace SqliteCompiler::place_of(const ast::JsonPath& path) {
    JsonPlace place{*path.document, path.steps};
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
        if (!path.steps[i].is_index() && !is_plain_key(path.steps[i].key)) place.begin = i + 1;
    }
    return place;
}

void SqliteCompiler::write_json_document(const JsonPlace& place, std::size_t end) {
    if (end == 0) return process(place.document);
    const std::size_t key = end - 1;
    std::size_t begin = key;
    while (begin > 0 &&
           (place.steps[begin - 1].is_index() || is_plain_key(place.steps[begin - 1].key)))
        --begin;
    writer().text(
        "(SELECT CASE mercator_part.type WHEN 'object' THEN mercator_part.value WHEN 'array' THEN "
        "mercator_part.value WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'null' THEN "
        "'null' ELSE json_quote(mercator_part.value) END FROM json_each(");
    write_json_document(place, begin);
    writer().text(", ");
    write_json_steps(place, begin, key);
    writer().text(") AS mercator_part WHERE mercator_part.key = ");
    write_text_literal(place.steps[key].key);
    writer().text(" LIMIT 1)");
}

void SqliteCompiler::write_json_steps(const JsonPlace& place, std::size_t begin, std::size_t end) {
    std::string text = "$";
    for (std::size_t i = begin; i < end; ++i) {
        const ast::JsonStep& step = place.steps[i];
        if (step.is_index()) {
            text += '[' + std::to_string(step.index) + ']';
        } else {
            text += ".\"" + step.key + '"';
        }
    }
    write_text_literal(text);
}

/// `function(document, path)`.
void SqliteCompiler::write_json_call(std::string_view function, const JsonPlace& place) {
    writer().text(function).text('(');
    write_json_document(place, place.begin);
    writer().text(", ");
    write_json_steps(place, place.begin, place.steps.size());
    writer().text(')');
}

void SqliteCompiler::write_json_number(const JsonPlace& place, bool is_whole) {
    writer().text("CASE WHEN ");
    write_json_call("json_type", place);
    writer().text(" IN ('integer', 'real') THEN ");
    if (is_whole) {
        writer().text("CASE WHEN ");
        write_json_call("json_extract", place);
        writer().text(" = CAST(");
        write_json_call("json_extract", place);
        writer().text(" AS INTEGER) THEN ");
    }
    writer().text("CAST(");
    write_json_call("json_extract", place);
    writer().text(is_whole ? " AS INTEGER) END END" : " AS REAL) END");
}

void SqliteCompiler::visit_json_path(const ast::JsonPath& path) {
    using ast::JsonForm;
    const JsonPlace place = place_of(path);
    switch (path.form) {
    case JsonForm::Document:
        if (path.steps.empty()) return process(*path.document);
        writer().text('(');
        write_json_document(place, place.begin);
        writer().text(" -> ");
        write_json_steps(place, place.begin, place.steps.size());
        writer().text(')');
        return;
    case JsonForm::Text:
        writer().text("CASE ");
        write_json_call("json_type", place);
        writer().text(" WHEN 'text' THEN ");
        write_json_call("json_extract", place);
        writer().text(" END");
        return;
    case JsonForm::Integer:
    case JsonForm::Double:
        return write_json_number(place, path.form == JsonForm::Integer);
    case JsonForm::Boolean:
        writer().text("CASE ");
        write_json_call("json_type", place);
        writer().text(" WHEN 'true' THEN 1 WHEN 'false' THEN 0 END");
        return;
    case JsonForm::Length:
        writer().text("CASE ");
        write_json_call("json_type", place);
        writer().text(" WHEN 'array' THEN ");
        write_json_call("json_array_length", place);
        writer().text(" END");
        return;
    case JsonForm::IsNull:
        writer().text("COALESCE(");
        write_json_call("json_type", place);
        writer().text(" = 'null', 0)");
        return;
    case JsonForm::Exists:
        writer().text('(');
        write_json_call("json_type", place);
        writer().text(" IS NOT NULL)");
        return;
    }
}

/// Of arrays of plain values, whose elements `json_each` tells. `part` may be a single one.
void SqliteCompiler::visit_containment(const ast::Containment& containment) {
    if (containment.of == ast::ContainmentOf::Document) {
        throw UnsupportedError("SQLite cannot tell whether one JSON document contains another; ask "
                               "for the members one by one");
    }
    const bool is_all = containment.of == ast::ContainmentOf::All;
    writer().text("CASE WHEN ");
    process_operand(*containment.whole);
    writer().text(is_all ? " IS NOT NULL THEN NOT EXISTS (SELECT 1 FROM json_each("
                         : " IS NOT NULL THEN EXISTS (SELECT 1 FROM json_each(");
    process(*containment.part);
    writer().text(is_all ? ") AS mercator_part WHERE mercator_part.value NOT IN (SELECT "
                           "mercator_whole.value FROM json_each("
                         : ") AS mercator_part WHERE mercator_part.value IN (SELECT "
                           "mercator_whole.value FROM json_each(");
    process(*containment.whole);
    writer().text(") AS mercator_whole WHERE mercator_whole.value IS NOT NULL)) END");
}

/// By their texts without blanks. Mercator writes the members of objects in one order.
bool SqliteCompiler::write_if_documents(const ast::Binary& binary) {
    if (binary.left->type.kind != TypeKind::Json || binary.right->type.kind != TypeKind::Json)
        return false;
    writer().text("json(");
    process(*binary.left);
    writer().text(") ").text(operator_text(binary.op)).text(" json(");
    process(*binary.right);
    writer().text(')');
    return true;
}

} // namespace mercator::sqlite
