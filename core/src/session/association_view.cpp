// SPDX-License-Identifier: MIT
#include <mercator/session/association_view.hpp>

#include "session_core.hpp"

#include <mercator/state/graph.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

std::shared_ptr<void> save_link(const RelatedMany& links, const Mapper& mapper, void* object) {
    if (links.owner() == nullptr) {
        throw StateError(fmt::format("a {} cannot be made for an object that is in no session; add "
                                     "it with session.add(...) and use the handle that this "
                                     "returns",
                                     mapper.class_name()),
                         std::string(mapper.class_name()));
    }
    Graph& graph = static_cast<Graph&>(*links.owner()->host);
    if (graph.client() == nullptr) {
        throw DetachedError(fmt::format("a {} cannot be made for an object whose session has "
                                        "ended; load the object in another session first",
                                        mapper.class_name()),
                            std::string(mapper.class_name()));
    }
    return graph.handle(static_cast<SessionCore&>(*graph.client()).adopt(mapper, object));
}

} // namespace mercator
