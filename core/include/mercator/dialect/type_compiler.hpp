// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>
#include <mercator/types/sql_type.hpp>

#include <string>

namespace mercator {
inline namespace abi1 {

/// SQL around a column that is read and around a value that is sent, which stand at "{}"; empty for
/// none.
struct SqlAround {
    std::string read;
    std::string write;
};

/// SQL type -> native type name. The base spells ANSI SQL; a dialect overrides what differs.
/// Stateless; any thread.
class MERCATOR_API TypeCompiler {
public:
    virtual ~TypeCompiler();
    /// The name used in column definitions. Throws CompileError for what the database cannot hold.
    [[nodiscard]] std::string compile(const SqlType& type) const;
    /// The name used in CAST, where it differs.
    [[nodiscard]] virtual std::string compile_cast(const SqlType& type) const;

    /// Asked for types with rules only. The base takes what the rules say; a dialect adds what its
    /// native types need.
    [[nodiscard]] virtual SqlAround sql_around(const SqlType& type) const;

protected:
    /// The type as if it had no name of its own: what its values travel as.
    [[nodiscard]] std::string compile_storage(const SqlType& type) const;
    /// A type that has a name in the database (see native_type and NativeEnum). The base writes the
    /// name, and enums as text. A dialect whose types are not the database's own (that of an
    /// extension) recognises `type.rules->native` here.
    [[nodiscard]] virtual std::string visit_native(const SqlType& type) const;
    [[nodiscard]] virtual std::string visit_boolean(const SqlType& type) const;
    [[nodiscard]] virtual std::string
    visit_integer(const SqlType& type) const; ///< all Int and UInt kinds
    [[nodiscard]] virtual std::string
    visit_floating(const SqlType& type) const; ///< Float and Double
    [[nodiscard]] virtual std::string visit_numeric(const SqlType& type) const;
    [[nodiscard]] virtual std::string visit_string(const SqlType& type) const; ///< String and Enum
    [[nodiscard]] virtual std::string visit_text(const SqlType& type) const;
    [[nodiscard]] virtual std::string visit_binary(const SqlType& type) const;
    [[nodiscard]] virtual std::string visit_date_time(const SqlType& type) const;
    [[nodiscard]] virtual std::string visit_date(const SqlType& type) const;
    [[nodiscard]] virtual std::string visit_time(const SqlType& type) const;
    [[nodiscard]] virtual std::string visit_interval(const SqlType& type) const;
    [[nodiscard]] virtual std::string visit_uuid(const SqlType& type) const;
    [[nodiscard]] virtual std::string visit_json(const SqlType& type) const;
    /// UnsupportedError in the base.
    [[nodiscard]] virtual std::string visit_array(const SqlType& type) const;
};

/// Length of the longest name of an enum type.
[[nodiscard]] MERCATOR_API std::uint32_t longest_label(const SqlType& type) noexcept;

} // namespace abi1
} // namespace mercator
