// SPDX-License-Identifier: MIT
#include <mercator/schema/diagram.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>
#include <string_view>

namespace mercator {
namespace {

bool is_foreign_key(const Table& table, const std::string& column) {
    return std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(), [&](const auto& key) {
        return std::find(key.columns.begin(), key.columns.end(), column) != key.columns.end();
    });
}

std::string type_text(const Column& column) {
    return column.native_type.empty() ? to_string(column.type) : column.native_type;
}

/// How many rows of the referring table may stand at the line's end, and whether a row has to
/// refer.
struct Cardinality {
    bool one = false;
    bool optional = false;
};

Cardinality cardinality(const Table& table, const ForeignKey& key) {
    Cardinality result;
    std::vector<std::string> primary;
    for (const Column* column : table.primary_key()) primary.push_back(column->name);
    result.one =
        table.has_unique(key.columns) ||
        std::is_permutation(primary.begin(), primary.end(), key.columns.begin(), key.columns.end());
    result.optional = std::any_of(key.columns.begin(), key.columns.end(), [&](const auto& name) {
        const Column* column = table.find_column(name);
        return column != nullptr && column->accepts_null();
    });
    return result;
}

/// The tables that lines lead to and that are not among those drawn: they are drawn without
/// columns.
std::vector<std::string> strangers(const MetaData& metadata) {
    std::set<std::string> names;
    for (const auto& table : metadata.tables()) {
        for (const auto& key : table->foreign_keys) {
            if (metadata.find(key.target_table) == nullptr) names.insert(key.target_table);
        }
    }
    return {names.begin(), names.end()};
}

/// Mermaid has one kind of quotation mark and no way to escape it.
std::string mermaid_quoted(std::string_view text) {
    std::string result = "\"";
    for (const char sign : text) {
        if (sign == '"') {
            result += '\'';
        } else {
            result += std::iscntrl(static_cast<unsigned char>(sign)) != 0 ? ' ' : sign;
        }
    }
    return result + '"';
}

/// A word as Mermaid takes it: letters, digits, and a few signs.
std::string mermaid_word(std::string_view text) {
    std::string result;
    for (const char sign : text) {
        const auto byte = static_cast<unsigned char>(sign);
        const bool plain = std::isalnum(byte) != 0 || byte >= 0x80 || sign == '(' || sign == ')' ||
                           sign == '[' || sign == ']' || sign == '_';
        if (plain) {
            result += sign;
        } else if (sign == ',') {
            result += '-';
        } else if (!result.empty() && result.back() != '_' && result.back() != '-') {
            result += '_';
        }
    }
    if (result.empty() || std::isdigit(static_cast<unsigned char>(result.front())) != 0)
        result.insert(result.begin(), '_');
    return result;
}

std::string mermaid_keys(const Table& table, const Column& column) {
    std::vector<std::string_view> keys;
    if (column.is_primary_key) keys.emplace_back("PK");
    if (is_foreign_key(table, column.name)) keys.emplace_back("FK");
    if (!column.is_primary_key && table.has_unique({column.name})) keys.emplace_back("UK");
    return keys.empty() ? std::string() : fmt::format(" {}", fmt::join(keys, ", "));
}

void write_mermaid(std::string& out, const Table& table) {
    fmt::format_to(std::back_inserter(out), "    {} {{\n", mermaid_quoted(table.name));
    for (const auto& column : table.columns) {
        fmt::format_to(std::back_inserter(out), "        {} {}{}{}\n",
                       mermaid_word(type_text(column)), mermaid_word(column.name),
                       mermaid_keys(table, column),
                       column.comment_text.empty() ? std::string()
                                                   : ' ' + mermaid_quoted(column.comment_text));
    }
    out += "    }\n";
}

void write_mermaid(std::string& out, const Table& table, const ForeignKey& key) {
    const auto [one, optional] = cardinality(table, key);
    fmt::format_to(std::back_inserter(out), "    {} {}--{} {} : {}\n",
                   mermaid_quoted(key.target_table), optional ? "|o" : "||", one ? "o|" : "o{",
                   mermaid_quoted(table.name),
                   mermaid_quoted(fmt::format("{}", fmt::join(key.columns, ", "))));
}

/// Text within the HTML-like labels of Graphviz.
std::string html(std::string_view text) {
    std::string result;
    for (const char sign : text) {
        switch (sign) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        default:
            result += std::iscntrl(static_cast<unsigned char>(sign)) != 0 ? ' ' : sign;
        }
    }
    return result;
}

