// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/engine/engine.hpp>
#include <mercator/loading/query.hpp>
#include <mercator/loading/select.hpp>
#include <mercator/loading/table_insert.hpp>
#include <mercator/session/flush_step.hpp>
#include <mercator/session/history.hpp>
#include <mercator/session/lifecycle.hpp>
#include <mercator/session/savepoint.hpp>
#include <mercator/state/graph_client.hpp>
#include <mercator/support/export.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

class ListenerRegistry;
class SessionCore;
class SessionEvents;
template <class T>
class ClassEvents;

/// Another engine than the session's own: classes that say `bind_key(key)` live there.
struct EngineBind {
    std::string key;
    Engine* engine = nullptr; ///< must outlive the session
};

struct SessionOptions {
    bool autoflush = true; ///< flush what a query could miss, before it runs
    /// Each commit expires all objects (see `Session::expire`): what was loaded of relationships is
    /// loaded again when it is touched. Without it they keep what they show; `get` and queries ask
    /// anew after a commit in any case.
    bool expire_on_commit = false;
    LoadSettings loading;  ///< how relationships are loaded where nothing else decides
    /// What rows of classes must meet to be seen. Empty: as `Database::criteria` says; an object
    /// without conditions means none.
    std::shared_ptr<const Criteria> criteria = {};
    /// Whose listeners are told as well as the session's own: those of the Database.
    std::shared_ptr<ListenerRegistry> events = {};
    bool track_modifications = false; ///< for `models_committed`
    /// Classes with a bind key are read from and written to these engines; without any binds, all
    /// classes live on the session's own. A transaction goes over all that it has used: they are
    /// committed one after the other, the session's own first, then in this order. That is no
    /// two-phase commit: where one fails, those before it stay committed, those after it are rolled
    /// back, and a StateError names both. What was lost is pending or changed again.
    std::vector<EngineBind> binds = {};
    /// Of all transactions of the session, on each of its engines; Default: as their engines say.
    Isolation isolation = Isolation::Default;
    /// Tables of the first schema are read and written in the second, by all that the session does:
    /// queries, flushes and what is loaded when it is touched. So one set of models serves many
    /// tenants: `{{"tenant", "tenant_7"}}`; `{{"", "tenant_7"}}` for models that name no schema.
    /// SQL text is left as it is.
    ast::SchemaTranslation schema_translate = {};
};

/// Does `merge` ask the database for the row?
enum class MergeLoad : std::uint8_t {
    yes,
    no ///< what is given is taken for what the row has: for objects out of a cache
};

/// While it lives, its session does not flush by itself before queries: what `no_autoflush()`
/// gives, for building up objects that are not ready to be written. They may be nested. Safe to
/// outlive its session.
class MERCATOR_API NoAutoflush {
public:
    /// Counts in `held` as long as it lives.
    explicit NoAutoflush(std::shared_ptr<int> held);
    NoAutoflush(const NoAutoflush&) = delete;
    NoAutoflush& operator=(const NoAutoflush&) = delete;
    ~NoAutoflush();

private:
    std::shared_ptr<int> held_;
};

/// A workspace of objects over one database: it loads objects, keeps one per row, finds what
/// changed, and writes that in one transaction (SQLAlchemy's Session).
///
/// It takes a connection from the pool with the first statement and gives it back at commit or
/// rollback. What is not committed when it ends is rolled back. Movable; used by one thread at a
/// time: one that comes while another is inside gets a StateError. Handles outlive it: what was
/// loaded can still be read, what was not throws DetachedError.
///
/// Its memory is bounded: when a transaction ends and no handle is held any more, the session lets
/// go of all that it has read, once that is more than a thousand objects. Within one transaction,
/// `query.yield_per` and `stream` go through any number of rows.
///
/// A flush or commit that fails at the database rolls the transaction back and forgets nothing:
/// what was new, changed or deleted is so again, so the cause can be mended and `commit()` called
/// again, or everything dropped with `rollback()`. What is refused before anything is sent (a
/// missing parent, a default that throws) leaves the transaction as it is. So nothing has to be
/// rolled back before the session can go on, unlike SQLAlchemy's, which forgets what was added and
/// insists.
class MERCATOR_API Session {
public:
    explicit Session(Engine& engine, SessionOptions options = {});
    Session(Session&& other) noexcept;
    Session& operator=(Session&& other) noexcept;
    ~Session();

