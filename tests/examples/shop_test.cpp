// SPDX-License-Identifier: MIT
// The e-commerce model set of examples/shop as an acceptance test.
#include "shop/catalogue.hpp"
#include "shop/checkout.hpp"
#include "shop/reports.hpp"

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>

using namespace shop;
using mercator::col;
using mercator::Session;

namespace {

/// A customer with an address and a category with one product: enough to break every rule of the
/// shop.
struct SmallShop {
    explicit SmallShop(mercator::test::Backend& backend) : session(open(backend)) {
        user = session.add(User{.username = "gerard", .email = "gerard@example.org"});
        user->addresses.add(session.add(Address{.street = "1 Meridian Road",
                                                .city = "Duisburg",
                                                .zip_code = "47051",
                                                .country = "Germany",
                                                .is_default = true}));
        category = session.add(Category{.name = "Globes"});
        globe = session.add(Product{.name = "Globe", .price = Decimal("19.90"), .stock = 3});
        globe->category = category;
        session.commit();
    }
    static Session open(mercator::test::Backend& backend) {
        create_schema(*backend);
        return backend->session();
    }
    /// Commits, which must fail with this class; then mends, and commits again.
    template <class Violation, class Mend>
    void fails_until(Mend mend) {
        CHECK_THROWS_AS(session.commit(), Violation);
        mend();
        session.commit();
    }

    Session session;
    std::shared_ptr<User> user;
    std::shared_ptr<Category> category;
    std::shared_ptr<Product> globe;
};

void load_shop(mercator::test::Backend& backend) {
    create_schema(*backend);
    Session session = backend->session();
    add_catalogue(session);
    const auto users = add_customers(session);
    session.commit();
    place_orders(session, users);
}

} // namespace

TEST_CASE("MOD-27 the shop's orders add up to the same total in SQL and in memory") {
    mercator::test::Backend backend;
    load_shop(backend);
    Session session = backend->session();
    CHECK(session.query<Product>().count() == 390);
    CHECK(session.query<Order>().count() == 48);
    CHECK(session.query<CartItem>().count() == 0);
    CHECK(total_by_sql(session) == Decimal("72022.10"));
    CHECK(total_by_objects(session) == Decimal("72022.10"));

    Decimal by_customer;
    for (const auto& user : session.query<User>().all()) {
        for (const auto& order : user->orders) {
            CHECK(order->user == user);
            CHECK(order->address == user->default_address());
            CHECK(order->total() == order->subtotal() + order->shipping_fee);
            by_customer += order->total();
        }
    }
    CHECK(by_customer == Decimal("72022.10"));
}

TEST_CASE("MOD-27 the category tree is walked down and up") {
    mercator::test::Backend backend;
    load_shop(backend);
    Session session = backend->session();
    const auto by_name = [&](const char* name) {
        return session.query<Category>().where(col(&Category::name) == name).one();
    };
    CHECK(by_name("Laptops")->path() == "Electronics > Computers > Laptops");
    CHECK(by_name("Electronics")->product_count() == 120);
    CHECK(by_name("Computers")->children.size() == 2);
    std::size_t products = 0;
    for (const auto& root :
         session.query<Category>().where(col(&Category::parent_id).is_null()).all()) {
        CHECK(root->parent == nullptr);
        products += root->product_count();
    }
    CHECK(products == 390);
}

TEST_CASE("QRY-04 MOD-27 the shop's own query class mixes with the ordinary queries") {
    mercator::test::Backend backend;
    load_shop(backend);
    Session session = backend->session();
    const auto laptops = session.query<Category>().where(col(&Category::name) == "Laptops").one();
    const auto in_stock = session.query<Product>().by_category(laptops->id).in_stock().all();
    const auto expected = std::count_if(laptops->products.begin(), laptops->products.end(),
                                        [](const auto& product) { return product->is_in_stock(); });
    CHECK(static_cast<std::ptrdiff_t>(in_stock.size()) == expected);
    CHECK(laptops->products.query().in_stock().count() == expected);

    const auto by_price = session.query<Product>().order_by(col(&Product::price)).limit(2);
    static_assert(std::same_as<decltype(by_price), const ProductQuery>);
    const auto cheapest =
        by_price.in_stock().where(col(&Product::price) > 0).by_category(laptops->id);
    REQUIRE(cheapest.all().size() == 2);
    CHECK(cheapest.first()->category == laptops);
}

