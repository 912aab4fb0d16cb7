// SPDX-License-Identifier: MIT
#include <mercator/dialect/identifier_preparer.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {
namespace {

constexpr std::size_t longest_plain = 64;

void check_name(std::string_view name, std::size_t max_length) {
    if (name.empty())
        throw CompileError("a name of a table, column or alias is empty; give it a name");
    if (name.find('\0') != std::string_view::npos) {
        throw CompileError(
            "a name of a table, column or alias holds a NUL byte, which no database can store",
            std::string(name.substr(0, name.find('\0'))));
    }
    if (name.size() > max_length) {
        throw CompileError(
            fmt::format(
                "the name \"{}\" has {} bytes, this database allows {}; choose a shorter name",
                name, name.size(), max_length),
            std::string(name));
    }
}

} // namespace

IdentifierPreparer::~IdentifierPreparer() = default;

void IdentifierPreparer::append(std::string& out, std::string_view name) const {
    char buffer[longest_plain + 2];
    if (const char* end = write_plain(buffer, name)) {
        out.append(buffer, static_cast<std::size_t>(end - buffer));
        return;
    }
    append_any(out, name);
}

void IdentifierPreparer::append(std::string& out, std::string_view qualifier,
                                std::string_view name) const {
    char buffer[2 * (longest_plain + 2) + 1];
    if (char* point = write_plain(buffer, qualifier)) {
        *point = '.';
        if (const char* end = write_plain(point + 1, name)) {
            out.append(buffer, static_cast<std::size_t>(end - buffer));
            return;
        }
    }
    append_any(out, qualifier);
    out.push_back('.');
    append_any(out, name);
}

/// The end of what was written, or nullptr for a name that needs a closer look. Nearly every name
/// is short and has nothing to double, and every column of every statement comes through here.
char* IdentifierPreparer::write_plain(char* to, std::string_view name) const noexcept {
    if (name.empty() || name.size() > max_length_ || name.size() > longest_plain) return nullptr;
    *to++ = quote_;
    bool is_special = false;
    for (const char c : name) {
        is_special |= (c == quote_) | (c == '\0');
        *to++ = c;
    }
    *to++ = quote_;
    return is_special ? nullptr : to;
}

void IdentifierPreparer::append_any(std::string& out, std::string_view name) const {
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

} // namespace mercator