    /// Moves an object into the session (copies one that has a name) and returns its handle. It is
    /// inserted at the next flush, with everything that it is related to.
    template <class T>
    requires Described<std::remove_cvref_t<T>> std::shared_ptr<std::remove_cvref_t<T>>
    add(T&& object) {
        using Plain = std::remove_cvref_t<T>;
        if constexpr (std::same_as<T, Plain>) {
            InstanceState& state = adopt(mapper_of<Plain>(), std::addressof(object));
            return std::shared_ptr<Plain>(graph(), reinterpret_cast<Plain*>(state.object()));
        } else {
            return add(Plain(object)); // an object with a name is copied
        }
    }
    /// Adds an object back that a rollback or `expunge` had taken out of this session.
    template <class T>
    void add(const std::shared_ptr<T>& handle) {
        add_again(own(handle));
    }
    template <Described T>
    std::vector<std::shared_ptr<T>> add_all(std::vector<T> objects) {
        std::vector<std::shared_ptr<T>> handles;
        handles.reserve(objects.size());
        for (auto& object : objects) handles.push_back(add(std::move(object)));
        return handles;
    }
    /// The object's row is deleted at the next flush.
    template <class T>
    void delete_(const std::shared_ptr<T>& handle) {
        mark_deleted(own(handle));
    }
    /// Takes the object out of the session, with what it reaches by the expunge cascade; their
    /// changes are not written.
    template <class T>
    void expunge(const std::shared_ptr<T>& handle) {
        expunge_state(own(handle));
    }
    /// Copies what an object from outside holds onto the session's own object with the same key,
    /// and returns that: the one in memory, else the one that the row is loaded as, else a new one,
    /// to be inserted. The given object is only read, and stays outside; one that is in this
    /// session already is returned as it is.
    ///
    /// All columns are copied, so take a struct that has all of them: one that was loaded, or
    /// copied from a handle. Relationships with the merge cascade (it is on unless told otherwise)
    /// are followed, each object once: of a handle those that are loaded, of a plain struct those
    /// that something was assigned to. A Many then replaces the collection, a One of a handle that
    /// is loaded and empty takes the related object away. What was not loaded, not assigned or does
    /// not cascade is left alone. `merge(User{...})`, or a handle of another session:
    ///
    /// With `MergeLoad::no` there is no SELECT: the state is taken as the one that the row has, and
    /// nothing is written because of it. The key must be there, and neither the given object nor
    /// the session's own may have changes that are not flushed, else it is a StateError. Members
    /// that were not given load when they are touched.
    template <class T>
    requires Described<T> std::shared_ptr<T> merge(const T& object,
                                                   MergeLoad load = MergeLoad::yes) {
        void* merged = merge_object(mapper_of<T>(), std::addressof(object), load);
        return std::shared_ptr<T>(graph(), static_cast<T*>(merged));
    }
    template <class T>
    std::shared_ptr<T> merge(const std::shared_ptr<T>& handle, MergeLoad load = MergeLoad::yes) {
        void* merged = merge_handle(mapper_of<T>(), handle, load);
        return std::shared_ptr<T>(graph(), static_cast<T*>(merged));
    }
    /// Overwrites the object with its row as it is now. StaleDataError when the row is gone.
    /// Reaches loaded related objects by the refresh cascade; those whose rows are gone leave the
    /// session.
    template <class T>
    void refresh(const std::shared_ptr<T>& handle) {
        refresh_state(own(handle));
    }

    /// Reads these members alone, by one SELECT of their columns: `session.refresh<&User::name,
    /// &User::email>(user)`. What was changed in them and not flushed is dropped; relationships
    /// among them are loaded anew. StaleDataError when the row is gone.
    template <auto... Members, class T>
    requires(sizeof...(Members) > 0) void refresh(const std::shared_ptr<T>& handle) {
        const std::array<std::uint32_t, sizeof...(Members)> offsets{member_offset<T>(Members)...};
        refresh_members(own(handle), offsets);
    }
    /// What is known of the object's row is out of date, and changes that were not flushed are
    /// dropped: its relationships and deferred columns load again when they are touched, and the
    /// next `get` or query that meets its row renews all of it. Plain members show what they did
    /// until then, since reading one is no call. Reaches loaded related objects by the refresh
    /// cascade.
    template <class T>
    void expire(const std::shared_ptr<T>& handle) {
        expire_state(own(handle));
    }
    /// The same of some members: `session.expire<&User::posts>(user)`. Of relationships, what was
    /// added or taken out and not flushed stays.
    template <auto... Members, class T>
    requires(sizeof...(Members) > 0) void expire(const std::shared_ptr<T>& handle) {
        const std::array<std::uint32_t, sizeof...(Members)> offsets{member_offset<T>(Members)...};
        expire_members(own(handle), offsets);
    }
    /// Of all objects.
    void expire_all();

