// SPDX-License-Identifier: MIT
// Somebody else's dialect, derived from one of ours and linked with its static library.
#include <dialects/sqlite/dialect.hpp>

#include <mercator/plugin/abi.h>

namespace {

class DerivedDialect : public mercator::sqlite::SqliteDialect {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "derived"; }
    [[nodiscard]] mercator::Compiled
    compile(const mercator::ast::Statement& statement) const override {
        mercator::Compiled compiled = SqliteDialect::compile(statement);
        compiled.sql += " /* derived */";
        return compiled;
    }
};

void* create() {
    return static_cast<mercator::Dialect*>(new DerivedDialect);
}

} // namespace

MERCATOR_DEFINE_PLUGIN("dialect", "derived", "0.0.1", "derived", create)
