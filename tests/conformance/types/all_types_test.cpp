// SPDX-License-Identifier: MIT
#include "cell.hpp"

using namespace types_test;
using mercator::Bytes;
using mercator::Date;
using mercator::DateTime;
using mercator::Decimal;

namespace {

enum class Mood { calm, angry };

struct Everything {
    std::int64_t id{};
    bool flag{};
    std::int8_t i8{};
    std::int16_t i16{};
    std::int32_t i32{};
    std::uint8_t u8{};
    std::uint16_t u16{};
    std::uint32_t u32{};
    std::uint64_t u64{};
    float single{};
    double real{};
    Decimal money;
    Decimal exact;
    std::string name;
    std::string text;
    Bytes data;
    DateTime at{};
    Date on{std::chrono::year{2000}, std::chrono::month{1}, std::chrono::day{1}};
    mercator::Time opens;
    mercator::Interval lasts{};
    mercator::Uuid mark;
    Mood mood{};
    std::optional<std::string> note;
    std::optional<Date> due;
};

void describe(mercator::Mapping<Everything>& all) {
    all.column<&Everything::id>().primary_key();
    all.column<&Everything::flag>();
    all.column<&Everything::i8>();
    all.column<&Everything::i16>();
    all.column<&Everything::i32>();
    all.column<&Everything::u8>();
    all.column<&Everything::u16>();
    all.column<&Everything::u32>();
    all.column<&Everything::u64>();
    all.column<&Everything::single>();
    all.column<&Everything::real>();
    all.column<&Everything::money>(mercator::Numeric(10, 2));
    all.column<&Everything::exact>(mercator::Numeric(38, 10));
    all.column<&Everything::name>(mercator::String(20));
    all.column<&Everything::text>();
    all.column<&Everything::data>();
    all.column<&Everything::at>();
    all.column<&Everything::on>();
    all.column<&Everything::opens>();
    all.column<&Everything::lasts>();
    all.column<&Everything::mark>();
    all.column<&Everything::mood>();
    all.column<&Everything::note>();
    all.column<&Everything::due>();
}

} // namespace

TEST_CASE("TYP-15 one description of all types is a table on every backend") {
    Backend backend;
    backend->create_all<Everything>();
    {
        mercator::Connection connection = backend->engine().connect();
        const auto inspector = backend->engine().dialect().inspector(connection.driver());
        const auto columns = inspector->columns("everything");
        CHECK(columns.size() == 24);
        for (const auto& column : columns) {
            CAPTURE(column.name);
            CHECK(column.nullable == (column.name == "note" || column.name == "due"));
            CHECK(column.primary_key == (column.name == "id"));
        }
        // The table is what its description says, also where two types share a native one.
        for (const auto& difference : backend->verify()) FAIL_CHECK(difference.text());
    }
    Everything value{.flag = true,
                     .i8 = -8,
                     .i16 = -16,
                     .i32 = -32,
                     .u8 = 8,
                     .u16 = 16,
                     .u32 = 32,
                     .u64 = 64,
                     .single = 0.5F,
                     .real = 0.1,
                     .money = Decimal("9.99"),
                     .exact = Decimal("0.0000000001"),
                     .name = "name",
                     .text = "text",
                     .data = {std::byte{0}},
                     .at = mercator::utc_now(),
                     .opens = mercator::Time(std::chrono::hours(9)),
                     .lasts = -std::chrono::hours(25),
                     .mark = mercator::uuid4(),
                     .mood = Mood::angry,
                     .note = "note",
                     .due = mercator::today()};
    {
        mercator::Session session = backend->session();
        session.add(value);
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto found = session.query<Everything>().one();
    CHECK(found->id == 1);
    CHECK(found->flag);
    CHECK(found->i8 == -8);
    CHECK(found->i16 == -16);
    CHECK(found->i32 == -32);
    CHECK(found->u8 == 8);
    CHECK(found->u16 == 16);
    CHECK(found->u32 == 32);
    CHECK(found->u64 == 64);
    CHECK(found->single == 0.5F);
    CHECK(found->real == 0.1);
    CHECK(found->money == Decimal("9.99"));
    CHECK(found->exact == Decimal("0.0000000001"));
    CHECK(found->name == "name");
    CHECK(found->text == "text");
    CHECK(found->data == value.data);
    CHECK(found->at == value.at);
    CHECK(found->on == value.on);
    CHECK(found->opens == value.opens);
    CHECK(found->lasts == value.lasts);
    CHECK(found->mark == value.mark);
    CHECK(found->mood == Mood::angry);
    CHECK(found->note == value.note);
    CHECK(found->due == value.due);
    CHECK_FALSE(session.is_dirty());
}
