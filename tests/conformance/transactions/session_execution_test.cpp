// SPDX-License-Identifier: MIT
// What a session says of all its statements: isolation level, and the schemas of its tables.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/loading/loader_option.hpp>
#include <mercator/loading/relationship_expression.hpp>
#include <mercator/session/database.hpp>
#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct IsoAccount {
    std::int64_t id{};
    std::int64_t balance{};
};
void describe(Mapping<IsoAccount>& account) {
    account.table("iso_accounts");
    account.column<&IsoAccount::id>().primary_key().autoincrement(false);
    account.column<&IsoAccount::balance>();
}

struct TenantTag {
    std::int64_t id{};
    std::string word;
};
struct TenantUser {
    std::int64_t id{};
    std::string name;
    Many<struct TenantPost> posts;
};
struct TenantPost {
    std::int64_t id{};
    std::string title;
    std::int64_t user_id{};
    One<TenantUser> user;
    Many<TenantTag> tags;
};
void describe(Mapping<TenantTag>& tag) {
    tag.table("tenant_tags");
    tag.column<&TenantTag::id>().primary_key();
    tag.column<&TenantTag::word>(String(40));
}
void describe(Mapping<TenantUser>& user) {
    user.table("tenant_users");
    user.column<&TenantUser::id>().primary_key();
    user.column<&TenantUser::name>(String(40));
    user.relationship<&TenantUser::posts>().back_populates<&TenantPost::user>();
}
void describe(Mapping<TenantPost>& post) {
    post.table("tenant_posts");
    post.column<&TenantPost::id>().primary_key();
    post.column<&TenantPost::title>(String(40));
    post.column<&TenantPost::user_id>().references<&TenantUser::id>();
    post.relationship<&TenantPost::user>().back_populates<&TenantUser::posts>();
    Table between("tenant_post_tags",
                  Column("post_id", BigInteger()).references("tenant_posts.id").primary_key(),
                  Column("tag_id", BigInteger()).references("tenant_tags.id").primary_key());
    post.relationship<&TenantPost::tags>().secondary(between);
}

const std::vector<std::pair<Isolation, bool Capabilities::*>> levels{
    {Isolation::ReadUncommitted, &Capabilities::read_uncommitted},
    {Isolation::ReadCommitted, &Capabilities::read_committed},
    {Isolation::RepeatableRead, &Capabilities::repeatable_read},
    {Isolation::Serializable, &Capabilities::serializable}};

SessionOptions at(Backend& backend, Isolation isolation) {
    SessionOptions options = backend->session_options();
    options.isolation = isolation;
    return options;
}

} // namespace

TEST_CASE(
    "UOW-32 each isolation level that the database has can be a session's, others are refused") {
    Backend backend;
    backend->create_all<IsoAccount>();
    for (const auto& [level, can] : levels) {
        CAPTURE(words_of(level));
        Session session = backend->session(at(backend, level));
        session.add(IsoAccount{static_cast<std::int64_t>(level), 1});
        if (backend.can().*can) {
            session.commit();
            CHECK(session.query<IsoAccount>().count() >= 1);
            session.rollback();
        } else {
            CHECK_THROWS_WITH_AS(session.commit(), doctest::Contains("it has SERIALIZABLE"),
                                 UnsupportedError);
        }
    }
    // The level was of those transactions alone.
    Session plain = backend->session();
    CHECK(plain.query<IsoAccount>().count() >= 1);
}

TEST_CASE("UOW-32 a session sees by its own isolation level what others commit meanwhile") {
    Backend backend;
    if (!backend.can().repeatable_read || !backend.can().read_committed) {
        test::skip("all transactions have the same isolation level here");
        return;
    }
    backend->create_all<IsoAccount>();
    {
        Session session = backend->session();
        session.add(IsoAccount{1, 100});
        session.commit();
    }
    const auto balance = [](Session& session) {
        return session.query<IsoAccount>().order_by(col(&IsoAccount::id)).one()->balance;
    };
    const auto seen_after_change = [&](const SessionOptions& options, std::int64_t next) {
        Session reader = backend->session(options);
        static_cast<void>(balance(reader));
        Session writer = backend->session();
        writer.query<IsoAccount>().one()->balance = next;
        writer.commit();
        reader.clear(); // so that nothing is remembered
        return balance(reader);
    };
    CHECK(seen_after_change(at(backend, Isolation::ReadCommitted), 200) == 200);
    CHECK(seen_after_change(at(backend, Isolation::RepeatableRead), 300) == 200);
    CHECK(seen_after_change(at(backend, Isolation::ReadCommitted), 400) == 400);

    // As the engine says where the session says nothing.
    Config config = backend.config();
    config.isolation = Isolation::RepeatableRead;
    Database careful(config);
    Session reader = careful.session();
    CHECK(balance(reader) == 400);
    Session writer = backend->session();
    writer.query<IsoAccount>().one()->balance = 500;
    writer.commit();
    reader.clear();
    CHECK(balance(reader) == 400);
    SessionOptions fresh = careful.session_options();
    fresh.isolation = Isolation::ReadCommitted;
    Session other = careful.session(fresh);
    CHECK(balance(other) == 500);
}

