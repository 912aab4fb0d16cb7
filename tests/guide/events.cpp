// SPDX-License-Identifier: MIT
#include <mercator/mapping/attribute_format.hpp>
#include <mercator/mapping/mapper_events.hpp>
#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mercator;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

struct User;
struct Role {
    std::int64_t id{};
    std::string name;
    Many<User> users;
};
struct User {
    std::int64_t id{};
    Attribute<std::string> email; // tells of assignments
    std::string name;
    std::optional<std::int64_t> role_id;
    One<Role> role;
};
struct Post {
    std::int64_t id{};
    std::int64_t tenant{};
    std::string title;
};

void describe(Mapping<Role>& role) {
    role.table("roles");
    role.column<&Role::id>().primary_key();
    role.column<&Role::name>(String(40));
    role.relationship<&Role::users>().back_populates<&User::role>();
}
void describe(Mapping<User>& user) {
    user.table("users");
    user.column<&User::id>().primary_key();
    user.column<&User::email>(String(80)).unique();
    user.column<&User::name>(String(40));
    user.column<&User::role_id>().references<&Role::id>();
    user.relationship<&User::role>().back_populates<&Role::users>();
}
void describe(Mapping<Post>& post) {
    post.table("posts");
    post.column<&Post::id>().primary_key();
    post.column<&Post::tenant>();
    post.column<&Post::title>(String(80));
}

struct UserHistory {
    std::int64_t id{};
    std::int64_t user_id{};
    std::string before;
    std::string after;
};
struct OutboxMessage {
    std::int64_t id{};
    std::string text;
};

void describe(Mapping<UserHistory>& history) {
    history.column<&UserHistory::id>().primary_key();
    history.column<&UserHistory::user_id>();
    history.column<&UserHistory::before>(String(40));
    history.column<&UserHistory::after>(String(40));
}
void describe(Mapping<OutboxMessage>& message) {
    message.column<&OutboxMessage::id>().primary_key();
    message.column<&OutboxMessage::text>(String(80));
}

struct Audit {
    void before_insert(Session&, User& user) { fmt::print("insert {}\n", user.email); }
    void after_update(User& user) { fmt::print("updated {}\n", user.email); }
    void after_delete(Session&, const std::shared_ptr<User>& user) {
        fmt::print("deleted {}\n", user->email);
    }
};

std::int64_t current_tenant() {
    return 7;
}

void of_objects(Database& db) {
    db.on<User>().before_insert([](Session&, User& user) {
        if (user.name.empty()) user.name = user.email;
    });
    db.on<User>().before_update([](Session& session, const std::shared_ptr<User>& user) {
        const auto name = session.history(user, &User::name);
        if (name.has_changes()) fmt::print("{} was {}\n", user->name, name.deleted.at(0));
    });
    db.on().after_delete([](Session&, const AnyObject& object) {
        fmt::print("a {} is gone\n", object.class_name());
    });
}

void of_members(Database& db) {
    db.on<User>().set<&User::email>([](User&, std::string& value, const std::string& old) {
        if (value.empty()) throw std::invalid_argument("an address is needed, not " + old);
        value = lower(value);
    });
    db.on<Role>().append<&Role::users>([](Role& role, std::shared_ptr<User>& user) {
        fmt::print("{} becomes {}\n", user->name, role.name);
    });
    db.on<User>().set<&User::role>(
        [](User& user, std::shared_ptr<Role>& role, const std::shared_ptr<Role>& old) {
            if (old && !role) fmt::print("{} is no {} any more\n", user.name, old->name);
        });
}

void of_sessions(Database& db) {
    db.on().orm_execute([](OrmExecution& query) {
        if (query.is_of<Post>()) query.where(col(&Post::tenant) == current_tenant());
    });
}

void of_commits(Database& db) {
    db.on().models_committed([](Session&, std::span<const ModelChange> changes) {
        for (const auto& change : changes)
            if (const auto user = change.object.as<User>();
                user && change.change == RowChange::Insert)
                fmt::print("welcome, {}\n", user->name);
    });
}

