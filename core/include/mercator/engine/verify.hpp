// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/schema/metadata.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mercator {

class Engine;
class SchemaInspector;

/// One thing in which a database is not as its models say.
struct MERCATOR_API SchemaDifference {
    enum class Kind : std::uint8_t {
        MissingTable,
        ExtraTable,
        MissingColumn,
        ExtraColumn,
        Type,
        Nullable,
        Default, ///< one side has a default, the other none
        GeneratedKey,
        PrimaryKey,
        MissingUnique,
        ExtraUnique,
        MissingForeignKey,
        ExtraForeignKey,
        ForeignKeyActions,
        MissingIndex,
        ExtraIndex,
        MissingCheck,
        ExtraCheck,
        Comment,
        Option,
        Computed ///< computed from other columns on one side, or stored there and virtual here
    };

    Kind kind;
    std::string table;
    std::string name;     ///< the column, constraint, index or option; empty for the table itself
    std::string expected; ///< by the models; empty where they have no such thing
    std::string found;    ///< in the database

    /// "users.email: the type is text, the models say varchar(64)".
    [[nodiscard]] std::string text() const;
};

struct VerifyOptions {
    /// Are tables that no model knows a difference?
    bool extra_tables = false;
};

/// Compares tables with a database; an empty list says that what `create_all` would make is what is
/// there. Constraints and indexes are compared by what they do, checks by name, defaults by whether
/// there is one, table options where the models give them. What the database cannot keep (comments,
/// checks) is no difference.
[[nodiscard]] MERCATOR_API std::vector<SchemaDifference>
verify(const MetaData& metadata, Engine& engine, const VerifyOptions& options = {});
[[nodiscard]] MERCATOR_API std::vector<SchemaDifference>
verify(const MetaData& metadata, SchemaInspector& inspector, const VerifyOptions& options = {});

} // namespace mercator
