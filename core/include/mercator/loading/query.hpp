// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/contains_eager.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/loading/loader_option.hpp>
#include <mercator/loading/page.hpp>
#include <mercator/loading/result.hpp>
#include <mercator/loading/row_assembler.hpp>
#include <mercator/loading/select.hpp>
#include <mercator/loading/statement.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

[[noreturn]] MERCATOR_API void throw_no_result(const char* function, const Mapper& mapper);

/// "Set this column to that": an argument of `Query::update`.
struct Assignment {
    const ColumnProperty* property;
    ast::ExpressionPtr value;
};

/// One, or what a hybrid's rule of assignment makes of a value.
class AssignmentList {
public:
    AssignmentList(Assignment one) :
        // NOLINT(google-explicit-constructor)
        assignments_{std::move(one)} {}
    AssignmentList(std::vector<Assignment> several) :
        // NOLINT(google-explicit-constructor)
        assignments_(std::move(several)) {}
    [[nodiscard]] const std::vector<Assignment>& assignments() const noexcept {
        return assignments_;
    }

private:
    std::vector<Assignment> assignments_;
};

/// `set(&User::active, false)`, `set(&Product::stock, col(&Product::stock) - 1)`.
template <class V, class Class, class E>
[[nodiscard]] Assignment set(V Class::*member, const E& value) {
    static_assert(Comparable<value_of_t<V>, operand_t<E>>,
                  "mercator: set() needs a value of the member's own type");
    static_assert(!NullLike<E> || ValueOf<V>::optional,
                  "mercator: only a std::optional member can be set to NULL");
    const ColumnProperty& property =
        declared_mapper<Class>().column_at(member_offset<Class>(member));
    auto node = operand_beside<value_of_t<V>>(value);
    return {&property, ast::bind_for_column(std::move(node), property.field.type)};
}

/// The untyped half of `Query`: a SELECT of one class, and where to run it. A value.
class MERCATOR_API QueryState {
public:
    explicit QueryState(const Mapper& mapper);
    // In the library, so that no user's file has to compile what a Select is made of.
    QueryState(const QueryState& other);
    QueryState(QueryState&& other) noexcept;
    QueryState& operator=(const QueryState& other);
    QueryState& operator=(QueryState&& other) noexcept;
    ~QueryState();

    ast::Select select;
    const Mapper* mapper;
    std::shared_ptr<const LoadNode> options; ///< may be empty
    CodePlace place;                         ///< in the user's code
    /// Where to run: the session that made the query, found through its objects, so that a query
    /// that is kept too long says so. Empty for a query that belongs to no session.
    std::weak_ptr<Graph> graph;
    bool bound = false;
    bool populate_existing = false; ///< see Query

    /// The statement with all columns of the class.
    [[nodiscard]] ast::Select statement() const;
    /// Flushes what the query could miss and runs it.
    [[nodiscard]] RowReader open(LoadContext& context) const;
    void load(bool read_only, std::vector<InstanceState*>& objects) const;
    [[nodiscard]] std::int64_t count() const;
    [[nodiscard]] bool exists() const;
    std::uint64_t update(const std::vector<Assignment>& assignments) const;
    std::uint64_t update(std::initializer_list<AssignmentList> lists) const;
    std::uint64_t remove() const;
    /// StateError for a query that belongs to no session, or to one that has ended.
    [[nodiscard]] LoadContext& running_context() const;
    void attach(LoadContext& context, CodePlace where) noexcept;
    void restrict_to(RelationshipOwner& owner, std::uint16_t relationship);
    /// Of all classes with nullptr.
    void waive_criteria(const Mapper* of_class);
    void split(bool apart);
    /// No more rows than this, and no more than an own limit says.
    void limit_to(std::int64_t count);
};

template <class T>
class ChunkedStream; // chunked_stream.hpp

/// A relationship in an expression, or a part of what it leads to (relationship_expression.hpp).
template <class Related>
concept RelatedInStatement = requires(const Related& related) {
    related.in_statement();
};

/// A query for objects of T: `session.query<User>().where(col(&User::age) >
/// 18).order_by(col(&User::name)).all()`. A value: every call returns a changed copy (on a
/// temporary: the changed object itself), so a prefix can be kept. `Derived` is a user's query
/// class, whose own methods mix with these (SQLAlchemy's query_class). `Query<const T>` gives
/// read-only objects.
template <class T, class Derived = void>
class Query {
public:
    using entity = std::remove_const_t<T>;
    using self_type = std::conditional_t<std::is_void_v<Derived>, Query, Derived>;
    using handle = std::shared_ptr<T>;

    Query() : state_(mapper_of<entity>()) {}

