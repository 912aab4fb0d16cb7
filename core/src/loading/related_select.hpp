// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/dialect/capabilities.hpp>
#include <mercator/loading/load_request.hpp>
#include <mercator/mapping/relationship.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/types/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mercator {

/// What a relationship knows an owner by: the values of `owner_columns`, in their order.
using OwnerKey = std::vector<Value>;

/// Is it found by the values of columns alone, and not by a condition that the user wrote? What
/// kinds of rows are meant (`when`) may be said besides.
[[nodiscard]] bool goes_by_columns(const Relationship& relationship);
/// Those columns of the owner that tell which related rows are its: what a foreign key refers to or
/// consists of, what the rows of a table between refer to; its primary key where a condition of the
/// user's decides.
[[nodiscard]] std::vector<std::uint16_t> owner_columns(const Relationship& relationship);
/// The owner's key. Children are found by what the owner's row has, since a change of it in memory
/// has not reached them. Nothing when one of the values is NULL: nothing is related to it then.
[[nodiscard]] std::optional<OwnerKey> owner_key(const InstanceState& owner,
                                                const Relationship& relationship,
                                                const std::vector<std::uint16_t>& columns);

/// Databases refuse expressions that are nested deeper, and each key of several columns is one more
/// operand of an OR.
inline constexpr std::size_t most_composite_keys = 512;
/// That these columns together have one of the keys.
[[nodiscard]] ast::ExpressionPtr among(const std::vector<ast::ExpressionPtr>& columns,
                                       std::span<const OwnerKey* const> keys);

/// The condition of the relationship for one owner: its columns of `owner_side` are replaced by the
/// values that `owner_key` would take.
[[nodiscard]] ast::ExpressionPtr with_values_of(const InstanceState& owner,
                                                const Relationship& relationship,
                                                const ast::ExpressionPtr& condition);

/// SELECT of what one owner is related to.
[[nodiscard]] ast::Select related_rows(const LoadStep& step, const InstanceState& owner);

/// SELECT of what many owners are related to, and the columns of it that tell whose a row is, one
/// for each of `owner_columns`.
struct RelatedRows {
    ast::Select select;
    std::vector<ast::ExpressionPtr> whose;
};
/// Of the owners with these keys, at least one of them. A limit of the relationship holds for each
/// of them, which needs window functions.
[[nodiscard]] RelatedRows related_rows(const LoadStep& step, std::span<const OwnerKey* const> keys);

/// Of the owners that `query` brought, which is embedded as it is: its conditions, and its LIMIT.
[[nodiscard]] RelatedRows related_rows(const LoadStep& step, const ast::Select& query);

/// How many owners one statement may ask for: as relationship or session say, and as the backend
/// has room for; `example` is the key of one of them. 1 where it cannot limit the rows of each.
[[nodiscard]] std::size_t owners_per_statement(const LoadStep& step, const LoadSettings& settings,
                                               const Capabilities& capabilities,
                                               const OwnerKey& example);

} // namespace mercator
