// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/operator.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/dialect_info.hpp>
#include <mercator/types/sql_type.hpp>
#include <mercator/types/value.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The shape of statements. A node is a struct with public data and a kind, no behaviour; it is
/// built once, never changed, and shared as `shared_ptr<const …>`, so trees may be read from any
/// thread. The tree *names* tables and columns; what a table consists of is the business of
/// `schema`, how SQL is spelled that of `dialect`.
namespace mercator::ast {

enum class NodeKind : std::uint8_t {
    // expressions
    ColumnRef,
    Bind,
    Literal,
    Unary,
    Binary,
    Logical,
    NullTest,
    In,
    InSubquery,
    Like,
    Between,
    Function,
    Case,
    Cast,
    Label,
    Exists,
    ScalarSubquery,
    Over,
    Ordering,
    Star,
    Text,
    JsonPath,
    Containment,
    // what a SELECT reads from
    TableRef,
    Subquery,
    // statements
    Select,
    Insert,
    Update,
    Delete,
    // a node that only a dialect which registered its name can render
    Extension
};

/// Anything that has a value in a row: base of all expression nodes.
struct Expression {
    NodeKind kind;
    SqlType type;         ///< what the value is; Unknown where the database decides
    bool nullable = true; ///< may it be NULL, as far as the tree tells

protected:
    explicit Expression(NodeKind k, SqlType t = {}, bool n = true) noexcept :
        kind(k),
        type(t),
        nullable(n) {}
    ~Expression() = default;
};

using ExpressionPtr = std::shared_ptr<const Expression>;

inline constexpr std::size_t longest_plain_name = 60;

/// An ASCII word of letters, digits and underscores, at most 60 of them and at least one.
[[nodiscard]] constexpr bool is_plain_name(std::string_view name) noexcept {
    for (const char c : name) {
        const bool word =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!word) return false;
    }
    return !name.empty() && name.size() <= longest_plain_name;
}

struct Select;
struct TableRef;
using SelectPtr = std::shared_ptr<const Select>;

/// A column by name. `qualifier` is the table's alias or name in the statement; empty for a bare
/// name (in DDL checks).
struct ColumnRef final : Expression {
    /// The table it belongs to, when the maker knew: how FROM is inferred from the columns, and how
    /// a table that only a path names is joined (`TableRef::implied`).
    std::shared_ptr<const TableRef> table;
    std::string qualifier;
    std::string name;
    /// Both names are ASCII words of a length that every database takes, so quoting them needs no
    /// second look. No part of the structure: known once, used at every compilation.
    bool is_plain = false;
    ColumnRef(std::string q, std::string n, SqlType t, bool null) :
        Expression(NodeKind::ColumnRef, t, null),
        qualifier(std::move(q)),
        name(std::move(n)),
        is_plain(is_plain_name(qualifier) && is_plain_name(name)) {}
};

/// A value that travels beside the SQL text, never in it. `type` tells the driver how to encode it.
struct Bind : Expression {
    bool is_deferred = false; ///< a DeferredBind: it has no value yet
    Value value;
    Bind(Value v, SqlType t) : Expression(NodeKind::Bind, t, v.is_null()), value(std::move(v)) {}
};

/// A value of a type whose conversion asks for the database: it becomes a Value when the statement
/// runs.
struct DeferredBind final : Bind {
    std::shared_ptr<const void> object;
    Value (*convert)(const void* object, const DialectInfo& dialect);
    SqlType own_type; ///< where nothing beside it has one
    DeferredBind(std::shared_ptr<const void> o, Value (*c)(const void*, const DialectInfo&),
                 SqlType own, SqlType t = {}) :
        Bind(Value(), t),
        object(std::move(o)),
        convert(c),
        own_type(own) {
        is_deferred = true;
        nullable = false;
    }
    [[nodiscard]] Value value_on(const DialectInfo& dialect) const {
        return convert(object.get(), dialect);
    }
};

/// A value spelled in the text: only for DDL (defaults, checks), where a statement cannot carry
/// parameters; but NULL may stand anywhere, with a Cast around it where its type matters.
struct Literal final : Expression {
    Value value;
    Literal(Value v, SqlType t) :
        Expression(NodeKind::Literal, t, v.is_null()),
        value(std::move(v)) {}
};

struct Unary final : Expression {
    Operator op;
    ExpressionPtr operand;
    Unary(Operator o, ExpressionPtr e, SqlType t) :
        Expression(NodeKind::Unary, t, e->nullable),
        op(o),
        operand(std::move(e)) {}
};

struct Binary final : Expression {
    Operator op;
    ExpressionPtr left;
    ExpressionPtr right;
    Binary(Operator o, ExpressionPtr l, ExpressionPtr r, SqlType t) :
        Expression(NodeKind::Binary, t, l->nullable || r->nullable),
        op(o),
        left(std::move(l)),
        right(std::move(r)) {}
};

