// SPDX-License-Identifier: MIT
#pragma once

#include "related_loader.hpp"

#include <mercator/loading/loader_strategy.hpp>

#include <memory>
#include <vector>

namespace mercator {

/// The relationships of the objects of one result whose statements go out together, where the
/// backend can. What one of them brings is never what memory would know for another one, so there
/// are the same statements as one after the other; only those of the levels below come later.
class LoadTogether {
public:
    explicit LoadTogether(LoadContext& context) noexcept : context_(context) {}
    LoadTogether(const LoadTogether&) = delete;
    LoadTogether& operator=(const LoadTogether&) = delete;

    /// Loads it for those of the objects that have not loaded it: now, or with others.
    void add(const LoadStep& step, const LoadedRows& rows);
    /// Loads what is left. To be called before statements of other kinds, and at the end.
    void finish();

private:
    struct Part {
        std::unique_ptr<RelatedLoader> loader;
        const Relationship* relationship = nullptr;
        std::vector<const Mapper*> below; ///< classes that its objects bring with them
    };
    [[nodiscard]] bool disturbs(const Part& earlier, const Relationship& relationship) const;

    LoadContext& context_;
    std::vector<Part> parts_;
};

} // namespace mercator
