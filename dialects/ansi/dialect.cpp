// SPDX-License-Identifier: MIT
#include "dialect.hpp"

#include "driver.hpp"
#include "inspector.hpp"

#include <mercator/dialect/compiler.hpp>
#include <mercator/support/error.hpp>

namespace mercator::ansi {

AnsiDialect::AnsiDialect() : ddl_(*this) {
    capabilities_.product = "ansi";
    capabilities_.version = "0";
    capabilities_.comments = false;
    capabilities_.partial_indexes = false; // standard SQL has no indexes at all
}

Compiled AnsiDialect::compile(const ast::Statement& statement) const {
    return Compiler(*this).compile(statement);
}

std::string AnsiDialect::compile_ddl(const ast::Expression& expression) const {
    return Compiler(*this).compile_ddl_expression(expression);
}

void AnsiDialect::check(const Url& url) const {
    if (!url.options.empty()) {
        throw ArgumentError("unknown option \"" + url.options.begin()->first +
                                "\"; ansi:// has no options",
                            url.options.begin()->first);
    }
    if (url.hosts.size() > 1 || !url.database.empty()) {
        throw ArgumentError(
            "ansi:// takes the name of a recorder and nothing else, as in ansi://orders");
    }
}

std::unique_ptr<DriverConnection> AnsiDialect::connect(const Url& url,
                                                       const ConnectOptions& /*options*/) const {
    check(url);
    return std::make_unique<AnsiConnection>(
        Recorder::named(url.hosts.empty() ? "" : url.hosts.front().name));
}

void AnsiDialect::initialize(DriverConnection& connection) {
    if (const auto* link = dynamic_cast<AnsiConnection*>(&connection)) {
        if (auto scripted = link->recorder().capabilities()) capabilities_ = *std::move(scripted);
    }
}

std::unique_ptr<Inspector> AnsiDialect::inspector(DriverConnection& connection) const {
    return std::make_unique<AnsiInspector>(dynamic_cast<AnsiConnection&>(connection));
}

} // namespace mercator::ansi
