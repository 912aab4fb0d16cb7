// SPDX-License-Identifier: MIT
#include <mercator/mapping/mixins.hpp>
#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

using namespace mercator;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct Firm;

struct Employee;
struct Manager;
struct Engineer;
struct Customer;

struct Person {
    using hierarchy = Hierarchy<Person, Employee, Manager, Engineer, Customer>;
    std::int64_t id{};
    std::string name;
    std::string type;
    std::optional<std::int64_t> firm_id;
    One<Firm> firm;
    virtual ~Person() = default;
};
struct Employee : Person {
    std::int64_t salary{};
    std::optional<std::int64_t> boss_id;
    One<Employee> boss;
};
struct Manager : Employee {
    std::optional<std::string> department;
};
struct Engineer : Employee {
    std::string language;
};
struct Customer : Person {
    int points{};
};

struct Firm {
    std::int64_t id{};
    std::string name;
    Many<Person> people;
};

void describe(Mapping<Firm>& firm) {
    firm.table("firms");
    firm.column<&Firm::id>().primary_key();
    firm.column<&Firm::name>(String(40));
    firm.relationship<&Firm::people>().back_populates<&Person::firm>();
}

void describe(Mapping<Person>& person) {
    person.table("people").polymorphic_on<&Person::type>().identity("person");
    person.column<&Person::id>().primary_key();
    person.column<&Person::name>(String(40));
    person.column<&Person::type>(String(20));
    person.column<&Person::firm_id>().references<&Firm::id>();
    person.relationship<&Person::firm>().back_populates<&Firm::people>();
}
void describe(Mapping<Employee>& employee) {
    employee.inherits<Person>().table("employees").identity("employee"); // joined
    employee.column<&Employee::salary>();
    employee.column<&Employee::boss_id>().references<&Employee::id, Employee>();
    employee.relationship<&Employee::boss>();
}
void describe(Mapping<Manager>& manager) {
    manager.inherits<Employee>().identity("manager"); // in employees
    manager.column<&Manager::department>(String(40));
}
void describe(Mapping<Engineer>& engineer) {
    engineer.inherits<Employee>().table("engineers").identity("engineer"); // joined to it
    engineer.column<&Engineer::language>(String(20));
}
void describe(Mapping<Customer>& customer) {
    customer.inherits<Person>().identity("customer"); // in people
    customer.column<&Customer::points>();
}

struct Medium {
    std::int64_t id{};
    int kind{};
    std::string title;
    virtual ~Medium() = default;
};
struct Book : Medium {
    int pages{};
};
struct Film : Medium {
    std::string director;
};

void describe(Mapping<Medium>& medium) {
    medium.table("media").polymorphic_on<&Medium::kind>().identity(0);
    medium.column<&Medium::id>().primary_key();
    medium.column<&Medium::kind>();
    medium.column<&Medium::title>(String(40));
}
void describe(Mapping<Book>& book) {
    book.inherits<Medium>().concrete().table("books").identity(1);
    book.column<&Book::pages>();
}
void describe(Mapping<Film>& film) {
    film.inherits<Medium>().concrete().table("films").identity(2);
    film.column<&Film::director>(String(40));
}

enum class Kind { circle, square };

struct Shape {
    std::int64_t id{};
    Kind kind{};
    virtual ~Shape() = default;
    [[nodiscard]] virtual int area() const = 0;
};
struct Square : Shape {
    int side{};
    [[nodiscard]] int area() const override { return side * side; }
};
struct Circle : Shape {
    int radius{};
    [[nodiscard]] int area() const override { return 3 * radius * radius; }
};

void describe(Mapping<Shape>& shape) {
    shape.table("shapes").polymorphic_on<&Shape::kind>().polymorphic_abstract();
    shape.column<&Shape::id>().primary_key();
    shape.column<&Shape::kind>();
}
void describe(Mapping<Square>& square) {
    square.inherits<Shape>().identity(Kind::square);
    square.column<&Square::side>();
}
void describe(Mapping<Circle>& circle) {
    circle.inherits<Shape>().identity(Kind::circle);
    circle.column<&Circle::radius>();
}

