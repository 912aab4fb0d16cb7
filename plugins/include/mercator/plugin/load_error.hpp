// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/plugin/export.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace mercator::plugin {

/// One place the loader looked at, and why it did not use what it found there.
struct TriedPath {
    std::string path;
    std::string reason;
};

/// A plugin was not found, or was found and refused.
///
/// `what()` is a complete text for a person: what was wanted, the nearest known scheme, one line
/// per path tried, and what to do. The getters give the same as data; each is empty where it does
/// not apply. Copies share their data, so copying never throws. The engine turns it into
/// `PluginError`.
class MERCATOR_EXPORT LoadError : public std::runtime_error {
public:
    /// What an error is made of; `advice` says what to do next.
    struct Details {
        std::string headline;
        std::string scheme;
        std::string suggestion;
        std::string advice;
        std::vector<TriedPath> tried;
    };

    explicit LoadError(Details details);
    LoadError(const LoadError&) noexcept = default;
    LoadError& operator=(const LoadError&) noexcept = default;
    ~LoadError() override;

    /// The scheme asked for, as far as it could be one: text that cannot belong to a scheme is cut
    /// off, so an address given by mistake does not show its password. Empty after `load_file`.
    [[nodiscard]] const std::string& scheme() const noexcept;

    /// Every path looked at, in order.
    [[nodiscard]] const std::vector<TriedPath>& tried() const noexcept;

    /// The nearest scheme that some usable plugin serves, or empty if none is near.
    [[nodiscard]] const std::string& suggestion() const noexcept;

private:
    std::shared_ptr<const Details> details_;
};

} // namespace mercator::plugin
