// SPDX-License-Identifier: MIT
// Kinds of relationships that need more than one foreign key to be told: trees, several keys to one
// table, sides that are described from elsewhere.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace kinds {

struct Category {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> parent_id;
    One<Category> parent;
    Many<Category> children;
};
void describe(Mapping<Category>& category) {
    category.table("ki_categories");
    category.column<&Category::id>().primary_key();
    category.column<&Category::name>(String(20));
    category.column<&Category::parent_id>().references<&Category::id>();
    category.relationship<&Category::parent>()
        .remote_side<&Category::id>()
        .backref<&Category::children>([](auto& children) {
            children.template order_by<&Category::name>().lazy(Lazy::joined).join_depth(2);
        });
}

struct Address;
struct Customer {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> billing_id;
    std::optional<std::int64_t> shipping_id;
    One<Address> billing;
    One<Address> shipping;
};
struct Address {
    std::int64_t id{};
    std::string street;
    Many<Customer> billed;
    Many<Customer> supplied;
};
void describe(Mapping<Customer>& customer) {
    customer.table("ki_customers");
    customer.column<&Customer::id>().primary_key();
    customer.column<&Customer::name>(String(20));
    customer.column<&Customer::billing_id>().references<&Address::id>();
    customer.column<&Customer::shipping_id>().references<&Address::id>();
    customer.relationship<&Customer::billing>()
        .foreign_key<&Customer::billing_id>()
        .backref<&Address::billed>();
    customer.relationship<&Customer::shipping>().back_populates<&Address::supplied>();
}
void describe(Mapping<Address>& address) {
    address.table("ki_addresses");
    address.column<&Address::id>().primary_key();
    address.column<&Address::street>(String(20));
    // One side chooses the key for both.
    address.relationship<&Address::supplied>()
        .foreign_key<&Customer::shipping_id>()
        .back_populates<&Customer::shipping>();
}

struct Product;
struct Shop {
    std::int64_t id{};
    std::string name;
    Many<Product> products;
};
struct Product {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> shop_id;
    One<Shop> shop;
};
void describe(Mapping<Shop>& shop) {
    shop.table("ki_shops");
    shop.column<&Shop::id>().primary_key();
    shop.column<&Shop::name>(String(20));
    shop.relationship<&Shop::products>()
        .lazy(Lazy::selectin)
        .order_by([](auto product) { return product(&Product::name).desc(); })
        .backref<&Product::shop>(
            [](auto& of_product) { of_product.lazy(Lazy::joined).cascade(Cascade::save_update); });
}
void describe(Mapping<Product>& product) {
    product.table("ki_products");
    product.column<&Product::id>().primary_key();
    product.column<&Product::name>(String(20));
    product.column<&Product::shop_id>().references<&Shop::id>();
}

/// Nothing of the pairing is described on this side.
struct Trainer;
struct Club {
    std::int64_t id{};
    std::string name;
    Many<Trainer> trainers;
};
struct Trainer {
    std::int64_t id{};
    std::string name;
};
void describe(Mapping<Club>& club) {
    club.table("ki_clubs");
    club.column<&Club::id>().primary_key();
    club.column<&Club::name>(String(20));
    club.relationship<&Club::trainers>()
        .secondary(
            Table("ki_club_trainers",
                  Column("club_id", BigInteger()).primary_key().references("ki_clubs.id"),
                  Column("trainer_id", BigInteger()).primary_key().references("ki_trainers.id")))
        .backref("clubs");
}
void describe(Mapping<Trainer>& trainer) {
    trainer.table("ki_trainers");
    trainer.column<&Trainer::id>().primary_key();
    trainer.column<&Trainer::name>(String(20));
}

} // namespace kinds

using namespace kinds;

namespace {

std::string tree(const Category& category) {
    std::string text = category.name;
    if (category.children.empty()) return text;
    text += "(";
    for (const auto& child : category.children) text += tree(*child);
    return text + ")";
}

} // namespace

TEST_CASE("REL-17 a tree of one table is inserted parents first and walked both ways") {
    Backend backend;
    backend->create_all<Category>();
    std::int64_t root_id = 0;
    {
        auto session = backend->session();
        const auto leaf = session.add(Category{.name = "d"}); // the last one first
        const auto middle = session.add(Category{.name = "c"});
        const auto root = session.add(Category{.name = "a"});
        root->children.add(session.add(Category{.name = "b"}));
        middle->parent = root;
        middle->children.add(leaf);
        CHECK(root->children.contains(middle));
        CHECK(leaf->parent == middle);
        session.commit();
        root_id = root->id;
    }
    for (const Lazy strategy : {Lazy::select, Lazy::batch, Lazy::joined, Lazy::selectin}) {
        CAPTURE(static_cast<int>(strategy));
        auto session = backend->session();
        const auto root = session.query<Category>()
                              .where(col(&Category::parent_id) == null)
                              .options(all_others<Category>(strategy))
                              .one();
        CHECK(tree(*root) == "a(bc(d))");
        CHECK(root->parent == nullptr);
        CHECK(root->children[1]->children[0]->parent->parent == root);
        CHECK(root->id == root_id);
    }
}