    /// The object with this primary key (one argument per key column), or empty. Without SQL when
    /// this transaction has read it already. `get<const User>(1)` gives a read-only object, without
    /// a snapshot.
    template <class T, class... Key>
    [[nodiscard]] std::shared_ptr<T> get(const Key&... key) {
        using Plain = std::remove_const_t<T>;
        const std::array<Value, sizeof...(Key)> values{to_key_value(key)...};
        InstanceState* state = find(mapper_of<Plain>(), values, std::is_const_v<T>);
        if (state == nullptr) return nullptr;
        return std::shared_ptr<T>(graph(), reinterpret_cast<T*>(state->object()));
    }
    /// The same with the parts of the key in a tuple.
    template <class T, class... Key>
    [[nodiscard]] std::shared_ptr<T> get(const std::tuple<Key...>& key) {
        return std::apply([this](const Key&... part) { return get<T>(part...); }, key);
    }
    /// The same, where absence is an error: NoResultFound that names class and key.
    template <class T, class... Key>
    [[nodiscard]] std::shared_ptr<T> get_one(const Key&... key) {
        auto found = get<T>(key...);
        if (!found) {
            const std::array<Value, sizeof...(Key)> values{to_key_value(key)...};
            throw_no_object(mapper_of<std::remove_const_t<T>>(), values);
        }
        return found;
    }
    /// The objects on a side of a relationship that has no member, named by `backref("role")` on
    /// the other class: `session.related<Role>(user, "role")`. Flushes what it could miss, then
    /// asks memory and the database.
    template <class Target, class T>
    [[nodiscard]] std::vector<std::shared_ptr<Target>> related(const std::shared_ptr<T>& object,
                                                               std::string_view name) {
        std::vector<std::shared_ptr<Target>> handles;
        for (InstanceState* state : find_related(own(object), mapper_of<Target>(), name)) {
            handles.emplace_back(graph(), reinterpret_cast<Target*>(state->object()));
        }
        return handles;
    }
    /// Loads relationships of an object that is there already, as the options say and whatever its
    /// query said: `session.load(user, selectin<&User::posts>().then(selectin<&Post::tags>()))`.
    /// What is loaded stays as it is. What options name is loaded with few statements, of whatever
    /// strategy they are.
    template <class T, LoaderOptionFor<T>... Options>
    void load(const std::shared_ptr<T>& handle, const Options&... options) {
        InstanceState* const one[] = {&own(handle)};
        (load_states(one, options.node()), ...);
    }
    /// The same for many objects at once.
    template <class T, LoaderOptionFor<T>... Options>
    void load(const std::vector<std::shared_ptr<T>>& handles, const Options&... options) {
        std::vector<InstanceState*> states;
        states.reserve(handles.size());
        for (const auto& handle : handles) states.push_back(&own(handle));
        (load_states(states, options.node()), ...);
    }
    /// Of several classes: each option holds for the objects of its class.
    template <class... Options>
    void load(const std::vector<AnyObject>& objects, const Options&... options) {
        std::vector<InstanceState*> states;
        states.reserve(objects.size());
        for (const auto& object : objects) states.push_back(&own_state(object.handle()));
        (load_states(states, options.node()), ...);
    }
    /// The row with this primary key as a plain struct, without identity.
    template <class T, class... Key>
    [[nodiscard]] std::optional<T> get_values(const Key&... key) {
        const std::array<Value, sizeof...(Key)> values{to_key_value(key)...};
        std::optional<T> object(make_object<T>());
        if (!read_values(mapper_of<T>(), values, reinterpret_cast<std::byte*>(&*object)))
            object.reset();
        return object;
    }

