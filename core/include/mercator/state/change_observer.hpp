// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace mercator {

struct InstanceState;

enum class ChangeOperation : std::uint8_t { Set, Append, Remove, Replace };

/// What the user did that led to a change: `role->users.add(user)` appends to Role.users, and by
/// that sets User.role. A listener that meets its own relationship as the initiator of another
/// need not answer it.
struct Initiator {
    const Mapper* mapper = nullptr; ///< the class whose member was changed
    std::string_view member;        ///< "users"
    ChangeOperation operation = ChangeOperation::Set;
};

/// Whom a graph asks before values and relationships change. What these throw leaves the change
/// undone. Implemented by the session when there are listeners.
class MERCATOR_API ChangeObserver {
public:
    virtual ~ChangeObserver();
    /// A value of an attribute: what is at `value` may be changed.
    virtual void value_setting(InstanceState& owner, const ColumnProperty& column, void* value,
                               const void* old) = 0;
    /// Does anybody want to know what the member held before?
    [[nodiscard]] virtual bool wants_former(const InstanceState& owner,
                                            const Relationship& relationship) const = 0;
    // `target` may be exchanged where the user's own change is told.
    virtual void one_setting(InstanceState& owner, const Relationship& relationship,
                             std::shared_ptr<void>& target, const std::shared_ptr<void>& old,
                             const Initiator& initiator) = 0;
    virtual void appending(InstanceState& owner, const Relationship& relationship,
                           std::shared_ptr<void>& target, const Initiator& initiator) = 0;
    virtual void removing(InstanceState& owner, const Relationship& relationship,
                          const std::shared_ptr<void>& target, const Initiator& initiator) = 0;
    virtual void replacing(InstanceState& owner, const Relationship& relationship,
                           std::vector<std::shared_ptr<void>>& members) = 0;
};

} // namespace mercator
