// SPDX-License-Identifier: MIT
#include <mercator/mapping/deferred.hpp>

#include <mercator/support/error.hpp>

namespace mercator {

void DeferredLink::load() const {
    if (!unloaded_) return;
    if (owner_ == nullptr) {
        throw StateError("a deferred member was moved out of its object before it was loaded; read "
                         "it first, or copy the object");
    }
    owner_->host->load_column(*owner_, column_);
}

} // namespace mercator
