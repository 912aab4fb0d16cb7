// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/dialect/capabilities.hpp>
#include <mercator/dialect/compiled.hpp>
#include <mercator/dialect/ddl_compiler.hpp>
#include <mercator/dialect/driver.hpp>
#include <mercator/dialect/identifier_preparer.hpp>
#include <mercator/dialect/inspector.hpp>
#include <mercator/dialect/type_compiler.hpp>
#include <mercator/support/export.hpp>
#include <mercator/support/log.hpp>
#include <mercator/support/url.hpp>

#include <chrono>
#include <memory>
#include <string_view>

namespace mercator {
inline namespace abi1 {

/// What every driver honours when it opens a link.
struct ConnectOptions {
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds busy_timeout{
        5'000}; ///< how long to wait for another writer of the same file
    std::chrono::milliseconds ping_timeout{5'000}; ///< how long `ping` may take
    std::shared_ptr<LogSink> log;                  ///< never null
};

/// One vendor's rules: what it can do, how it spells SQL, how to reach it. An engine owns one, made
/// by the plugin's `create`. After `initialize` it is read from many threads and changes no more.
///
/// To write a dialect of your own, start from `dialects/ansi` and override what differs.
class MERCATOR_API Dialect {
public:
    virtual ~Dialect();

    /// "postgresql": for people and logs; code asks `capabilities()`.
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    [[nodiscard]] virtual const Capabilities& capabilities() const noexcept = 0;
    [[nodiscard]] virtual const IdentifierPreparer& identifiers() const noexcept = 0;
    [[nodiscard]] virtual const TypeCompiler& types() const noexcept = 0;
    [[nodiscard]] virtual const DdlCompiler& ddl() const noexcept = 0;

    /// Compiles with this dialect's Compiler. For statements whose values are in the tree,
    /// `Compiled::binds[i].source` is the index of the value in the statement's CacheKey.
    [[nodiscard]] virtual Compiled compile(const ast::Statement& statement) const = 0;
    /// An expression as DDL text: a CHECK condition, a DEFAULT.
    [[nodiscard]] virtual std::string compile_ddl(const ast::Expression& expression) const = 0;

    /// Checks the address without connecting: unknown options are ArgumentErrors that name the
    /// option.
    virtual void check(const Url& url) const = 0;
    /// Opens a link. Throws DisconnectError, TimeoutError, OperationalError; no message holds the
    /// password.
    [[nodiscard]] virtual std::unique_ptr<DriverConnection>
    connect(const Url& url, const ConnectOptions& options) const = 0;
    /// Looks at the server once, on the engine's first connection, and settles the capabilities.
    virtual void initialize(DriverConnection& connection) = 0;
    [[nodiscard]] virtual std::unique_ptr<Inspector>
    inspector(DriverConnection& connection) const = 0;
    /// False where a second connection to this address would be another database (memory): the pool
    /// then keeps to one.
    [[nodiscard]] virtual bool shares_database(const Url& url) const;
    /// The address with a relative file name made absolute from `base` (empty: the working folder
    /// of now), so that a later change of folder leads nowhere else. Servers' addresses stay as
    /// they are.
    [[nodiscard]] virtual Url located(const Url& url, const std::string& base) const;
};

/// What conversions are told of the database, as `initialize` left it. Any thread.
[[nodiscard]] MERCATOR_API const DialectInfo& dialect_info(const Dialect& dialect);

} // namespace abi1
} // namespace mercator
