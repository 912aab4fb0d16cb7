// SPDX-License-Identifier: MIT
#include "values.hpp"

#include "text_table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

namespace mercator::command {
namespace {

constexpr std::size_t most_bytes_shown = 24;

std::string hexadecimal(const Bytes& bytes) {
    std::string out = "x'";
    const std::size_t shown = std::min(bytes.size(), most_bytes_shown);
    for (std::size_t i = 0; i < shown; ++i) {
        fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned>(bytes[i]));
    }
    out += '\'';
    if (shown < bytes.size()) fmt::format_to(std::back_inserter(out), " ({} bytes)", bytes.size());
    return out;
}

bool is_number(const Value& value) {
    switch (value.kind()) {
    case ValueKind::Integer:
    case ValueKind::Unsigned:
    case ValueKind::Float:
    case ValueKind::Double:
    case ValueKind::Decimal:
        return true;
    default:
        return false;
    }
}

/// All of its values, as far as there are any.
bool is_number_column(const ValueRows& rows, std::size_t column) {
    bool any = false;
    for (const auto& row : rows) {
        if (row[column].is_null()) continue;
        if (!is_number(row[column])) return false;
        any = true;
    }
    return any;
}

struct ToJson {
    using Json = nlohmann::ordered_json;
    Json operator()(Null) const { return nullptr; }
    Json operator()(bool value) const { return value; }
    Json operator()(std::int64_t value) const { return value; }
    Json operator()(std::uint64_t value) const { return value; }
    Json operator()(float value) const { return value; }
    Json operator()(double value) const { return value; }
    Json operator()(const std::string& value) const { return value; }
    Json operator()(const Bytes& value) const { return cell_text(value); }
    Json operator()(DateTime value) const {
        std::string text = to_string(value);
        if (const auto blank = text.find(' '); blank != std::string::npos) text[blank] = 'T';
        return text + 'Z';
    }
    template <class Exact>
    Json operator()(const Exact& value) const {
        return display(value);
    }
};

std::vector<std::string> headings(const TextResult& result) {
    std::vector<std::string> names = result.columns;
    const std::size_t count = result.rows.empty() ? names.size() : result.rows.front().size();
    for (std::size_t i = names.size(); i < count; ++i)
        names.push_back(fmt::format("column {}", i + 1));
    return names;
}

} // namespace

std::string cell_text(const Value& value) {
    if (const auto* text = value.get_if<std::string>()) return *text;
    if (const auto* bytes = value.get_if<Bytes>()) return hexadecimal(*bytes);
    return display(value);
}

std::string rows_as_text(const TextResult& result) {
    if (result.columns.empty() && result.rows.empty())
        return fmt::format("ok, {} row{} changed\n", result.affected,
                           result.affected == 1 ? "" : "s");
    const auto names = headings(result);
    TextTable table(names);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (is_number_column(result.rows, i)) table.align_right(i);
    }
    for (const auto& row : result.rows) {
        std::vector<std::string> cells;
        for (const Value& value : row) cells.push_back(cell_text(value));
        table.add(std::move(cells));
    }
    return table.text() +
           fmt::format("({} row{})\n", result.rows.size(), result.rows.size() == 1 ? "" : "s");
}

nlohmann::ordered_json rows_as_json(const TextResult& result) {
    auto rows = nlohmann::ordered_json::array();
    const auto names = headings(result);
    for (const auto& row : result.rows) {
        auto object = nlohmann::ordered_json::object();
        for (std::size_t i = 0; i < row.size(); ++i)
            object[names[i]] = std::visit(ToJson{}, row[i].storage());
        rows.push_back(std::move(object));
    }
    return rows;
}

std::string json_text(const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace mercator::command