/// AND or OR over any number of conditions; no condition at all means TRUE for AND and FALSE for
/// OR.
struct Logical final : Expression {
    bool is_and;
    std::vector<ExpressionPtr> operands;
    Logical(bool conjunction, std::vector<ExpressionPtr> list) :
        Expression(NodeKind::Logical, Boolean(), true),
        is_and(conjunction),
        operands(std::move(list)) {}
};

/// `operand IS [NOT] NULL`.
struct NullTest final : Expression {
    ExpressionPtr operand;
    bool negated;
    NullTest(ExpressionPtr e, bool n) :
        Expression(NodeKind::NullTest, Boolean(), false),
        operand(std::move(e)),
        negated(n) {}
};

/// `operand [NOT] IN (binds)`. An empty list is legal and means FALSE (TRUE when negated).
struct In final : Expression {
    ExpressionPtr operand;
    std::vector<ExpressionPtr> values;
    bool negated;
    In(ExpressionPtr e, std::vector<ExpressionPtr> list, bool n) :
        Expression(NodeKind::In, Boolean(), true),
        operand(std::move(e)),
        values(std::move(list)),
        negated(n) {}
};

struct InSubquery final : Expression {
    ExpressionPtr operand;
    SelectPtr select;
    bool negated;
    InSubquery(ExpressionPtr e, SelectPtr s, bool n) :
        Expression(NodeKind::InSubquery, Boolean(), true),
        operand(std::move(e)),
        select(std::move(s)),
        negated(n) {}
};

/// `operand [NOT] LIKE pattern [ESCAPE escape]`; `escape` 0 means none.
struct Like final : Expression {
    ExpressionPtr operand;
    ExpressionPtr pattern;
    char escape;
    bool case_insensitive;
    bool negated;
    Like(ExpressionPtr e, ExpressionPtr p, char esc, bool ci, bool n) :
        Expression(NodeKind::Like, Boolean(), true),
        operand(std::move(e)),
        pattern(std::move(p)),
        escape(esc),
        case_insensitive(ci),
        negated(n) {}
};

struct Between final : Expression {
    ExpressionPtr operand;
    ExpressionPtr low;
    ExpressionPtr high;
    bool negated;
    Between(ExpressionPtr e, ExpressionPtr l, ExpressionPtr h, bool n) :
        Expression(NodeKind::Between, Boolean(), true),
        operand(std::move(e)),
        low(std::move(l)),
        high(std::move(h)),
        negated(n) {}
};

/// Functions that every backend has under some spelling, and `Named` for all others (the name is
/// checked to be an identifier).
enum class FunctionId : std::uint8_t {
    Count,
    CountStar,
    Sum,
    Avg,
    Min,
    Max, // aggregates
    Lower,
    Upper,
    Length,
    Substring,
    Trim,
    Concat,
    Replace, // text; Length counts characters
    Coalesce,
    NullIf,
    Abs,
    Round,
    Now,
    CurrentDate, // UTC
    Year,
    Month,
    Day,
    RowNumber,
    Rank,
    DenseRank, // of a window: see Over
    Named
};

[[nodiscard]] constexpr bool is_aggregate(FunctionId id) noexcept {
    return id <= FunctionId::Max;
}

/// Does it count the rows of a window, and stand in `Over` only?
[[nodiscard]] constexpr bool is_ranking(FunctionId id) noexcept {
    return id >= FunctionId::RowNumber && id <= FunctionId::DenseRank;
}

struct Function final : Expression {
    FunctionId id;
    std::string name; ///< for Named only
    std::vector<ExpressionPtr> arguments;
    bool distinct = false;
    Function(FunctionId i, std::vector<ExpressionPtr> args, SqlType t, bool null) :
        Expression(NodeKind::Function, t, null),
        id(i),
        arguments(std::move(args)) {}
};

struct Case final : Expression {
    struct Branch {
        ExpressionPtr condition;
        ExpressionPtr result;
    };
    std::vector<Branch> branches;
    ExpressionPtr otherwise; ///< may be empty: NULL
    Case(std::vector<Branch> b, ExpressionPtr e, SqlType t) :
        Expression(NodeKind::Case, t, true),
        branches(std::move(b)),
        otherwise(std::move(e)) {}
};

struct Cast final : Expression {
    ExpressionPtr operand;
    Cast(ExpressionPtr e, SqlType t) :
        Expression(NodeKind::Cast, t, e->nullable),
        operand(std::move(e)) {}
};

