// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// The address of a database: `scheme[+driver]://user:password@host:port/database?option=value`.
///
/// RFC 3986 with SQLAlchemy's reading of it: `sqlite:///shop.db` is a relative path,
/// `sqlite:////var/shop.db` an absolute one, `sqlite://` is memory, `sqlite:///C:/shop.db` a
/// Windows path. Every part is percent-decoded; a plus sign is a plus sign. Several hosts are
/// separated by commas, an IPv6 address stands in brackets, a socket folder is a percent-encoded
/// host (`postgresql://%2Fvar%2Frun%2Fpostgresql/shop`). A password never leaves through
/// `to_string`, and a parse error repeats no part of the text. A value type; use from one thread at
/// a time.
class MERCATOR_API Url {
public:
    struct Host {
        std::string name; ///< host name, IPv4, IPv6 without brackets, or a socket folder
        std::optional<std::uint16_t> port;
        friend bool operator==(const Host&, const Host&) = default;
    };

    std::string scheme; ///< what stands before the colon; lower case
    std::string driver; ///< what follows the plus sign, or empty
    std::string user;
    std::optional<std::string> password; ///< absent and empty are different
    std::vector<Host> hosts;             ///< empty for files and for the default socket
    std::string database;                ///< database name or file path, decoded
    std::map<std::string, std::string> options;

    /// Throws ArgumentError that says which part is wrong, without repeating the text.
    [[nodiscard]] static Url parse(std::string_view text);

    /// The address of a file: `of_file("sqlite", folder / "shop.db")`.
    [[nodiscard]] static Url of_file(std::string_view scheme, const std::string& file);

    /// The text form; `parse(u.to_string(true)) == u`. The password, and options that hold one, are
    /// shown as `***` unless `with_password`.
    [[nodiscard]] std::string to_string(bool with_password = false) const;

    /// Value of an option, or nothing. Names are case sensitive.
    [[nodiscard]] std::optional<std::string> option(const std::string& name) const;

    friend bool operator==(const Url&, const Url&) = default;
};

/// Without the password.
MERCATOR_API std::ostream& operator<<(std::ostream& out, const Url& url);

} // namespace mercator
