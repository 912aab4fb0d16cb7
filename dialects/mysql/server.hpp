// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/capabilities.hpp>

#include <compare>
#include <string>
#include <string_view>

namespace mercator::mysql {

/// Which product, in which version, is at the other end: two families with one protocol.
struct Server {
    struct Version {
        int major = 0;
        int minor = 0;
        int patch = 0;
        friend auto operator<=>(const Version&, const Version&) = default;
    };

    bool is_mariadb = false;
    Version version;
    std::string text; ///< as the server says it

    /// Reads what the server says in its greeting: "8.0.36", "10.11.6-MariaDB-log",
    /// "5.5.5-10.4.32-MariaDB".
    [[nodiscard]] static Server parse(std::string_view greeting);

    [[nodiscard]] bool has_returning() const { return is_mariadb && version >= Version{10, 5, 0}; }
    [[nodiscard]] bool enforces_checks() const {
        return version >= (is_mariadb ? Version{10, 2, 1} : Version{8, 0, 16});
    }
    /// A type UUID of its own.
    [[nodiscard]] bool has_uuid() const { return is_mariadb && version >= Version{10, 7, 0}; }
    /// Columns that hold nothing but JSON (MariaDB: text with a CHECK, by another name), and
    /// functions that look into them.
    [[nodiscard]] bool has_json() const {
        return version >= (is_mariadb ? Version{10, 4, 3} : Version{5, 7, 8});
    }
    /// The functions JSON_EQUALS and JSON_OVERLAPS.
    [[nodiscard]] bool has_json_equality() const {
        return is_mariadb && version >= Version{10, 7, 0};
    }
    [[nodiscard]] bool has_json_overlaps() const {
        return version >= (is_mariadb ? Version{10, 9, 1} : Version{8, 0, 17});
    }
    /// An index over more than 767 bytes of a column takes no setting: InnoDB's row format of that
    /// server has room for 3072.
    [[nodiscard]] bool has_large_keys() const {
        return version >= (is_mariadb ? Version{10, 2, 2} : Version{5, 7, 7});
    }
    /// Can the setting that decides it until then be asked for? (It came and went.)
    [[nodiscard]] bool has_large_prefix_setting() const {
        return !has_large_keys() && version >= Version{5, 5, 14};
    }
    /// Can a statement change a table that its subqueries read?
    [[nodiscard]] bool reads_what_it_changes() const {
        return is_mariadb && version >= Version{10, 3, 2};
    }
    /// Notes what this product can do in this version, whatever stood there before.
    void describe(Capabilities& can) const;

    /// A collation that tells apart every two texts, also in trailing blanks where the server has
    /// one that does.
    [[nodiscard]] std::string_view exact_collation() const {
        if (is_mariadb) return version >= Version{10, 2, 2} ? "utf8mb4_nopad_bin" : "utf8mb4_bin";
        return version >= Version{8, 0, 17} ? "utf8mb4_0900_bin" : "utf8mb4_bin";
    }
};

} // namespace mercator::mysql