/// `operand AS name` in the column list, the bare name elsewhere.
struct Label final : Expression {
    ExpressionPtr operand;
    std::string name;
    Label(ExpressionPtr e, std::string n) :
        Expression(NodeKind::Label, e->type, e->nullable),
        operand(std::move(e)),
        name(std::move(n)) {}
};

struct Exists final : Expression {
    SelectPtr select;
    bool negated;
    Exists(SelectPtr s, bool n) :
        Expression(NodeKind::Exists, Boolean(), false),
        select(std::move(s)),
        negated(n) {}
};

struct ScalarSubquery final : Expression {
    SelectPtr select;
    ScalarSubquery(SelectPtr s, SqlType t) :
        Expression(NodeKind::ScalarSubquery, t, true),
        select(std::move(s)) {}
};

/// A ranking function over a window: `ROW_NUMBER() OVER (PARTITION BY … ORDER BY …)`. It may stand
/// in a column list or an ORDER BY; to choose rows by it, select from a subquery that has it.
struct Over final : Expression {
    ExpressionPtr function; ///< a Function for which `is_ranking` holds
    std::vector<ExpressionPtr> partition_by;
    std::vector<ExpressionPtr> order_by;
    Over(ExpressionPtr f, std::vector<ExpressionPtr> partition, std::vector<ExpressionPtr> order) :
        Expression(NodeKind::Over, f->type, f->nullable),
        function(std::move(f)),
        partition_by(std::move(partition)),
        order_by(std::move(order)) {}
};

enum class NullsOrder : std::uint8_t { Default, First, Last };

/// One term of ORDER BY.
struct Ordering final : Expression {
    ExpressionPtr operand;
    bool descending;
    NullsOrder nulls;
    Ordering(ExpressionPtr e, bool desc, NullsOrder n) :
        Expression(NodeKind::Ordering, e->type, e->nullable),
        operand(std::move(e)),
        descending(desc),
        nulls(n) {}
};

/// SQL text that the *application's author* wrote, in pieces around bound values; text never comes
/// from data.
struct Text final : Expression {
    std::vector<std::string> pieces; ///< one more than `values`
    std::vector<ExpressionPtr> values;
    Text(std::vector<std::string> p, std::vector<ExpressionPtr> v, SqlType t) :
        Expression(NodeKind::Text, t, true),
        pieces(std::move(p)),
        values(std::move(v)) {}
};

/// One step into a JSON document: a member's name, or a place in an array, from 0.
struct JsonStep {
    std::string key;
    std::int64_t index = -1; ///< negative: by `key`
    [[nodiscard]] bool is_index() const noexcept { return index >= 0; }
    friend bool operator==(const JsonStep&, const JsonStep&) = default;
};

/// What is asked of the place in a document. A value of another kind, JSON's null and a place that
/// is not there are NULL, but for the last three.
enum class JsonForm : std::uint8_t {
    Document, ///< what is there, as JSON
    Text,     ///< a string's text
    Integer,  ///< a number without a fraction, of 64 bits
    Double,   ///< a number
    Boolean,
    Length, ///< how many elements an array has (a database's own array as well)
    IsNull, ///< JSON's null is there
    Exists  ///< anything is there, JSON's null as well
};

/// A place in a JSON document. The steps are part of the statement, spelled as quoted text.
struct JsonPath final : Expression {
    ExpressionPtr document;
    std::vector<JsonStep> steps;
    JsonForm form;
    JsonPath(ExpressionPtr d, std::vector<JsonStep> s, JsonForm f, SqlType t) :
        Expression(NodeKind::JsonPath, t, true),
        document(std::move(d)),
        steps(std::move(s)),
        form(f) {}
};

enum class ContainmentOf : std::uint8_t {
    Element, ///< `part` is a value of the type that the array holds
    All,     ///< every element of `part`, an array of plain values
    Any,     ///< at least one of them
    Document ///< JSON: every member and every element of `part`, at any depth
};

/// Is `part` in `whole`? Both are arrays of the database or both are JSON (`part` of an Element is
/// what the array holds). NULL where one of them is.
struct Containment final : Expression {
    ContainmentOf of;
    ExpressionPtr whole;
    ExpressionPtr part;
    Containment(ContainmentOf o, ExpressionPtr w, ExpressionPtr p) :
        Expression(NodeKind::Containment, mercator::Boolean(), w->nullable || p->nullable),
        of(o),
        whole(std::move(w)),
        part(std::move(p)) {}
};

/// A node that only some dialect knows; rendered by dialects that registered `name`, a CompileError
/// elsewhere.
struct Extension final : Expression {
    std::string name;
    std::vector<ExpressionPtr> arguments;
    Extension(std::string n, std::vector<ExpressionPtr> a, SqlType t) :
        Expression(NodeKind::Extension, t, true),
        name(std::move(n)),
        arguments(std::move(a)) {}
};

} // namespace mercator::ast
