// SPDX-License-Identifier: MIT
#include "core/ast/sample_trees.hpp"

#include <mercator/support/error.hpp>
#include <mercator/types/type_rules.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using namespace samples;

namespace {

const Bind& right_bind(const ExpressionPtr& e) {
    return static_cast<const Bind&>(*static_cast<const Binary&>(*e).right);
}

SqlType type_beside(ExpressionPtr operand, Value value) {
    return right_bind(binary(Operator::Greater, std::move(operand), bind(std::move(value)))).type;
}

} // namespace

TEST_CASE("a bare value takes the type of its neighbour where that can hold it") {
    CHECK(type_beside(price(), 5) == Numeric(10, 2));
    CHECK(type_beside(price(), Decimal("5.25")) == Numeric(10, 2));
    CHECK(type_beside(price(), Decimal("5.255")) == Numeric(11, 3));
    CHECK(type_beside(price(), 0.5) == Double());
    CHECK(type_beside(stock(), 7) == Integer());
    CHECK(type_beside(stock(), std::int64_t{1} << 40) == BigInteger());
    CHECK(type_beside(stock(), Decimal("2.5")) == Numeric(2, 1));
    CHECK(type_beside(name(), "x") == String(100));
    CHECK(type_beside(name(), std::string(101, 'x')) == mercator::Text());
}

TEST_CASE("a value on the left takes the type on its right") {
    const auto e = binary(Operator::Less, bind(5), price());
    CHECK(static_cast<const Binary&>(*e).left->type == Numeric(10, 2));
}

TEST_CASE("a bind that somebody else holds is copied, not changed") {
    const auto shared = bind(5);
    const auto e = binary(Operator::Greater, price(), shared);
    CHECK(shared->type.kind == TypeKind::Unknown);
    CHECK(right_bind(e).type == Numeric(10, 2));
}

TEST_CASE("a day beside a moment becomes its midnight") {
    const Date day{std::chrono::year(2024), std::chrono::month(2), std::chrono::day(29)};
    const auto e = binary(Operator::GreaterEqual, made_at(), bind(day));
    CHECK(right_bind(e).type.kind == TypeKind::DateTime);
    CHECK(right_bind(e).value == Value(DateTime(std::chrono::sys_days(day))));
}

TEST_CASE("arithmetic grows its type and keeps every digit") {
    CHECK(arithmetic_type(Operator::Multiply, Numeric(10, 2), Numeric(8, 3)) == Numeric(18, 5));
    CHECK(arithmetic_type(Operator::Add, Numeric(10, 2), Numeric(8, 3)) == Numeric(12, 3));
    CHECK(arithmetic_type(Operator::Multiply, Numeric(10, 2), Integer()) == Numeric(20, 2));
    CHECK(arithmetic_type(Operator::Add, SmallInteger(), BigInteger()) == BigInteger());
    CHECK(arithmetic_type(Operator::Add, SqlType(TypeKind::UInt32), Integer()) == BigInteger());
    CHECK(arithmetic_type(Operator::Add, Integer(), mercator::Float()) == Double());
    CHECK(arithmetic_type(Operator::Multiply, Numeric(30, 10), Numeric(30, 10)) == Numeric(38, 20));
    CHECK(arithmetic_type(Operator::Add, mercator::Text(), Integer()) == SqlType());
    CHECK(binary(Operator::Multiply, price(), stock())->type == Numeric(20, 2));
}

TEST_CASE("QRY-39 operands without a common type are refused with both named") {
    CHECK_THROWS_AS((void)binary(Operator::Add, made_on(), made_on()), CompileError);
    CHECK_THROWS_AS((void)binary(Operator::Add, made_at(), bind(1)), CompileError);
    CHECK_THROWS_AS((void)binary(Operator::Multiply, name(), stock()), CompileError);
    CHECK_THROWS_AS((void)binary(Operator::Equal, name(), stock()), CompileError);
    CHECK_THROWS_AS((void)binary(Operator::Equal, made_on(), bind("yesterday")), CompileError);
    CHECK_THROWS_AS((void)binary(Operator::Concat, name(), stock()), CompileError);
    CHECK_THROWS_AS((void)like(stock(), bind("1%")), CompileError);
    CHECK_THROWS_AS((void)negate(name()), CompileError);
    CHECK_THROWS_AS((void)not_(name()), CompileError);
    CHECK_THROWS_AS((void)and_({name(), is_null(stock())}), CompileError);
    CHECK_THROWS_AS((void)in(stock(), std::vector<Value>{Value("a")}), CompileError);
    CHECK_THROWS_AS((void)between(stock(), bind("a"), bind(1)), CompileError);
    try {
        (void)binary(Operator::Add, made_on(), made_on());
    } catch (const CompileError& error) {
        CHECK(std::string(error.what()).find("products.made_on") != std::string::npos);
    }
}

