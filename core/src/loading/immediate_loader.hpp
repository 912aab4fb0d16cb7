// SPDX-License-Identifier: MIT
#pragma once

#include "batch_loader.hpp"

namespace mercator {

/// `Lazy::immediate`: after the owners, a statement for each of them. For the rare case in which
/// each needs one of its own; `selectin` gives the same objects with fewer.
class ImmediateLoader final : public BatchLoader {
public:
    void rows_loaded(LoadContext& context, const LoadStep& step,
                     const LoadedRows& rows) const override;
};

} // namespace mercator
