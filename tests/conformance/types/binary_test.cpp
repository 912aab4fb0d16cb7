// SPDX-License-Identifier: MIT
#include "cell.hpp"

using namespace types_test;
using mercator::Bytes;

using Blob = Cell<Bytes>;

namespace {

Bytes bytes(std::initializer_list<int> values) {
    Bytes result;
    for (const int value : values) result.push_back(static_cast<std::byte>(value));
    return result;
}

Bytes all_values() {
    Bytes result;
    for (int i = 0; i < 256; ++i) result.push_back(static_cast<std::byte>(i));
    return result;
}

} // namespace

TEST_CASE("TYP-08 binary data comes back byte by byte, zeros and 0xFF included [A21]") {
    Backend backend;
    check_round_trip<Blob>(backend,
                           {Bytes{}, bytes({0}), bytes({0, 0, 0xFF, 0xFF, 0}), all_values(),
                            bytes({'\'', '\\', 'x', '0', '0'}), bytes({0xC0, 0xAF})});
}

TEST_CASE("TYP-08 no binary data is not NULL [A14] [A22]") {
    Backend backend;
    backend->create_all<Blob>();
    mercator::Session session = backend->session();
    session.add(Blob{.maybe = Bytes{}});
    session.add(Blob{});
    session.commit();
    mercator::Session reader = backend->session();
    const auto rows = reader.query<Blob>().order_by(col(&Blob::id)).all();
    REQUIRE(rows[0]->maybe.has_value());
    CHECK(rows[0]->maybe->empty());
    CHECK_FALSE(rows[1]->maybe.has_value());
}

TEST_CASE("TYP-08 a megabyte of binary data comes back byte by byte") {
    Backend backend;
    Bytes large;
    for (std::size_t i = 0; i < 1'000'000; ++i)
        large.push_back(static_cast<std::byte>(i * 7 + i / 256));
    backend->create_all<Blob>();
    {
        mercator::Session session = backend->session();
        session.add(Blob{.value = large});
        session.commit();
    }
    CHECK((backend->session().query<Blob>().one()->value == large));
}
