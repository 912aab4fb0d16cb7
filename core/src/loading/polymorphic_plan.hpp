// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/load_node.hpp>
#include <mercator/mapping/mapper.hpp>

#include <cstdint>
#include <functional>
#include <vector>

namespace mercator {

/// May rows of this class be objects of other classes, as the row itself tells? Not for a class
/// that nobody inherits: a statement brings no others of it.
[[nodiscard]] inline bool has_several_classes(const Mapper& mapper) noexcept {
    return mapper.is_polymorphic() && (mapper.base() == nullptr || mapper.descendants().size() > 1);
}

/// How rows of a class are read that may be objects of a class that inherits it. First the
/// discriminator is decoded, then the row once more, as what it is.
struct PolymorphicPlan {
    /// One of the classes that rows can be.
    struct Kind {
        const Mapper* mapper = nullptr;
        const EntityPlan* own = nullptr; ///< which of its columns are read
        bool later = false;              ///< not all of them are in the row
        DecodePlan decode;               ///< unless `later`; target 0
    };
    const Mapper* mapper = nullptr;
    std::vector<ast::ExpressionPtr> columns;
    std::uint16_t discriminator = 0; ///< index in `columns`
    std::vector<std::uint16_t> key;  ///< the same of the class's key
    std::vector<Kind> kinds;
    bool reads_later = false; ///< is there such a kind?

    [[nodiscard]] const Kind* find(const Mapper& of) const noexcept;
};

/// Who names a column of a class in the statement; `own` is its plain name, which it keeps when the
/// result is empty.
using NameColumn =
    std::function<ast::ExpressionPtr(const Mapper& mapper, const ast::ColumnRef& own)>;

/// What a plan is for.
struct PolymorphicWish {
    const Mapper* mapper = nullptr;
    const LoadNode* options = nullptr;
    bool read_only = false;
    bool whole = false;      ///< all columns, though some may be deferred
    bool all_inline = false; ///< whatever is said: the rows cannot wait for others
    std::size_t first = 0;   ///< how many columns the statement has before these
};

[[nodiscard]] PolymorphicPlan polymorphic_plan(const PolymorphicWish& wish, const NameColumn& name);

} // namespace mercator
