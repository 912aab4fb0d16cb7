// SPDX-License-Identifier: MIT
#include <mercator/mercator.hpp>
#include <mercator/session/check_hybrid.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <optional>
#include <string>

using namespace mercator;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct CartItem;
struct OrderItem;
struct Order;

struct User {
    std::int64_t id{};
    std::string username;
    std::optional<std::string> first_name;
    std::optional<std::string> last_name;
    Many<CartItem> cart;
    Many<Order> orders;
    std::int64_t order_count{};     // no column: an expression fills it
    std::optional<Decimal> postage; // nor is this one
    std::string shown_as;
};
struct Product {
    std::int64_t id{};
    std::string name;
    Decimal price;
    int stock{};
};
struct CartItem {
    std::int64_t id{};
    std::int64_t user_id{};
    std::int64_t product_id{};
    int quantity = 1;
    One<User> user;
    One<Product> product;
};
struct Order {
    std::int64_t id{};
    std::int64_t user_id{};
    Decimal shipping_fee;
    One<User> user;
    Many<OrderItem> items;
};
struct OrderItem {
    std::int64_t id{};
    std::int64_t order_id{};
    Decimal price;
    int quantity{};
    Decimal worth; // computed by the database
    One<Order> order;
};

constexpr auto is_in_stock = hybrid<Product>([](auto e) { return e(&Product::stock) > 0; });
constexpr auto full_name = hybrid<User>([](auto e) {
    const auto first = e(&User::first_name).value_or("");
    const auto last = e(&User::last_name).value_or("");
    return if_else(first != "" && last != "", concat(first, " ", last), e(&User::username));
});

constexpr auto cart_subtotal = hybrid<CartItem>([](auto e) {
    return e.required(&CartItem::product)(&Product::price) * e(&CartItem::quantity);
});

constexpr auto item_subtotal =
    hybrid<OrderItem>([](auto e) { return e(&OrderItem::price) * e(&OrderItem::quantity); });
constexpr auto subtotal = hybrid<Order>(
    [](auto e) { return sum(e(&Order::items), [](auto item) { return item(item_subtotal); }); });
constexpr auto total = hybrid<Order>([](auto e) { return e(subtotal) + e(&Order::shipping_fee); });

constexpr auto price_of =
    hybrid<Product>([](auto e, int pieces) { return e(&Product::price) * pieces; });

constexpr auto greeting =
    hybrid<User>([](const User& user) { return "Hello, " + user.username.substr(0, 2); },
                 [](auto e) { return concat("Hello, ", func::substr(e(&User::username), 1, 2)); });

constexpr auto login = hybrid<User>([](auto e) { return case_insensitive(e(&User::username)); });

struct Nearly { // less than one apart
    static auto key(const auto& amount) { return amount; }
    static auto equal(const auto& a, const auto& b) { return a - b < 1 && b - a < 1; }
};
constexpr auto rough_price =
    hybrid<Product>([](auto e) { return compared_by<Nearly>(e(&Product::price)); });

constexpr auto name = hybrid<User>([](auto e) {
                          return concat(e(&User::first_name), " ", e(&User::last_name));
                      }).assigned_by([](auto to, const std::string& whole) {
    const auto blank = whole.find(' ');
    to(&User::first_name, whole.substr(0, blank));
    to(&User::last_name, whole.substr(blank + 1));
});

void describe(Mapping<User>& user) {
    user.table("users");
    user.column<&User::id>().primary_key();
    user.column<&User::username>(String(40));
    user.column<&User::first_name>(String(40));
    user.column<&User::last_name>(String(40));
    user.relationship<&User::cart>().back_populates<&CartItem::user>();
    user.relationship<&User::orders>().back_populates<&Order::user>();
    user.column_property<&User::order_count>([] { return count_of<&User::orders>(); });
    user.column_property<&User::shown_as>(full_name);
    user.column_property<&User::postage>(
            [] { return sum_of<&User::orders>(col(&Order::shipping_fee)); })
        .deferred();
}
void describe(Mapping<Product>& product) {
    product.table("products");
    product.column<&Product::id>().primary_key();
    product.column<&Product::name>(String(40));
    product.column<&Product::price>(Numeric(10, 2));
    product.column<&Product::stock>();
}
void describe(Mapping<CartItem>& item) {
    item.table("cart_items");
    item.column<&CartItem::id>().primary_key();
    item.column<&CartItem::user_id>().references<&User::id>();
    item.column<&CartItem::product_id>().references<&Product::id>();
    item.column<&CartItem::quantity>();
    item.relationship<&CartItem::user>().back_populates<&User::cart>();
    item.relationship<&CartItem::product>();
}
void describe(Mapping<Order>& order) {
    order.table("orders");
    order.column<&Order::id>().primary_key();
    order.column<&Order::user_id>().references<&User::id>();
    order.column<&Order::shipping_fee>(Numeric(8, 2));
    order.relationship<&Order::user>().back_populates<&User::orders>();
    order.relationship<&Order::items>().back_populates<&OrderItem::order>();
}
void describe(Mapping<OrderItem>& item) {
    item.table("order_items");
    item.column<&OrderItem::id>().primary_key();
    item.column<&OrderItem::order_id>().references<&Order::id>();
    item.column<&OrderItem::price>(Numeric(10, 2));
    item.column<&OrderItem::quantity>();
    item.column<&OrderItem::worth>(Numeric(12, 2))
        .computed(col(&OrderItem::price) * col(&OrderItem::quantity));
    item.index<&OrderItem::worth>();
    item.relationship<&OrderItem::order>().back_populates<&Order::items>();
}

