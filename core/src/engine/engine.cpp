// SPDX-License-Identifier: MIT
#include <mercator/engine/engine.hpp>

#include "compile_cache.hpp"
#include "echo.hpp"
#include "pooled_connection.hpp"

#include <mercator/engine/dialect_registry.hpp>
#include <mercator/engine/engine_events.hpp>
#include <mercator/engine/pool.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace mercator {

namespace {

ShownParameters shown_parameters(const EngineOptions& options) {
    if (options.echo < Echo::Parameters) return ShownParameters::None;
    return options.hide_parameters ? ShownParameters::Hidden : ShownParameters::All;
}

Url with_options(Url url, const std::map<std::string, std::string>& more) {
    for (const auto& [name, value] : more) url.options.insert_or_assign(name, value);
    return url;
}

// A longer time is as good as none, and near to where clocks overflow.
void bound_durations(EngineOptions& options) {
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365 * 100);
    for (std::chrono::milliseconds* duration :
         {&options.pool_timeout, &options.connect_timeout, &options.busy_timeout,
          &options.max_lifetime, &options.ping_window, &options.ping_timeout,
          &options.lease_warning})
        *duration = std::clamp(*duration, std::chrono::milliseconds(0), longest);
}

void check_limits(const EngineOptions& options) {
    constexpr std::size_t most_statements = 1'000'000; // room for them is made in advance
    if (options.pool_size == 0)
        throw ArgumentError("pool_size is 0: an engine needs at least one connection", "pool_size");
    if (options.statement_cache_size > most_statements)
        throw ArgumentError(fmt::format("statement_cache_size is {}: a connection can keep at most "
                                        "{} prepared statements",
                                        options.statement_cache_size, most_statements),
                            "statement_cache_size");
}

} // namespace

Engine::Engine(const Url& url, EngineOptions options) :
    Engine(url, load_dialect(url.scheme, options.dialect_path), options) {}

Engine::Engine(std::string_view uri, EngineOptions options) :
    Engine(Url::parse(uri), std::move(options)) {}

Engine::Engine(const Url& url, std::unique_ptr<Dialect> dialect, EngineOptions options) :
    url_(with_options(url, options.connect_args)),
    options_(std::move(options)),
    dialect_(std::move(dialect)) {
    if (dialect_ == nullptr) throw ArgumentError("an engine needs a dialect; nullptr was given");
    check_limits(options_);
    bound_durations(options_);
    dialect_->check(url_);
    url_ = dialect_->located(url_, options_.base_directory);
    if (options_.log == nullptr) options_.log = default_log_sink();
    log_ = cleaning(options_.log);
    observed_ = options_.echo != Echo::Off;
    events_ = ListenerRegistry::create();
    cache_ = std::make_unique<CompileCache>(options_.compile_cache_size);
    pool_ = std::make_unique<Pool>(*this);
}

Engine::~Engine() {
    const std::size_t in_use = pool_->in_use();
    if (in_use == 0) return;
    try {
        log_->write(LogLevel::Error,
                    fmt::format("an engine ends while {} of its connections are in use, which are "
                                "closed: end sessions and connections before their engine or "
                                "Database",
                                in_use));
    } catch (...) { // a warning is not worth a failure
    }
}

const Capabilities& Engine::capabilities() {
    if (!pool_->initialized()) static_cast<void>(connect(CodePlace{}));
    return dialect_->capabilities();
}

Connection Engine::connect(CodePlace where) {
    if (observed_) [[unlikely]]
        return connect_observed(where);
    return Connection(*this, pool_->take(where));
}

std::shared_ptr<const Compiled> Engine::compile(const ast::Statement& statement,
                                                ast::CacheKey& key) {
    key.clear();
    append_cache_key(statement, key);
    if (auto found = cache_->find(key.bytes)) return found;
    // The text depends on the product and its version, so the server is asked before the first one.
    static_cast<void>(capabilities());
    auto compiled = std::make_shared<const Compiled>(
        key.schemas == nullptr ? dialect_->compile(statement)
                               : dialect_->compile(*ast::translated(statement, *key.schemas)));
    if (!compiled->uncached_type.empty()) warn_of_uncached(compiled->uncached_type);
    return cache_->add(key.bytes, std::move(compiled));
}

/// Once per type.
void Engine::warn_of_uncached(const std::string& function) {
    std::string_view name = function; // as the compiler calls what is made for the type
    if (const auto begin = name.find("T = "); begin != name.npos) name.remove_prefix(begin + 4);
    name = name.substr(0, name.find_first_of(";]"));
    if (!cache_->note_uncached(std::string(name))) return;
    log_->write(LogLevel::Warning,
                fmt::format("statements with values of the type {} are compiled anew each time, "
                            "because its TypeDecorator says cacheable = false",
                            name));
}

std::uint64_t Engine::on_statement(StatementListener listener) {
    listeners_.push_back({next_listener_, std::move(listener)});
    observed_ = true;
    return next_listener_++;
}

void Engine::remove_listener(std::uint64_t number) noexcept {
    std::erase_if(listeners_, [&](const Listener& listener) { return listener.number == number; });
    observed_ = echoes() || !listeners_.empty() || events_->any_of(~std::uint32_t{0});
}

EngineStatistics Engine::statistics() const noexcept {
    EngineStatistics result;
    cache_->count(result);
    pool_->count(result);
    return result;
}

void Engine::tell(const StatementEvent& event) const noexcept {
    try {
        if (echoes()) log_->write(LogLevel::Info, echo_line(event, shown_parameters(options_)));
    } catch (...) { // the statement has run all the same
    }
    for (const Listener& listener : listeners_) {
        try {
            listener.call(event);
        } catch (const std::exception& error) {
            warn_of_listener(error.what());
        } catch (...) {
            warn_of_listener("something that is no std::exception");
        }
    }
}

void Engine::tell_control(TransactionCommand command, std::string_view savepoint,
                          std::chrono::nanoseconds duration, bool failed) const noexcept {
    try {
        if (echoes()) log_->write(LogLevel::Info, echo_line(command, savepoint, duration, failed));
    } catch (...) { // what is told of has happened all the same
    }
    if (!listens_to(EngineEvent::Transaction)) return;
    TransactionEvent event{command, savepoint, duration, failed};
    tell_quietly(EngineEvent::Transaction, &event);
}

void gather_binds(const Compiled& compiled, const ast::CacheKey& key, std::vector<Value>& values) {
    values.resize(compiled.binds.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint32_t source = compiled.binds[i].source;
        if (source >= key.binds.size()) {
            throw StateError(
                "this statement takes its values from rows: execute it with a bind plan and rows");
        }
        values[i] = key.binds[source]->value;
    }
    if (compiled.dialect == nullptr) return;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const ast::Bind& bind = *key.binds[compiled.binds[i].source];
        if (bind.is_deferred)
            values[i] = static_cast<const ast::DeferredBind&>(bind).value_on(*compiled.dialect);
    }
}

} // namespace mercator
