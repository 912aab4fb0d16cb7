// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/compiler.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/support/error.hpp>

/// The base compilers without a driver, linked into the test: what ANSI SQL looks like, no plugin
/// needed.
class PlainDialect : public mercator::Dialect {
public:
    PlainDialect() : ddl_(*this) {}

    [[nodiscard]] std::string_view name() const noexcept override { return "plain"; }
    [[nodiscard]] const mercator::Capabilities& capabilities() const noexcept override {
        return can;
    }
    [[nodiscard]] const mercator::IdentifierPreparer& identifiers() const noexcept override {
        return identifiers_;
    }
    [[nodiscard]] const mercator::TypeCompiler& types() const noexcept override { return types_; }
    [[nodiscard]] const mercator::DdlCompiler& ddl() const noexcept override { return ddl_; }
    [[nodiscard]] mercator::Compiled
    compile(const mercator::ast::Statement& statement) const override {
        return mercator::Compiler(*this).compile(statement);
    }
    [[nodiscard]] std::string
    compile_ddl(const mercator::ast::Expression& expression) const override {
        return mercator::Compiler(*this).compile_ddl_expression(expression);
    }
    void check(const mercator::Url& /*url*/) const override {}
    [[nodiscard]] std::unique_ptr<mercator::DriverConnection>
    connect(const mercator::Url& /*url*/,
            const mercator::ConnectOptions& /*options*/) const override {
        throw mercator::StateError("no driver");
    }
    void initialize(mercator::DriverConnection& /*connection*/) override {}
    [[nodiscard]] std::unique_ptr<mercator::Inspector>
    inspector(mercator::DriverConnection& /*connection*/) const override {
        throw mercator::StateError("no driver");
    }

    mercator::Capabilities can;

private:
    mercator::IdentifierPreparer identifiers_;
    mercator::TypeCompiler types_;
    mercator::DdlCompiler ddl_;
};
