// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/mapping/relationship.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mercator {

/// A subquery of the rows that one row of a relationship's owner is related to, for a statement
/// that reads the owner under the name of `owner`. Its tables have names that hide none of those
/// which its conditions mean outside of it.
class CorrelatedSelect {
public:
    using TablePtr = std::shared_ptr<const ast::TableRef>;

    /// `conditions` and `columns` are the user's, over the target's table under its own name.
    /// CompileError for a relationship to the first rows only, which a condition cannot tell.
    /// `target` is the relationship's, or a class that inherits it.
    CorrelatedSelect(const Relationship& relationship, const Mapper& target, TablePtr owner,
                     const std::vector<ast::ExpressionPtr>& conditions,
                     std::vector<ast::ExpressionPtr> columns = {});
    CorrelatedSelect(const Relationship& relationship, TablePtr owner,
                     const std::vector<ast::ExpressionPtr>& conditions,
                     std::vector<ast::ExpressionPtr> columns = {}) :
        CorrelatedSelect(relationship, *relationship.target, std::move(owner), conditions,
                         std::move(columns)) {}

    /// The same where everything is in the names of the statement already: `columns` and
    /// `condition` (may be empty) are over `target`. A table between takes none of the `taken`
    /// names.
    CorrelatedSelect(const Relationship& relationship, TablePtr owner, TablePtr target,
                     std::vector<std::string> taken, std::vector<ast::ExpressionPtr> columns,
                     const ast::ExpressionPtr& condition);

    /// The target's table under a name that is none of the `taken` ones.
    [[nodiscard]] static TablePtr free_name(const TablePtr& table,
                                            const std::vector<std::string>& taken);
    /// The name of a table in its statement, and those of the tables on the path to it.
    [[nodiscard]] static std::vector<std::string> names_of(const TablePtr& table);

    /// A column of a mapper's, of the owner or of the target, in the names of the subquery.
    [[nodiscard]] ast::ExpressionPtr owner_column(std::uint16_t index) const;
    [[nodiscard]] ast::ExpressionPtr target_column(std::uint16_t index) const;
    [[nodiscard]] ast::ExpressionPtr link_column(std::uint16_t index) const;
    /// Of the table between alone, which has all that is asked for; before `where`.
    void read_link_alone();
    void where(ast::ExpressionPtr condition) { select_->where.push_back(std::move(condition)); }
    [[nodiscard]] ast::SelectPtr finish() && { return std::move(select_); }

private:
    void refuse_first_rows() const;
    void read_related();
    void choose_names(const std::vector<ast::ExpressionPtr>& conditions,
                      const std::vector<ast::ExpressionPtr>& columns);
    [[nodiscard]] ast::ExpressionPtr of_user(const ast::ExpressionPtr& expression) const;
    [[nodiscard]] ast::ExpressionPtr of_mapping(const ast::ExpressionPtr& expression) const;

    void read_target();

    const Relationship& relationship_;
    const Mapper& class_;       ///< of the target's rows
    const Mapper& owner_class_; ///< which the statement has under the owner's name
    TablePtr owner_;
    TablePtr target_;
    TablePtr link_; ///< empty without a table between
    std::shared_ptr<ast::Select> select_ = std::make_shared<ast::Select>();
};

/// A column of a table that may have any name, or be one that a path leads to.
[[nodiscard]] ast::ExpressionPtr column_of(const std::shared_ptr<const ast::TableRef>& table,
                                           const ast::ColumnRef& column);

} // namespace mercator
