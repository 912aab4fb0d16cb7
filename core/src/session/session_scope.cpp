// SPDX-License-Identifier: MIT
#include <mercator/session/session_scope.hpp>

#include <mercator/session/database.hpp>
#include <mercator/support/error.hpp>

#include <utility>

namespace mercator {
namespace {

SessionScope*& innermost() noexcept {
    static thread_local SessionScope* scope = nullptr;
    return scope;
}

} // namespace

SessionScope::SessionScope(Database& db) : SessionScope(db, db.session_options()) {}

SessionScope::SessionScope(Database& db, SessionOptions options) :
    db_(&db),
    session_(db.session(std::move(options))),
    outer_(std::exchange(innermost(), this)) {}

SessionScope::~SessionScope() {
    innermost() = outer_;
    session_.close();
}

Session& current_session(const Database& db) {
    for (SessionScope* scope = innermost(); scope != nullptr; scope = scope->outer_) {
        if (scope->db_ == &db) return scope->session_;
    }
    throw StateError("no SessionScope of this database is open on this thread; make one where the "
                     "work begins: SessionScope scope(db);");
}

} // namespace mercator
