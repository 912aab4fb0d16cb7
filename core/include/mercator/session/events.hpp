// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/attribute.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/member_name.hpp>
#include <mercator/session/lifecycle.hpp>
#include <mercator/state/change_observer.hpp>
#include <mercator/support/code_place.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/export.hpp>
#include <mercator/support/listener.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

class Session;
class Connection;
class LogSink;
class OrmExecution;

/// What can be listened to in a Database or a Session. In a flush the order is: BeforeFlush;
/// BeforeDelete, BeforeInsert and BeforeUpdate (defaults are filled in by then, nothing is sent
/// yet); the statements; AfterInsert, AfterUpdate and AfterDelete in the order in which the rows
/// were written; AfterFlush; the objects' Transitions. In a commit: BeforeCommit; the flush;
/// BeforeModelsCommitted; COMMIT; Transitions; AfterCommit; ModelsCommitted.
enum class SessionEvent : std::uint8_t {
    BeforeInsert,
    AfterInsert,
    BeforeUpdate,
    AfterUpdate,
    BeforeDelete,
    AfterDelete,
    Load,
    Refresh,
    Expire,
    Set,
    Append,
    Remove,
    Replace,
    BeforeFlush,
    AfterFlush,
    AfterBegin,
    BeforeCommit,
    AfterCommit,
    AfterRollback,
    ObjectTransition,
    OrmExecute,
    BeforeModelsCommitted,
    ModelsCommitted
};

/// "before_insert".
[[nodiscard]] MERCATOR_API std::string_view name_of(SessionEvent event) noexcept;

/// A listener of a flush, a commit or another operation of a session threw: `what()` names the
/// event, the place where the listener was registered, the object and the listener's own words.
/// What the operation had done by then is taken back, except after a commit. A DatabaseError passes
/// as it is, since programs decide by it whether to try again; so does what listeners of `set`,
/// `append`, `remove` and `replace` throw, as it comes out of the user's own assignment.
class MERCATOR_API ListenerError : public StateError {
public:
    ListenerError(const std::string& message, std::string where, std::exception_ptr cause);
    ListenerError(const ListenerError&) = default;
    ListenerError& operator=(const ListenerError&) = default;
    ~ListenerError() override;

    /// What the listener threw.
    [[nodiscard]] const std::exception_ptr& cause() const noexcept { return cause_; }
    [[noreturn]] void rethrow_cause() const { std::rethrow_exception(cause_); }

private:
    std::exception_ptr cause_;
};

enum class RowChange : std::uint8_t { Insert, Update, Delete };

/// One object whose row was written.
struct ModelChange {
    AnyObject object;
    RowChange change = RowChange::Insert;
};

/// What adapters of listeners are given. Not for users.
struct ObjectCall {
    Session* session;
    const AnyObject* any;
    const std::shared_ptr<void>* handle; ///< as the class that is listened to
};
struct MemberCall {
    void* owner; ///< as the class that is listened to
    void* value; ///< of an attribute: the member's own type
    const void* old;
    std::shared_ptr<void>* target;
    const std::shared_ptr<void>* former;
    std::vector<std::shared_ptr<void>>* members;
    const Initiator* initiator;
};

/// Calls a listener of an object's event in whichever of these forms it has:
/// `(Session&, User&)`, `(Session&, const std::shared_ptr<User>&)`, `(User&)`.
template <class T, class Listener>
void call_with_object(Listener& listener, const ObjectCall& call) {
    using Handle = std::shared_ptr<T>;
    if constexpr (std::invocable<Listener&, Session&, T&>) {
        listener(*call.session, *static_cast<T*>(call.handle->get()));
    } else if constexpr (std::invocable<Listener&, Session&, const Handle&>) {
        listener(*call.session, std::static_pointer_cast<T>(*call.handle));
    } else {
        listener(*static_cast<T*>(call.handle->get()));
    }
}

/// A function of an observer, called as a listener.
template <class Observer, class Handler>
struct BoundHandler {
    Observer& observer;
    template <class... Arguments>
    requires std::invocable<Handler, Observer&, Arguments...>
    void operator()(Arguments&&... arguments) const {
        Handler()(observer, std::forward<Arguments>(arguments)...);
    }
};

template <class Handler, class Observer, class T>
concept ObservesObjects = std::invocable<Handler, Observer&, Session&, T&> || std::invocable < Handler,
        Observer&, Session&, const std::shared_ptr<T>
& > || std::invocable<Handler, Observer&, T&>;

