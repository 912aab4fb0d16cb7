// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mercator.hpp>

#include <string>
#include <vector>

/// One schema with every type and every kind of constraint, whose statements each dialect's golden
/// test spells out.
namespace golden {

enum class Status { draft, published };

struct Writer {
    std::int64_t id{};
    std::string name;
};
inline void describe(mercator::Mapping<Writer>& writer) {
    writer.column<&Writer::id>().primary_key();
    writer.column<&Writer::name>(mercator::String(60)).unique().index().comment("what it's called");
}

struct Article {
    std::int32_t year{};
    std::int16_t number{};
    bool flag{};
    std::int8_t i8{};
    std::uint8_t u8{};
    std::uint16_t u16{};
    std::uint32_t u32{};
    std::uint64_t u64{};
    float single{};
    double real{};
    mercator::Decimal money;
    mercator::Decimal exact;
    std::string title;
    std::string text;
    mercator::Bytes data;
    mercator::DateTime at{};
    std::optional<mercator::Date> on;
    Status status{};
    std::optional<std::int64_t> writer_id;
};
inline void describe(mercator::Mapping<Article>& article) {
    using mercator::col;
    article.table("order");
    article.column<&Article::year>().primary_key();
    article.column<&Article::number>().primary_key();
    article.column<&Article::flag>().server_default(true);
    article.column<&Article::i8>().server_default(-1);
    article.column<&Article::u8>();
    article.column<&Article::u16>();
    article.column<&Article::u32>();
    article.column<&Article::u64>();
    article.column<&Article::single>();
    article.column<&Article::real>();
    article.column<&Article::money>(mercator::Numeric(10, 2))
        .server_default(mercator::Decimal("9.50"));
    article.column<&Article::exact>(mercator::Numeric(38, 10));
    article.column<&Article::title>(mercator::String(100)).server_default("it's new").index();
    article.column<&Article::text>();
    article.column<&Article::data>();
    article.column<&Article::at>().server_default(mercator::func::now());
    article.column<&Article::on>();
    article.column<&Article::status>();
    article.column<&Article::writer_id>().references<&Writer::id>().on_delete(
        mercator::ReferentialAction::SetNull);
    article.unique<&Article::title, &Article::year>();
    article.check(col(&Article::money) > mercator::Decimal("0.5"), "money_enough");
}

/// A column with every mark at once, and a key with marks that it does not need.
inline mercator::Table marked() {
    using mercator::Column;
    return mercator::Table(
        "marked", Column("id", mercator::BigInteger()).primary_key().index().unique(),
        Column("code", mercator::String(20)).unique().index().nullable().comment("it's 100%"));
}

} // namespace golden
