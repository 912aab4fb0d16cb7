// SPDX-License-Identifier: MIT
#include "session_listeners.hpp"

#include <mercator/types/field.hpp>

#include <fmt/format.h>

#include <exception>
#include <string_view>

namespace mercator {

std::string_view name_of(SessionEvent event) noexcept {
    constexpr std::array<std::string_view, 23> names{"before_insert",
                                                     "after_insert",
                                                     "before_update",
                                                     "after_update",
                                                     "before_delete",
                                                     "after_delete",
                                                     "load",
                                                     "refresh",
                                                     "expire",
                                                     "set",
                                                     "append",
                                                     "remove",
                                                     "bulk_replace",
                                                     "before_flush",
                                                     "after_flush",
                                                     "after_begin",
                                                     "before_commit",
                                                     "after_commit",
                                                     "after_rollback",
                                                     "transition",
                                                     "orm_execute",
                                                     "before_models_committed",
                                                     "models_committed"};
    const auto index = static_cast<std::size_t>(event);
    return index < names.size() ? names.at(index) : "an unknown event";
}

ListenerError::ListenerError(const std::string& message, std::string where,
                             std::exception_ptr cause) :
    StateError(message, std::move(where)),
    cause_(std::move(cause)) {}
ListenerError::~ListenerError() = default;

namespace {

std::string words_of(const std::exception_ptr& cause) {
    try {
        std::rethrow_exception(cause);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "something that is no std::exception";
    }
}

std::string_view without_folders(std::string_view file) {
    return file.substr(file.rfind('/') + 1);
}

void call_listener(SessionEvent event, const ListenerEntry& entry, void* call,
                   const std::string& about) {
    try {
        entry.call(call);
    } catch (const DatabaseError&) { // programs decide by it whether to try again
        throw;
    } catch (const ListenerError&) { // of one that this one has caused
        throw;
    } catch (...) {
        const auto cause = std::current_exception();
        throw ListenerError(fmt::format("the {} listener registered at {}:{} failed{}{}: {}",
                                        name_of(event), without_folders(entry.place.file),
                                        entry.place.line, about.empty() ? "" : " for ", about,
                                        words_of(cause)),
                            about, cause);
    }
}

} // namespace

std::string name_of_object(const Mapper& mapper, const void* object) {
    std::string text(mapper.class_name());
    text += '(';
    for (const auto index : mapper.primary_key()) {
        const auto& property = mapper.columns()[index];
        if (index != mapper.primary_key().front()) text += ", ";
        const auto* place = static_cast<const std::byte*>(object);
        const bool is_new = property.is_unset(place + property.field.offset);
        text += fmt::format("{}={}", property.member,
                            is_new                          ? "new"
                            : property.field.type.sensitive ? "***"
                                                            : display(load(property.field, place)));
    }
    return text + ')';
}

const std::shared_ptr<ListenerRegistry>& SessionListeners::own() {
    if (registries_[1] == nullptr) registries_[1] = ListenerRegistry::create();
    return registries_[1];
}

template <class Visit>
void SessionListeners::for_each(SessionEvent event, Visit&& visit) const {
    for (const auto& registry : registries_) {
        if (registry == nullptr || !registry->any_of(kinds(event))) continue;
        const auto entries = registry->entries();
        for (const auto& kept : *entries) {
            if (kept->entry.kind == static_cast<std::uint8_t>(event) &&
                kept->active.load(std::memory_order_relaxed))
                visit(kept->entry);
        }
    }
}

namespace {

bool is_about(const ListenerEntry& entry, const Mapper& mapper) {
    return entry.subject == nullptr || entry.subject == &mapper ||
           (entry.propagate && mapper.is_a(*static_cast<const Mapper*>(entry.subject)));
}

} // namespace

bool SessionListeners::any_for(SessionEvent event, const Mapper& mapper,
                               std::uint32_t detail) const {
    bool found = false;
    for_each(event, [&](const ListenerEntry& entry) {
        found = found || (is_about(entry, mapper) && entry.detail == detail);
    });
    return found;
}

void SessionListeners::tell(SessionEvent event, void* call, const std::string& about) const {
    for_each(event, [&](const ListenerEntry& entry) { call_listener(event, entry, call, about); });
}

void SessionListeners::tell_of(SessionEvent event, Session& session,
                               const AnyObject& object) const {
    ObjectCall call{&session, &object, &object.handle()};
    for_each(event, [&](const ListenerEntry& entry) {
        if (is_about(entry, object.mapper()))
            call_listener(event, entry, &call,
                          name_of_object(object.mapper(), object.handle().get()));
    });
}

void SessionListeners::tell_member(SessionEvent event, const Mapper& mapper, std::uint32_t detail,
                                   MemberCall& call) const {
    for_each(event, [&](const ListenerEntry& entry) {
        if (is_about(entry, mapper) && entry.detail == detail) entry.call(&call);
    });
}

} // namespace mercator
