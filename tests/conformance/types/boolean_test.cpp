// SPDX-License-Identifier: MIT
#include "cell.hpp"

using namespace types_test;

using Flag = Cell<bool>;

TEST_CASE("TYP-04 true, false and NULL come back as they were [A23]") {
    Backend backend;
    check_round_trip<Flag>(backend, {true, false, true, true});
}

TEST_CASE("TYP-04 a flag is a condition by itself, negated, and compared") {
    Backend backend;
    backend->create_all<Flag>();
    mercator::Session session = backend->session();
    session.add(Flag{.value = true, .maybe = true});
    session.add(Flag{.value = true, .maybe = false});
    session.add(Flag{.value = false});
    session.commit();
    const auto count = [&](const mercator::Condition& condition) {
        return session.query<Flag>().where(condition).count();
    };
    CHECK(count(col(&Flag::value)) == 2);
    CHECK(count(!col(&Flag::value)) == 1);
    CHECK(count(col(&Flag::value) == true) == 2);
    CHECK(count(col(&Flag::value) != true) == 1);
    CHECK(count(col(&Flag::maybe) == false) == 1);
    CHECK(count(col(&Flag::maybe).is_null()) == 1);
    CHECK(count(col(&Flag::value) && col(&Flag::maybe) == true) == 1);
}

TEST_CASE("TYP-04 MOD-26 a computed condition is read back as bool") {
    Backend backend;
    using Number = Cell<std::int32_t>;
    backend->create_all<Number>();
    mercator::Session session = backend->session();
    session.add(Number{.value = 7});
    session.commit();
    const auto row =
        session.execute(select(col(&Number::value) > 5, col(&Number::value) == 5)).one();
    static_assert(std::same_as<std::remove_cvref_t<decltype(std::get<0>(row))>, bool>);
    CHECK(std::get<0>(row));
    CHECK_FALSE(std::get<1>(row));
}

TEST_CASE("TYP-04 a number that is neither 0 nor 1 is no bool [A23]") {
    Backend backend;
    using Number = Cell<std::int16_t>;
    backend->create_all<Number>();
    mercator::Session session = backend->session();
    session.add(Number{.value = 2});
    session.commit();
    check_unreadable<Flag>(backend);
}

TEST_CASE("TYP-04 a column is told to be boolean only when it was declared so") {
    struct Small {
        std::int64_t id{};
        bool flag{};
        std::int8_t number{};
        static void describe(mercator::Mapping<Small>& small) {
            small.table("small");
            small.column<&Small::id>().primary_key();
            small.column<&Small::flag>();
            small.column<&Small::number>();
        }
    };
    Backend backend;
    backend->create_all<Small>();
    mercator::Connection connection = backend->engine().connect();
    const auto& types = backend->engine().dialect().types();
    const bool has_own_name =
        types.compile(mercator::Boolean()) != types.compile(mercator::BigInteger());
    const auto inspector = backend->engine().dialect().inspector(connection.driver());
    for (const auto& column : inspector->columns("small")) {
        CAPTURE(column.name);
        const bool is_boolean = column.type.kind == mercator::TypeKind::Boolean;
        CHECK(is_boolean == (has_own_name && column.name == "flag"));
    }
}
