// SPDX-License-Identifier: MIT
#include "lazy_loader.hpp"

#include "n_plus_one.hpp"
#include "related_loader.hpp"

namespace mercator {

void LazyLoader::first_touch(LoadContext& context, InstanceState& owner,
                             const LoadStep& step) const {
    const LoadBatch* batch = owner.batch;
    RelatedLoader loader(context, step, batch == nullptr ? CodePlace{} : batch->place);
    if (loader.from_memory(owner)) return;
    note_single_load(context, owner, *step.relationship);
    InstanceState* const owners[] = {&owner};
    loader.load(owners);
}

} // namespace mercator
