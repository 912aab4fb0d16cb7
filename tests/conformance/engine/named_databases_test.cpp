// SPDX-License-Identifier: MIT
// One Database over several databases, told by the bind keys of its classes.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/loading/loader_option.hpp>
#include <mercator/session/database.hpp>
#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct ShopCustomer {
    std::int64_t id{};
    std::string name;
    Many<struct ShopVisit> visits;
};
struct ShopVisit {
    std::int64_t id{};
    std::string page;
    std::int64_t customer_id{};
    One<ShopCustomer> customer;
    Many<struct ShopLabel> labels;
};
struct ShopLabel {
    std::int64_t id{};
    std::string word;
};
struct ShopStray {
    std::int64_t id{};
};
struct ShopFarKey {
    std::int64_t id{};
    std::int64_t customer_id{};
};
void describe(Mapping<ShopCustomer>& customer) {
    customer.table("shop_customers");
    customer.column<&ShopCustomer::id>().primary_key();
    customer.column<&ShopCustomer::name>(String(40));
    customer.relationship<&ShopCustomer::visits>().back_populates<&ShopVisit::customer>();
}
void describe(Mapping<ShopVisit>& visit) {
    visit.table("shop_visits").bind_key("archive");
    visit.column<&ShopVisit::id>().primary_key();
    visit.column<&ShopVisit::page>(String(40));
    visit.column<&ShopVisit::customer_id>();
    visit.relationship<&ShopVisit::customer>()
        .back_populates<&ShopCustomer::visits>()
        .foreign_keys<&ShopVisit::customer_id>()
        .primaryjoin([](auto own, auto other) {
            return own(&ShopVisit::customer_id) == other(&ShopCustomer::id);
        });
    visit.relationship<&ShopVisit::labels>().secondary(
        Table("shop_visit_labels",
              Column("visit_id", BigInteger()).references("shop_visits.id").primary_key(),
              Column("label_id", BigInteger()).references("shop_labels.id").primary_key()));
}
void describe(Mapping<ShopLabel>& label) {
    label.table("shop_labels").bind_key("archive");
    label.column<&ShopLabel::id>().primary_key();
    label.column<&ShopLabel::word>(String(40));
}
void describe(Mapping<ShopStray>& stray) {
    stray.table("shop_strays").bind_key("attic");
    stray.column<&ShopStray::id>().primary_key();
}
void describe(Mapping<ShopFarKey>& far) {
    far.table("shop_far_keys").bind_key("archive");
    far.column<&ShopFarKey::id>().primary_key();
    far.column<&ShopFarKey::customer_id>().references<&ShopCustomer::id>();
}

/// A second database: a file beside the first one, or another one of the same server.
class Archive {
public:
    explicit Archive(Backend& backend) : backend_(backend), url_(Url::parse(backend.uri())) {
        static_cast<void>(backend.can()); // a file exists once it was opened
        is_file_ = std::filesystem::exists(url_.database);
        if (is_file_) {
            url_.database += ".archive";
            return;
        }
        url_.database = "mercator_archive";
        try {
            drop();
            run("CREATE DATABASE mercator_archive");
        } catch (const DatabaseError&) {
            is_there_ = false;
        }
    }
    ~Archive() {
        if (is_file_) {
            for (const char* end : {"", "-wal", "-shm"})
                std::filesystem::remove(url_.database + end);
        } else if (is_there_) {
            drop();
        }
    }
    [[nodiscard]] bool is_there() const noexcept { return is_there_; }
    [[nodiscard]] Config config() const {
        Config config = backend_.config();
        config.binds["archive"] = url_.to_string(true);
        return config;
    }

private:
    /// Outside of a transaction.
    void run(std::string_view sql) {
        Engine engine(backend_.uri());
        engine.connect().execute_script(sql);
    }
    void drop() { run("DROP DATABASE IF EXISTS mercator_archive"); }

    Backend& backend_;
    Url url_;
    bool is_file_ = false;
    bool is_there_ = true;
};

using Names = std::vector<std::string>;

