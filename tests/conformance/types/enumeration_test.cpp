// SPDX-License-Identifier: MIT
#include "cell.hpp"

using namespace types_test;

namespace {

enum class Status { draft, published, archived };
enum class Colour : std::uint8_t { Red = 10, Green = 20, Blue = 200 };

} // namespace

template <>
struct mercator::EnumNames<Colour> {
    static constexpr std::array<mercator::EnumEntry<Colour>, 3> entries{
        {{Colour::Red, "R"}, {Colour::Green, "gr\u00fcn"}, {Colour::Blue, "it's blue"}}};
};

namespace {

using Post = Cell<Status>;

/// The same column as text that nobody checks.
struct Loose {
    static mercator::SqlType sql_type() { return mercator::String(40); }
};
using Unchecked = Cell<std::string, Loose>;

} // namespace

TEST_CASE("TYP-13 an enum class is stored by the names of its enumerators [A37]") {
    Backend backend;
    check_round_trip<Post>(backend,
                           {Status::draft, Status::published, Status::archived, Status::draft});
    mercator::Session session = backend->session();
    std::vector<std::string> stored;
    for (const auto& row : session.query<Unchecked>().order_by(col(&Unchecked::id)).values())
        stored.push_back(row.value);
    CHECK(stored == std::vector<std::string>{"draft", "published", "archived", "draft"});
}

TEST_CASE("TYP-13 an enum class is stored by the names that a program gave it") {
    using Paint = Cell<Colour>;
    Backend backend;
    backend->create_all<Paint>();
    {
        mercator::Session session = backend->session();
        for (const auto colour : {Colour::Red, Colour::Green, Colour::Blue})
            session.add(Paint{.value = colour});
        session.commit();
        CHECK(session.query<Paint>().where(col(&Paint::value) == Colour::Green).count() == 1);
    }
    mercator::Session session = backend->session();
    CHECK(session.query<Unchecked>().where(col(&Unchecked::value) == "it's blue").count() == 1);
    CHECK(session.query<Paint>().order_by(col(&Paint::id)).values().at(1).value == Colour::Green);
}

TEST_CASE("TYP-13 a stored name that no enumerator has is an error that names the member [A37]") {
    for (const char* unknown : {"deleted", "", "Draft", "draft "}) {
        Backend backend;
        backend->create_all<Unchecked>();
        {
            mercator::Session session = backend->session();
            session.add(Unchecked{.value = unknown});
            session.commit();
        }
        check_unreadable<Post>(backend);
    }
}

TEST_CASE("TYP-13 a value that is no enumerator is refused before it is sent") {
    Backend backend;
    backend->create_all<Post>();
    mercator::Session session = backend->session();
    const auto post = session.add(Post{.value = static_cast<Status>(77)});
    CHECK_THROWS_AS(session.commit(), mercator::DataError);
    post->value = Status::archived;
    session.commit();
    CHECK(session.query<Post>().where(col(&Post::value) == Status::archived).count() == 1);
}
