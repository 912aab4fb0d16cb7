// SPDX-License-Identifier: MIT
#pragma once

#include "ddl_compiler.hpp"
#include "type_compiler.hpp"

#include <mercator/dialect/dialect.hpp>

namespace mercator::postgresql {

class PostgresqlDialect : public Dialect {
public:
    PostgresqlDialect();

    [[nodiscard]] std::string_view name() const noexcept override { return "postgresql"; }
    [[nodiscard]] const Capabilities& capabilities() const noexcept override {
        return capabilities_;
    }
    [[nodiscard]] const IdentifierPreparer& identifiers() const noexcept override {
        return identifiers_;
    }
    [[nodiscard]] const TypeCompiler& types() const noexcept override { return types_; }
    [[nodiscard]] const DdlCompiler& ddl() const noexcept override { return ddl_; }
    [[nodiscard]] Compiled compile(const ast::Statement& statement) const override;
    [[nodiscard]] std::string compile_ddl(const ast::Expression& expression) const override;
    void check(const Url& url) const override;
    [[nodiscard]] std::unique_ptr<DriverConnection>
    connect(const Url& url, const ConnectOptions& options) const override;
    void initialize(DriverConnection& connection) override;
    [[nodiscard]] std::unique_ptr<Inspector> inspector(DriverConnection& connection) const override;

private:
    Capabilities capabilities_;
    IdentifierPreparer identifiers_{'"', 63};
    PostgresqlTypeCompiler types_;
    PostgresqlDdlCompiler ddl_{*this};
};

} // namespace mercator::postgresql
