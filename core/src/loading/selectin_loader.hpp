// SPDX-License-Identifier: MIT
#pragma once

#include "batch_loader.hpp"

namespace mercator {

/// `Lazy::selectin`: after the owners, a statement for each so many of them. What was not loaded so
/// (of an object that came alone, or below the depth where a circle ends) is loaded when touched,
/// as by `Lazy::batch`.
class SelectinLoader final : public BatchLoader {
public:
    void rows_loaded(LoadContext& context, const LoadStep& step,
                     const LoadedRows& rows) const override;
};

} // namespace mercator
