// SPDX-License-Identifier: MIT
#include <mercator/dialect/identifier_preparer.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {
namespace {

void check_name(std::string_view name, std::size_t max_length) {
    if (name.empty()) throw CompileError("a name of a table, column or alias is empty; give it a name");
    if (name.find('\0') != std::string_view::npos) {
        throw CompileError("a name of a table, column or alias holds a NUL byte, which no database can store",
                           std::string(name.substr(0, name.find('\0'))));
    }
    if (name.size() > max_length) {
        throw CompileError(fmt::format("the name \"{}\" has {} bytes, this database allows {}; choose a shorter name", name,
                                       name.size(), max_length),
                           std::string(name));
    }
}

}  // namespace

IdentifierPreparer::~IdentifierPreparer() = default;

void IdentifierPreparer::append(std::string& out, std::string_view name) const {
    bool is_plain = !name.empty() && name.size() <= max_length_;
    for (const char c : name) is_plain = is_plain && c != quote_ && c != '\0';
    if (is_plain) {
        out.push_back(quote_);
        out.append(name);
        out.push_back(quote_);
        return;
    }
    check_name(name, max_length_);
    out.push_back(quote_);
    for (const char c : name) {
        if (c == quote_) out.push_back(quote_);
        out.push_back(c);
    }
    out.push_back(quote_);
}

std::string IdentifierPreparer::quote(std::string_view name) const {
    std::string out;
    append(out, name);
    return out;
}

}  // namespace mercator
