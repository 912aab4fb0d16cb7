// SPDX-License-Identifier: MIT
#include <mercator/plugin/load_error.hpp>

#include <utility>

namespace mercator::plugin {

namespace {

std::string message(const LoadError::Details& details) {
    std::string text = details.headline;
    if (!details.suggestion.empty()) {
        text += "; did you mean \"" + details.suggestion + "\"?";
    }
    for (const auto& tried : details.tried) {
        text += "\n  tried " + tried.path + ": " + tried.reason;
    }
    if (!details.advice.empty()) {
        text += "\n  " + details.advice;
    }
    return text;
}

} // namespace

LoadError::LoadError(Details details) :
    std::runtime_error(message(details)),
    details_(std::make_shared<const Details>(std::move(details))) {}

LoadError::~LoadError() = default;

const std::string& LoadError::scheme() const noexcept {
    return details_->scheme;
}

const std::vector<TriedPath>& LoadError::tried() const noexcept {
    return details_->tried;
}

const std::string& LoadError::suggestion() const noexcept {
    return details_->suggestion;
}

} // namespace mercator::plugin