    /// All conditions must hold; conditions of several calls as well.
    template <class... Conditions>
    [[nodiscard]] self_type where(const Conditions&... conditions) const& {
        return copy().where(conditions...);
    }
    template <class... Conditions>
    [[nodiscard]] self_type where(const Conditions&... conditions) && {
        static_assert((std::convertible_to<Conditions, const Condition&> && ...),
                      "mercator: where() takes conditions, as in col(&User::age) > 18");
        state_.select.where.reserve(state_.select.where.size() + sizeof...(conditions));
        (state_.select.where.push_back(conditions.node()), ...);
        return self();
    }
    template <class... Terms>
    [[nodiscard]] self_type order_by(const Terms&... terms) const& {
        return copy().order_by(terms...);
    }
    template <class... Terms>
    [[nodiscard]] self_type order_by(const Terms&... terms) && {
        (add_order_term(state_.select.order_by, terms), ...);
        return self();
    }
    [[nodiscard]] self_type limit(std::int64_t count) const& { return copy().limit(count); }
    [[nodiscard]] self_type limit(std::int64_t count) && {
        state_.select.limit = row_count(count, "limit");
        return self();
    }
    [[nodiscard]] self_type offset(std::int64_t count) const& { return copy().offset(count); }
    [[nodiscard]] self_type offset(std::int64_t count) && {
        state_.select.offset = row_count(count, "offset");
        return self();
    }
    [[nodiscard]] self_type distinct() const& { return copy().distinct(); }
    [[nodiscard]] self_type distinct() && {
        state_.select.distinct = true;
        return self();
    }
    /// Along a relationship: `join<&Product::category>()`.
    template <auto Member>
    [[nodiscard]] self_type join(ast::JoinKind kind = ast::JoinKind::Inner) const& {
        return copy().template join<Member>(kind);
    }
    template <auto Member>
    [[nodiscard]] self_type join(ast::JoinKind kind = ast::JoinKind::Inner) && {
        using Class = typename MemberPointer<decltype(Member)>::class_type;
        using Owner = std::conditional_t<std::derived_from<entity, Class>, entity, Class>;
        const Mapper& owner = mapper_of<Owner>();
        const Relationship& relationship = owner.relationship_at(member_offset<Owner>(Member));
        join_relationship(state_.select, relationship, kind, owner.table_ref(),
                          relationship.target->table_ref());
        return self();
    }
    /// Along a relationship, to those of the related rows for which more conditions hold:
    /// `left_join<&User::posts>(col(&Post::state) == "open")`.
    template <auto Member>
    [[nodiscard]] self_type join(const Condition& also,
                                 ast::JoinKind kind = ast::JoinKind::Inner) && {
        self_type joined = std::move(*this).template join<Member>(kind);
        narrow_last_join(joined.state_.select, also.node());
        return joined;
    }
    template <auto Member>
    [[nodiscard]] self_type join(const Condition& also,
                                 ast::JoinKind kind = ast::JoinKind::Inner) const& {
        return copy().template join<Member>(also, kind);
    }
    template <auto Member>
    [[nodiscard]] self_type left_join(const Condition& also) && {
        return std::move(*this).template join<Member>(also, ast::JoinKind::Left);
    }
    template <auto Member>
    [[nodiscard]] self_type left_join(const Condition& also) const& {
        return copy().template left_join<Member>(also);
    }
    template <auto Member>
    [[nodiscard]] self_type left_join() const& {
        return copy().template join<Member>(ast::JoinKind::Left);
    }
    template <auto Member>
    [[nodiscard]] self_type left_join() && {
        return std::move(*this).template join<Member>(ast::JoinKind::Left);
    }
    template <auto Member, class Other>
    [[nodiscard]] self_type join(const Alias<Other>& alias,
                                 ast::JoinKind kind = ast::JoinKind::Inner) && {
        using Class = typename MemberPointer<decltype(Member)>::class_type;
        const Mapper& owner = mapper_of<Class>();
        join_relationship(state_.select, owner.relationship_at(member_offset<Class>(Member)), kind,
                          owner.table_ref(), alias.table());
        return self();
    }
    /// Along a relationship as `rel` says it, to a part of what it leads to:
    /// `join(rel(&Company::people).of_type<Employee>().and_(col(&Employee::salary) > 1000))`.
    template <RelatedInStatement Related>
    [[nodiscard]] self_type join(const Related& related,
                                 ast::JoinKind kind = ast::JoinKind::Inner) const& {
        return copy().join(related, kind);
    }
    template <RelatedInStatement Related>
    [[nodiscard]] self_type join(const Related& related,
                                 ast::JoinKind kind = ast::JoinKind::Inner) && {
        join_related(state_.select, related.in_statement(), kind);
        return self();
    }
    template <RelatedInStatement Related>
    [[nodiscard]] self_type left_join(const Related& related) const& {
        return copy().join(related, ast::JoinKind::Left);
    }
    template <RelatedInStatement Related>
    [[nodiscard]] self_type left_join(const Related& related) && {
        return std::move(*this).join(related, ast::JoinKind::Left);
    }

