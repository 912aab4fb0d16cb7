// SPDX-License-Identifier: MIT
#include "core/ast/sample_trees.hpp"
#include "core/dialect/plain_dialect.hpp"

#include <mercator/ast/dml.hpp>

#include <doctest/doctest.h>

#include <regex>

using namespace mercator;
using namespace samples;

namespace {

/// A database that takes short names only.
class ShortNames : public PlainDialect {
public:
    explicit ShortNames(std::size_t longest) : identifiers_('"', longest) {}
    [[nodiscard]] const IdentifierPreparer& identifiers() const noexcept override {
        return identifiers_;
    }

private:
    IdentifierPreparer identifiers_;
};

std::string repeated(std::string_view part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += part;
    return text;
}

/// Every quoted name of a statement.
std::vector<std::string> names_in(const std::string& sql) {
    static const std::regex name("\"([^\"]*)\"");
    std::vector<std::string> names;
    for (auto at = std::sregex_iterator(sql.begin(), sql.end(), name); at != std::sregex_iterator();
         ++at) {
        names.push_back((*at)[1]);
    }
    return names;
}

} // namespace

TEST_CASE("DIA-15 labels that begin alike stay two when they are cut, and the result keeps both") {
    const ShortNames dialect(63);
    const std::string first = std::string(63, 'x') + "_first";
    const std::string second = std::string(63, 'x') + "_second";
    auto select = select_products();
    select->columns = {label(price(), first), label(price(), second)};
    select->order_by = {order(select->columns[1], true)};

    const Compiled compiled = dialect.compile(*select);

    const auto names = names_in(compiled.sql);
    // SELECT products.price AS first, products.price AS second FROM products ORDER BY second
    REQUIRE(names.size() == 8);
    CHECK(names[2].size() == 63);
    CHECK(names[2].starts_with(std::string(54, 'x') + "_"));
    CHECK(names[5].size() == 63);
    CHECK(names[5] != names[2]);
    CHECK(names[7] == names[5]);
    CHECK(compiled.columns[0].name == first);
    CHECK(compiled.columns[1].name == second);
    CHECK(dialect.compile(*select).sql == compiled.sql);
}

TEST_CASE("DIA-15 an alias is cut in the same way wherever it is named") {
    const ShortNames dialect(20);
    const std::string alias = "the_manager_of_the_manager";
    auto select = select_products();
    select->columns = {id(alias)};
    select->from = {table("products", alias)};
    select->where = {binary(Operator::Equal, id(alias), bind(1))};
    const auto names = names_in(dialect.compile(*select).sql);
    REQUIRE(names.size() == 6);
    CHECK(names[0] == names[3]);
    CHECK(names[0] == names[4]);
    CHECK(names[0].size() == 20);
    CHECK(names[2] == "products");
}

TEST_CASE("DIA-15 labels and alias of a derived table are cut inside and outside of it") {
    const ShortNames dialect(16);
    const std::string name = "the_price_with_everything";
    auto inner = select_products();
    inner->columns = {label(price(), name)};
    auto derived = std::make_shared<ast::Subquery>();
    derived->select = inner;
    derived->alias = "everything_that_is_sold";
    auto select = std::make_shared<ast::Select>();
    select->columns = {column(derived->alias, name, Integer())};
    select->from = {std::shared_ptr<const ast::Subquery>(derived)};
    const auto names = names_in(dialect.compile(*select).sql);
    // SELECT alias.label FROM (SELECT products.price AS label FROM products) AS alias
    REQUIRE(names.size() == 7);
    CHECK(names[0] == names[6]);
    CHECK(names[1] == names[4]);
    CHECK(names[0] != names[1]);
    for (const auto& each : names) CHECK(each.size() <= 16);
}

TEST_CASE("DIA-15 a cut name ends at a whole letter") {
    const ShortNames dialect(20);
    for (const std::string letter : {"é", "漢", "😀"}) {
        for (const char* start : {"", "a", "ab", "abc"}) {
            auto select = select_products();
            select->columns = {label(price(), start + repeated(letter, 12))};
            const std::string cut = names_in(dialect.compile(*select).sql).at(2);
            CAPTURE(cut);
            CHECK(cut.size() <= 20);
            const std::string kept = cut.substr(0, cut.rfind('_'));
            CHECK((kept.size() - std::string(start).size()) % letter.size() == 0);
        }
    }
}

TEST_CASE("DIA-15 a table's or column's own name that is too long is refused, not cut") {
    const ShortNames dialect(20);
    const std::string name(21, 'n');
    const auto refused = [&](const Statement& statement) {
        try {
            static_cast<void>(dialect.compile(statement));
            FAIL("compiled");
        } catch (const CompileError& error) {
            CHECK(std::string(error.what()).find("21 bytes, this database allows 20") !=
                  std::string::npos);
            CHECK(error.where() == name);
        }
    };
    auto select = select_products();
    select->columns = {column("products", name, Integer())};
    refused(*select);
    select->from = {table(name)};
    select->columns = {id(name)};
    refused(*select);
    select->from = {table(name, "short")};
    select->columns = {id("short")};
    refused(*select);
}