std::string graphviz_quoted(std::string_view text) {
    std::string result = "\"";
    for (const char sign : text) {
        if (sign == '"' || sign == '\\') result += '\\';
        result += std::iscntrl(static_cast<unsigned char>(sign)) != 0 ? ' ' : sign;
    }
    return result + '"';
}

/// Ports are numbered, since a colon in a column's name would end them.
std::size_t port_of(const Table& table, const std::string& column) {
    const auto place = std::find_if(table.columns.begin(), table.columns.end(),
                                    [&](const Column& other) { return other.name == column; });
    return static_cast<std::size_t>(place - table.columns.begin());
}

void write_graphviz(std::string& out, const Table& table) {
    auto end = std::back_inserter(out);
    fmt::format_to(end,
                   "    {} [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" "
                   "cellpadding=\"5\">\n"
                   "        <tr><td colspan=\"3\" bgcolor=\"#2f4b66\"><font color=\"white\"><b>{}"
                   "</b></font></td></tr>\n",
                   graphviz_quoted(table.name), html(table.name));
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        const bool refers = is_foreign_key(table, column.name);
        // Graphviz takes no empty text.
        const std::string_view mark = column.is_primary_key ? (refers ? "PK FK" : "PK")
                                      : refers              ? "FK"
                                                            : " ";
        const std::string name =
            column.is_primary_key ? "<b>" + html(column.name) + "</b>" : html(column.name);
        fmt::format_to(end,
                       "        <tr><td align=\"left\" sides=\"LB\" port=\"l{0}\"><font color=\""
                       "#8a5a00\" point-size=\"9\">{1}</font></td><td align=\"left\" sides=\"B\">"
                       "{2}</td><td align=\"left\" sides=\"RB\" port=\"r{0}\"><font color=\""
                       "#666666\">{3}{4}</font></td></tr>\n",
                       i, mark, name, html(type_text(column)), column.accepts_null() ? "?" : "");
    }
    out += "    </table>>];\n";
}

void write_graphviz(std::string& out, const Table& table, const ForeignKey& key,
                    const MetaData& metadata) {
    const auto [one, optional] = cardinality(table, key);
    const Table* target = metadata.find(key.target_table);
    // A line from a table to itself stays on its right side.
    const bool loops = key.target_table == table.name;
    std::string to = graphviz_quoted(key.target_table);
    if (target != nullptr) {
        std::string column;
        if (!key.target_columns.empty()) {
            column = key.target_columns.front();
        } else if (const auto primary = target->primary_key(); !primary.empty()) {
            column = primary.front()->name;
        }
        to += fmt::format(":r{}{}", port_of(*target, column), loops ? ":e" : "");
    }
    fmt::format_to(std::back_inserter(out),
                   "    {} -> {}:{}{}{} [dir=both, arrowtail={}, arrowhead={}];\n", to,
                   graphviz_quoted(table.name), loops ? 'r' : 'l',
                   port_of(table, key.columns.front()), loops ? ":e" : "",
                   optional ? "teeodot" : "teetee", one ? "teeodot" : "crowodot");
}

} // namespace

std::string mermaid(const MetaData& metadata) {
    std::string out = "erDiagram\n";
    for (const auto& table : metadata.tables()) write_mermaid(out, *table);
    for (const auto& table : metadata.tables()) {
        for (const auto& key : table->foreign_keys) write_mermaid(out, *table, key);
    }
    return out;
}

std::string graphviz(const MetaData& metadata) {
    std::string out = "digraph schema {\n"
                      "    graph [rankdir=LR, nodesep=0.4, ranksep=1.1, bgcolor=white];\n"
                      "    node [shape=plain, fontname=\"Helvetica\", fontsize=11];\n"
                      "    edge [color=\"#2f4b66\", arrowsize=0.9];\n";
    for (const auto& table : metadata.tables()) write_graphviz(out, *table);
    for (const auto& name : strangers(metadata)) {
        fmt::format_to(std::back_inserter(out), "    {} [shape=box, style=dashed];\n",
                       graphviz_quoted(name));
    }
    for (const auto& table : metadata.tables()) {
        for (const auto& key : table->foreign_keys) write_graphviz(out, *table, key, metadata);
    }
    return out + "}\n";
}

} // namespace mercator