TEST_CASE("an enumeration compares with text") {
    static constexpr std::string_view names[] = {"open", "paid"};
    static constexpr TypeRules labels{.labels = {names, 2}};
    SqlType type(TypeKind::Enum);
    type.rules = &labels;
    const auto e = binary(Operator::Equal, column("orders", "status", type), bind("paid"));
    CHECK(right_bind(e).type == type);
}

TEST_CASE("comparison with NULL becomes a null test") {
    const auto is = binary(Operator::Equal, stock(), bind(null));
    const auto is_not = binary(Operator::NotEqual, bind(null), stock());
    REQUIRE(is->kind == NodeKind::NullTest);
    REQUIRE(is_not->kind == NodeKind::NullTest);
    CHECK_FALSE(static_cast<const NullTest&>(*is).negated);
    CHECK(static_cast<const NullTest&>(*is_not).negated);
    CHECK(binary(Operator::Less, stock(), bind(null))->kind == NodeKind::Binary);
}

TEST_CASE("and and or flatten their own kind and return a single operand as it is") {
    const auto a = is_null(id());
    const auto b = is_null(name());
    const auto c = is_null(price());
    const auto flat = and_({and_({a, b}), c});
    CHECK(static_cast<const Logical&>(*flat).operands == std::vector<ExpressionPtr>{a, b, c});
    const auto mixed = and_({or_({a, b}), c});
    CHECK(static_cast<const Logical&>(*mixed).operands.size() == 2);
    CHECK(or_({a}) == a);
    CHECK(static_cast<const Logical&>(*and_({})).operands.empty());
}

TEST_CASE("QRY-24 text to match is escaped") {
    const auto e = match(name(), TextMatch::Contains, "50%_off!");
    const auto& like = static_cast<const Like&>(*e);
    CHECK(static_cast<const Bind&>(*like.pattern).value == Value("%50!%!_off!!%"));
    CHECK(like.escape == '!');
    CHECK(static_cast<const Bind&>(
              *static_cast<const Like&>(*match(name(), TextMatch::StartsWith, "a")).pattern)
              .value == Value("a%"));
}

TEST_CASE(
    "QRY-24 a case takes the widest type of its results and refuses results that do not mix") {
    const auto scales = case_({{is_null(stock()), price()}}, bind(Decimal("0.1234")));
    CHECK(scales->type == Numeric(12, 4));
    CHECK_FALSE(scales->nullable);
    const auto texts = case_({{is_null(stock()), name()}}, bind("longer than the column"));
    CHECK(texts->type.is_text());
    CHECK(case_({{is_null(stock()), bind(1)}})->nullable); // nothing holds: NULL
    CHECK(case_({{is_null(stock()), stock()}}, bind(null))->type == Integer());
    CHECK_THROWS_AS((void)case_({{is_null(stock()), made_on()}}, bind(1)), CompileError);
    CHECK_THROWS_AS((void)case_({{name(), bind(1)}}), CompileError);
    CHECK_THROWS_AS((void)case_({}), CompileError);
}

TEST_CASE("QRY-24 coalesce takes the widest type of its arguments") {
    const auto e = function(FunctionId::Coalesce, {price(), bind(Decimal("0.123456"))}, {});
    CHECK(e->type == Numeric(14, 6));
}

TEST_CASE("QRY-25 long lists are rounded up to a power of two by their last value") {
    const auto length = [](std::size_t count) {
        const auto list = in(id(), std::vector<Value>(count, Value(3)));
        return static_cast<const In&>(*list).values.size();
    };
    CHECK(length(0) == 0);
    CHECK(length(8) == 8);
    CHECK(length(9) == 16);
    CHECK(length(600) == 1024);
    CHECK(length(4096) == 4096);
    CHECK(length(4097) == 4097);
    const auto list = in(id(), {1, 2, 3, 4, 5, 6, 7, 8, 9});
    for (std::size_t i = 8; i < 16; ++i) {
        CHECK(static_cast<const Bind&>(*static_cast<const In&>(*list).values[i]).value == Value(9));
    }
}

TEST_CASE("a function's name must be an identifier") {
    CHECK_THROWS_AS((void)function("f(); drop", {}, Integer()), CompileError);
    CHECK_THROWS_AS((void)function("", {}, Integer()), CompileError);
    CHECK_NOTHROW((void)function("date_trunc2", {}, Integer()));
}

TEST_CASE("what is made of a sensitive value is sensitive") {
    SqlType secret = mercator::Text();
    secret.sensitive = true;
    SqlType pin = Numeric(6, 0);
    pin.sensitive = true;
    const auto condition = binary(Operator::Equal, id(), bind(1));
    const auto choice = case_({{condition, name()}}, column("users", "password", secret, false));
    CHECK(choice->type.sensitive);
    CHECK(right_bind(binary(Operator::Equal, choice, bind("guess"))).type.sensitive);
    CHECK(negate(column("users", "pin", pin, false))->type.sensitive);
    CHECK_FALSE(case_({{condition, name()}}, name())->type.sensitive);
}
