// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>

#include <string_view>
#include <vector>

namespace mercator {

/// What `inherits` means for a class: which columns it has, in which tables they lie, and what is
/// known of the classes of its hierarchy. The base is always done before.
class HierarchyConfiguration {
public:
    // While the class is described.

    /// The columns of the base come first.
    static void begin(Mapper& mapper, Mapper& base, std::uint32_t base_offset);
    /// The description is complete: the tables get their columns.
    static void end(Mapper& mapper);

    // While mappers are configured.

    /// Takes over what has been found out about columns of the base: limits of their types.
    static void follow_base(Mapper& mapper);
    /// After backrefs were made: relationships of the base come first.
    static void list_relationships(Mapper& mapper);
    /// The tables are complete: which of the columns is the key, the discriminator.
    static void settle(Mapper& mapper);
    /// Checks for columns that only some classes of a table need; all classes are settled.
    static void require_columns(Mapper& mapper);
    static void check(const Mapper& mapper, const std::vector<Mapper*>& together);
    /// The mapper is configured: its bases know of it.
    static void enter(Mapper& mapper);

private:
    static void place_single(Mapper& mapper);
    static void place_joined(Mapper& mapper);
    static void imply_join(Mapper& mapper);
    static void place_concrete(Mapper& mapper);
    static void build_parts(Mapper& mapper);
    static void settle_discriminator(Mapper& mapper);
    static void settle_identity(Mapper& mapper);
    static void check_identities(const Mapper& mapper, const std::vector<Mapper*>& together);
    static void check_concrete(const Mapper& mapper);
    static void check_requirement(const Mapper& mapper, const ColumnProperty& property);
    [[nodiscard]] static ast::ExpressionPtr requirement(const Mapper& mapper,
                                                        const ColumnProperty& property);
};

/// MappingError about a class: "Employee ...".
[[noreturn]] void refuse_class(const Mapper& mapper, std::string_view why);

} // namespace mercator
