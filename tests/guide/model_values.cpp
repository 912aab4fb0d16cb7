// SPDX-License-Identifier: MIT
// The page on models, as a program: values, what goes out and comes in, what objects can say.
#include <mercator/mapping/format.hpp>
#include <mercator/mapping/input.hpp>
#include <mercator/mapping/introspection.hpp>
#include <mercator/mapping/json_output.hpp>
#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <memory>

using namespace mercator;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

inline const Registry shop("shop", PluralNames().irregular("foot", "feet"));

struct Money {
    Decimal amount;
    std::string currency;
};
struct Customer;
struct Order {
    std::int64_t id{};
    Money total;
    Money shipping;
    std::string taken_by;
    std::int64_t customer_id{};
    One<Customer> customer;
};
struct Customer {
    std::int64_t id{};
    std::string name;
    std::string mail;
    std::string card;
    std::optional<Date> born;
    Many<Order> orders;
};

void describe(Mapping<Money>& money) {
    money.column<&Money::amount>(Numeric(12, 2));
    money.column<&Money::currency>(String(3));
}
void describe(Mapping<Order>& order) {
    order.registry(shop); // table "orders"
    order.column<&Order::id>().primary_key();
    order.embed<&Order::total>();           // total_amount, total_currency
    order.embed<&Order::shipping>("ship_"); // ship_amount, ship_currency
    order.column<&Order::taken_by>(String(40)).read_only();
    order.column<&Order::customer_id>().references<&Customer::id>();
    order.relationship<&Order::customer>().back_populates<&Customer::orders>();
}

void to_lower(std::string& text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
}

void describe(Mapping<Customer>& customer) {
    customer.registry(shop);
    customer.column<&Customer::id>().primary_key();
    customer.column<&Customer::name>(String(40)).info("label", "Full name");
    customer.column<&Customer::mail>(String(80))
        .stored_as([](std::string& mail) { to_lower(mail); }) // before changes are looked for
        .validate([](std::string& mail) {
            if (mail.find('@') == std::string::npos) throw ValidationError("must contain an @");
        })
        .synonym("email");
    customer.column<&Customer::card>(String(20)).shown_as([](const std::string& card) {
        return "..." + card.substr(card.size() < 4 ? 0 : card.size() - 4);
    });
    customer.column<&Customer::born>();
    customer.relationship<&Customer::orders>().back_populates<&Order::customer>().validate(
        [](const Customer& who, const Order&) {
            if (!who.born) throw ValidationError("only who tells a birthday may order");
        });
}

// Its constructor is for new accounts; what it checks, a row has behind it.
class Account {
public:
    explicit Account(std::string owner) : owner_(std::move(owner)) {
        if (owner_.empty()) throw std::invalid_argument("whose account?");
    }
    [[nodiscard]] const std::string& owner() const { return owner_; }

    static void describe(Mapping<Account>& account) {
        account.column<&Account::number_>().primary_key().name("number");
        account.column<&Account::owner_>(String(40)).name("owner");
    }

private:
    friend struct mercator::ObjectFactory<Account>;
    Account() = default;

    std::int64_t number_ = 0;
    std::string owner_;
};

// A pointer to its implementation: nothing to see from outside.
class Vault {
public:
    Vault() : inside_(std::make_unique<Inside>()) {}
    [[nodiscard]] std::int64_t id() const { return inside_->id; }
    void set_id(std::int64_t id) { inside_->id = id; }
    [[nodiscard]] const std::string& code() const { return inside_->code; }
    void set_code(std::string code) { inside_->code = std::move(code); }

private:
    struct Inside {
        std::int64_t id = 0;
        std::string code;
    };
    std::unique_ptr<Inside> inside_;
};
void describe(Mapping<Vault>& vault) {
    vault.property<&Vault::id, &Vault::set_id>("id").primary_key();
    vault.property<&Vault::code, &Vault::set_code>("code", String(20));
}

} // namespace

template <>
struct mercator::ObjectFactory<Account> {
    static Account make() { return Account(); }
};

