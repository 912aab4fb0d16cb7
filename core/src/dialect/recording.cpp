// SPDX-License-Identifier: MIT
#include <mercator/dialect/recording.hpp>

namespace mercator {

std::shared_ptr<Recorder> Recorder::named(std::string_view name) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<Recorder>, std::less<>> recorders;
    const std::lock_guard lock(mutex);
    const auto found = recorders.find(name);
    if (found != recorders.end()) return found->second;
    return recorders.emplace(std::string(name), std::make_shared<Recorder>()).first->second;
}

void Recorder::reply(Rows rows) {
    const std::lock_guard lock(mutex_);
    replies_.push_back(std::move(rows));
}

void Recorder::affect(std::uint64_t rows) {
    const std::lock_guard lock(mutex_);
    affected_.push_back(rows);
}

void Recorder::fail_call(std::uint64_t call, DatabaseErrorInfo info) {
    const std::lock_guard lock(mutex_);
    failures_[call_count_ + call] = std::move(info);
}

void Recorder::set_capabilities(Capabilities capabilities) {
    const std::lock_guard lock(mutex_);
    capabilities_ = std::move(capabilities);
}

void Recorder::clear() {
    const std::lock_guard lock(mutex_);
    calls_.clear();
    replies_.clear();
    affected_.clear();
    failures_.clear();
    capabilities_.reset();
    call_count_ = 0;
    prepared_count_ = 0;
    last_key_ = 0;
}

std::vector<RecordedCall> Recorder::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

std::vector<std::string> Recorder::statements() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> texts;
    for (const auto& call : calls_) texts.push_back(call.sql);
    return texts;
}

std::uint64_t Recorder::call_count() const {
    const std::lock_guard lock(mutex_);
    return call_count_;
}

std::uint64_t Recorder::prepared_count() const {
    const std::lock_guard lock(mutex_);
    return prepared_count_;
}

void Recorder::count_call(std::string_view sql) {
    std::optional<DatabaseErrorInfo> failure;
    {
        const std::lock_guard lock(mutex_);
        const auto found = failures_.find(++call_count_);
        if (found == failures_.end()) return;
        failure = std::move(found->second);
        failures_.erase(found);
    }
    if (failure->statement.empty()) failure->statement = sql;
    throw_database_error(std::move(*failure));
}

void Recorder::count_prepared() {
    const std::lock_guard lock(mutex_);
    ++prepared_count_;
}

void Recorder::record(RecordedCall call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
}

Recorder::Rows Recorder::next_reply() {
    const std::lock_guard lock(mutex_);
    if (replies_.empty()) return {};
    Rows rows = std::move(replies_.front());
    replies_.pop_front();
    return rows;
}

std::uint64_t Recorder::next_affected(std::uint64_t given) {
    const std::lock_guard lock(mutex_);
    if (affected_.empty()) return given;
    const std::uint64_t rows = affected_.front();
    affected_.pop_front();
    return rows;
}

std::int64_t Recorder::next_key() {
    const std::lock_guard lock(mutex_);
    return ++last_key_;
}

std::optional<Capabilities> Recorder::capabilities() const {
    const std::lock_guard lock(mutex_);
    return capabilities_;
}

} // namespace mercator
