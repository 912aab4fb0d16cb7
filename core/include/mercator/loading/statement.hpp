// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/support/export.hpp>

#include <memory>
#include <string_view>

namespace mercator {

/// A SELECT under construction: a value that copies as one, but moves as a pointer, because it
/// travels through every call of a chain like `select(...).where(...).order_by(...)`.
class MERCATOR_API SelectDraft {
public:
    SelectDraft();
    SelectDraft(const SelectDraft& other);
    SelectDraft(SelectDraft&&) noexcept = default;
    SelectDraft& operator=(const SelectDraft& other);
    SelectDraft& operator=(SelectDraft&&) noexcept = default;
    ~SelectDraft() = default;

    [[nodiscard]] ast::Select& operator*() noexcept { return *select_; }
    [[nodiscard]] const ast::Select& operator*() const noexcept { return *select_; }
    [[nodiscard]] ast::Select* operator->() noexcept { return select_.get(); }
    [[nodiscard]] const ast::Select* operator->() const noexcept { return select_.get(); }

private:
    /// In the library, so that no user's file has to compile what a Select is made of.
    struct MERCATOR_API Delete {
        void operator()(ast::Select* select) const noexcept;
    };
    std::unique_ptr<ast::Select, Delete> select_;
};

/// Adds a join along a relationship. The owner's table must be in the statement under `owner` (or
/// is put into FROM when the statement reads nothing yet); the target is joined under `target`,
/// after the table between, where the relationship goes by one. CompileError when a class is joined
/// to itself without an alias, and for a relationship to the first rows only.
MERCATOR_API void join_relationship(ast::Select& select, const Relationship& relationship,
                                    ast::JoinKind kind,
                                    const std::shared_ptr<const ast::TableRef>& owner,
                                    const std::shared_ptr<const ast::TableRef>& target);

/// One more condition for the join that was added last.
MERCATOR_API void narrow_last_join(ast::Select& select, const ast::ExpressionPtr& condition);

/// Adds joins along a path of relationships named at run time: "album", "album.artist". Tables that
/// the path has joined already are not joined again. MappingError lists the relationships there
/// are.
MERCATOR_API void join_path(ast::Select& select, const Mapper& from, std::string_view path,
                            ast::JoinKind kind);

/// Joins a class on a condition, under its own name or an alias of it.
MERCATOR_API void join_on(ast::Select& select, const Mapper& target,
                          const std::shared_ptr<const ast::TableRef>& table, ast::JoinKind kind,
                          const ast::ExpressionPtr& on);

/// Reads a class, under its own name or an alias of it, instead of what the statement has in FROM.
MERCATOR_API void read_from(ast::Select& select, const Mapper& mapper,
                            const std::shared_ptr<const ast::TableRef>& table);

/// Joins a class by the one foreign key between it and what the statement reads. CompileError when
/// there is none or several.
MERCATOR_API void join_by_foreign_key(ast::Select& select, const Mapper& target,
                                      ast::JoinKind kind);

/// Gives a statement without FROM the table of its first column.
MERCATOR_API void infer_from(ast::Select& select);

/// `SELECT count(*)` over the rows that `select` would give.
[[nodiscard]] MERCATOR_API ast::Select count_of(const ast::Select& select);

/// Throws ArgumentError for a negative LIMIT or OFFSET.
[[nodiscard]] MERCATOR_API ast::ExpressionPtr row_count(std::int64_t count,
                                                        std::string_view clause);

} // namespace mercator