namespace {

/// Two tenants in schemas of their own; on a file, databases beside it.
class Tenants {
public:
    Tenants() : tenants_(make()) {}
    ~Tenants() {
        if (!is_there_ || !folder_.empty()) return;
        for (const char* tenant : names) {
            for (const char* table :
                 {"tenant_post_tags", "tenant_posts", "tenant_tags", "tenant_users"})
                backend_.run("DROP TABLE " + std::string(tenant) + "." + table);
            backend_.run("DROP SCHEMA " + std::string(tenant));
        }
    }
    [[nodiscard]] bool is_there() const noexcept { return is_there_; }
    Database& db() { return *tenants_; }
    Session session(std::string to) {
        SessionOptions options = tenants_->session_options();
        options.schema_translate = {{"", std::move(to)}};
        return tenants_->session(options);
    }
    static constexpr const char* names[] = {"tenant_7", "tenant_8"};

private:
    std::unique_ptr<Database> make() {
        Config config = backend_.config();
        static_cast<void>(backend_.can());
        const std::string file = Url::parse(backend_.uri()).database;
        if (std::filesystem::exists(file)) {
            folder_ = std::filesystem::path(file).parent_path();
            config.on_connect = [folder = folder_](Connection& connection) {
                for (const char* tenant : names)
                    connection.execute_script("ATTACH '" + (folder / tenant).string() + "' AS " +
                                              tenant);
            };
        } else {
            try {
                for (const char* tenant : names)
                    backend_.run("CREATE SCHEMA " + std::string(tenant));
            } catch (const DatabaseError&) {
                is_there_ = false;
            }
        }
        auto made = std::make_unique<Database>(config);
        if (is_there_) {
            for (const char* tenant : names) create_tables(*made, tenant, folder_.empty());
        }
        return made;
    }
    /// The tables of the classes, in one tenant's schema.
    static void create_tables(Database& db, const std::string& tenant, bool is_server) {
        Database models(db.engine().url().to_string(true));
        models.map<TenantUser, TenantPost, TenantTag>();
        MetaData moved;
        for (const auto& table : models.metadata().tables()) {
            auto copy = std::make_shared<Table>(*table);
            copy->schema = tenant;
            for (auto& key : copy->foreign_keys)
                if (is_server) key.target_schema = tenant;
            moved.add(copy);
        }
        Connection connection = db.engine().connect();
        for (const auto& sql : creation_statements(db.engine().dialect(), moved))
            connection.execute_script(sql);
    }

    Backend backend_;
    std::filesystem::path folder_;
    bool is_there_ = true;
    std::unique_ptr<Database> tenants_;
};

} // namespace

TEST_CASE("UOW-32 schema_translate reaches flushes, lazy loads, queries and bulk statements") {
    Tenants tenants;
    if (!tenants.is_there()) {
        test::skip("this user makes no schemas here");
        return;
    }
    for (const char* tenant : Tenants::names) {
        Session session = tenants.session(tenant);
        const auto user = session.add(TenantUser{.name = tenant});
        const auto post = session.add(TenantPost{.title = "a"});
        post->user = user;
        session.add(TenantPost{.title = "b"})->user = user;
        post->tags.add(session.add(TenantTag{.word = "new"}));
        session.commit();
        post->title = "c";
        session.commit();
        session.refresh(post);
        CHECK(post->title == "c");
    }
    const auto in_tenant_7 = [](const std::string& sql) {
        return sql.find("tenant_7") != sql.npos && sql.find("tenant_8") == sql.npos;
    };
    {
        Session session = tenants.session("tenant_7");
        SqlLog seven(tenants.db().engine());
        const auto user = session.query<TenantUser>().one();
        CHECK(user->name == "tenant_7");
        CHECK(user->posts.size() == 2);
        const auto post = session.query<TenantPost>()
                              .where(rel(&TenantPost::user).col(&TenantUser::name) == "tenant_7",
                                     col(&TenantPost::title) == "c")
                              .one();
        CHECK(post->tags.size() == 1);
        CHECK(session.query<TenantUser>()
                  .where(rel(&TenantUser::posts).any(col(&TenantPost::title) == "b"))
                  .count() == 1);
        CHECK(session.query<TenantUser>().options(joined<&TenantUser::posts>()).all().size() == 1);
        CHECK(session.query<TenantPost>()
                  .where(col(&TenantPost::title) == "b")
                  .update(set(&TenantPost::title, "d")) == 1);
        post->tags.clear();
        session.commit();
        CHECK(session.query<TenantPost>().where(col(&TenantPost::title) == "d").delete_() == 1);
        session.commit();
        CHECK(seven.count() > 8);
        for (const auto& sql : seven.texts()) CHECK_MESSAGE(in_tenant_7(sql), sql);
    }
    // The same statements, compiled for the other tenant: one does not get the other's text.
    Session session = tenants.session("tenant_8");
    const auto user = session.query<TenantUser>().one();
    CHECK(user->name == "tenant_8");
    CHECK(user->posts.size() == 2);
    CHECK(session.query<TenantPost>().where(col(&TenantPost::title) == "b").count() == 1);
    const auto misses = tenants.db().engine().statistics().compile_misses;
    Session again = tenants.session("tenant_8");
    CHECK(again.query<TenantUser>().one()->name == "tenant_8");
    CHECK(tenants.db().engine().statistics().compile_misses == misses);
}
