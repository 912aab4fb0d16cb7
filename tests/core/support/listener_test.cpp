// SPDX-License-Identifier: MIT
#include <mercator/support/listener.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <utility>

using namespace mercator;

namespace {

ListenerEntry entry(std::function<void(void*)> call) {
    ListenerEntry made;
    made.call = std::move(call);
    return made;
}

} // namespace

TEST_CASE("EVT-01 a listener that ends takes out another one that it holds") {
    const auto registry = ListenerRegistry::create();
    int told = 0;
    auto held = std::make_shared<ScopedSubscription>(registry->add(entry([&](void*) { ++told; })));
    const Subscription holder = registry->add(entry([held](void*) {}));
    held.reset();
    registry->tell(0, nullptr);
    CHECK(told == 1);
    holder.remove(); // the last that held the other
    registry->tell(0, nullptr);
    CHECK(told == 1);
    CHECK_FALSE(holder.active());
    CHECK_FALSE(registry->any_of(1));
}