struct Post : TimestampMixin, SoftDeleteMixin {
    std::int64_t id{};
    std::string slug;
};

void describe(Mapping<Post>& post) {
    post.table("posts");
    post.column<&Post::id>().primary_key();
    post.column<&Post::slug>(String(80));
    post.include<TimestampMixin>().include<SoftDeleteMixin>();
    post.index<&Post::slug>(
        Index{.unique = true, .where = col<Post>(&SoftDeleteMixin::deleted_at).is_null()});
}

struct TenantMixin {
    std::int64_t tenant_id{};
};

void describe(Mapping<TenantMixin>& mixin) {
    mixin.column<&TenantMixin::tenant_id>();
    mixin.index<&TenantMixin::tenant_id>();
    mixin.check(col(&TenantMixin::tenant_id) > 0, "tenant_is_known");
}

struct Invoice : TenantMixin, TimestampMixin {
    std::int64_t id{};
};

void describe(Mapping<Invoice>& invoice) {
    invoice.table("invoices");
    invoice.column<&Invoice::id>().primary_key();
    invoice.include<TenantMixin>().include<TimestampMixin>();
    invoice.column<&TimestampMixin::created_at>().name("issued_at");
}

void write(Database& db) {
    Session session = db.session();
    const auto acme = session.add(Firm{.name = "Acme"});
    Manager dee;
    dee.name = "Dee";
    dee.salary = 3000;
    const auto boss = session.add(std::move(dee)); // INSERT INTO people, then INTO employees
    require(boss->type == "manager");
    acme->people.add(boss);
    Engineer eve;
    eve.name = "Eve";
    eve.salary = 2000;
    eve.language = "C++";
    eve.boss = boss;
    eve.firm = acme;
    session.add(std::move(eve));
    Customer cid;
    cid.name = "Cid";
    cid.points = 70;
    cid.firm = acme;
    session.add(std::move(cid));
    session.commit();
    boss->salary = 3100; // one UPDATE, of employees
    session.commit();
}

std::string work_of(const Person& person) {
    return visit(
        person,
        overloaded{[](const Person&) { return std::string("none"); },
                   [](const Employee& employee) { return fmt::format("{}", employee.salary); },
                   [](const Manager& manager) { return manager.department.value_or("manages"); },
                   [](const Engineer& engineer) { return engineer.language; },
                   [](const Customer& customer) { return fmt::format("{}", customer.points); }});
}

void read(Database& db) {
    Session session = db.session();
    const auto people = session.query<Person>().order_by(col(&Person::name).desc()).all();
    for (const auto& person : people)
        if (const auto employee = std::dynamic_pointer_cast<Employee>(person))
            fmt::print("{} earns {}\n", employee->name, employee->salary);
    require(people.size() == 3);
    require(work_of(*people[0]) == "C++" && work_of(*people[1]) == "manages");

    const auto key = people[1]->id;
    const auto employees = session.query<Employee>().count(); // managers and engineers, too
    const auto somebody = session.get<Person>(key);           // the Manager
    const auto nobody = session.get<Customer>(key);           // empty: it is none
    require(employees == 2 && somebody == people[1] && nobody == nullptr);

    const auto well_paid = session.query<Person>()
                               .where(col(&Employee::salary) > 2500 || col(&Customer::points) > 50)
                               .order_by(col(&Person::name))
                               .all();
    require(well_paid.size() == 2);
}

void statements(Database& db) {
    expect_statements(db, 3, [&] { // people; managers; engineers
        Session session = db.session();
        require(session.query<Person>().all().size() == 3);
    });
    expect_statements(db, 1, [&] { // with outer joins
        Session session = db.session();
        const auto people =
            session.query<Person>().options(with_polymorphic<Employee, Customer>()).all();
        require(people.size() == 3);
    });
    expect_statements(db, 1, [&] {
        Session session = db.session();
        require(session.query<Customer>().all().size() == 1);
    });
}