void fill(Database& db) {
    Session session = db.session();
    const auto ada = session.add(User{.username = "ada"});
    ada->first_name = "Ada";
    ada->last_name = "King";
    const auto bob = session.add(User{.username = "Bob"});
    const auto lamp = session.add(Product{.name = "lamp", .price = Decimal("19.99"), .stock = 3});
    session.add(Product{.name = "desk", .price = Decimal("120.00")});
    session.add(CartItem{.quantity = 3, .user = bob, .product = lamp});
    const auto order = session.add(Order{.shipping_fee = Decimal("4.90"), .user = ada});
    session.add(OrderItem{.price = Decimal("18.50"), .quantity = 3, .order = order});
    session.commit();
}

void formulas(Database& db) {
    Session session = db.session();
    const auto ada = session.query<User>().where(full_name() == "Ada King").one();
    require(full_name(*ada) == "Ada King");
    const auto sold_out = session.query<Product>().where(!is_in_stock()).all();
    const auto names = session.execute(select(full_name()).order_by(full_name().desc())).scalars();
    require(names.size() == 2 && names[0] == "Bob" && sold_out.size() == 1);

    const auto dear = session.query<CartItem>().where(cart_subtotal() > 50).all();
    require(cart_subtotal(*dear.at(0)) == Decimal("59.97"));

    const auto orders = session.query<Order>().where(total() > 50).order_by(total().desc()).all();
    require(total(*orders.at(0)) == Decimal("60.40")); // loads the items if need be

    const auto lamp = session.query<Product>().where(is_in_stock(), price_of(3) > 50).one();
    require(price_of(*lamp, 3) == Decimal("59.97"));

    const auto other = alias<Product>("other");
    const auto cheaper =
        session.execute(select(col(&Product::name), price_of(other, 2))
                            .join(other, col(&Product::price) > price_of(other, 2)));
    require(std::get<1>(cheaper.one()) == Decimal("39.98"));
}

void rules(Database& db) {
    Session session = db.session();
    require(check_hybrid<greeting>(session) == 2); // rows that were compared
    require(session.query<User>().where(login() == "BOB").count() == 1);
    require(session.query<Product>().where(rough_price() == Decimal("20.50")).count() == 1);

    const auto bob = session.query<User>().where(login() == "bob").one();
    name.assign(*bob, std::string("Bob Ross"));
    session.commit();
    session.query<User>()
        .where(col(&User::id) == bob->id)
        .update(set(name, std::string("Rob Boss")));
    session.commit();
    session.refresh(bob);
    require(bob->last_name == "Boss");

    require(session.query<CartItem>()
                .where(rel(&CartItem::product).col(&Product::name) == "lamp")
                .update(set(&CartItem::quantity, 3)) == 1);
    session.query<CartItem>().where(cart_subtotal() > 50).update(set(&CartItem::quantity, 2));
    session.commit();
    require(session.query<CartItem>().one()->quantity == 2);
}

void filled_members(Database& db) {
    Session session = db.session();
    const auto users = session.query<User>().order_by(col(&User::id)).all(); // 1 statement
    require(users[0]->order_count == 1 && users[0]->shown_as == "Ada King");
    require(!users[0]->postage);
    Session other = db.session();
    const auto again = other.query<User>()
                           .options(undefer<&User::postage>(), defer<&User::order_count>())
                           .order_by(col(&User::id))
                           .all();
    require(again[0]->postage == Decimal("4.90") && again[0]->order_count == 0);

    const auto item = session.query<OrderItem>().one();
    item->quantity = 4;
    session.flush(); // UPDATE of quantity, and a SELECT of worth
    require(item->worth == Decimal("74.00"));
    session.rollback();
}

} // namespace

int main() {
    Database db("sqlite:///hybrids.db");
    db.create_all<User, Product, CartItem, Order, OrderItem>();
    fill(db);
    formulas(db);
    rules(db);
    filled_members(db);
    return 0;
}
