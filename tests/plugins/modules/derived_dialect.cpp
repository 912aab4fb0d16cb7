// SPDX-License-Identifier: MIT
// Somebody else's dialect, derived from one of ours and linked with its static library.
#include <dialects/sqlite/dialect.hpp>

#include <mercator/plugin/abi.h>
#include <mercator/types/type_rules.hpp>

namespace {

/// A type that no other dialect has: numbers in brackets, kept without them.
class DerivedTypes : public mercator::sqlite::SqliteTypeCompiler {
public:
    [[nodiscard]] mercator::SqlAround sql_around(const mercator::SqlType& type) const override {
        if (!is_vector(type)) return SqliteTypeCompiler::sql_around(type);
        return {"'[' || {} || ']'", "trim({}, '[]')"};
    }

protected:
    [[nodiscard]] std::string visit_native(const mercator::SqlType& type) const override {
        return is_vector(type) ? "TEXT" : SqliteTypeCompiler::visit_native(type);
    }

private:
    static bool is_vector(const mercator::SqlType& type) {
        return type.rules->native.starts_with("vector(");
    }
};

class DerivedDialect : public mercator::sqlite::SqliteDialect {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "derived"; }
    [[nodiscard]] const mercator::TypeCompiler& types() const noexcept override { return types_; }
    [[nodiscard]] mercator::Compiled
    compile(const mercator::ast::Statement& statement) const override {
        mercator::Compiled compiled = SqliteDialect::compile(statement);
        compiled.sql += " /* derived */";
        return compiled;
    }

private:
    DerivedTypes types_;
};

void* create() {
    return static_cast<mercator::Dialect*>(new DerivedDialect);
}

} // namespace

MERCATOR_DEFINE_PLUGIN("dialect", "derived", "0.0.1", "derived", create)
