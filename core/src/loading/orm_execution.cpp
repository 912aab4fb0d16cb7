// SPDX-License-Identifier: MIT
#include <mercator/loading/orm_execution.hpp>

#include <mercator/loading/load_node.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

OrmExecution::OrmExecution(QueryKind kind, const Mapper* mapper, ast::Select& statement,
                           std::shared_ptr<const LoadNode>* options) noexcept :
    kind_(kind),
    mapper_(mapper),
    statement_(&statement),
    options_(options) {}

void OrmExecution::add_condition(const ast::ExpressionPtr& condition) const {
    statement_->where.push_back(condition);
}

void OrmExecution::add_option(const Mapper& mapper,
                              const std::shared_ptr<const LoadNode>& node) const {
    if (options_ == nullptr || mapper_ != &mapper) {
        throw StateError(fmt::format("this query does not load objects of {}, so options about "
                                     "them say nothing; ask kind() and is_of<T>() first",
                                     mapper.class_name()),
                         std::string(mapper.class_name()));
    }
    *options_ = merged(*options_, node);
}

void OrmExecution::set_answer(const Mapper& mapper, std::vector<std::shared_ptr<void>> objects) {
    if (kind_ != QueryKind::Objects || mapper_ != &mapper) {
        throw StateError(fmt::format("this query does not ask for objects of {}, so they cannot "
                                     "be its answer; ask kind() and is_of<T>() first",
                                     mapper.class_name()),
                         std::string(mapper.class_name()));
    }
    answer_ = std::move(objects);
}

} // namespace mercator
