// SPDX-License-Identifier: MIT
#include <mercator/engine/engine.hpp>

#include "compile_cache.hpp"
#include "pooled_connection.hpp"

#include <mercator/engine/dialect_registry.hpp>
#include <mercator/engine/pool.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace mercator {

Engine::Engine(const Url& url, EngineOptions options) :
    Engine(url, load_dialect(url.scheme, options.dialect_path), options) {}

Engine::Engine(std::string_view uri, EngineOptions options) :
    Engine(Url::parse(uri), std::move(options)) {}

Engine::Engine(const Url& url, std::unique_ptr<Dialect> dialect, EngineOptions options) :
    url_(url),
    options_(std::move(options)),
    dialect_(std::move(dialect)) {
    if (dialect_ == nullptr) throw ArgumentError("an engine needs a dialect; nullptr was given");
    if (options_.pool_size == 0)
        throw ArgumentError("pool_size is 0: an engine needs at least one connection");
    dialect_->check(url_);
    if (options_.log == nullptr) options_.log = default_log_sink();
    observed_ = options_.echo != Echo::Off;
    cache_ = std::make_unique<CompileCache>(options_.compile_cache_size);
    pool_ = std::make_unique<Pool>(*this);
}

Engine::~Engine() = default;

const Capabilities& Engine::capabilities() {
    if (!pool_->initialized()) static_cast<void>(connect());
    return dialect_->capabilities();
}

Connection Engine::connect() {
    return Connection(*this, pool_->take());
}

std::shared_ptr<const Compiled> Engine::compile(const ast::Statement& statement,
                                                ast::CacheKey& key) {
    key.clear();
    append_cache_key(statement, key);
    if (auto found = cache_->find(key.bytes)) return found;
    // The text depends on the product and its version, so the server is asked before the first one.
    static_cast<void>(capabilities());
    return cache_->add(key.bytes, std::make_shared<const Compiled>(dialect_->compile(statement)));
}

void Engine::on_statement(StatementListener listener) {
    listeners_.push_back(std::move(listener));
    observed_ = true;
}

EngineStatistics Engine::statistics() const noexcept {
    EngineStatistics result;
    cache_->count(result);
    pool_->count(result);
    return result;
}

namespace {

std::string echo_line(const StatementEvent& event, bool with_parameters) {
    const double milliseconds = std::chrono::duration<double, std::milli>(event.duration).count();
    std::string line = fmt::format("[{:.2f} ms] {}", milliseconds, event.sql);
    auto out = std::back_inserter(line);
    if (event.rows != 1) fmt::format_to(out, " ({} rows)", event.rows);
    if (with_parameters && !event.parameters.empty()) {
        const char* separator = " [";
        for (const Value& value : event.parameters) {
            fmt::format_to(out, "{}{}", separator, display(value));
            separator = ", ";
        }
        line += ']';
    }
    if (event.failed) line += " (failed)";
    return line;
}

} // namespace

void Engine::tell(const StatementEvent& event) const {
    if (options_.echo != Echo::Off) {
        options_.log->write(LogLevel::Info, echo_line(event, options_.echo == Echo::Parameters));
    }
    for (const StatementListener& listener : listeners_) listener(event);
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
}

} // namespace mercator
