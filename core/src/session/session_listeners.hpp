// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/session/events.hpp>
#include <mercator/support/listener.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace mercator {

/// The listeners that one session has to tell: those of its Database, and its own.
class SessionListeners {
public:
    using Kinds = std::uint32_t;
    template <class... Events>
    [[nodiscard]] static constexpr Kinds kinds(Events... events) noexcept {
        return ((std::uint32_t{1} << static_cast<std::uint8_t>(events)) | ...);
    }

    explicit SessionListeners(std::shared_ptr<ListenerRegistry> database) :
        registries_{std::move(database), nullptr} {}

    [[nodiscard]] bool any_of(Kinds kinds) const noexcept {
        return (registries_[0] != nullptr && registries_[0]->any_of(kinds)) ||
               (registries_[1] != nullptr && registries_[1]->any_of(kinds));
    }
    [[nodiscard]] bool any(SessionEvent event) const noexcept { return any_of(kinds(event)); }
    /// Made when first asked for.
    [[nodiscard]] const std::shared_ptr<ListenerRegistry>& own();

    /// Is there one for this class (and member)?
    [[nodiscard]] bool any_for(SessionEvent event, const Mapper& mapper,
                               std::uint32_t detail = 0) const;
    /// Calls those of an event; what they throw becomes a ListenerError about `about`.
    void tell(SessionEvent event, void* call, const std::string& about = {}) const;
    /// The same for an object: those of its class and of all classes.
    void tell_of(SessionEvent event, Session& session, const AnyObject& object) const;
    /// Those of a member; what they throw leaves as it is.
    void tell_member(SessionEvent event, const Mapper& mapper, std::uint32_t detail,
                     MemberCall& call) const;

private:
    template <class Visit>
    void for_each(SessionEvent event, Visit&& visit) const;

    std::array<std::shared_ptr<ListenerRegistry>, 2> registries_;
};

/// "User(id=7)", without values of columns that are sensitive.
[[nodiscard]] std::string name_of_object(const Mapper& mapper, const void* object);

} // namespace mercator