template <class Listener, class T>
concept ObjectListener = std::invocable<Listener&, Session&, T&> || std::invocable < Listener&,
        Session&, const std::shared_ptr<T>
& > || std::invocable<Listener&, T&>;

/// Events of objects of T, and of their members: what `db.on<User>()` and `session.on<User>()`
/// give. Each function registers a listener, which stays as long as the Database or Session unless
/// the Subscription says otherwise. Listeners of a Database are for sessions made afterwards;
/// register them before it is shared between threads.
///
/// Listeners of inserts, updates and deletes run inside the flush, on the session's thread. They
/// may change the object (and what is already in the session), query, and write rows with
/// `session.execute`; adding and deleting objects, flushing and ending the transaction are refused
/// there with a StateError: use `before_flush` for that.
template <class T>
class ClassEvents {
public:
    explicit ClassEvents(std::shared_ptr<ListenerRegistry> registry,
                         bool propagates = false) noexcept :
        registry_(std::move(registry)),
        propagates_(propagates) {}

    /// The same for classes that inherit T as well, also for those that become known later:
    /// `db.on<Person>().propagate().before_insert([](Session&, Person& person) {…})`.
    [[nodiscard]] ClassEvents propagate() const noexcept { return ClassEvents(registry_, true); }

    /// A new object is about to be inserted; its defaults are filled in. What is changed is in the
    /// INSERT.
    template <class Listener>
    Subscription before_insert(Listener listener, CodePlace place = CodePlace::here()) const {
        return on_object(SessionEvent::BeforeInsert, std::move(listener), place);
    }
    /// Its row is there, with its key.
    template <class Listener>
    Subscription after_insert(Listener listener, CodePlace place = CodePlace::here()) const {
        return on_object(SessionEvent::AfterInsert, std::move(listener), place);
    }
    /// An object is about to be updated: only if it differs from its row.
    /// `session.history(...)` tells what the row holds.
    template <class Listener>
    Subscription before_update(Listener listener, CodePlace place = CodePlace::here()) const {
        return on_object(SessionEvent::BeforeUpdate, std::move(listener), place);
    }
    template <class Listener>
    Subscription after_update(Listener listener, CodePlace place = CodePlace::here()) const {
        return on_object(SessionEvent::AfterUpdate, std::move(listener), place);
    }
    /// Also of what cascades reach in memory; not of rows that the database deletes by itself.
    template <class Listener>
    Subscription before_delete(Listener listener, CodePlace place = CodePlace::here()) const {
        return on_object(SessionEvent::BeforeDelete, std::move(listener), place);
    }
    template <class Listener>
    Subscription after_delete(Listener listener, CodePlace place = CodePlace::here()) const {
        return on_object(SessionEvent::AfterDelete, std::move(listener), place);
    }
    /// A row became an object of the session, by whatever query. Told when all rows of the
    /// operation are read, so the listener may query.
    template <class Listener>
    Subscription load(Listener listener, CodePlace place = CodePlace::here()) const {
        return on_object(SessionEvent::Load, std::move(listener), place);
    }
    /// The row of an object that was there was read again, and the object took over what it holds.
    template <class Listener>
    Subscription refresh(Listener listener, CodePlace place = CodePlace::here()) const {
        return on_object(SessionEvent::Refresh, std::move(listener), place);
    }

    /// The object was expired, wholly or in part; or every one, which a session that expires at
    /// commits does. Told when that is done: a listener that reads the object loads it again.
    template <class Listener>
    Subscription expire(Listener listener, CodePlace place = CodePlace::here()) const {
        return on_object(SessionEvent::Expire, std::move(listener), place);
    }

