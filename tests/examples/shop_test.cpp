// SPDX-License-Identifier: MIT
// The e-commerce model set of examples/shop as an acceptance test.
#include "shop/catalogue.hpp"
#include "shop/checkout.hpp"
#include "shop/mistakes.hpp"
#include "shop/reports.hpp"
#include "shop/rules.hpp"

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

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
                                                .state = "Nordrhein-Westfalen",
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
        set_rules(*backend);
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
    set_rules(*backend);
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
            CHECK(total(*order) == subtotal(*order) + order->shipping_fee);
            by_customer += total(*order);
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
                                        [](const auto& product) { return is_in_stock(*product); });
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
                                     .state = "",
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
    CHECK(total(*order) == Decimal("64.60"));
    CHECK_FALSE(is_in_stock(*shop.globe));
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

TEST_CASE("HYB-06 HYB-07 HYB-08 HYB-09 HYB-10 the shop's hybrids agree with the database") {
    mercator::test::Backend backend;
    load_shop(backend);
    Session session = backend->session();
    leave_in_carts(session, session.query<User>().order_by(col(&User::id)).all());

    mercator::test::SqlLog log(backend->engine());
    CHECK(total_by_sql(session) == Decimal("72022.10"));
    CHECK(log.count() == 1);
    CHECK(total_by_objects(session) == Decimal("72022.10"));
    CHECK_MESSAGE(log.count() == 3, log.dump()); // orders, and all their items
    // 12 users and what they spent, 100 products, 4 lines in carts, 100 of orders, 48 orders twice
    CHECK(compare_hybrids(session) == 12 + 100 + 4 + 100 + 48 + 48 + 12);

    // In WHERE and ORDER BY: one statement each, which finds what walking the objects finds.
    const auto users = session.query<User>().all();
    const auto best =
        *std::max_element(users.begin(), users.end(),
                          [](const auto& a, const auto& b) { return spent(*a) < spent(*b); });
    log.clear();
    CHECK(session.query<User>().order_by(spent().desc()).first() == best);
    CHECK(session.query<User>().where(full_name() == full_name(*best)).one() == best);
    CHECK(session.query<Order>().where(total() >= 3000).all().size() == 5);
    CHECK(session.query<Order>().where(total() == subtotal()).count() ==
          session.query<Order>().where(col(&Order::shipping_fee) == 0).count());
    CHECK(session.query<CartItem>().where(cart_subtotal() >= 100).count() == 3);
    CHECK(session.query<OrderItem>().where(item_subtotal() < col(&OrderItem::price)).count() == 0);
    CHECK_MESSAGE(log.count() == 7, log.dump());

    // A name that is there only in part, and one that is empty, are none.
    auto half = session.add(User{.username = "half", .email = "half@x.org", .first_name = "Ann"});
    auto blank = session.add(
        User{.username = "blank", .email = "blank@x.org", .first_name = "Ann", .last_name = ""});
    session.flush();
    for (const auto& user : {half, blank}) {
        CHECK(full_name(*user) == user->username);
        CHECK(session.query<User>().where(full_name() == user->username).one() == user);
    }
}

TEST_CASE("the shop's reports load what they walk with a few statements") {
    mercator::test::Backend backend;
    load_shop(backend);
    Session session = backend->session();
    mercator::test::SqlLog log(backend->engine());
    print_top_products(session);
    print_sales_by_category(session);
    CHECK(log.count() == 2);
    print_largest_orders(session); // orders with their customers, items
    CHECK_MESSAGE(log.count() == 4, log.dump());
    log.clear();
    print_customers(session); // customers, addresses, orders, items
    CHECK_MESSAGE(log.count() == 4, log.dump());
}

TEST_CASE("EVT-02 EVT-03 the shop keeps email addresses in small letters and refuses others") {
    mercator::test::Backend backend;
    SmallShop shop(backend);
    mercator::test::SqlLog log(backend->engine());
    CHECK_THROWS_AS(shop.session.add(User{.username = "nobody", .email = "nobody"}),
                    mercator::ValidationError);
    CHECK_THROWS_AS(shop.user->email = "gerard at example.org", mercator::ValidationError);
    CHECK(shop.user->email == "gerard@example.org");
    shop.session.flush();
    CHECK_MESSAGE(log.count() == 0, log.dump());

    shop.user->email = "Gerard@Example.ORG"; // the same in small letters: no change
    shop.session.flush();
    CHECK_MESSAGE(log.count("UPDATE") == 0, log.dump());
    shop.user->email = "Gerard@Duisburg.DE";
    auto ada = shop.session.add(User{.username = "ada", .email = "ADA@example.org"});
    shop.session.commit();
    CHECK(log.count("UPDATE") == 1);
    Session fresh = backend->session();
    CHECK(fresh.get<User>(shop.user->id)->email == "gerard@duisburg.de");
    CHECK(fresh.get<User>(ada->id)->email == "ada@example.org");
}

