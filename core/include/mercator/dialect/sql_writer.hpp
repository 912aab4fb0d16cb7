// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>
#include <mercator/dialect/compiled.hpp>
#include <mercator/dialect/identifier_preparer.hpp>
#include <mercator/support/export.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mercator {
inline namespace abi1 {

/// Where one walk of the tree leaves text, binds, result columns and cacheability, so that they cannot disagree (Diesel's
/// AstPass). Made and used by a Compiler; one thread.
class MERCATOR_API SqlWriter {
public:
    explicit SqlWriter(const IdentifierPreparer& preparer) : preparer_(&preparer) {
        // What a usual statement needs, at once instead of in doubling steps.
        compiled_.sql.reserve(512);
        compiled_.binds.reserve(8);
        bind_nodes_.reserve(8);
    }

    SqlWriter& text(std::string_view sql) {
        compiled_.sql.append(sql);
        return *this;
    }
    SqlWriter& text(char c) {
        compiled_.sql.push_back(c);
        return *this;
    }
    SqlWriter& identifier(std::string_view name) {
        preparer_->append(compiled_.sql, name);
        return *this;
    }
    /// `"qualifier"."name"`.
    SqlWriter& identifier(std::string_view qualifier, std::string_view name) {
        preparer_->append(compiled_.sql, qualifier, name);
        return *this;
    }
    SqlWriter& number(std::uint64_t value);

    /// Notes a parameter and returns its number from 1; the compiler writes the placeholder.
    std::size_t add_bind(const ast::Bind& bind) {
        bind_nodes_.push_back(&bind);
        compiled_.binds.push_back(BindSlot{bind.type, 0});
        return compiled_.binds.size();
    }
    std::size_t add_bind(const SqlType& type) {
        compiled_.binds.push_back(BindSlot{type, 0});
        return compiled_.binds.size();
    }
    void add_result_column(std::string name, const SqlType& type, bool nullable) {
        compiled_.columns.push_back(ResultColumn{std::move(name), type, nullable});
    }
    void not_cacheable() noexcept { compiled_.cacheable = false; }

    [[nodiscard]] std::string& sql() noexcept { return compiled_.sql; }
    [[nodiscard]] Compiled& compiled() noexcept { return compiled_; }
    [[nodiscard]] const std::vector<const ast::Bind*>& bind_nodes() const noexcept { return bind_nodes_; }

private:
    const IdentifierPreparer* preparer_;
    Compiled compiled_;
    std::vector<const ast::Bind*> bind_nodes_;
};

}  // namespace abi1
}  // namespace mercator
