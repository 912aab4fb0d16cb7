// SPDX-License-Identifier: MIT
#include <mercator/session/database.hpp>

#include <mercator/mapping/relationship_warnings.hpp>
#include <mercator/session/events.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

namespace mercator {
namespace {

/// The conventional names must fit all databases.
NamingConvention fitted(NamingConvention convention, const Engine& own,
                        const std::vector<std::unique_ptr<Engine>>& bound) {
    const auto fit = [&](const Engine& engine) {
        convention.longest_name = std::min<std::size_t>(
            convention.longest_name, engine.dialect().capabilities().max_identifier_length);
    };
    fit(own);
    for (const auto& engine : bound) fit(*engine);
    return convention;
}

template <class Choice, std::size_t count>
Choice chosen(const std::string& text, std::string_view key,
              const std::pair<std::string_view, Choice> (&choices)[count]) {
    std::vector<std::string_view> words;
    for (const auto& [word, choice] : choices) {
        if (word == text) return choice;
        words.push_back(word);
    }
    throw ArgumentError(
        fmt::format("{} cannot be '{}'; it is one of {}", key, text, fmt::join(words, ", ")),
        std::string(key));
}

LoadSettings load_settings(const Config& config) {
    LoadSettings settings;
    if (!config.lazy.empty()) {
        settings.lazy = chosen<Lazy>(config.lazy, "lazy",
                                     {{"batch", Lazy::batch},
                                      {"select", Lazy::select},
                                      {"joined", Lazy::joined},
                                      {"subquery", Lazy::subquery},
                                      {"selectin", Lazy::selectin},
                                      {"immediate", Lazy::immediate},
                                      {"raise", Lazy::raise},
                                      {"raise_on_sql", Lazy::raise_on_sql}});
    }
    if (!config.n_plus_one.empty()) {
        settings.n_plus_one = chosen<NPlusOne>(
            config.n_plus_one, "n_plus_one",
            {{"ignore", NPlusOne::ignore}, {"log", NPlusOne::log}, {"raise", NPlusOne::raise}});
    }
    if (config.batch_size == 0 || config.batch_size > std::numeric_limits<std::uint32_t>::max())
        throw ArgumentError("batch_size must be at least 1", "batch_size");
    settings.batch_size = static_cast<std::uint32_t>(config.batch_size);
    return settings;
}

} // namespace

Database::Database(const Config& config) :
    engine_(std::make_unique<Engine>(config.url(), config.engine_options())),
    session_options_{.loading = load_settings(config),
                     .track_modifications = config.track_modifications} {
    open_binds(config);
    metadata_ = MetaData(fitted({}, *engine_, bound_engines_));
}
Database::Database(std::string_view uri) :
    engine_(std::make_unique<Engine>(uri)),
    metadata_(fitted({}, *engine_, {})) {}

void Database::open_binds(const Config& config) {
    const EngineOptions options = config.bind_engine_options();
    for (const auto& [key, uri] : config.binds) {
        if (key.empty()) throw ArgumentError("a bind needs a key", "binds");
        if (uri.empty())
            throw ArgumentError(fmt::format("the bind \"{}\" has no address", key), "binds." + key);
        bound_engines_.push_back(std::make_unique<Engine>(uri, options));
        session_options_.binds.push_back({key, bound_engines_.back().get()});
    }
}

Engine& Database::engine(std::string_view bind) {
    return *engine_of(bind, "engine");
}

Engine* Database::engine_of(std::string_view bind, const std::string& where) const {
    if (bind.empty()) return engine_.get();
    const auto& binds = session_options_.binds;
    const auto found = std::find_if(binds.begin(), binds.end(),
                                    [&](const EngineBind& known) { return known.key == bind; });
    if (found != binds.end()) return found->engine;
    throw ArgumentError(
        binds.empty()
            ? fmt::format("there is no bind \"{}\": none is configured; give its address in "
                          "Config::binds",
                          bind)
            : fmt::format("there is no bind \"{}\", only \"{}\"; give its address in "
                          "Config::binds",
                          bind, fmt::join(bind_keys(), "\", \"")),
        where);
}

std::vector<std::string> Database::bind_keys() const {
    std::vector<std::string> keys;
    for (const EngineBind& bind : session_options_.binds) keys.push_back(bind.key);
    return keys;
}

Session Database::session() {
    return session(session_options());
}

Session Database::session(SessionOptions options) {
    if (options.criteria == nullptr) options.criteria = criteria_;
    if (options.events == nullptr) options.events = events_;
    return Session(*engine_, std::move(options));
}

Database::~Database() = default;

SchemaEvents Database::on_schema() {
    return {schema_events_, TableName(std::string())};
}
SchemaEvents Database::on_table(TableName table) {
    return {schema_events_, std::move(table)};
}
SchemaEvents Database::on_table_of(const Mapper& mapper) {
    return on_table(TableName(mapper.table().name, mapper.table().schema));
}

SessionEvents Database::on() {
    return {events_, engine_->options().log, session_options_.track_modifications};
}

void Database::add_mappers(const std::vector<Mapper*>& mappers) {
    Mapper::configure_together(mappers);
    const std::size_t first_new = mappers_.size();
    for (const Mapper* mapper : mappers) add_mapper(*mapper);
    for (std::size_t i = first_new; i < mappers_.size(); ++i) add_tables_between(*mappers_[i]);
    for (const auto& warning : relationship_warnings(mappers_, first_new))
        engine_->options().log->write(LogLevel::Warning, warning);
}

/// After its bases.
void Database::add_mapper(const Mapper& mapper) {
    if (std::find(mappers_.begin(), mappers_.end(), &mapper) != mappers_.end()) return;
    if (mapper.base() != nullptr) add_mapper(*mapper.base());
    const bool shares = mapper.inheritance() == Inheritance::Single;
    for (const Mapper* other : mappers_) {
        if (other->table().name == mapper.table().name && !shares) {
            throw MappingError(
                fmt::format(
                    "{} and {} are both mapped to the table {}; give one of them another table",
                    other->class_name(), mapper.class_name(), mapper.table().name),
                std::string(mapper.class_name()));
        }
    }
    if (shares) {
        renew_table(mapper.shared_table());
    } else {
        forget_table_between(mapper.table());
        metadata_.add(mapper.shared_table());
    }
    mappers_.push_back(&mapper);
    warn_of_shared_targets(mapper);
}

/// A class has added columns to a table that is known already, maybe by a copy.
void Database::renew_table(const std::shared_ptr<Table>& table) {
    MetaData renewed(metadata_.naming_convention());
    for (const auto& known : metadata_.tables()) {
        const bool is_it = known->name == table->name && known->schema == table->schema;
        renewed.add(is_it ? table : known);
    }
    metadata_ = std::move(renewed);
}

namespace {

/// A table between two others lies in their database.
std::shared_ptr<const Table> beside(const Mapper& owner,
                                    const std::shared_ptr<const Table>& between) {
    const std::string& key = owner.table().bind_key;
    if (between->bind_key == key || !between->bind_key.empty()) return between;
    auto copy = std::make_shared<Table>(*between);
    copy->bind_key = key;
    return copy;
}

} // namespace

void Database::add_tables_between(const Mapper& mapper) {
    for (const auto& relationship : mapper.relationships()) {
        if (relationship.direction != Direction::ManyToMany || relationship.through) continue;
        const Table& table = *relationship.secondary;
        const auto& known = metadata_.tables();
        const bool is_known = std::any_of(known.begin(), known.end(), [&](const auto& other) {
            return other->name == table.name && other->schema == table.schema;
        });
        if (is_known) continue; // the other side's, a class's, or added by the application
        metadata_.add(beside(*relationship.owner, relationship.secondary));
        tables_between_.push_back(TableName(table.name, table.schema));
    }
}

/// A class that is mapped to the table between two others describes it better than they did.
void Database::forget_table_between(const Table& table) {
    const auto place = std::find(tables_between_.begin(), tables_between_.end(),
                                 TableName(table.name, table.schema));
    if (place == tables_between_.end()) return;
    tables_between_.erase(place);
    MetaData rest(metadata_.naming_convention());
    for (const auto& known : metadata_.tables()) {
        if (known->name != table.name || known->schema != table.schema) rest.add(known);
    }
    metadata_ = std::move(rest);
}

void Database::add(const Table& table) {
    auto copy = std::make_shared<Table>(table);
    copy->complete();
    forget_table_between(*copy);
    metadata_.add(std::move(copy));
}

/// A side that holds one object, although nothing keeps several from referring to its owner.
void Database::warn_of_shared_targets(const Mapper& mapper) const {
    for (const auto& relationship : mapper.relationships()) {
        if (relationship.is_collection || relationship.direction != Direction::OneToMany ||
            relationship.limit == 1 || relationship.owner != &mapper)
            continue;
        const Mapper& target = *relationship.target;
        std::vector<std::string> columns;
        for (const auto& pair : relationship.pairs)
            columns.push_back(target.columns()[pair.second].in_schema().name);
        const Table& table = relationship.pairs.empty()
                                 ? target.table()
                                 : *target.columns()[relationship.pairs.front().second].table;
        if (table.has_unique(columns)) continue;
        engine_->options().log->write(
            LogLevel::Warning,
            fmt::format("{} is a single {}, but {}({}) is not unique, so that several rows can "
                        "refer to one {}; make it unique(), or the member a Many",
                        relationship.where, target.class_name(), table.name,
                        fmt::join(columns, ", "), mapper.class_name()));
    }
}

void Database::set_naming_convention(NamingConvention convention) {
    if (!metadata_.tables().empty()) {
        throw StateError("a naming convention changes nothing about tables that are known already; "
                         "set it before the first class is mapped");
    }
    metadata_ = MetaData(fitted(std::move(convention), *engine_, bound_engines_));
}

} // namespace mercator
