// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/creation.hpp>
#include <mercator/engine/config.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/engine/inspect.hpp>
#include <mercator/engine/verify.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/schema/metadata.hpp>
#include <mercator/session/schema_events.hpp>
#include <mercator/session/session.hpp>
#include <mercator/support/export.hpp>
#include <mercator/support/listener.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// The application's handle on its database: configuration, engine, schema and sessions in one
/// place (Flask-SQLAlchemy's `db`). Further databases of `Config::binds` belong to it, each with an
/// engine of its own: classes with a `bind_key` live there, in sessions as well as in what is said
/// of the schema. Without any binds, all classes live in the one database, whatever their keys are.
/// Make one at start-up and share it: `session()` and the schema
/// functions may be called from any thread. Several Databases do not know of each other. It must
/// outlive its sessions.
class MERCATOR_API Database {
public:
    /// Throws ArgumentError (URI, options) and PluginError (no dialect). Connects to nothing yet.
    explicit Database(const Config& config);
    explicit Database(std::string_view uri);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    [[nodiscard]] Engine& engine() noexcept { return *engine_; }
    /// The engine of a bind; of the empty key, the Database's own. ArgumentError that lists those
    /// that there are.
    [[nodiscard]] Engine& engine(std::string_view bind);
    /// In the order of the alphabet.
    [[nodiscard]] std::vector<std::string> bind_keys() const;
    [[nodiscard]] Session session();
    /// As these options say, and not the configuration; see `session_options`.
    [[nodiscard]] Session session(SessionOptions options);

    /// What `session()` takes, from the configuration: to change one thing, as in
    /// `auto options = db.session_options(); options.loading.lazy = Lazy::raise;`.
    [[nodiscard]] const SessionOptions& session_options() const noexcept {
        return session_options_;
    }

    /// All sessions made from now on see only rows of T for which these conditions hold:
    /// `db.criteria<Post>(col(&Post::deleted_at).is_null())`. See Criteria. Set up before the
    /// Database is shared between threads.
    template <Described T, class... Conditions>
    void criteria(const Conditions&... conditions) {
        static_assert(sizeof...(Conditions) > 0 &&
                          (std::convertible_to<Conditions, const Condition&> && ...),
                      "mercator: criteria() takes conditions, as in col(&Post::deleted).is_null()");
        auto more =
            criteria_ ? std::make_shared<Criteria>(*criteria_) : std::make_shared<Criteria>();
        (more->add(mapper_of<T>(), conditions.node()), ...);
        criteria_ = std::move(more);
    }

    /// Listeners for sessions made from now on: `db.on<User>().before_insert(...)`,
    /// `db.on().before_flush(...)`. See events.hpp.
    template <class T>
    [[nodiscard]] ClassEvents<T> on() {
        return ClassEvents<T>(events_);
    }
    [[nodiscard]] SessionEvents on();
    /// Listeners of `create_all` and `drop_all`, or of one table in them: for what tables cannot
    /// say, as triggers. See schema_events.hpp.
    [[nodiscard]] SchemaEvents on_schema();
    [[nodiscard]] SchemaEvents on_table(TableName table);
    template <Described T>
    [[nodiscard]] SchemaEvents on_table() {
        return on_table_of(mapper_of<T>());
    }
    /// Calls the functions of an observer that have the names of events, `before_insert(Session&,
    /// T&)` and its kin: moved in, or shared. See events.hpp.
    template <class T, class Observer>
    Subscription observe(std::shared_ptr<Observer> observer, CodePlace place = CodePlace::here()) {
        return on<T>().observe(std::move(observer), place);
    }
    template <class T, class Observer>
    Subscription observe(Observer observer, CodePlace place = CodePlace::here()) {
        return on<T>().observe(std::make_shared<Observer>(std::move(observer)), place);
    }

    /// How constraints and indexes without a name are named; say it before any table is known, or
    /// it is a StateError. ArgumentError for a pattern with an unknown token.
    void set_naming_convention(NamingConvention convention);

    /// Makes classes known, and checks them: MappingError for a model that is wrong. Classes that
    /// refer to each other only by table name, or through a backref alone, must be named together
    /// before they are used.
    template <class... Ts>
    void map() {
        add_mappers({&declared_mapper<Ts>()...});
    }
    /// Makes a table without a class part of the schema.
    void add(const Table& table);
    [[nodiscard]] const MetaData& metadata() const noexcept { return metadata_; }

