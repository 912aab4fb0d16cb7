// SPDX-License-Identifier: MIT
#include "compiler.hpp"

#include "dialect.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace mercator::mysql {
namespace {

constexpr std::string_view number_types = "('INTEGER', 'DOUBLE', 'DECIMAL', 'UNSIGNED INTEGER')";

/// What stands behind the backslash of a character that has a short form; 0 for others.
char escape_letter(char c) noexcept {
    constexpr std::string_view characters = "\"\\\b\f\n\r\t";
    constexpr std::string_view letters = "\"\\bfnrt";
    const auto at = characters.find(c);
    return at == std::string_view::npos ? '\0' : letters[at];
}

/// A key as a JSON string, which is what stands between the quotes of a path. MariaDB compares it
/// with the document's spelling, which is the shortest if it is ours.
std::string quoted_key(std::string_view key) {
    std::string text = "\"";
    for (const char c : key) {
        if (const char letter = escape_letter(c); letter != '\0') {
            text.append({'\\', letter});
        } else if (static_cast<unsigned char>(c) < 0x20) {
            text += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            text.push_back(c);
        }
    }
    return text + '"';
}

} // namespace

/// `JSON_EXTRACT(document, path)` for the first `count` steps.
void Compiler::write_extract(const ast::JsonPath& path, std::size_t count) {
    if (count == 0) return process(*path.document);
    std::string text = "$";
    for (std::size_t i = 0; i < count; ++i) {
        const ast::JsonStep& step = path.steps[i];
        text += step.is_index() ? fmt::format("[{}]", step.index) : '.' + quoted_key(step.key);
    }
    writer().text("JSON_EXTRACT(");
    process(*path.document);
    writer().text(", ");
    write_text_literal(text);
    writer().text(')');
}

/// To the server the first element of what is no array is the thing itself.
void Compiler::write_place(const ast::JsonPath& path) {
    std::size_t guards = 0;
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
        if (path.steps[i].index != 0) continue;
        writer().text(guards++ == 0 ? "CASE WHEN JSON_TYPE(" : " AND JSON_TYPE(");
        write_extract(path, i);
        writer().text(") = 'ARRAY'");
    }
    if (guards > 0) writer().text(" THEN ");
    write_extract(path, path.steps.size());
    if (guards > 0) writer().text(" END");
}

void Compiler::write_place_in(std::string_view function, const ast::JsonPath& path) {
    writer().text(function).text('(');
    write_place(path);
    writer().text(')');
}

/// Whole as a floating-point number, in range and exact as a decimal one.
void Compiler::write_whole_number(const ast::JsonPath& path) {
    constexpr std::string_view unquote = "JSON_UNQUOTE";
    writer().text("CASE WHEN ");
    write_place_in(unquote, path);
    writer().text(" + 0E0 = TRUNCATE(");
    write_place_in(unquote, path);
    writer().text(" + 0E0, 0) AND CAST(");
    write_place_in(unquote, path);
    writer().text(" AS DECIMAL(65)) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN "
                  "CAST(CAST(");
    write_place_in(unquote, path);
    writer().text(" AS DECIMAL(65)) AS SIGNED) END");
}

void Compiler::write_number(const ast::JsonPath& path) {
    writer().text("CASE WHEN ");
    write_place_in("JSON_TYPE", path);
    writer().text(" IN ").text(number_types).text(" THEN ");
    if (path.form == ast::JsonForm::Integer) {
        write_whole_number(path);
    } else {
        write_place_in("JSON_UNQUOTE", path);
        writer().text(" + 0E0");
    }
    writer().text(" END");
}

/// Letters, cases and trailing blanks are told apart as in our columns.
void Compiler::write_text(const ast::JsonPath& path) {
    write_place_in("JSON_UNQUOTE", path);
    writer().text(" COLLATE ").text(static_cast<const Dialect&>(dialect()).table_collation());
}

/// `CASE WHEN JSON_TYPE(place) = 'type' THEN`.
void Compiler::write_guard(const ast::JsonPath& path, std::string_view type) {
    writer().text("CASE WHEN ");
    write_place_in("JSON_TYPE", path);
    writer().text(" = '").text(type).text("' THEN ");
}

void Compiler::visit_json_path(const ast::JsonPath& path) {
    using ast::JsonForm;
    switch (path.form) {
    case JsonForm::Document:
        return write_place(path);
    case JsonForm::Text:
        write_guard(path, "STRING");
        write_text(path);
        writer().text(" END");
        return;
    case JsonForm::Integer:
    case JsonForm::Double:
        return write_number(path);
    case JsonForm::Boolean:
        write_guard(path, "BOOLEAN");
        write_text(path);
        writer().text(" = 'true' END");
        return;
    case JsonForm::Length:
        write_guard(path, "ARRAY");
        write_place_in("JSON_LENGTH", path);
        writer().text(" END");
        return;
    case JsonForm::IsNull:
        writer().text("COALESCE(");
        write_place_in("JSON_TYPE", path);
        writer().text(" = 'NULL', FALSE)");
        return;
    case JsonForm::Exists:
        writer().text('(');
        write_place(path);
        writer().text(" IS NOT NULL)");
        return;
    }
}

void Compiler::visit_containment(const ast::Containment& containment) {
    const bool is_any = containment.of == ast::ContainmentOf::Any;
    const auto& own = static_cast<const Dialect&>(dialect());
    if (is_any && !own.has_json_overlaps()) {
        throw UnsupportedError(fmt::format("{} {} cannot tell whether two JSON arrays overlap; ask "
                                           "for the elements one by one",
                                           own.capabilities().product, own.capabilities().version));
    }
    writer().text(is_any ? "JSON_OVERLAPS(" : "JSON_CONTAINS(");
    process(*containment.whole);
    writer().text(", ");
    process(*containment.part);
    writer().text(')');
}

/// MariaDB takes its answer for NULL, which is NULL, as true in a condition.
void Compiler::write_json_equals(const ast::Expression& left, const ast::Expression& right) {
    writer().text("CASE WHEN ");
    process_operand(left.kind == ast::NodeKind::Bind ? right : left);
    writer().text(" IS NOT NULL");
    if (left.kind != ast::NodeKind::Bind && right.kind != ast::NodeKind::Bind) {
        writer().text(" AND ");
        process_operand(right);
        writer().text(" IS NOT NULL");
    }
    writer().text(" THEN JSON_EQUALS(");
    process(left);
    writer().text(", ");
    process(right);
    writer().text(')');
}

/// As documents, not as their texts.
bool Compiler::write_if_documents(const ast::Binary& binary) {
    if (binary.left->type.kind != TypeKind::Json || binary.right->type.kind != TypeKind::Json)
        return false;
    const auto& own = static_cast<const Dialect&>(dialect());
    const bool is_equal = binary.op == ast::Operator::Equal;
    switch (own.json_equality()) {
    case Dialect::JsonEquality::None:
        throw UnsupportedError(
            fmt::format("{} {} cannot compare JSON documents; compare what is in "
                        "them, or in the program",
                        own.capabilities().product, own.capabilities().version));
    case Dialect::JsonEquality::Function:
        write_json_equals(*binary.left, *binary.right);
        writer().text(is_equal ? " = 1 END" : " = 0 END");
        break;
    case Dialect::JsonEquality::Cast:
        writer().text("CAST(");
        process(*binary.left);
        writer().text(is_equal ? " AS JSON) = CAST(" : " AS JSON) <> CAST(");
        process(*binary.right);
        writer().text(" AS JSON)");
        break;
    }
    return true;
}

} // namespace mercator::mysql