Names tables(Database& db, std::string_view bind) {
    Names names = db.inspect(bind).table_names();
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

#define NEEDS_ARCHIVE(archive)                                                                     \
    if (!(archive).is_there()) {                                                                   \
        test::skip("this user makes no databases here");                                           \
        return;                                                                                    \
    }

TEST_CASE("CON-23 tables are created, verified and dropped in the databases of their bind keys") {
    Backend backend;
    Archive archive(backend);
    NEEDS_ARCHIVE(archive);
    Database db(archive.config());
    CHECK(db.bind_keys() == Names{"archive"});
    const Names far{"shop_labels", "shop_visit_labels", "shop_visits"};

    db.create_all<ShopCustomer, ShopVisit, ShopLabel>("archive");
    CHECK(tables(db, "archive") == far);
    CHECK(tables(db, "").empty());
    CHECK(db.create_all_plan().size() == 1);
    CHECK(db.verify().size() == 1);
    db.create_all<>();
    CHECK(tables(db, "") == Names{"shop_customers"});
    CHECK(db.verify().empty());
    CHECK(db.create_all_plan().empty());
    CHECK(db.create_all_sql().size() == 4);
    CHECK(db.drop_all_plan().size() == 4);

    db.engine("archive").connect().execute_script("DROP TABLE shop_visit_labels");
    const auto differences = db.verify();
    REQUIRE(differences.size() == 1);
    CHECK(differences.front().table == "shop_visit_labels");
    db.drop_all<>("");
    CHECK(tables(db, "").empty());
    CHECK(tables(db, "archive") == Names{"shop_labels", "shop_visits"});
    db.drop_all<>();
    CHECK(tables(db, "archive").empty());
}

TEST_CASE("CON-23 sessions of the Database read and write each class in its own database") {
    Backend backend;
    Archive archive(backend);
    NEEDS_ARCHIVE(archive);
    Database db(archive.config());
    db.create_all<ShopCustomer, ShopVisit, ShopLabel>();
    const SqlLog own(db.engine());
    const SqlLog far(db.engine("archive"));
    {
        Session session = db.session();
        const auto customer = session.add(ShopCustomer{.name = "ada"});
        const auto visit = session.add(ShopVisit{.page = "/tea"});
        visit->customer = customer;
        visit->labels.add(session.add(ShopLabel{.word = "first"}));
        session.commit();
    }
    CHECK(own.count("INSERT") == 1);
    CHECK(far.count("INSERT") == 3);
    CHECK(db.engine("archive").connect().fetch_all("SELECT page FROM shop_visits").size() == 1);

    Session session = db.session();
    const auto customer =
        session.query<ShopCustomer>().options(selectin<&ShopCustomer::visits>()).one();
    REQUIRE(customer->visits.size() == 1);
    CHECK(customer->visits[0]->labels[0]->word == "first");
    CHECK(customer->visits[0]->customer->name == "ada");
    customer->visits[0]->page = "/coffee";
    session.commit();
    CHECK(far.count("UPDATE") == 1);
    CHECK(own.count("UPDATE") == 0);
    session.rollback();
    db.drop_all<>();
}

TEST_CASE("CON-23 a bind key that is not configured is an error that lists those that are") {
    Backend backend;
    Archive archive(backend);
    NEEDS_ARCHIVE(archive);
    Database db(archive.config());
    const auto told = [](const auto& action) {
        try {
            action();
        } catch (const ArgumentError& error) {
            return std::string(error.what());
        }
        FAIL("nobody minds");
        return std::string();
    };
    CHECK(told([&] { static_cast<void>(db.engine("attic")); }).find("only \"archive\"") !=
          std::string::npos);
    CHECK(told([&] { db.create_all<>("attic"); }).find("\"attic\"") != std::string::npos);
    db.map<ShopStray>();
    for (const auto& message :
         {told([&] { db.create_all<>(); }), told([&] { static_cast<void>(db.verify()); }),
          told([&] { db.drop_all<>(); })}) {
        CHECK(message.find("\"attic\"") != std::string::npos);
        CHECK(message.find("\"archive\"") != std::string::npos);
    }
    Session session = db.session();
    session.add(ShopStray{});
    CHECK_THROWS_WITH_AS(session.flush(), doctest::Contains("only for \"archive\""), StateError);

    Database other(archive.config());
    CHECK_THROWS_WITH_AS((other.create_all<ShopCustomer, ShopFarKey>()),
                         doctest::Contains("different databases"), MappingError);
    CHECK(tables(other, "").empty());

    // Without any binds, the keys mean nothing: tests can do with one database.
    backend->create_all<ShopCustomer, ShopStray>();
    CHECK(tables(*backend, "") == Names{"shop_customers", "shop_strays"});
    CHECK_THROWS_WITH_AS(static_cast<void>(backend->engine("archive")),
                         doctest::Contains("none is configured"), ArgumentError);
}