TEST_CASE("REL-17 a tree is loaded as deep as it is said, and no deeper") {
    Backend backend;
    backend->create_all<Category>();
    {
        auto session = backend->session();
        auto parent = session.add(Category{.name = "0"});
        for (const char* name : {"1", "2", "3", "4"}) {
            const auto child = session.add(Category{.name = name});
            child->parent = parent;
            parent = child;
        }
        session.commit();
    }
    auto session = backend->session();
    SqlLog log(backend->engine());
    const auto root = session.query<Category>().where(col(&Category::parent_id) == null).one();
    CHECK_MESSAGE(log.count() == 1, log.dump());
    CHECK(root->children.loaded());
    CHECK(root->children[0]->children.loaded());
    CHECK_FALSE(root->children[0]->children[0]->children.loaded());
    CHECK_MESSAGE(log.count() == 1, log.dump());
}

TEST_CASE("REL-18 two foreign keys to one table, each with its own two sides") {
    Backend backend;
    backend->create_all<Customer, Address>();
    {
        auto session = backend->session();
        const auto home = session.add(Address{.street = "Home"});
        const auto office = session.add(Address{.street = "Office"});
        const auto ada = session.add(Customer{.name = "Ada", .billing = office, .shipping = home});
        CHECK(office->billed.contains(ada));
        CHECK(office->supplied.empty());
        CHECK(home->supplied.contains(ada));
        session.add(Customer{.name = "Bob", .billing = home});
        session.commit();
    }
    auto session = backend->session();
    const auto ada = session.query<Customer>().where(col(&Customer::name) == "Ada").one();
    CHECK(ada->billing->street == "Office");
    CHECK(ada->shipping->street == "Home");
    CHECK(ada->shipping->billed[0]->name == "Bob");
    const auto home = session.query<Customer>()
                          .join<&Customer::shipping>()
                          .where(col(&Address::street) == "Home")
                          .all();
    REQUIRE(home.size() == 1);
    CHECK(home[0] == ada);
}

TEST_CASE("REL-13 a backref has its own options") {
    Backend backend;
    backend->create_all<Shop, Product>();
    {
        auto session = backend->session();
        const auto corner = session.add(Shop{.name = "Corner"});
        for (const char* name : {"bread", "tea", "milk"})
            corner->products.add(session.add(Product{.name = name}));
        session.commit();
    }
    const auto& side = *mapper_of<Product>().find_relationship("shop");
    CHECK(side.lazy == Lazy::joined);
    CHECK(side.cascade == Cascade::save_update);
    CHECK(side.reverse->lazy == Lazy::selectin);
    CHECK(side.reverse->cascade == (Cascade::save_update | Cascade::merge));
    SqlLog log(backend->engine());
    {
        auto session = backend->session();
        const auto tea = session.query<Product>().where(col(&Product::name) == "tea").one();
        CHECK(tea->shop->name == "Corner");
        CHECK_MESSAGE(log.texts("SELECT").front().find("JOIN") != std::string::npos, log.dump());
    }
    log.clear();
    auto session = backend->session();
    const auto shop = session.query<Shop>().one();
    CHECK_MESSAGE(log.count() == 2, log.dump()); // selectin, without being touched
    CHECK(shop->products[0]->name == "tea");
    CHECK(shop->products[2]->name == "bread");
}

TEST_CASE("REL-15 REL-12 a side without a member is reached by name, over a table between too") {
    Backend backend;
    backend->create_all<Club, Trainer>();
    auto session = backend->session();
    const auto chess = session.add(Club{.name = "chess"});
    const auto row = session.add(Club{.name = "rowing"});
    const auto ada = session.add(Trainer{.name = "Ada"});
    const auto bob = session.add(Trainer{.name = "Bob"});
    chess->trainers.add(ada);
    row->trainers.add(ada);
    row->trainers.add(bob);
    CHECK(session.related<Club>(ada, "clubs").size() == 2);
    session.commit();
    auto fresh = backend->session();
    const auto again = fresh.query<Trainer>().where(col(&Trainer::name) == "Bob").one();
    const auto clubs = fresh.related<Club>(again, "clubs");
    REQUIRE(clubs.size() == 1);
    CHECK(clubs[0]->name == "rowing");
    const auto found = fresh.query<Trainer>().where(col(&Trainer::name) == "Ada").one();
    CHECK(fresh.related<Club>(found, "clubs").size() == 2);
}
