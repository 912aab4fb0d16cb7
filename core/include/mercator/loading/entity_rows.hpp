// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/loading/statement.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

/// A whole object in a row of a select: `select(entity<User>(), func::count(col(&Post::id)))` gives
/// tuples with a std::shared_ptr<User>, which is empty where an outer join found no row. The object
/// is the session's one for that row, as from `session.query<User>()`; `entity<const User>()` is
/// read only. Inside another statement it stands for the first column of the key.
template <class T>
[[nodiscard]] Expr<std::shared_ptr<T>> entity() {
    const Mapper& mapper = mapper_of<std::remove_const_t<T>>();
    return Expr<std::shared_ptr<T>>(mapper.columns()[mapper.primary_key().front()].ref);
}
/// Of a second use of the table in the statement.
template <class T>
[[nodiscard]] Expr<std::shared_ptr<T>> entity(const Alias<T>& alias) {
    const Mapper& mapper = mapper_of<T>();
    const auto& key = *mapper.columns()[mapper.primary_key().front()].ref;
    auto ref = std::make_shared<ast::ColumnRef>(alias.table()->qualifier(), key.name, key.type,
                                                key.nullable);
    ref->table = alias.table();
    return Expr<std::shared_ptr<T>>(std::move(ref));
}

/// Is the value of a column of a select an object?
template <class V>
struct EntityOf {
    static constexpr bool is_entity = false;
};
template <class T>
struct EntityOf<std::shared_ptr<T>> {
    static constexpr bool is_entity = true;
    using type = T;
};

/// A column of a select that stands for an object.
struct EntityColumn {
    std::size_t column = 0; ///< among the select's
    const Mapper* mapper = nullptr;
    bool read_only = false;
};

/// Rows of a select with objects in them.
class MERCATOR_API EntityRows {
public:
    /// Completes the statement, flushes what it could miss, and runs it. `values` says where the
    /// other columns go, by their places in the draft.
    EntityRows(LoadContext& context, const SelectDraft& draft, std::vector<EntityColumn> entities,
               const DecodePlan& values);
    EntityRows(const EntityRows&) = delete;
    EntityRows& operator=(const EntityRows&) = delete;
    ~EntityRows();

    /// Decodes the next row; false at the end, when what is loaded with the objects has been
    /// loaded.
    [[nodiscard]] bool next(std::byte* row);
    /// An object of the row, by its place among the entities; empty if the row has none.
    [[nodiscard]] std::shared_ptr<void> object(std::size_t entity) const;

private:
    class Reader;
    std::unique_ptr<Reader> reader_;
};

} // namespace mercator
