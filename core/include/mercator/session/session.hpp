// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/engine/engine.hpp>
#include <mercator/loading/query.hpp>
#include <mercator/loading/select.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/support/export.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

struct SessionOptions {
    bool autoflush = true; ///< flush what a query could miss, before it runs
};

class SessionCore;

/// A workspace of objects over one database: it loads objects, keeps one per row, finds what
/// changed, and writes that in one transaction (SQLAlchemy's Session).
///
/// It takes a connection from the pool with the first statement and gives it back at commit or
/// rollback. What is not committed when it ends is rolled back. Movable; used by one thread at a
/// time. Handles outlive it: what was loaded can still be read, what was not throws DetachedError.
///
/// A flush or commit that fails at the database rolls the transaction back and forgets nothing: what
/// was new, changed or deleted is so again, so the cause can be mended and `commit()` called again,
/// or everything dropped with `rollback()`. What is refused before anything is sent (a missing
/// parent, a default that throws) leaves the transaction as it is.
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
    /// Takes the object out of the session; its changes are not written.
    template <class T>
    void expunge(const std::shared_ptr<T>& handle) {
        expunge_state(own(handle));
    }
    /// Overwrites the object with its row as it is now. StaleDataError when the row is gone.
    template <class T>
    void refresh(const std::shared_ptr<T>& handle) {
        refresh_state(own(handle));
    }

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
    /// The row with this primary key as a plain struct, without identity.
    template <class T, class... Key>
    [[nodiscard]] std::optional<T> get_values(const Key&... key) {
        const std::array<Value, sizeof...(Key)> values{to_key_value(key)...};
        std::optional<T> object(std::in_place);
        if (!read_values(mapper_of<T>(), values, reinterpret_cast<std::byte*>(&*object)))
            object.reset();
        return object;
    }

    template <class T>
    [[nodiscard]] query_of_t<T> query() {
        query_of_t<T> query;
        query.attach(context());
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
    void flush();
    /// Flushes and makes it permanent.
    void commit();
    /// Ends the transaction without its effects. Objects get back what their rows hold, added ones
    /// leave the session, deleted ones come back.
    void rollback();
    /// Rolls back what is open and lets all objects go; handles stay readable.
    void close() noexcept;

    /// Has anything been added, changed or deleted since the last flush? Compares all objects.
    [[nodiscard]] bool is_dirty();
    template <class T>
    [[nodiscard]] bool is_modified(const std::shared_ptr<T>& handle) {
        return state_is_modified(own(handle));
    }
    template <class T>
    [[nodiscard]] ObjectStatus status(const std::shared_ptr<T>& handle) const {
        Graph* graph = Graph::of(std::const_pointer_cast<std::remove_const_t<T>>(handle));
        return graph == nullptr ? ObjectStatus::Transient : status_of(*graph, address(handle));
    }
    template <class T>
    [[nodiscard]] bool contains(const std::shared_ptr<T>& handle) const {
        const auto now = status(handle);
        return Graph::of(std::const_pointer_cast<std::remove_const_t<T>>(handle)) ==
                   graph_pointer() &&
               (now == ObjectStatus::Pending || now == ObjectStatus::Persistent);
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
    static void* address(const std::shared_ptr<T>& handle) noexcept {
        return const_cast<std::remove_const_t<T>*>(handle.get());
    }
    template <class T>
    InstanceState& own(const std::shared_ptr<T>& handle) {
        return own_state(std::const_pointer_cast<std::remove_const_t<T>>(handle));
    }

    [[nodiscard]] const std::shared_ptr<Graph>& graph() const;
    [[nodiscard]] Graph* graph_pointer() const noexcept;
    [[nodiscard]] LoadContext& context();
    InstanceState& adopt(const Mapper& mapper, void* object);
    [[nodiscard]] InstanceState& own_state(const std::shared_ptr<void>& handle);
    [[nodiscard]] static ObjectStatus status_of(Graph& graph, void* object) noexcept;
    void add_again(InstanceState& state);
    void mark_deleted(InstanceState& state);
    void expunge_state(InstanceState& state);
    void refresh_state(InstanceState& state);
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
