// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/build.hpp>

#include <memory>
#include <string>

/// Small trees about products and orders that several tests start from.
namespace samples {

using namespace mercator::ast;

inline std::shared_ptr<const TableRef> table(std::string name, std::string alias = {}) {
    return std::make_shared<TableRef>(TableRef{{}, std::move(name), std::move(alias)});
}
inline ExpressionPtr id(const std::string& of = "products") {
    return column(of, "id", mercator::BigInteger(), false);
}
inline ExpressionPtr name(const std::string& of = "products") {
    return column(of, "name", mercator::String(100), false);
}
inline ExpressionPtr price(const std::string& of = "products") {
    return column(of, "price", mercator::Numeric(10, 2), false);
}
inline ExpressionPtr stock(const std::string& of = "products") {
    return column(of, "stock", mercator::Integer());
}
inline ExpressionPtr made_on(const std::string& of = "products") {
    return column(of, "made_on", mercator::Date());
}
inline ExpressionPtr made_at(const std::string& of = "products") {
    return column(of, "made_at", mercator::DateTime());
}

inline std::shared_ptr<Select> select_products() {
    auto select = std::make_shared<Select>();
    select->columns = {id(), name()};
    select->from = {table("products")};
    return select;
}

inline std::shared_ptr<Select> select_where(ExpressionPtr condition) {
    auto select = select_products();
    select->where = {std::move(condition)};
    return select;
}

} // namespace samples