    // With binds, what follows goes to each table's own database: the Database's own first, then
    // the binds in the order of their keys. One transaction each; what one has done stays when the
    // next one fails. A bind key that is not configured is an ArgumentError, before anything is
    // done, and a foreign key into another database a MappingError.

    /// Creates what is missing of all known tables, after making Ts known: referred tables first,
    /// existing ones untouched.
    template <class... Ts>
    void create_all() {
        map<Ts...>();
        create_missing({});
    }
    /// In the database of one bind; "" is the Database's own.
    template <class... Ts>
    void create_all(std::string_view bind) {
        map<Ts...>();
        create_missing(bind);
    }
    /// Drops all known tables that exist, referring tables first.
    template <class... Ts>
    void drop_all() {
        map<Ts...>();
        drop_existing({});
    }
    template <class... Ts>
    void drop_all(std::string_view bind) {
        map<Ts...>();
        drop_existing(bind);
    }
    /// The statements of `create_all` for an empty database, without connecting.
    template <class... Ts>
    [[nodiscard]] std::vector<std::string> create_all_sql() {
        map<Ts...>();
        return creation_statements();
    }

    /// What `create_all` would do to the database as it is, without doing it.
    template <class... Ts>
    [[nodiscard]] std::vector<std::string> create_all_plan() {
        map<Ts...>();
        return missing_statements();
    }
    /// The same for `drop_all`.
    template <class... Ts>
    [[nodiscard]] std::vector<std::string> drop_all_plan() {
        map<Ts...>();
        return removal_statements();
    }
    /// The classes that are known, in the order in which they were named.
    [[nodiscard]] const std::vector<const Mapper*>& mappers() const noexcept { return mappers_; }

    /// Looks at the schema that is really there.
    [[nodiscard]] SchemaInspector inspect() { return SchemaInspector(*engine_); }
    [[nodiscard]] SchemaInspector inspect(std::string_view bind) {
        return SchemaInspector(engine(bind));
    }
    /// In what the database is not as the models say, after making Ts known; empty after
    /// `create_all`.
    template <class... Ts>
    [[nodiscard]] std::vector<SchemaDifference> verify(const VerifyOptions& options = {}) {
        map<Ts...>();
        return differences(options);
    }

private:
    [[nodiscard]] SchemaEvents on_table_of(const Mapper& mapper);
    [[nodiscard]] std::vector<SchemaDifference> differences(const VerifyOptions& options);
    void warn_of_shared_targets(const Mapper& mapper) const;
    void add_mappers(const std::vector<Mapper*>& mappers);
    void add_mapper(const Mapper& mapper);
    void renew_table(const std::shared_ptr<Table>& table);
    void add_tables_between(const Mapper& mapper);
    void forget_table_between(const Table& table);
    void open_binds(const Config& config);
    /// The tables of one database, and its engine.
    struct Part {
        Engine* engine;
        std::string key; ///< empty: the Database's own
        MetaData tables;
    };
    /// Of one bind, or of all of them.
    [[nodiscard]] std::vector<Part> parts(std::optional<std::string_view> only = {}) const;
    [[nodiscard]] Engine* engine_of(std::string_view bind, const std::string& where) const;
    void check_reach_of(const Table& table) const;
    void check_references(const MetaData& tables) const;
    void create_missing(std::optional<std::string_view> only);
    void drop_existing(std::optional<std::string_view> only);
    [[nodiscard]] std::vector<std::string> creation_statements() const;
    [[nodiscard]] std::vector<std::string> missing_statements();
    [[nodiscard]] std::vector<std::string> removal_statements();

    std::unique_ptr<Engine> engine_;
    std::vector<std::unique_ptr<Engine>> bound_engines_; ///< those of `session_options_.binds`
    SessionOptions session_options_;
    std::shared_ptr<const Criteria> criteria_;
    std::shared_ptr<ListenerRegistry> events_ = ListenerRegistry::create();
    std::shared_ptr<ListenerRegistry> schema_events_ = ListenerRegistry::create();
    MetaData metadata_;
    std::vector<const Mapper*> mappers_;
    std::vector<TableName> tables_between_; ///< known from relationships alone
};

} // namespace mercator