TEST_CASE("MOD-27 every broken rule of the shop is an error of its own class, and is mended") {
    mercator::test::Backend backend;
    SmallShop shop(backend);
    Session& session = shop.session;

    auto twin = session.add(User{.username = "gerard2", .email = "gerard@example.org"});
    shop.fails_until<mercator::UniqueViolation>([&] { twin->email = "gerard2@example.org"; });
    CHECK(twin->id != shop.user->id);

    const bool checks = backend.can().check_constraints;
    if (checks) {
        shop.globe->price = Decimal("-1.00");
        shop.fails_until<mercator::CheckViolation>([&] { shop.globe->price = Decimal("24.90"); });
    }

    auto item = session.add(CartItem{.quantity = checks ? 0 : 2});
    item->product = shop.globe;
    shop.user->cart_items.add(item);
    if (checks) shop.fails_until<mercator::CheckViolation>([&] { item->quantity = 2; });
    session.commit();

    auto again = session.add(CartItem{});
    again->product = shop.globe;
    again->user = shop.user;
    shop.fails_until<mercator::UniqueViolation>([&] { again->user = twin; });
    CHECK(shop.user->cart_items.size() == 1);
    CHECK(twin->cart_items.size() == 1);

    auto stray = session.add(Address{.user_id = 4711,
                                     .street = "Nowhere",
                                     .city = "Atlantis",
                                     .zip_code = "0",
                                     .country = "Ocean"});
    shop.fails_until<mercator::ForeignKeyViolation>([&] { stray->user = twin; });

    auto homeless = session.add(Order{});
    homeless->user = twin;
    shop.fails_until<mercator::NotNullViolation>([&] { homeless->address = stray; });

    Session fresh = backend->session();
    CHECK(fresh.query<User>().count() == 2);
    CHECK(fresh.query<CartItem>().count() == 2);
    CHECK(fresh.get<Product>(shop.globe->id)->price == Decimal(checks ? "24.90" : "19.90"));
    CHECK(fresh.get<Order>(homeless->id)->address->street == "Nowhere");
}

TEST_CASE("MOD-27 selling more than there is fails as a whole, and the smaller order succeeds") {
    mercator::test::Backend backend;
    if (!backend.can().check_constraints) {
        mercator::test::skip("this backend does not enforce CHECK, which guards the stock");
        return;
    }
    SmallShop shop(backend);
    add_to_cart(shop.session, shop.user, shop.globe, 2);
    add_to_cart(shop.session, shop.user, shop.globe, 2);
    shop.session.commit();
    REQUIRE(shop.user->cart_items.size() == 1);

    auto order = check_out(shop.session, shop.user);
    CHECK_THROWS_AS(shop.session.commit(), mercator::CheckViolation);
    shop.session.rollback();
    CHECK(shop.globe->stock == 3);
    REQUIRE(shop.user->cart_items.size() == 1);
    CHECK(shop.user->orders.empty());

    shop.user->cart_items[0]->quantity = 3;
    order = check_out(shop.session, shop.user);
    shop.session.commit();
    CHECK(shop.user->cart_items.empty());
    CHECK(order->total() == Decimal("64.60"));
    CHECK_FALSE(shop.globe->is_in_stock());
    CHECK(shop.session.query<Order>().count() == 1);
}

TEST_CASE("REL-16 both sides of a relationship agree at once, without SQL") {
    mercator::test::Backend backend;
    SmallShop shop(backend);
    auto maps = shop.session.add(Category{.name = "Maps"});
    mercator::test::SqlLog log(backend->engine());
    maps->products.add(shop.globe);
    CHECK(shop.globe->category == maps);
    CHECK(shop.category->products.empty());
    shop.globe->category = shop.category;
    CHECK(maps->products.empty());
    CHECK(shop.category->products.contains(shop.globe));
    CHECK_MESSAGE(log.count() == 0, log.dump());
}
