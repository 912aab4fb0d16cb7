// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/state/identity_key.hpp>

namespace mercator {

/// The object with this key, if memory alone can tell: it was read in this transaction.
inline InstanceState* known_by_key(LoadContext& context, const Mapper& mapper,
                                   const IdentityKey& identity, bool read_only) {
    InstanceState* known = context.graph()->identities(mapper).find(identity);
    const bool fresh = known != nullptr && known->loaded_in == context.transaction_number() &&
                       (known->is_tracked() || (read_only && !known->partial));
    return fresh ? known : nullptr;
}

} // namespace mercator