    /// Along relationships named at run time, as in "album.artist". MappingError for names that
    /// are no relationships.
    [[nodiscard]] self_type join(std::string_view path,
                                 ast::JoinKind kind = ast::JoinKind::Inner) const& {
        return copy().join(path, kind);
    }
    [[nodiscard]] self_type join(std::string_view path,
                                 ast::JoinKind kind = ast::JoinKind::Inner) && {
        join_path(state_.select, mapper_of<entity>(), path, kind);
        return self();
    }
    /// On a condition.
    template <class Other>
    [[nodiscard]] self_type join(const Condition& on,
                                 ast::JoinKind kind = ast::JoinKind::Inner) && {
        const Mapper& target = mapper_of<Other>();
        join_on(state_.select, target, target.table_ref(), kind, on.node());
        return self();
    }

    /// How relationships and columns are loaded in this query, where it differs from how they are
    /// mapped: `options(selectin<&User::posts>().then(joined<&Post::tags>()))`. Later options hold
    /// where several speak of the same.
    template <class... Options>
    [[nodiscard]] self_type options(const Options&... wishes) const& {
        return copy().options(wishes...);
    }
    template <class... Options>
    [[nodiscard]] self_type options(const Options&... wishes) && {
        static_assert((LoaderOptionFor<Options, entity> && ...),
                      "mercator: options() takes loader options about the class that is queried, "
                      "as selectin<&User::posts>()");
        ((state_.options = merged(state_.options, wishes.node())), ...);
        return self();
    }

    /// Also rows that the session's criteria hide, of one class or of all: in this statement, in
    /// what is loaded with its objects, and in what they load when they are touched.
    template <class Class>
    [[nodiscard]] self_type without_criteria() const& {
        return copy().template without_criteria<Class>();
    }
    template <class Class>
    [[nodiscard]] self_type without_criteria() && {
        state_.waive_criteria(&mapper_of<Class>());
        return self();
    }
    [[nodiscard]] self_type without_criteria() const& { return copy().without_criteria(); }
    [[nodiscard]] self_type without_criteria() && {
        state_.waive_criteria(nullptr);
        return self();
    }

    /// Collections that would come by joins come by statements of their own instead (EF Core's
    /// split query): for collections that multiply each other's rows.
    [[nodiscard]] self_type split_query() const& { return copy().split_query(); }
    [[nodiscard]] self_type split_query() && {
        state_.split(true);
        return self();
    }
    /// Collections that would come by statements of their own come by joins in this one.
    [[nodiscard]] self_type single_query() const& { return copy().single_query(); }
    [[nodiscard]] self_type single_query() && {
        state_.split(false);
        return self();
    }

    /// Objects that are in memory take over what their rows hold now, although this transaction has
    /// read them before. What was changed and not flushed stays (as nothing is missed by autoflush,
    /// only where that is off), column by column; collections load anew.
    [[nodiscard]] self_type populate_existing() const& { return copy().populate_existing(); }
    [[nodiscard]] self_type populate_existing() && {
        state_.populate_existing = true;
        return self();
    }

    /// For results that are too large to be held: so many objects at a time, in the order of the
    /// primary key. See ChunkedStream.
    [[nodiscard]] ChunkedStream<entity> yield_per(std::size_t count) const {
        return ChunkedStream<entity>(state_, count);
    }

    /// All objects; an empty result is no error.
    [[nodiscard]] std::vector<handle> all() const {
        std::vector<InstanceState*> states;
        state_.load(std::is_const_v<T>, states);
        return handles(states);
    }
    /// One page of the objects, with numbers for links to the others: `query.paginate({.page =
    /// 3})`.
    [[nodiscard]] Pagination<T> paginate(const PageRequest& request) const {
        std::vector<InstanceState*> states;
        Pagination<T> page{load_page(state_, request, std::is_const_v<T>, states), {}};
        page.items = handles(states);
        return page;
    }
    /// The objects that follow or precede a place in the list, which is ordered by columns of the
    /// class: `query.order_by(col(&Post::at).desc()).keyset({.after = page.next})`.
    [[nodiscard]] KeysetPage<T> keyset(const KeysetRequest& request) const {
        std::vector<InstanceState*> states;
        KeysetPage<T> page{load_keyset(state_, request, std::is_const_v<T>, states), {}};
        page.items = handles(states);
        return page;
    }
    /// The first object, or empty.
    [[nodiscard]] handle first() const {
        auto objects = at_most(1);
        return objects.empty() ? nullptr : std::move(objects.front());
    }
    /// The first object, where absence is an error: NoResultFound that names the class.
    [[nodiscard]] handle first_or_throw() const {
        auto object = first();
        if (!object) throw_no_result("first_or_throw()", *state_.mapper);
        return object;
    }
    /// Exactly one object. Throws NoResultFound or MultipleResultsFound.
    [[nodiscard]] handle one() const {
        auto objects = at_most(2);
        if (objects.empty()) throw_no_result("one()", *state_.mapper);
        if (objects.size() > 1) throw_multiple_results("one()");
        return std::move(objects.front());
    }
    [[nodiscard]] handle one_or_none() const {
        auto objects = at_most(2);
        if (objects.size() > 1) throw_multiple_results("one_or_none()");
        return objects.empty() ? nullptr : std::move(objects.front());
    }
    /// Number of rows, counted by the database.
    [[nodiscard]] std::int64_t count() const { return state_.count(); }
    [[nodiscard]] bool exists() const { return state_.exists(); }

