// SPDX-License-Identifier: MIT
#include "support/backend.hpp"

#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace mercator;
using test::Backend;

namespace {

/// Everything that can be read off an error.
std::string everything(const DatabaseError& error) {
    return std::string(error.what()) + '\n' + error.where() + '\n' + error.statement() + '\n' +
           error.info().message;
}

bool is_server(const Backend& backend) {
    return !Url::parse(backend.uri()).hosts.empty();
}

std::string failure_of(const std::string& uri) {
    Database database(Config{.uri = uri, .connect_timeout = std::chrono::milliseconds(2000)});
    Session session = database.session();
    try {
        static_cast<void>(session.connection());
    } catch (const OperationalError& error) {
        const std::string first = everything(error);
        CHECK_FALSE(session.in_transaction());
        CHECK_THROWS_AS(static_cast<void>(session.connection()),
                        OperationalError); // again, and nothing has leaked
        return first;
    }
    FAIL("a connection that cannot be was made");
    return {};
}

} // namespace

TEST_CASE(
    "CON-21 a server that is down is an OperationalError that names the place and no password") {
    Backend backend;
    if (!is_server(backend)) {
        test::skip("this backend has no server");
        return;
    }
    Url url = Url::parse(backend.uri());
    for (auto& host : url.hosts) {
        host.name = "127.0.0.1";
        host.port = 1;
    }
    url.options.clear();
    url.user = "somebody";
    url.password = "s3cr3t-p4ss";
    const std::string text = failure_of(url.to_string(true));
    CHECK_MESSAGE(text.find("127.0.0.1") != std::string::npos, text);
    CHECK_MESSAGE(text.find("s3cr3t-p4ss") == std::string::npos, text);
}

TEST_CASE("CON-21 a wrong password is an OperationalError without any password in it") {
    Backend backend;
    Url url = Url::parse(backend.uri());
    if (!is_server(backend)) {
        test::skip("this backend has no server");
        return;
    }
    url.user = "nobody_of_that_name";
    url.password = "s3cr3t-p4ss";
    const std::string text = failure_of(url.to_string(true));
    CHECK_MESSAGE(text.find("s3cr3t-p4ss") == std::string::npos, text);
}

TEST_CASE(
    "a file that is no database and a missing directory are OperationalErrors that name the file") {
    Backend backend;
    if (is_server(backend)) {
        test::skip("this backend keeps no files of its own");
        return;
    }
    Url url = Url::parse(backend.uri());
    const auto folder = std::filesystem::path(url.database).parent_path();
    SUBCASE("no database") {
        url.database = (folder / "letter.db").string();
        std::ofstream(url.database) << std::string(4096, 'x');
        const std::string text = failure_of(url.to_string(true));
        CHECK_MESSAGE(text.find("letter.db") != std::string::npos, text);
        CHECK(std::filesystem::file_size(url.database) == 4096);
    }
    SUBCASE("missing directory") {
        url.database = (folder / "missing" / "shop.db").string();
        const std::string text = failure_of(url.to_string(true));
        CHECK_MESSAGE(text.find("shop.db") != std::string::npos, text);
        CHECK_FALSE(std::filesystem::exists(folder / "missing"));
    }
}
