// SPDX-License-Identifier: MIT
#pragma once

#include "ddl_compiler.hpp"
#include "type_compiler.hpp"

#include <mercator/dialect/dialect.hpp>

namespace mercator::sqlite {

/// SQLite 3.35 and later (RETURNING), as a list of differences from ANSI SQL; see this folder's
/// README.
class SqliteDialect : public Dialect {
public:
    SqliteDialect();

    [[nodiscard]] std::string_view name() const noexcept override { return "sqlite"; }
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
    [[nodiscard]] bool shares_database(const Url& url) const override;
    [[nodiscard]] Url located(const Url& url, const std::string& base) const override;

private:
    Capabilities capabilities_;
    IdentifierPreparer identifiers_;
    SqliteTypeCompiler types_;
    SqliteDdlCompiler ddl_;
};

} // namespace mercator::sqlite
