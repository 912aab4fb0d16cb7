// SPDX-License-Identifier: MIT
#pragma once

#include "ddl_compiler.hpp"
#include "server.hpp"
#include "type_compiler.hpp"

#include <mercator/dialect/dialect.hpp>

#include <cstdint>
#include <string>

namespace mercator::mysql {

/// MySQL and MariaDB through MySQL Connector/C++ or MariaDB's C client. Until it has met a server
/// it assumes what every MySQL 8 and every MariaDB 10.5 can do; `initialize` looks at product and
/// version.
class Dialect : public mercator::Dialect {
public:
    Dialect();

    [[nodiscard]] std::string_view name() const noexcept override { return "mysql"; }
    [[nodiscard]] const Capabilities& capabilities() const noexcept override {
        return capabilities_;
    }
    [[nodiscard]] const IdentifierPreparer& identifiers() const noexcept override {
        return identifiers_;
    }
    [[nodiscard]] const mercator::TypeCompiler& types() const noexcept override { return types_; }
    [[nodiscard]] const mercator::DdlCompiler& ddl() const noexcept override { return ddl_; }

    [[nodiscard]] Compiled compile(const ast::Statement& statement) const override;
    [[nodiscard]] std::string compile_ddl(const ast::Expression& expression) const override;

    void check(const Url& url) const override;
    [[nodiscard]] std::unique_ptr<DriverConnection>
    connect(const Url& url, const ConnectOptions& options) const override;
    void initialize(DriverConnection& connection) override;
    [[nodiscard]] std::unique_ptr<Inspector> inspector(DriverConnection& connection) const override;

    /// Collation of the tables that we create: compares text byte by byte and, where the server
    /// can, with its trailing blanks.
    [[nodiscard]] const std::string& table_collation() const noexcept { return table_collation_; }

    /// May a key hold more than 767 bytes of a column?
    enum class LargeKeys : std::uint8_t { No, WithRowFormat, Always };
    [[nodiscard]] LargeKeys large_keys() const noexcept { return large_keys_; }
    /// Can a statement change a table that its subqueries read?
    [[nodiscard]] bool reads_what_it_changes() const noexcept { return reads_what_it_changes_; }

    /// How two JSON documents are compared.
    enum class JsonEquality : std::uint8_t { None, Function, Cast };
    [[nodiscard]] JsonEquality json_equality() const noexcept { return json_equality_; }
    [[nodiscard]] bool has_json_overlaps() const noexcept { return has_json_overlaps_; }

private:
    Capabilities capabilities_;
    IdentifierPreparer identifiers_{'`', 64};
    TypeCompiler types_;
    DdlCompiler ddl_{*this};
    std::string table_collation_ = "utf8mb4_bin";
    LargeKeys large_keys_ = LargeKeys::Always;
    bool reads_what_it_changes_ = false;
    JsonEquality json_equality_ = JsonEquality::Cast;
    bool has_json_overlaps_ = true;
};

} // namespace mercator::mysql
