// SPDX-License-Identifier: MIT
#include <mercator/loading/load_context.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <pthread.h>

#include <string>
#include <utility>

namespace mercator {

std::uintptr_t LoadContext::Use::this_thread() noexcept {
    return static_cast<std::uintptr_t>(pthread_self());
}

namespace {

std::string described(CodePlace place) {
    return place.line == 0 ? "at a place that is not known"
                           : fmt::format("at {}:{}", place.file, place.line);
}

} // namespace

void LoadContext::refuse_second_user(CodePlace place) const {
    const CodePlace inside{user_file_.load(std::memory_order_relaxed),
                           user_line_.load(std::memory_order_relaxed)};
    throw StateError(fmt::format("two threads use this session at the same time, one {} and "
                                 "another {}: give each its own, and pass keys or values between "
                                 "them instead of objects",
                                 described(inside), described(place)));
}

void LoadContext::take_mapped_criteria() {
    if (criteria_ == nullptr) criteria_ = std::make_shared<CriteriaInUse>();
    const auto mappers = mappers_with_criteria();
    Criteria more;
    for (std::size_t i = criteria_->mapped; i < mappers.size(); ++i) more.add_mapped(*mappers[i]);
    criteria_->mapped = static_cast<std::uint32_t>(mappers.size());
    criteria_->add(more);
}

} // namespace mercator