void related(Database& db) {
    Session session = db.session();
    const auto with_lisp =
        session.query<Firm>()
            .where(rel(&Firm::people).of_type<Engineer>().any(col(&Engineer::language) == "Lisp"))
            .all();
    require(with_lisp.empty());
    const auto paying =
        session.query<Firm>()
            .join(rel(&Firm::people).of_type<Employee>().and_(col(&Employee::salary) > 2500))
            .all();
    require(paying.size() == 1);
    const auto firms =
        session.query<Firm>().options(selectin<&Firm::people>().of_type<Employee>()).all();
    require(firms[0]->people.size() == 2);

    Session other = db.session();
    const auto people = other.query<Person>().options(selectin<&Employee::boss>()).all();
    require(people.size() == 3);
}

void concrete(Database& db) {
    {
        Session session = db.session();
        Book tales;
        tales.title = "Tales";
        tales.pages = 300;
        session.add(std::move(tales));
        Film stalker;
        stalker.title = "Stalker";
        stalker.director = "AT";
        session.add(std::move(stalker));
        session.commit();
    }
    Session session = db.session();
    const auto media = session.query<Medium>().order_by(col(&Medium::title)).all(); // UNION ALL
    require(media.size() == 2 && std::dynamic_pointer_cast<Film>(media[0]) != nullptr);
}

void shapes(Database& db) {
    {
        Session session = db.session();
        Square square;
        square.side = 4;
        session.add(std::move(square));
        Circle circle;
        circle.radius = 2;
        session.add(std::move(circle));
        session.commit();
    }
    Session session = db.session();
    int area = 0;
    for (const auto& shape : session.query<Shape>().all()) area += shape->area();
    require(area == 28);
    require(session.query<Circle>().one()->radius == 2);
}

void mixins(Database& db) {
    Session session = db.session();
    Post draft;
    draft.slug = "hello";
    const auto post = session.add(std::move(draft));
    session.commit();
    require(post->created_at <= post->updated_at);
    post->soft_delete();
    session.commit();
    require(session.query<Post>().count() == 0);
    Post again;
    again.slug = "hello"; // the name is free again
    session.add(std::move(again));
    session.commit();

    const auto deleted = session.query<Post>()
                             .without_criteria<Post>()
                             .where(col<Post>(&SoftDeleteMixin::deleted_at).is_not_null())
                             .one();
    deleted->slug = "hello-2";
    deleted->restore();
    session.commit();
    require(session.query<Post>().count() == 2);

    Invoice invoice;
    invoice.tenant_id = 7;
    session.add(std::move(invoice));
    session.commit();
    require(session.query<Invoice>().where(col<Invoice>(&TenantMixin::tenant_id) == 7).count() ==
            1);
}

void listeners(Database& db) {
    int written = 0;
    const ScopedSubscription counting =
        db.on<Person>().propagate().after_insert([&](Session&, Person&) { ++written; });
    Session session = db.session();
    Engineer fay;
    fay.name = "Fay";
    session.add(std::move(fay));
    session.flush();
    require(written == 1);
    session.rollback();
}

void errors(Database& db) {
    Session session = db.session();
    session.connection().execute_script("insert into people (name, type) values ('Gus', 'ghost')");
    bool told = false;
    try {
        static_cast<void>(session.query<Person>().all());
    } catch (const DataError& error) {
        told = true;
        fmt::print("{}\n", error.what());
    }
    require(told);
    session.rollback();
    const auto boss = session.query<Manager>().one();
    try {
        static_cast<void>(session.get_one<Customer>(boss->id));
    } catch (const NoResultFound& error) {
        fmt::print("{}\n", error.what());
    }
    boss->type = "person";
    try {
        session.flush();
    } catch (const StateError& error) {
        fmt::print("{}\n", error.what());
    }
}

} // namespace

int main() {
    Database db("sqlite:///inheritance.db");
    db.create_all<Firm, Manager, Engineer, Customer>(); // their bases come along
    db.create_all<Book, Film, Square, Circle, Post, Invoice>();
    write(db);
    read(db);
    statements(db);
    related(db);
    concrete(db);
    shapes(db);
    mixins(db);
    listeners(db);
    errors(db);
    return 0;
}
