// SPDX-License-Identifier: MIT
#include <mercator/mapping/lint.hpp>
#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <tuple>

using namespace mercator;

namespace geo { // a library that cannot be edited

class Station {
public:
    [[nodiscard]] std::int64_t number() const { return number_; }
    void set_number(std::int64_t number) { number_ = number; }
    [[nodiscard]] const std::string& name() const { return name_; }
    void set_name(std::string name) { name_ = std::move(name); }

private:
    std::int64_t number_ = 0;
    std::string name_;
};

void describe(mercator::Mapping<Station>& station) {
    station.property<&Station::number, &Station::set_number>("number").primary_key();
    station.property<&Station::name, &Station::set_name>("name", mercator::String(40)).unique();
}

} // namespace geo

namespace shop {

template <class T>
std::string table_name(mercator::ClassName<T> model) {
    return "shop_" + mercator::snake_case(model.name);
}

struct Line;
struct Order {
    std::int64_t number{};
    Many<Line> lines;
};
struct Line {
    std::int64_t order_number{};
    std::string article;
    int quantity = 1;
    One<Order> order;
};
struct Customer {
    Uuid key;
    std::string name;
    std::string password_hash;
};

void describe(Mapping<Order>& order) {
    order.column<&Order::number>().primary_key();
    order.relationship<&Order::lines>().back_populates("order").cascade_delete();
}
void describe(Mapping<Line>& line) {
    line.column<&Line::order_number>().primary_key().references<&Order::number>();
    line.column<&Line::article>(String(20)).primary_key();
    line.column<&Line::quantity>();
    line.relationship<&Line::order>().back_populates("lines");
}
void describe(Mapping<Customer>& customer) {
    customer.column<&Customer::key>().primary_key().default_factory(uuid4);
    customer.column<&Customer::name>(String(40)).name("full_name");
    customer.column<&Customer::password_hash>(String(100)).sensitive();
}

} // namespace shop

using namespace shop;

int main() {
    Database db("sqlite:///models.db");
    mercator::declare<Order, Line>();
    db.create_all<Order, Line, Customer, geo::Station>();
    Session session = db.session();
    const auto order = session.add(Order{});
    for (const char* article : {"pen", "ink"})
        order->lines.add(session.add(Line{.article = article}));
    const auto customer = session.add(Customer{.name = "Ada", .password_hash = "secret"});
    geo::Station ulm;
    ulm.set_name("Ulm");
    session.add(std::move(ulm));
    session.commit();

    auto line = session.get<Line>(order->number, "pen"); // or get<Line>(std::tuple(1, "pen"))
    auto some = session.query<Line>()
                    .where(key_in<&Line::order_number, &Line::article>({{1, "pen"}, {1, "ink"}}))
                    .all();
    if (line == nullptr || some.size() != 2) return EXIT_FAILURE;

    auto here = session.query<geo::Station>()
                    .where(col_by_name<geo::Station, std::string>("name") == "Ulm")
                    .one();
    fmt::print("{}: {}\n", here->number(), represent(*customer)); // password_hash=***

    for (const auto& finding : lint(db.metadata()))
        fmt::print("{}: {}: {}\n", finding.where, finding.rule, finding.advice);
    return lint(db.metadata(), {"foreign-key-name"}).empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}
