// SPDX-License-Identifier: MIT
#include "native_cell.hpp"

#include <array>

using namespace types_test;
using mercator::Bytes;
using mercator::Date;
using mercator::DateTime;
using mercator::Decimal;
using mercator::Interval;
using mercator::Time;
using mercator::Uuid;

namespace {

enum class Level { one };

/// A value that fits most other types as well, so that reading goes as far as it can.
template <class T>
T sample() {
    if constexpr (std::same_as<T, std::string>)
        return "1";
    else if constexpr (std::same_as<T, Bytes>)
        return Bytes(1, std::byte{'1'});
    else if constexpr (std::same_as<T, Decimal>)
        return Decimal("1.0000");
    else if constexpr (std::same_as<T, DateTime>)
        return std::chrono::sys_days(std::chrono::year{2001} / 1 / 1);
    else if constexpr (std::same_as<T, Date>)
        return std::chrono::year{2001} / 1 / 1;
    else if constexpr (std::same_as<T, Time>)
        return Time(std::chrono::seconds(1));
    else if constexpr (std::same_as<T, Interval>)
        return Interval(1);
    else if constexpr (std::same_as<T, Uuid>)
        return Uuid("00000000-0000-4000-8000-000000000001");
    else if constexpr (std::same_as<T, Level>)
        return Level::one;
    else
        return static_cast<T>(1);
}

/// Does an action end well, with a typed error, or with anything else?
template <class Action>
void check_ends_well(const Action& action) {
    try {
        action();
    } catch (const mercator::Error&) {
    } // anything else fails the case
}

/// Reads, filters and writes the table as if its columns were of type R; the value, if it could be
/// read.
template <class R>
std::optional<mercator::Value> use_as(Backend& backend) {
    using C = Cell<R>;
    std::optional<mercator::Value> read;
    check_ends_well([&] {
        mercator::Session session = backend->session();
        read = mercator::to_value(session.query<C>().order_by(col(&C::id)).values().front().value);
    });
    check_ends_well([&] {
        mercator::Session session = backend->session();
        const auto objects = session.query<C>().all();
        CHECK(objects.size() == 2);
        CHECK_FALSE(session.is_dirty());
    });
    check_ends_well([&] {
        mercator::Session session = backend->session();
        static_cast<void>(session.query<C>().where(col(&C::value) == sample<R>()).count());
    });
    check_ends_well([&] {
        mercator::Session session = backend->session();
        session.add(C{.value = sample<R>(), .maybe = sample<R>()});
        session.flush();
        session.rollback();
    });
    check_ends_well([&] {
        mercator::Session session = backend->session();
        session.add(C{.value = sample<R>()});
        session.add(C{.value = sample<R>()});
        session.flush();
        session.rollback();
    });
    return read;
}

template <class W>
void make(Backend& backend) {
    backend.run("DROP TABLE IF EXISTS " + backend.quoted("cells"));
    const auto application = backend.another(); // knows no other class of this table
    application->template create_all<Cell<W>>();
    mercator::Session session = application->session();
    session.add(Cell<W>{.value = sample<W>(), .maybe = sample<W>()});
    session.add(Cell<W>{.value = sample<W>()});
    session.commit();
}

struct Type {
    const char* name;
    void (*make)(Backend&);
    std::optional<mercator::Value> (*use_as)(Backend&);
    const char* one; ///< how the sample is shown, for numbers and what is stored as such
};

template <class T>
constexpr Type type(const char* name, const char* one = nullptr) {
    return {name, &make<T>, &use_as<T>, one};
}

constexpr std::array types{type<bool>("bool", "true"),
                           type<std::int8_t>("int8", "1"),
                           type<std::int32_t>("int32", "1"),
                           type<std::int64_t>("int64", "1"),
                           type<std::uint64_t>("uint64", "1"),
                           type<float>("float", "1"),
                           type<double>("double", "1"),
                           type<Decimal>("Decimal"),
                           type<std::string>("string"),
                           type<Bytes>("Bytes"),
                           type<DateTime>("DateTime"),
                           type<Date>("Date"),
                           type<Time>("Time"),
                           type<Interval>("Interval", "00:00:00.000001"),
                           type<Uuid>("Uuid"),
                           type<Level>("enum")};

/// Decimals are left out: where they are scaled integers, they are other numbers to an integer.
bool is_number(const Type& type) {
    return type.one != nullptr;
}

} // namespace

TEST_CASE("TYP-31 a column that is of another type than its member is converted or a typed error, "
          "for all pairs [A41]") {
    Backend backend;
    for (const Type& written : types) {
        written.make(backend);
        for (const Type& read : types) {
            CAPTURE(std::string(written.name));
            CAPTURE(std::string(read.name));
            const auto value = read.use_as(backend);
            if (&written == &read) CHECK(value.has_value());
            if (value && is_number(written) && is_number(read)) CHECK(display(*value) == read.one);
        }
    }
}
