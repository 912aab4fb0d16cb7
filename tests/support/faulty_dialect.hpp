// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/dialect.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace mercator::testing {

/// Which call of a real driver shall fail. Counted are prepare, execute, fetch, begin, commit,
/// rollback, savepoints and scripts of all links together, from 1. One thread.
class Faults {
public:
    /// The call is not made; as an error, or as a link that is gone from then on.
    void fail(std::uint64_t call, bool lose_link) {
        failing_ = count_ + call;
        lose_link_ = lose_link;
    }
    void fail_nothing() noexcept { failing_ = 0; }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// How many calls of one kind did not fail here: count("rollback to savepoint").
    [[nodiscard]] std::uint64_t count(const std::string& what) const {
        const auto found = by_kind_.find(what);
        return found == by_kind_.end() ? 0 : found->second;
    }
    /// What the failed call was: "commit".
    [[nodiscard]] const std::string& failed() const noexcept { return failed_; }

    /// The driver's side: throws when it is this call's turn, and sets `broken` if the link goes.
    void call(std::string_view what, bool& broken);

private:
    std::uint64_t count_ = 0;
    std::uint64_t failing_ = 0;
    bool lose_link_ = false;
    std::string failed_;
    std::map<std::string, std::uint64_t> by_kind_;
};

/// The dialect of the URI, with drivers that fail as told. For `Engine(url, dialect)`.
[[nodiscard]] std::unique_ptr<Dialect> make_faulty_dialect(std::string_view uri,
                                                           std::shared_ptr<Faults> faults);

} // namespace mercator::testing
