// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <memory>

namespace mercator {

struct OpenSavepoint;

/// A part of a session's transaction that can be taken back without the rest (SQLAlchemy's
/// `begin_nested`). Made by `session.begin_nested()`, which flushes first, so what was done before
/// lies outside of it:
///
///     Savepoint attempt = session.begin_nested();
///     try {
///         session.add(Member{.email = email});
///         attempt.commit();
///     } catch (const UniqueViolation&) {
///         attempt.rollback(); // the member is transient again, the work before is still there
///     }
///
/// When neither was called, the end of its scope rolls back, also while an exception passes; it
/// never commits and never throws. `session.nested([&] { … })` is the same in one call: it commits
/// when the function returns and rolls back when it throws.
///
/// They may be nested to any depth. To commit or roll back an outer one ends those inside of it in
/// the same way; so do `commit()` and `rollback()` of the session.
///
/// A flush that fails inside is rolled back to the innermost savepoint and forgets nothing, as
/// everywhere: mend and go on, or roll back. Where the database has given up the whole transaction
/// (a deadlock on some, a lost link, a full disk), or cannot go back to the savepoint, the
/// transaction is over: what was done inside of savepoints is dropped as by their rollback, what
/// was done outside is all to be written again, by the next commit. When that happens at the end of
/// a scope, where nothing can be thrown, the next statement of the session is refused instead.
///
/// Belongs to the session's thread; may outlive its session. Movable.
class MERCATOR_API Savepoint {
public:
    explicit Savepoint(std::shared_ptr<OpenSavepoint> savepoint) noexcept;
    Savepoint(Savepoint&& other) noexcept;
    Savepoint& operator=(Savepoint&& other) = delete;
    ~Savepoint();

    /// Flushes, and makes what was done inside a part of what lies outside. StateError when the
    /// savepoint is already over.
    void commit();
    /// Takes back what was done inside, in the database and in memory: objects that were added
    /// leave the session, deleted ones come back, members and relationships are what they were when
    /// the savepoint began. Nothing happens when it was rolled back before, also by its session or
    /// with its transaction; StateError when it was committed.
    void rollback();
    [[nodiscard]] bool is_open() const noexcept;

private:
    std::shared_ptr<OpenSavepoint> savepoint_; ///< nullptr when moved from
};

} // namespace mercator
