// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/dialect.hpp>

namespace mercator::ansi {

/// The base compilers unchanged, in front of a driver that records instead of talking to a
/// database. The template for a dialect of your own: copy the folder, then override what your
/// database spells otherwise.
class AnsiDialect : public Dialect {
public:
    AnsiDialect();

    [[nodiscard]] std::string_view name() const noexcept override { return "ansi"; }
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

    /// `ansi://` or `ansi://recorder-name`; nothing else is understood.
    void check(const Url& url) const override;
    [[nodiscard]] std::unique_ptr<DriverConnection>
    connect(const Url& url, const ConnectOptions& options) const override;
    /// Takes the capabilities that the recorder was told, if any.
    void initialize(DriverConnection& connection) override;
    [[nodiscard]] std::unique_ptr<Inspector> inspector(DriverConnection& connection) const override;

private:
    Capabilities capabilities_;
    IdentifierPreparer identifiers_;
    TypeCompiler types_;
    DdlCompiler ddl_;
};

} // namespace mercator::ansi
