// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <string>

namespace mercator {
inline namespace abi1 {

/// What one database product in one version can do: data, no code. A dialect sets it, at the latest
/// after looking at the server on the first connect. Core asks here and never for a name.
struct Capabilities {
    std::string product; ///< as the server calls itself, for people
    std::string version;

    bool insert_returning = false;
    bool update_returning = false;
    bool delete_returning = false;
    bool common_table_expressions = true;
    bool window_functions = true;
    bool right_join = true;
    bool full_join = true;
    bool nulls_ordering = true;    ///< NULLS FIRST/LAST can be spelled; emulated otherwise
    bool check_constraints = true; ///< CHECK is enforced
    bool alter_constraints = true; ///< ALTER TABLE can add and drop a foreign key
    bool transactional_ddl = true;
    bool deferrable_foreign_keys = false;
    bool nan = true; ///< NaN survives a round trip
    bool infinity = true;
    bool negative_zero = true;
    bool nul_in_text = false;        ///< text may hold U+0000
    bool case_sensitive_text = true; ///< the default collation tells "a" from "A"
    bool trailing_blanks = true;     ///< comparisons tell "a" from "a "
    bool update_counts_matched_rows =
        true; ///< affected rows of an UPDATE counts rows that already had the value
    bool multiple_connections =
        true; ///< false where a second connection would be another database (memory)
    bool fractional_seconds = true;
    bool expression_defaults = true; ///< DEFAULT of any column may be an expression; otherwise
                                     ///< a literal or the current moment
    bool uuid_type = false;          ///< a native type for UUIDs
    bool json_type = false;          ///< a native type for JSON, beside text
    bool json_functions = false;     ///< statements can look into JSON documents
    bool array_type = false;         ///< native arrays
    bool sequences = false;          ///< CREATE SEQUENCE
    bool stored_columns = false;     ///< columns computed from others, kept with the row
    bool virtual_columns = false;    ///< the same, computed when they are read
    bool comments = true;            ///< tables and columns keep a comment
    bool partial_indexes = true;     ///< CREATE INDEX … WHERE
    bool descending_indexes = true;  ///< DESC in an index is kept
    bool restrict_action = true;     ///< RESTRICT is told from NO ACTION
    bool read_uncommitted = false;   ///< a transaction can ask for this isolation level; so the
                                     ///< next three
    bool read_committed = false;
    bool repeatable_read = false;
    bool serializable = false;
    bool pipeline = false;           ///< several statements can be sent in one round trip: see
                                     ///< `DriverConnection::execute_together`

    ast::BatchForm insert_batch = ast::BatchForm::Single;
    ast::BatchForm update_batch = ast::BatchForm::Single;
    ast::BatchForm delete_batch = ast::BatchForm::Single;
    std::uint32_t insert_batch_rows = 1; ///< largest number of rows in one statement
    std::uint32_t update_batch_rows = 1;
    std::uint32_t delete_batch_rows = 1;
    std::uint32_t max_binds = 999; ///< parameters in one statement
    std::uint32_t max_identifier_length = 63;
    std::uint64_t max_value_bytes = 0; ///< largest text or bytes in a row; 0: as the memory allows
};

} // namespace abi1
} // namespace mercator
