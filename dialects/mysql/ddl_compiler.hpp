// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/ddl_compiler.hpp>

namespace mercator::mysql {

class Dialect;

/// Where MySQL's schema statements differ. Refuses what the server would refuse later or silently
/// change: indexes over text without a length, keys longer than InnoDB's limit, ON DELETE SET
/// DEFAULT.
class DdlCompiler : public mercator::DdlCompiler {
public:
    explicit DdlCompiler(const Dialect& dialect);

    using mercator::DdlCompiler::compile;
    [[nodiscard]] std::string compile(const CreateIndex& statement) const override;
    [[nodiscard]] std::string compile(const AddForeignKey& statement) const override;
    [[nodiscard]] std::string compile(const DropForeignKey& statement) const override;

protected:
    [[nodiscard]] std::string autoincrement_clause(const Table& table,
                                                   const Column& column) const override;
    [[nodiscard]] std::string default_clause(const Column& column) const override;
    [[nodiscard]] std::string comment_clause(const Column& column) const override;
    /// Nothing to check: enums are spelled as such.
    [[nodiscard]] std::string check_clause(const Column& column) const override;
    [[nodiscard]] std::string table_options(const Table& table) const override;

private:
    [[nodiscard]] TableOptions given_options(const Table& table) const;
    const Dialect* own_dialect_;
};

} // namespace mercator::mysql
