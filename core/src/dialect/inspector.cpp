// SPDX-License-Identifier: MIT
#include <mercator/dialect/inspector.hpp>

#include <algorithm>

namespace mercator {

Inspector::~Inspector() = default;

std::vector<std::string> Inspector::enum_type_names() {
    return {};
}

bool Inspector::has_table(const TableName& table) {
    const auto names = table_names_in(table.schema);
    return std::find(names.begin(), names.end(), table.name) != names.end();
}

std::vector<std::string> Inspector::schema_names() {
    return {};
}

ReflectedPrimaryKey Inspector::primary_key(const TableName& table) {
    ReflectedPrimaryKey key;
    for (const auto& column : columns(table)) {
        if (column.primary_key) key.columns.push_back(column.name);
    }
    return key;
}

std::vector<ForeignKey> Inspector::foreign_keys(const TableName& /*table*/) {
    return {};
}

std::vector<UniqueConstraint> Inspector::unique_constraints(const TableName& /*table*/) {
    return {};
}

std::vector<ReflectedCheck> Inspector::checks(const TableName& /*table*/) {
    return {};
}

ReflectedDetails Inspector::details(const TableName& /*table*/) {
    return {};
}

NativeType NativeType::parse(std::string_view text) {
    NativeType type;
    bool inside = false;
    bool in_number = false;
    for (const char c : text) {
        if (c == '(' || c == ')') {
            inside = c == '(';
            in_number = false;
        } else if (!inside) {
            const bool blank = c == ' ';
            if (blank && (type.name.empty() || type.name.back() == ' ')) continue;
            type.name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
        } else if (c >= '0' && c <= '9') {
            if (!in_number) type.numbers.push_back(0);
            in_number = true;
            type.numbers.back() = type.numbers.back() * 10 + static_cast<std::uint32_t>(c - '0');
        } else {
            in_number = false;
        }
    }
    if (!type.name.empty() && type.name.back() == ' ') type.name.pop_back();
    return type;
}

std::string Inspector::canonical_type(std::string_view native) const {
    std::string text;
    bool blank = false;
    for (const char c : native) {
        if (c == ' ') {
            blank = true;
            continue;
        }
        const bool joins = c == '(' || c == ')' || c == ',';
        const bool after = !text.empty() && (text.back() == '(' || text.back() == ',');
        if (blank && !text.empty() && !joins && !after) text.push_back(' ');
        blank = false;
        text.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return text;
}

} // namespace mercator