    /// Changes all matching rows in one statement, `on_update` columns included; returns how many
    /// there were. Flushes first; objects of the class are read anew when they are met again. Only
    /// where() may narrow it.
    template <class... Assignments>
    std::uint64_t update(const Assignments&... assignments) const {
        static_assert(sizeof...(Assignments) > 0 &&
                          (std::convertible_to<Assignments, AssignmentList> && ...),
                      "mercator: update() takes set(&Class::member, value)");
        return state_.update({AssignmentList(assignments)...});
    }
    /// Deletes all matching rows in one statement, without cascades in memory; returns how many
    /// there were.
    std::uint64_t delete_() const { return state_.remove(); }

    /// The rows as plain structs without identity: no tracking at all.
    [[nodiscard]] std::vector<entity> values() const {
        std::vector<entity> rows;
        each([&](auto&& read) {
            while (true) {
                rows.emplace_back();
                if (!read(&rows.back())) break;
            }
            rows.pop_back();
        });
        return rows;
    }
    /// Calls `visit(const T&)` for row after row, holding one at a time; stops early when it
    /// returns false.
    template <class Visit>
    void stream(Visit&& visit) const {
        each([&](auto&& read) {
            entity row;
            while (read(&row)) {
                if constexpr (std::is_same_v<decltype(visit(std::as_const(row))), bool>) {
                    if (!visit(std::as_const(row))) break;
                } else {
                    visit(std::as_const(row));
                }
            }
        });
    }

    [[nodiscard]] ast::Select statement() const { return state_.statement(); }
    [[nodiscard]] const QueryState& state() const noexcept { return state_; }
    /// Binds the query to a session; called by `session.query` and `session.execute`.
    void attach(LoadContext& context, CodePlace place = {}) noexcept {
        state_.attach(context, place);
    }
    void restrict_to(RelationshipOwner& owner, std::uint16_t relationship) {
        state_.restrict_to(owner, relationship);
    }

protected:
    [[nodiscard]] self_type copy() const { return static_cast<const self_type&>(*this); }

private:
    [[nodiscard]] self_type self() { return std::move(static_cast<self_type&>(*this)); }
    [[nodiscard]] std::vector<handle> handles(const std::vector<InstanceState*>& states) const {
        std::vector<handle> objects;
        objects.reserve(states.size());
        const std::shared_ptr<Graph>& graph = state_.running_context().graph();
        for (InstanceState* state : states) {
            objects.emplace_back(graph, reinterpret_cast<entity*>(state->object()));
        }
        return objects;
    }
    [[nodiscard]] std::vector<handle> at_most(std::int64_t count) const {
        self_type few = copy();
        few.state_.limit_to(count);
        return few.all();
    }
    template <class Body>
    void each(Body&& body) const {
        LoadContext& context = state_.running_context();
        const LoadContext::Use use(context, state_.place);
        RowReader reader = state_.open(context);
        body([&](entity* row) { return reader.next(reinterpret_cast<std::byte*>(row)); });
    }
    QueryState state_;
};

/// The query class of T: its `query_type` if it has one.
template <class T>
struct QueryOf {
    using type = Query<T>;
};
template <class T>
requires requires {
    typename T::query_type;
} &&(!std::is_const_v<T>)struct QueryOf<T> {
    using type = typename T::query_type;
};
template <class T>
using query_of_t = typename QueryOf<T>::type;

/// `select<User>()`: the same builder, bound to a session only when executed.
template <class T>
[[nodiscard]] query_of_t<T> select() {
    return query_of_t<T>();
}

/// A query over a collection that is not loaded for it.
template <class T>
[[nodiscard]] query_of_t<T> query_members(const Many<T>& many) {
    query_of_t<T> query;
    if (many.owner() == nullptr) {
        throw StateError(
            "a collection outside a session cannot be queried; add its object to a session first");
    }
    query.restrict_to(*many.owner(), many.relationship());
    return query;
}

} // namespace mercator