    /// An Attribute<V> is assigned, or came with a new object:
    /// `set<&User::email>([](User& user, std::string& value, const std::string& old) {…})`. What
    /// the listener makes of `value` is assigned; what it throws leaves the old value and the
    /// assignment. Of a One<U>: `[](Post& post, std::shared_ptr<User>& author, const
    /// std::shared_ptr<User>& old) {…}`. A fourth parameter `const Initiator&` tells what the user
    /// did. A listener that assigns the same member again is not called for that.
    template <auto Member, class Listener>
    Subscription set(Listener listener, CodePlace place = CodePlace::here()) const {
        using Side = typename MemberPointer<decltype(Member)>::member_type;
        static_assert(is_attribute<Side> || std::derived_from<Side, RelatedOne>,
                      "mercator: only an Attribute<T> or a One<T> tells of assignments; make the "
                      "member an Attribute<T>");
        if constexpr (is_attribute<Side>) {
            return on_value<Member, typename Side::value_type>(std::move(listener), place);
        } else {
            return on_one<Member, typename Side::target_type>(std::move(listener), place);
        }
    }
    /// `append<&Role::users>([](Role& role, std::shared_ptr<User>& user) {…})`: an object is about
    /// to be added to the collection, from either side. Another may be put in its place where the
    /// user has added it to this collection.
    template <auto Member, class Listener>
    Subscription append(Listener listener, CodePlace place = CodePlace::here()) const {
        return on_member<Member, true>(SessionEvent::Append, std::move(listener), place);
    }
    /// It is about to be taken out.
    template <auto Member, class Listener>
    Subscription remove(Listener listener, CodePlace place = CodePlace::here()) const {
        return on_member<Member, false>(SessionEvent::Remove, std::move(listener), place);
    }
    /// The whole collection is about to be assigned: `[](Role& role,
    /// std::vector<std::shared_ptr<User>>& users) {…}`, which may be changed. `append` and `remove`
    /// of what comes and goes follow.
    template <auto Member, class Listener>
    Subscription bulk_replace(Listener listener, CodePlace place = CodePlace::here()) const {
        using Target = typename collection<Member>::target_type;
        static_assert(
            std::invocable<Listener&, T&, std::vector<std::shared_ptr<Target>>&>,
            "mercator: a listener of bulk_replace takes (T&, std::vector<std::shared_ptr<U>>&)");
        return add(SessionEvent::Replace, member_offset<T>(Member), place,
                   [listener = std::move(listener)](void* call) mutable {
                       const auto& now = *static_cast<const MemberCall*>(call);
                       std::vector<std::shared_ptr<Target>> members;
                       for (const auto& member : *now.members)
                           members.push_back(std::static_pointer_cast<Target>(member));
                       listener(*static_cast<T*>(now.owner), members);
                       now.members->assign(members.begin(), members.end());
                   });
    }

    /// What an observer has functions for; see Database::observe.
    template <class Observer>
    Subscription observe(std::shared_ptr<Observer> observer, CodePlace place) const;

private:
    template <auto Member>
    using collection = typename MemberPointer<decltype(Member)>::member_type;