    /// A query for objects of T; `place`, the line that it is written in, is named where its
    /// objects cause too many statements.
    template <class T>
    [[nodiscard]] query_of_t<T> query(CodePlace place = CodePlace::here()) {
        query_of_t<T> query;
        query.attach(open_context(), place);
        return query;
    }
    template <class Row>
    [[nodiscard]] Result<Row> execute(const TypedSelect<Row>& select) {
        return select.run(context());
    }
    /// Rows as a user's aggregate: `session.execute<Line>(select(...))`.
    template <class Aggregate, class Row>
    [[nodiscard]] Result<Aggregate> execute(const TypedSelect<Row>& select) {
        return select.template run_into<Aggregate>(context());
    }
    template <class T, class Derived>
    [[nodiscard]] Result<std::shared_ptr<T>> execute(const Query<T, Derived>& query) {
        auto bound = query;
        bound.attach(context());
        return Result<std::shared_ptr<T>>(bound.all());
    }
    /// Inserts rows into a table without a class and returns their number. Flushes everything
    /// before, since the rows may refer to what is new, unless autoflush is off.
    std::uint64_t execute(const TableInsert& insert);
    /// The only value of the only row. Throws NoResultFound or MultipleResultsFound.
    template <class Row>
    [[nodiscard]] auto scalar(const TypedSelect<Row>& select) {
        return execute(select).scalar_one();
    }
    /// Row after row as a plain struct, holding one at a time: `session.stream<User>([](const User&
    /// user) { … })`.
    template <class T, class Visit>
    void stream(Visit&& visit) {
        query<T>().stream(std::forward<Visit>(visit));
    }

