// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/dml.hpp>
#include <mercator/ast/expression.hpp>
#include <mercator/ast/select.hpp>
#include <mercator/support/export.hpp>

#include <initializer_list>

/// Makers of nodes. They infer the type of a result from its operands and give a bare bind the type
/// of its neighbour, so that `price > 5` sends the 5 as a NUMERIC. The typed skin
/// (`loading/query.hpp`) checks operand types before it gets here.
namespace mercator::ast {

[[nodiscard]] MERCATOR_API ExpressionPtr column(std::string qualifier, std::string name,
                                                SqlType type, bool nullable = true);
[[nodiscard]] MERCATOR_API ExpressionPtr bind(Value value, SqlType type = {});
[[nodiscard]] MERCATOR_API ExpressionPtr literal(Value value, SqlType type = {});
/// SQL text that the program's author wrote, where a tree cannot say it. Never make it from data.
[[nodiscard]] MERCATOR_API ExpressionPtr text(std::string sql, SqlType type = {});

/// Comparison, arithmetic and concatenation. `== NULL` and `!= NULL` become null tests; other
/// operators with a NULL bind keep SQL's meaning. Throws CompileError for operands that have no
/// common type (a date plus a date).
[[nodiscard]] MERCATOR_API ExpressionPtr binary(Operator op, ExpressionPtr left,
                                                ExpressionPtr right);
[[nodiscard]] MERCATOR_API ExpressionPtr not_(ExpressionPtr operand);
[[nodiscard]] MERCATOR_API ExpressionPtr negate(ExpressionPtr operand);
/// Flattens nested ANDs; one operand is returned as it is.
[[nodiscard]] MERCATOR_API ExpressionPtr and_(std::vector<ExpressionPtr> operands);
[[nodiscard]] MERCATOR_API ExpressionPtr or_(std::vector<ExpressionPtr> operands);
[[nodiscard]] MERCATOR_API ExpressionPtr is_null(ExpressionPtr operand, bool negated = false);
/// Membership in a list. Lists of more than eight values grow to the next power of two by repeating
/// their last value, so that lists of any length make few statements; beyond 4096 they are taken as
/// they are.
[[nodiscard]] MERCATOR_API ExpressionPtr in(ExpressionPtr operand, std::vector<Value> values,
                                            bool negated = false);
[[nodiscard]] MERCATOR_API ExpressionPtr in(ExpressionPtr operand, SelectPtr select,
                                            bool negated = false);
[[nodiscard]] MERCATOR_API ExpressionPtr like(ExpressionPtr operand, ExpressionPtr pattern,
                                              char escape = 0, bool case_insensitive = false,
                                              bool negated = false);
/// LIKE with a pattern made from user text: every wildcard in `text` is escaped, so it matches
/// literally.
enum class TextMatch : std::uint8_t { StartsWith, EndsWith, Contains };
[[nodiscard]] MERCATOR_API ExpressionPtr match(ExpressionPtr operand, TextMatch where,
                                               std::string_view text);
[[nodiscard]] MERCATOR_API ExpressionPtr between(ExpressionPtr operand, ExpressionPtr low,
                                                 ExpressionPtr high, bool negated = false);
[[nodiscard]] MERCATOR_API ExpressionPtr function(FunctionId id,
                                                  std::vector<ExpressionPtr> arguments,
                                                  SqlType type, bool nullable = true,
                                                  bool distinct = false);
/// A function by its SQL name; the name must be a plain identifier, else CompileError.
[[nodiscard]] MERCATOR_API ExpressionPtr function(std::string name,
                                                  std::vector<ExpressionPtr> arguments,
                                                  SqlType type);
/// `CASE WHEN … THEN … ELSE … END`; without `otherwise` it is NULL where no condition holds. The
/// results take the widest of their types; CompileError when they have none in common.
[[nodiscard]] MERCATOR_API ExpressionPtr case_(std::vector<Case::Branch> branches,
                                               ExpressionPtr otherwise = nullptr);
/// `function` (a ranking one, without arguments) over the rows that have the same `partition_by`,
/// in the order of `order_by` (expressions, or terms made by `order`). Not every backend has
/// windows: see `Capabilities::window_functions`.
[[nodiscard]] MERCATOR_API ExpressionPtr over(FunctionId function,
                                              std::vector<ExpressionPtr> partition_by,
                                              std::vector<ExpressionPtr> order_by);
/// Numbers the rows of each group from 1: `over(FunctionId::RowNumber, …)`.
[[nodiscard]] MERCATOR_API ExpressionPtr row_number_over(std::vector<ExpressionPtr> partition_by,
                                                         std::vector<ExpressionPtr> order_by);
[[nodiscard]] MERCATOR_API ExpressionPtr label(ExpressionPtr operand, std::string name);
[[nodiscard]] MERCATOR_API ExpressionPtr cast(ExpressionPtr operand, SqlType type);
[[nodiscard]] MERCATOR_API ExpressionPtr exists(SelectPtr select, bool negated = false);
[[nodiscard]] MERCATOR_API ExpressionPtr order(ExpressionPtr operand, bool descending = false,
                                               NullsOrder nulls = NullsOrder::Default);

/// A value whose conversion waits for the database. `own_type` is its type where it stands beside
/// nothing that has one.
[[nodiscard]] MERCATOR_API ExpressionPtr deferred_bind(std::shared_ptr<const void> object,
                                                       Value (*convert)(const void*,
                                                                        const DialectInfo&),
                                                       SqlType own_type);
/// A bind as the value of a column of this type, whatever type it has; another node as it is.
[[nodiscard]] MERCATOR_API ExpressionPtr bind_for_column(ExpressionPtr bind, const SqlType& type);
/// IN over expressions.
[[nodiscard]] MERCATOR_API ExpressionPtr in_expressions(ExpressionPtr operand,
                                                        std::vector<ExpressionPtr> list,
                                                        bool negated = false);

/// A place in a JSON document. Of a JsonPath whose form is Document the steps go on from there.
/// CompileError for an operand that is no document.
[[nodiscard]] MERCATOR_API ExpressionPtr json_path(ExpressionPtr document,
                                                   std::vector<JsonStep> steps,
                                                   JsonForm form = JsonForm::Document);
/// The step to an array's element; CompileError for a negative index.
[[nodiscard]] MERCATOR_API JsonStep json_index(std::int64_t index);
/// Is `part` in `whole`, an array or a JSON document? A bind takes its type from `whole`.
[[nodiscard]] MERCATOR_API ExpressionPtr contains(ContainmentOf of, ExpressionPtr whole,
                                                  ExpressionPtr part);

/// Result type of arithmetic on two types: exact decimals keep every digit (scale of a product is
/// the sum of scales), integers grow to the wider one, any binary floating-point number makes a
/// Double. Unknown when they do not mix.
[[nodiscard]] MERCATOR_API SqlType arithmetic_type(Operator op, const SqlType& left,
                                                   const SqlType& right) noexcept;

/// The type a value has by itself, where no neighbour gives it one; Unknown for NULL.
[[nodiscard]] MERCATOR_API SqlType natural_type(const Value& value) noexcept;

} // namespace mercator::ast