    template <class Listener>
    Subscription on_object(SessionEvent event, Listener listener, CodePlace place) const {
        static_assert(ObjectListener<Listener, T>,
                      "mercator: a listener of an object's event takes (Session&, T&), (Session&, "
                      "const std::shared_ptr<T>&) or (T&)");
        return add(event, 0, place, [listener = std::move(listener)](void* call) mutable {
            call_with_object<T>(listener, *static_cast<const ObjectCall*>(call));
        });
    }
    template <auto Member, class Value, class Listener>
    Subscription on_value(Listener listener, CodePlace place) const {
        static_assert(std::invocable<Listener&, T&, Value&, const Value&> ||
                          std::invocable<Listener&, T&, Value&, const Value&, const Initiator&>,
                      "mercator: a listener of set takes (T&, Value& value, const Value& old)");
        return add(SessionEvent::Set, member_offset<T>(Member), place,
                   [listener = std::move(listener)](void* call) mutable {
                       const auto& now = *static_cast<const MemberCall*>(call);
                       T& owner = *static_cast<T*>(now.owner);
                       Value& value = *static_cast<Value*>(now.value);
                       const Value& old = *static_cast<const Value*>(now.old);
                       if constexpr (std::invocable<Listener&, T&, Value&, const Value&>) {
                           listener(owner, value, old);
                       } else {
                           listener(owner, value, old, *now.initiator);
                       }
                   });
    }
    template <auto Member, class Target, class Listener>
    Subscription on_one(Listener listener, CodePlace place) const {
        using Handle = std::shared_ptr<Target>;
        static_assert(std::invocable<Listener&, T&, Handle&, const Handle&> ||
                          std::invocable<Listener&, T&, Handle&, const Handle&, const Initiator&>,
                      "mercator: a listener of a One<U> takes (T&, std::shared_ptr<U>& target, "
                      "const std::shared_ptr<U>& old)");
        return add(SessionEvent::Set, member_offset<T>(Member), place,
                   [listener = std::move(listener)](void* call) mutable {
                       const auto& now = *static_cast<const MemberCall*>(call);
                       T& owner = *static_cast<T*>(now.owner);
                       auto target = std::static_pointer_cast<Target>(*now.target);
                       const auto old = std::static_pointer_cast<Target>(*now.former);
                       if constexpr (std::invocable<Listener&, T&, Handle&, const Handle&>) {
                           listener(owner, target, old);
                       } else {
                           listener(owner, target, old, *now.initiator);
                       }
                       *now.target = std::move(target);
                   });
    }
    template <auto Member, bool may_exchange, class Listener>
    Subscription on_member(SessionEvent event, Listener listener, CodePlace place) const {
        using Target = typename collection<Member>::target_type;
        using Handle = std::conditional_t<may_exchange, std::shared_ptr<Target>&,
                                          const std::shared_ptr<Target>&>;
        static_assert(
            std::invocable<Listener&, T&, Handle> ||
                std::invocable<Listener&, T&, Handle, const Initiator&>,
            "mercator: a listener of a collection takes (T&, std::shared_ptr<U>& member)");
        return add(event, member_offset<T>(Member), place,
                   [listener = std::move(listener)](void* call) mutable {
                       const auto& now = *static_cast<const MemberCall*>(call);
                       auto target = std::static_pointer_cast<Target>(*now.target);
                       T& owner = *static_cast<T*>(now.owner);
                       if constexpr (std::invocable<Listener&, T&, Handle>) {
                           listener(owner, target);
                       } else {
                           listener(owner, target, *now.initiator);
                       }
                       if constexpr (may_exchange) *now.target = std::move(target);
                   });
    }
    Subscription add(SessionEvent event, std::uint32_t detail, CodePlace place,
                     std::function<void(void*)> call) const {
        return registry_->add(entry(event, detail, place, std::move(call)));
    }
    [[nodiscard]] ListenerEntry entry(SessionEvent event, std::uint32_t detail, CodePlace place,
                                      std::function<void(void*)> call) const {
        ListenerEntry made;
        made.kind = static_cast<std::uint8_t>(event);
        made.subject = &declared_mapper<T>();
        made.detail = detail;
        made.propagate = propagates_;
        made.place = place;
        made.call = std::move(call);
        return made;
    }
    template <class Observer, class Handler>
    void add_handler(std::vector<ListenerEntry>& entries, SessionEvent event,
                     const std::shared_ptr<Observer>& observer, CodePlace place) const {
        if constexpr (ObservesObjects<Handler, Observer, T>) {
            entries.push_back(entry(event, 0, place, [observer](void* call) {
                auto listener = BoundHandler<Observer, Handler>{*observer};
                call_with_object<T>(listener, *static_cast<const ObjectCall*>(call));
            }));
        }
    }

    std::shared_ptr<ListenerRegistry> registry_;
    bool propagates_;
};

/// Events of a session and of objects of all classes: what `db.on()` and `session.on()` give. As
/// with ClassEvents, listeners stay, and are for sessions made afterwards.
class MERCATOR_API SessionEvents {
public:
    using OfSession = std::function<void(Session&)>;
    using OfObject = std::function<void(Session&, const AnyObject&)>;
    using OfChanges = std::function<void(Session&, std::span<const ModelChange>)>;

    SessionEvents(std::shared_ptr<ListenerRegistry> registry, std::shared_ptr<LogSink> log,
                  bool tracks_modifications) noexcept;
    ~SessionEvents();

    /// There is something to write. May add, change and delete objects: the flush writes that, too.
    Subscription before_flush(OfSession listener, CodePlace place = CodePlace::here()) const;
    /// Everything is written, nothing committed. What is changed here is written by the next
    /// flush; a commit flushes again until nothing is left, a hundred times at most.
    Subscription after_flush(OfChanges listener, CodePlace place = CodePlace::here()) const;
    /// A transaction has begun on this connection; what is thrown ends it.
    Subscription after_begin(std::function<void(Session&, Connection&)> listener,
                             CodePlace place = CodePlace::here()) const;
    /// Before the flush of a commit. What is thrown leaves everything uncommitted and as it was.
    Subscription before_commit(OfSession listener, CodePlace place = CodePlace::here()) const;
    /// The transaction is committed, whatever is thrown here. The session may be used.
    Subscription after_commit(OfSession listener, CodePlace place = CodePlace::here()) const;
    /// The transaction was rolled back, by the program or because a flush failed; in the latter
    /// case, what listeners throw is dropped.
    Subscription after_rollback(OfSession listener, CodePlace place = CodePlace::here()) const;
    /// Every step in an object's life; see lifecycle.hpp.
    Subscription transition(TransitionListener listener, CodePlace place = CodePlace::here()) const;
    /// Every query of the user's, before it runs: see OrmExecution, which may rewrite it or answer
    /// it from elsewhere.
    Subscription orm_execute(std::function<void(OrmExecution&)> listener,
                             CodePlace place = CodePlace::here()) const;

