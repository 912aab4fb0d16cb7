// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/session/session.hpp>
#include <mercator/support/export.hpp>

namespace mercator {

class Database;

/// A session for one piece of work, a request or a job, that everything called meanwhile can ask
/// for without being handed it (SQLAlchemy's scoped_session, Flask-SQLAlchemy's `db.session`):
///
///     void handle(const Request& request) {
///         SessionScope scope(db);
///         create_order(request);          // somewhere below: current_session(db).add(Order{...})
///         scope.session().commit();
///     }                                   // what was not committed is rolled back
///
/// Belongs to the thread that made it and to the block that it stands in: scopes of one thread end
/// in the reverse order of their beginnings. An inner scope of the same database has a session, and
/// so a transaction, of its own; the outer one is current again when it ends. The end of a scope
/// rolls back and releases the connection, also while an exception passes; handles stay readable.
class MERCATOR_API SessionScope {
public:
    explicit SessionScope(Database& db);
    SessionScope(Database& db, SessionOptions options);
    SessionScope(const SessionScope&) = delete;
    SessionScope& operator=(const SessionScope&) = delete;
    ~SessionScope();

    [[nodiscard]] Session& session() noexcept { return session_; }

private:
    friend MERCATOR_API Session& current_session(const Database& db);

    const Database* db_;
    Session session_;
    SessionScope* outer_;
};

/// The session of this thread's innermost scope of the database. StateError when there is none.
[[nodiscard]] MERCATOR_API Session& current_session(const Database& db);

} // namespace mercator