    /// Writes everything that is new, changed or deleted, without committing.
    void flush(CodePlace place = CodePlace::here());
    /// Flushes and makes it permanent, with what was done inside of savepoints that are still open:
    /// they are committed with it.
    void commit(CodePlace place = CodePlace::here());
    /// Ends the transaction without its effects, with all savepoints. Objects get back what their
    /// rows hold, added ones leave the session, deleted ones come back.
    void rollback(CodePlace place = CodePlace::here());
    /// Rolls back what is open and lets all objects go; handles stay readable.
    void close() noexcept;
    /// Flushes, and begins a part of the transaction that can be taken back by itself; a
    /// transaction begins with it if there is none. See Savepoint.
    [[nodiscard]] Savepoint begin_nested();
    /// Calls `work` inside a savepoint, which is committed when it returns and rolled back when it
    /// throws; returns what it returns. An exception leaves unchanged.
    template <std::invocable Work>
    decltype(auto) nested(Work&& work) {
        Savepoint savepoint = begin_nested();
        if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
            std::forward<Work>(work)();
            savepoint.commit();
        } else {
            decltype(auto) result = std::forward<Work>(work)();
            savepoint.commit();
            return result;
        }
    }
    /// Lets all objects go without ending the transaction; changes that were not flushed are not
    /// written (SQLAlchemy's `expunge_all`). Their memory comes back when no handle is left: a
    /// session owns all objects until then, since they may refer to each other. What the handles
    /// refer to can be read but belongs to no session any more; the rows load anew, as other
    /// objects. For long runs: flush and clear every few thousand objects. StateError from within
    /// another operation, as a listener is.
    void clear();
    /// `const auto guard = session.no_autoflush();`: no flush before queries and lazy loads until
    /// the end of the scope. `flush()` and `commit()` work as ever.
    [[nodiscard]] NoAutoflush no_autoflush();

    /// From now on this session sees only rows of T for which these conditions hold, however it
    /// comes to them: `session.criteria<Post>(col(&Post::deleted_at).is_null())`. See Criteria.
    /// Objects that are in memory stay as they are.
    template <Described T, class... Conditions>
    void criteria(const Conditions&... conditions) {
        static_assert(sizeof...(Conditions) > 0 &&
                          (std::convertible_to<Conditions, const Condition&> && ...),
                      "mercator: criteria() takes conditions, as in col(&Post::deleted).is_null()");
        (add_criterion(mapper_of<T>(), conditions.node()), ...);
    }
    /// `const auto guard = session.without_criteria<Post>();`: rows of T are all seen until the end
    /// of the scope; of every class with `without_criteria()`. Guards end in the reverse order of
    /// their beginnings. For one query: `query.without_criteria<Post>()`.
    template <Described T>
    [[nodiscard]] CriteriaPause without_criteria() {
        return pause_criteria({.classes = {&mapper_of<T>()}});
    }
    [[nodiscard]] CriteriaPause without_criteria() { return pause_criteria({.all = true}); }

    /// Has anything been added, changed or deleted since the last flush? Compares all objects.
    [[nodiscard]] bool is_dirty();
    /// Would a flush update the object's row? True for changed columns and for a changed parent,
    /// false again when the row's own values are back.
    template <class T>
    [[nodiscard]] bool is_modified(const std::shared_ptr<T>& handle) {
        return state_is_modified(own(handle));
    }
    /// What the next flush has to insert, in order of adding. Of one class: `new_objects<User>()`.
    [[nodiscard]] std::vector<AnyObject> new_objects();
    /// Objects whose row the next flush updates, found by comparing; exactly those for which
    /// `is_modified` is true.
    [[nodiscard]] std::vector<AnyObject> dirty();
    /// What `delete_` was called for and no flush has deleted yet. What they cascade to is found by
    /// the flush; `flush_plan()` shows it.
    [[nodiscard]] std::vector<AnyObject> deleted();
    template <class T>
    [[nodiscard]] std::vector<std::shared_ptr<T>> new_objects() {
        return only<T>(new_objects());
    }
    template <class T>
    [[nodiscard]] std::vector<std::shared_ptr<T>> dirty() {
        return only<T>(dirty());
    }
    template <class T>
    [[nodiscard]] std::vector<std::shared_ptr<T>> deleted() {
        return only<T>(deleted());
    }
    /// What `flush()` would write now, with its statements, in its order, without writing or changing
    /// anything: cascades are followed (children that they reach are loaded for it), defaults are
    /// not called. Rows of one step may go out in fewer statements, as many at once as the backend
    /// takes. Throws what the flush would refuse before sending.
    [[nodiscard]] std::vector<FlushStep> flush_plan();
    /// What became of a member since the object's row was read or written:
    /// `session.history(user, &User::email).deleted`. Loads a relationship that is not loaded.
    template <class T, class Class, class V>
    requires std::derived_from<T, Class>
    [[nodiscard]] History<typename HistoryItem<V>::type> history(const std::shared_ptr<T>& handle,
                                                                 V Class::*member) {
        InstanceState& state = own(handle);
        const auto offset = member_offset<T>(static_cast<V T::*>(member));
        if constexpr (HistoryItem<V>::is_relationship) {
            const auto found = relationship_history(state, offset);
            using Target = typename V::target_type;
            return {handles<Target>(found.added), handles<Target>(found.unchanged),
                    handles<Target>(found.deleted)};
        } else {
            V before{};
            switch (value_before(state, offset, &before)) {
            case ValueChange::Added:
                return {{(*handle).*member}, {}, {}};
            case ValueChange::Changed:
                return {{(*handle).*member}, {}, {std::move(before)}};
            case ValueChange::None:
                break;
            }
            return {{}, {(*handle).*member}, {}};
        }
    }
    /// Listeners for this session alone: `session.on().before_flush(...)`,
    /// `session.on<User>().before_insert(...)`. See events.hpp.
    [[nodiscard]] SessionEvents on();
    template <class T>
    [[nodiscard]] ClassEvents<T> on() {
        return ClassEvents<T>(own_listeners());
    }
    /// Calls the listener at this step in the life of objects, of all classes or of T:
    ///
    ///     session.on<User>(Transition::PendingToPersistent,
    ///                      [](const std::shared_ptr<User>& user) { log("new user", user->id); });
    ///
    /// Without listeners nothing is noted. See lifecycle.hpp for the steps, and for what a listener
    /// may do.
    template <class T, std::invocable<const std::shared_ptr<T>&> Listener>
    void on(Transition transition, Listener listener) {
        on_transition([transition, listener = std::move(listener)](
                          Transition now, const AnyObject& object) mutable {
            if (now != transition) return;
            if (const auto handle = object.as<T>()) listener(handle);
        });
    }
    template <std::invocable<const AnyObject&> Listener>
    void on(Transition transition, Listener listener) {
        on_transition([transition, listener = std::move(listener)](
                          Transition now, const AnyObject& object) mutable {
            if (now == transition) listener(object);
        });
    }
    /// The same for every step.
    void on_transition(TransitionListener listener);

    template <class T>
    [[nodiscard]] ObjectStatus status(const std::shared_ptr<T>& handle) const {
        return status_of(std::const_pointer_cast<std::remove_const_t<T>>(handle));
    }
    template <class T>
    [[nodiscard]] bool contains(const std::shared_ptr<T>& handle) const {
        return keeps(std::const_pointer_cast<std::remove_const_t<T>>(handle));
    }

    [[nodiscard]] Engine& engine() const;
    /// The session's connection, in its transaction; for statements that are not about objects.
    [[nodiscard]] Connection& connection();
    [[nodiscard]] bool in_transaction() const noexcept;

