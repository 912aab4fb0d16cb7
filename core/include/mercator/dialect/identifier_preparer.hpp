// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <string>
#include <string_view>

namespace mercator {
inline namespace abi1 {

/// Quotes names. Every identifier is always quoted: reserved words, case and foreign letters need
/// no lists that way, and a name can never become SQL. Stateless after construction; any thread.
class MERCATOR_API IdentifierPreparer {
public:
    /// `quote` opens and closes a name and is doubled inside it; `max_length` is in bytes.
    explicit IdentifierPreparer(char quote = '"', std::size_t max_length = 63) noexcept :
        quote_(quote),
        max_length_(max_length) {}
    virtual ~IdentifierPreparer();

    /// Appends the quoted name. Throws CompileError for an empty name, one with a NUL byte, and one
    /// that is too long.
    void append(std::string& out, std::string_view name) const;
    [[nodiscard]] std::string quote(std::string_view name) const;
    [[nodiscard]] char quote_character() const noexcept { return quote_; }
    [[nodiscard]] std::size_t max_length() const noexcept { return max_length_; }

    /// Writes the quoted name to `to`, which has room for two characters more than the name has,
    /// and returns the end; or nullptr for a name that needs `append`: empty, too long, or with
    /// characters to double. Nearly every name is plain, and every column of every statement comes
    /// this way.
    char* write_plain(char* to, std::string_view name) const noexcept;

private:
    char quote_;
    std::size_t max_length_;
};

} // namespace abi1
} // namespace mercator
