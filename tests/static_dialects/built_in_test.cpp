// SPDX-License-Identifier: MIT
// Linked with all conformance tests and with every dialect: the same tests, no plugin.
#include "support/backend.hpp"

#include <mercator/engine/dialect_registry.hpp>
#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <string>

using namespace mercator;
using test::Backend;

namespace {

/// The file that holds the code of this object's class.
std::filesystem::path home_of(const Dialect& dialect) {
    const void* table = nullptr;
    std::memcpy(&table, static_cast<const void*>(&dialect), sizeof(table));
    Dl_info info{};
    REQUIRE(::dladdr(table, &info) != 0);
    return std::filesystem::canonical(info.dli_fname);
}

} // namespace

TEST_CASE("DIA-05 these tests run on dialects that are linked into the program") {
    Backend backend;
    CHECK(home_of(backend->engine().dialect()) == std::filesystem::canonical("/proc/self/exe"));
    CHECK_FALSE(backend.rows("SELECT 1").empty());
}

TEST_CASE("DIA-05 a dialect linked in is listed with what it can do, before the plugins it hides") {
    const Backend backend;
    const std::string scheme = Url::parse(backend.uri()).scheme;
    const auto serves = [&](const DialectListing& info) {
        return std::ranges::find(info.schemes, scheme) != info.schemes.end();
    };
    const auto all = dialects();
    const auto first = std::ranges::find_if(all, serves);
    REQUIRE(first != all.end());
    CHECK(first->built_in);
    CHECK(first->path.empty());
    CHECK(first->problem.empty());
    CHECK(first->remark.empty());
    CHECK(first->capabilities.has_value());
    for (auto other = std::find_if(first + 1, all.end(), serves); other != all.end();
         other = std::find_if(other + 1, all.end(), serves)) {
        CHECK_FALSE(other->built_in);
        CHECK(other->remark.find("linked into the program") != std::string::npos);
    }
}