private:
    template <class T>
    static Value to_key_value(const T& key) {
        if constexpr (std::convertible_to<const T&, std::string_view>) {
            return Value(std::string_view(key));
        } else {
            return to_value(key);
        }
    }
    template <class T>
    InstanceState& own(const std::shared_ptr<T>& handle) {
        return own_state(std::const_pointer_cast<std::remove_const_t<T>>(handle));
    }

    void load_states(std::span<InstanceState* const> states,
                     const std::shared_ptr<const LoadNode>& options);
    enum class ValueChange : std::uint8_t { None, Added, Changed };
    struct RelationshipHistory {
        std::vector<InstanceState*> added;
        std::vector<InstanceState*> unchanged;
        std::vector<InstanceState*> deleted;
    };
    template <class T>
    [[nodiscard]] std::vector<std::shared_ptr<T>>
    handles(const std::vector<InstanceState*>& states) const {
        std::vector<std::shared_ptr<T>> list;
        list.reserve(states.size());
        for (InstanceState* state : states)
            list.emplace_back(graph(), reinterpret_cast<T*>(state->object()));
        return list;
    }
    template <class T>
    [[nodiscard]] static std::vector<std::shared_ptr<T>>
    only(const std::vector<AnyObject>& objects) {
        std::vector<std::shared_ptr<T>> list;
        for (const auto& object : objects) {
            if (auto handle = object.as<T>()) list.push_back(std::move(handle));
        }
        return list;
    }
    [[nodiscard]] const std::shared_ptr<Graph>& graph() const;
    [[nodiscard]] LoadContext& context();
    [[nodiscard]] LoadContext& open_context(); ///< StateError when the session is closed
    [[noreturn]] void throw_no_object(const Mapper& mapper, std::span<const Value> key);
    [[nodiscard]] const Mapper* other_class_with(const Mapper& mapper, std::span<const Value> key);
    [[nodiscard]] ValueChange value_before(InstanceState& state, std::uint32_t offset,
                                           void* before);
    [[nodiscard]] RelationshipHistory relationship_history(InstanceState& state,
                                                           std::uint32_t offset);
    InstanceState& adopt(const Mapper& mapper, void* object);
    [[nodiscard]] std::shared_ptr<ListenerRegistry> own_listeners();
    [[nodiscard]] InstanceState& own_state(const std::shared_ptr<void>& handle);
    [[nodiscard]] static ObjectStatus status_of(const std::shared_ptr<void>& handle) noexcept;
    [[nodiscard]] bool keeps(const std::shared_ptr<void>& handle) const noexcept;
    void add_again(InstanceState& state);
    void mark_deleted(InstanceState& state);
    void expunge_state(InstanceState& state);
    void add_criterion(const Mapper& mapper, ast::ExpressionPtr condition);
    [[nodiscard]] CriteriaPause pause_criteria(const CriteriaWaiver& waiver);
    [[nodiscard]] void* merge_object(const Mapper& mapper, const void* object, MergeLoad load);
    [[nodiscard]] void* merge_handle(const Mapper& mapper, const std::shared_ptr<void>& handle,
                                     MergeLoad load);
    void refresh_state(InstanceState& state);
    void refresh_members(InstanceState& state, std::span<const std::uint32_t> offsets);
    void expire_state(InstanceState& state);
    void expire_members(InstanceState& state, std::span<const std::uint32_t> offsets);
    [[nodiscard]] bool state_is_modified(InstanceState& state);
    [[nodiscard]] std::vector<InstanceState*>
    find_related(InstanceState& object, const Mapper& target, std::string_view name);
    [[nodiscard]] InstanceState* find(const Mapper& mapper, std::span<const Value> key,
                                      bool read_only);
    [[nodiscard]] bool read_values(const Mapper& mapper, std::span<const Value> key,
                                   std::byte* object);

    std::unique_ptr<SessionCore> core_;
};

} // namespace mercator
