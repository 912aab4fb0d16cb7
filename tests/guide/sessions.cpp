// SPDX-License-Identifier: MIT
#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <cstdlib>

using namespace mercator;

namespace {

struct User {
    std::int64_t id{};
    std::string name;
};

void describe(Mapping<User>& user) {
    user.column<&User::id>().primary_key();
    user.column<&User::name>(String(80)).unique();
}

void require(bool condition) {
    if (!condition) std::abort();
}

} // namespace

int main() {
    Database db("sqlite://");
    db.create_all<User>();
    Session session = db.session();

    auto ada = session.add(User{.name = "Ada"});
    require(session.status(ada) == ObjectStatus::Pending);
    session.commit();
    require(session.status(ada) == ObjectStatus::Persistent);

    session.on<User>(Transition::PendingToPersistent, [](const std::shared_ptr<User>& user) {
        fmt::print("new: {}\n", user->name);
    });

    ada->name = "Ada Lovelace";
    session.add(User{.name = "Grace"});
    require(session.dirty<User>().front() == ada);
    require(session.history(ada, &User::name).deleted.front() == "Ada");
    for (const auto& step : session.flush_plan()) fmt::print("{}\n", to_string(step));

    {
        const auto guard = session.no_autoflush();
        require(session.query<User>().count() == 1);
    }
    require(session.query<User>().count() == 2);

    auto twin = session.add(User{.name = "Ada Lovelace"}); // the name must be unique
    try {
        session.commit();
    } catch (const UniqueViolation&) {
        require(session.status(twin) == ObjectStatus::Pending);
        twin->name = "Ada the second";
        session.commit();
    }
    require(session.status(twin) == ObjectStatus::Persistent);

    try {
        auto nobody = session.get_one<User>(4711);
    } catch (const NoResultFound& error) {
        fmt::print("{}\n", error.what()); // there is no User with id = 4711
    }

    Savepoint attempt = session.begin_nested();
    auto second = session.add(User{.name = "Grace"}); // taken already
    try {
        attempt.commit();
    } catch (const UniqueViolation&) {
        attempt.rollback();
    }
    require(session.status(second) == ObjectStatus::Transient);

    session.nested([&] {
        ada->name = "Ada King";
        session.add(User{.name = "Charles"});
    });
    session.commit();
    require(db.session().query<User>().count() == 4);

    User form = *ada; // a copy, as it may go out of the program and come back
    form.name = "Ada, Countess of Lovelace";
    auto merged = session.merge(form);
    require(merged == ada && ada->name == form.name);
    session.commit();

    for (int i = 0; i < 10'000; ++i) {
        session.add(User{.name = fmt::format("user {}", i)});
        if (i % 1000 == 999) {
            session.flush();
            session.clear();
        }
    }
    session.commit();
    require(session.status(ada) == ObjectStatus::Detached);
    require(session.query<User>().count() == 10'004);
}