TEST_CASE("EVT-04 EVT-21 what the shop's observer refuses leaves rows and session as they were") {
    mercator::test::Backend backend;
    SmallShop shop(backend);
    Session& session = shop.session;
    auto stranger = session.add(User{.username = "ada", .email = "ada@example.org"});
    session.commit();
    add_to_cart(session, shop.user, shop.globe, 2);
    session.commit();
    auto order = check_out(session, shop.user);
    order->user = stranger; // who pays for goods that go to Gerard
    mercator::test::SqlLog log(backend->engine());
    CHECK_THROWS_WITH_AS(session.commit(), doctest::Contains("an address of its customer"),
                         mercator::ListenerError);
    CHECK(log.count("INSERT") + log.count("UPDATE") + log.count("DELETE") == 0);
    {
        Session other = backend->session();
        CHECK(other.get<Product>(shop.globe->id)->stock == 3);
        CHECK(other.query<CartItem>().count() == 1);
        CHECK(other.query<Order>().count() == 0);
    }
    order->user = shop.user;
    session.commit();
    CHECK(order->user_id == shop.user->id);
    CHECK(shop.globe->stock == 1);

    order->status = OrderStatus::Delivered;
    session.commit();
    order->status = OrderStatus::Cancelled;
    log.clear();
    try {
        session.commit();
        FAIL("a delivered order was cancelled");
    } catch (const mercator::ListenerError& error) {
        CHECK_THROWS_AS(error.rethrow_cause(), std::invalid_argument);
        CHECK(std::string(error.what()).find("before_update") != std::string::npos);
        CHECK(std::string(error.what()).find("Order(id=") != std::string::npos);
    }
    CHECK(log.count("UPDATE") == 0);
    session.rollback();
    CHECK(order->status == OrderStatus::Delivered);
    order->shipping_fee = Decimal("1.00"); // all else may change
    session.commit();
    CHECK(backend->session().get<Order>(order->id)->shipping_fee == Decimal("1.00"));
}

TEST_CASE("MOD-27 the shop's mistakes are mended, and its books are right after them") {
    mercator::test::Backend backend;
    load_shop(backend);
    Session session = backend->session();
    const auto newcomer = register_newcomer(session);
    CHECK(newcomer->email == "newcomer@example.org");
    order_wrongly(session, newcomer);
    reopen_delivered(session);
    Session fresh = backend->session();
    CHECK(fresh.query<User>().count() == 13);
    CHECK(fresh.query<Address>().count() == 13);
    CHECK(fresh.query<CartItem>().count() == 0);
    CHECK(fresh.query<Order>().count() == 49);
    CHECK(total_by_sql(fresh) == Decimal("72467.90"));
    CHECK(total_by_objects(fresh) == Decimal("72467.90"));
    const auto orders = fresh.get<User>(newcomer->id)->orders.query().all();
    REQUIRE(orders.size() == 1);
    CHECK(orders[0]->address->city == "Greenwich");
    CHECK(orders[0]->status == OrderStatus::Pending);
    CHECK(fresh.query<Order>().where(col(&Order::status) == OrderStatus::Delivered).count() == 45);
}

TEST_CASE("MOD-25 the shop shows no password hash, whatever is refused") {
    mercator::test::Backend backend;
    SmallShop shop(backend);
    shop.session.add(User{
        .username = "gerard", .email = "twin@example.org", .password_hash = "$2b$12$of-gerard"});
    try {
        shop.session.commit();
        FAIL("two users of one name");
    } catch (const mercator::UniqueViolation& error) {
        CHECK(std::string(error.what()).find("$2b$12") == std::string::npos);
        CHECK(std::string(error.what()).find("password_hash") != std::string::npos); // the SQL
    }
    shop.session.rollback();
    CHECK(shop.session.query<User>().count() == 1);
}
