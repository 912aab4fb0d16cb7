// SPDX-License-Identifier: MIT
#include "mapper_events.hpp"

#include <mercator/mapping/mapper_events.hpp>

#include <utility>

namespace mercator {

namespace {

constexpr std::uint8_t class_registered = 0;
constexpr std::uint8_t mapper_configured = 1;

const std::shared_ptr<ListenerRegistry>& registry() {
    static const auto listeners = ListenerRegistry::create();
    return listeners;
}

Subscription add(std::uint8_t kind, std::function<void(const Mapper&)> listener, CodePlace place) {
    ListenerEntry entry;
    entry.kind = kind;
    entry.place = place;
    entry.call = [listener = std::move(listener)](void* call) {
        listener(*static_cast<const Mapper*>(call));
    };
    return registry()->add(std::move(entry));
}

} // namespace

Subscription on_class_registered(std::function<void(const Mapper&)> listener, CodePlace place) {
    return add(class_registered, std::move(listener), place);
}
Subscription on_mapper_configured(std::function<void(const Mapper&)> listener, CodePlace place) {
    return add(mapper_configured, std::move(listener), place);
}

void tell_class_registered(Mapper& mapper) {
    registry()->tell(class_registered, &mapper);
}
void tell_mapper_configured(Mapper& mapper) {
    registry()->tell(mapper_configured, &mapper);
}

} // namespace mercator