void of_engine(Database& db) {
    db.engine().on().connect([](Connection& connection) {
        if (connection.engine().dialect().name() == "sqlite")
            connection.execute_script("pragma cache_size = -20000");
    });
    db.engine().on().before_execute([](StatementDraft& draft) { draft.sql += " /* shop */"; });
    db.engine().on().handle_error([](EngineFailure& failure) {
        if (failure.error.native_code() == 1927) failure.is_disconnect = true; // killed
    });
    db.on_table<User>().after_create(Ddl("create index users_by_name on {table} (lower(name))")
                                         .only_on({"sqlite", "postgresql"}));
}

void keep_history(Database& db) {
    db.on().before_flush([](Session& session) {
        for (const auto& user : session.dirty<User>()) {
            const auto name = session.history(user, &User::name);
            if (!name.has_changes()) continue;
            session.add(UserHistory{
                .user_id = user->id, .before = name.deleted.at(0), .after = name.added.at(0)});
        }
    });
}

void keep_outbox(Database& db) {
    db.on<User>().after_insert([](Session& session, User& user) {
        session.execute(insert_into(mapper_of<OutboxMessage>().table())
                            .values({{"text", Value(fmt::format("user {}", user.id))}}));
    });
}

/// Messages are deleted in the transaction that ends when they have been handed on.
template <class Send>
void relay(Database& db, Send send) {
    Session session = db.session();
    for (const auto& message :
         session.query<OutboxMessage>().order_by(col(&OutboxMessage::id)).all()) {
        send(message->text);
        session.delete_(message);
    }
    session.commit();
}

void use(Database& db) {
    Session session = db.session();
    const auto ada = session.add(User{.email = "Ada@Example.org"});
    require(ada->email == "ada@example.org");
    session.commit();
    require(ada->name == "ada@example.org");
    try {
        ada->email = "";
    } catch (const std::invalid_argument&) {
        require(ada->email == "ada@example.org");
    }
    const auto admin = session.add(Role{.name = "admin"});
    admin->users.add(ada);
    ada->role = nullptr;
    ada->name = "Ada";
    session.commit();
    require(session.query<UserHistory>().one()->after == "Ada");
    session.add(Post{.tenant = 7, .title = "ours"});
    session.add(Post{.tenant = 8, .title = "theirs"});
    session.commit();
    require(session.query<Post>().count() == 1);
    std::vector<std::string> sent;
    relay(db, [&](const std::string& text) { sent.push_back(text); });
    relay(db, [&](const std::string& text) { sent.push_back(text); });
    require(sent == std::vector<std::string>{fmt::format("user {}", ada->id)});
}

void scopes(Database& db) {
    Session session = db.session();
    int commits = 0;
    {
        const ScopedSubscription counting = session.on().after_commit([&](Session&) { ++commits; });
        session.add(User{.email = "bob"});
        session.commit();
    }
    session.add(User{.email = "eve"});
    session.commit();
    require(commits == 1);
    const Subscription audit = db.observe<User>(Audit());
    Session audited = db.session();
    const auto bob = audited.query<User>().where(col(&User::email) == "bob").one();
    bob->name = "Bob";
    audited.commit();
    audited.delete_(bob);
    audited.commit();
    audit.remove(); // all its functions

    const ScopedSubscription refusing =
        session.on<User>().before_insert([](User&) { throw std::runtime_error("no more users"); });
    session.add(User{.email = "fay"});
    try {
        session.commit();
        require(false);
    } catch (const ListenerError& error) {
        fmt::print("{}\n", error.what()); // event, place, object, "no more users"
    }
}

} // namespace

int main() {
    int classes = 0;
    const ScopedSubscription counting = on_mapper_configured([&](const Mapper&) { ++classes; });
    Config config =
        Config::from_map({{"uri", "sqlite:///events.db"}, {"track_modifications", "true"}});
    Database db(config);
    of_engine(db);
    of_objects(db);
    of_members(db);
    of_sessions(db);
    of_commits(db);
    keep_history(db);
    keep_outbox(db);
    db.create_all<Role, User, Post, UserHistory, OutboxMessage>();
    use(db);
    scopes(db);
    require(classes == 5);
    return 0;
}