    /// What a commit is about to make permanent, and what it has made permanent, each object once
    /// (Flask-SQLAlchemy's signals). Only where the configuration says `track_modifications`; else
    /// they are never called, and a line in the log says so.
    Subscription before_models_committed(OfChanges listener,
                                         CodePlace place = CodePlace::here()) const;
    Subscription models_committed(OfChanges listener, CodePlace place = CodePlace::here()) const;

    // As in ClassEvents, of objects of every class.
    Subscription before_insert(OfObject listener, CodePlace place = CodePlace::here()) const;
    Subscription after_insert(OfObject listener, CodePlace place = CodePlace::here()) const;
    Subscription before_update(OfObject listener, CodePlace place = CodePlace::here()) const;
    Subscription after_update(OfObject listener, CodePlace place = CodePlace::here()) const;
    Subscription before_delete(OfObject listener, CodePlace place = CodePlace::here()) const;
    Subscription after_delete(OfObject listener, CodePlace place = CodePlace::here()) const;
    Subscription load(OfObject listener, CodePlace place = CodePlace::here()) const;
    Subscription refresh(OfObject listener, CodePlace place = CodePlace::here()) const;
    Subscription expire(OfObject listener, CodePlace place = CodePlace::here()) const;

private:
    Subscription of_session(SessionEvent event, OfSession listener, CodePlace place) const;
    Subscription of_object(SessionEvent event, OfObject listener, CodePlace place) const;
    Subscription of_changes(SessionEvent event, OfChanges listener, CodePlace place) const;
    void warn_if_untracked(SessionEvent event) const;

    std::shared_ptr<ListenerRegistry> registry_;
    std::shared_ptr<LogSink> log_;
    bool tracks_modifications_;
};

/// What an observer can have functions for: `void before_insert(Session&, User&)` and its kin.
namespace handler {
#define MERCATOR_HANDLER(name)                                                                     \
    struct name {                                                                                  \
        template <class Observer, class... Arguments>                                              \
        auto operator()(Observer& of, Arguments&&... arguments) const                              \
            -> decltype(of.name(std::forward<Arguments>(arguments)...)) {                          \
            return of.name(std::forward<Arguments>(arguments)...);                                 \
        }                                                                                          \
    }
MERCATOR_HANDLER(before_insert);
MERCATOR_HANDLER(after_insert);
MERCATOR_HANDLER(before_update);
MERCATOR_HANDLER(after_update);
MERCATOR_HANDLER(before_delete);
MERCATOR_HANDLER(after_delete);
MERCATOR_HANDLER(load);
MERCATOR_HANDLER(refresh);
MERCATOR_HANDLER(expire);
#undef MERCATOR_HANDLER
} // namespace handler

template <class T>
template <class Observer>
Subscription ClassEvents<T>::observe(std::shared_ptr<Observer> observer, CodePlace place) const {
    const auto add_all = [&]<class... Handlers>(const std::pair<Handlers, SessionEvent>&... all) {
        static_assert((ObservesObjects<Handlers, Observer, T> || ...),
                      "mercator: an observer needs functions with the names of events, as "
                      "before_insert(Session&, User&); this one has none");
        std::vector<ListenerEntry> entries;
        (add_handler<Observer, Handlers>(entries, all.second, observer, place), ...);
        return registry_->add(std::move(entries));
    };
    return add_all(std::pair(handler::before_insert(), SessionEvent::BeforeInsert),
                   std::pair(handler::after_insert(), SessionEvent::AfterInsert),
                   std::pair(handler::before_update(), SessionEvent::BeforeUpdate),
                   std::pair(handler::after_update(), SessionEvent::AfterUpdate),
                   std::pair(handler::before_delete(), SessionEvent::BeforeDelete),
                   std::pair(handler::after_delete(), SessionEvent::AfterDelete),
                   std::pair(handler::load(), SessionEvent::Load),
                   std::pair(handler::refresh(), SessionEvent::Refresh),
                   std::pair(handler::expire(), SessionEvent::Expire));
}

} // namespace mercator