namespace {

void rules(Session& session, const std::shared_ptr<Customer>& ada,
           const std::shared_ptr<Order>& order) {
    require(ada->mail == "ada@example.org");
    ada->mail = "nowhere";
    try {
        session.commit();
    } catch (const ValidationError& error) {
        fmt::print("{}\n", error.what()); // Customer.mail: must contain an @
        ada->mail = "ada@example.com";
        session.commit();
    }
    order->taken_by = "somebody else";
    try {
        session.commit();
    } catch (const StateError& error) {
        fmt::print("{}\n", error.what());
        session.refresh(order);
    }
}

void composites(Session& session) {
    auto large = session.query<Order>()
                     .where(composite(&Order::total) >= Money{Decimal("20"), "EUR"})
                     .order_by(composite(&Order::total).desc())
                     .all();
    auto free = session.query<Order>().where(composite(&Order::shipping).part(&Money::amount) ==
                                             Decimal(0));
    require(large.size() == 1 && free.count() == 1);
}

void out_and_in(Session& session, const std::shared_ptr<Customer>& ada) {
    const auto spec = json_spec<Customer>()
                          .fields<&Customer::id, &Customer::name, &Customer::card>()
                          .with<&Customer::orders>(json_spec<Order>().fields<&Order::total>())
                          .computed("known", [](const Customer& who) { return who.id != 0; });
    const std::string body = to_json(ada, spec.unloaded(Unloaded::load));
    require(body == R"({"id":1,"name":"Ada","card":"...1234",)"
                    R"("orders":[{"total":{"amount":"25.00","currency":"EUR"}}],"known":true})");

    from_json(*ada, R"({"name": "Ada King", "born": "1815-12-10"})",
              members<&Customer::name, &Customer::born>);
    const std::map<std::string, std::string> form{{"name", "Ada"}, {"id", "7"}};
    const auto ignored = assign(*ada, form, members<&Customer::name>, Unlisted::ignore);
    require(ignored.size() == 1 && ada->id == 1);
    session.commit();
}

void what_objects_say(Session& session, const std::shared_ptr<Customer>& ada) {
    fmt::print("{} {} {}\n", *ada, to_string(Customer{}), represent(*ada)); // <Customer 1> ...
    for (const auto& attribute : attributes_of<Customer>()) {
        const Value* label = attribute.info == nullptr ? nullptr : attribute.info->find("label");
        if (label != nullptr)
            fmt::print("{} is shown as {}\n", attribute.name, *label->get_if<std::string>());
    }
    set_attribute(*ada, "email", Value("ada@example.net"));
    require(get_attribute<std::string>(*ada, "mail") == "ada@example.net");
    session.commit();
}

void copies(Database& db, Session& session, const std::shared_ptr<Order>& order) {
    Order again = mercator::clone(*order, members<&Order::customer>);
    auto second = session.add(std::move(again));
    session.commit();
    require(second->id != order->id && second->total.currency == "EUR");

    Session other = db.session();
    require(same_row(other.get<Order>(order->id), order) && !same_row(second, order));
}

} // namespace

int main() {
    Database db("sqlite://");
    db.create_all<Customer, Order, Account, Vault>();
    Session session = db.session();
    auto ada = session.add(Customer{.name = "Ada",
                                    .mail = "Ada@Example.ORG",
                                    .card = "5500123412341234",
                                    .born = Date(std::chrono::year(1815) / 12 / 10)});
    auto order = session.add(Order{.total = {Decimal("25.00"), "EUR"}, .taken_by = "Bob"});
    order->customer = ada;
    session.commit();
    rules(session, ada, order);
    composites(session);
    out_and_in(session, ada);
    what_objects_say(session, ada);
    copies(db, session, order);

    session.add(Account("Ada"));
    Vault vault;
    vault.set_code("1815");
    session.add(std::move(vault));
    session.commit();
    session.clear();
    require(session.query<Account>().one()->owner() == "Ada");
    require(session.query<Vault>().one()->code() == "1815");
    require(db.metadata().find("customers") != nullptr);
}
