// SPDX-License-Identifier: MIT
#include "postgresql.hpp"

#include <chrono>

using namespace mercator;
using namespace postgresql_test;

TEST_CASE("postgresql refuses unknown options by name and never repeats a value") {
    const auto message_of = [](const std::string& uri) -> std::string {
        try {
            dialect().check(Url::parse(uri));
        } catch (const ArgumentError& error) {
            return error.what();
        }
        return {};
    };
    CHECK(message_of("postgresql://u:p@h/d?sslmode=require&application_name=x&search_path=a,b")
              .empty());
    CHECK(message_of("postgresql://u:p@h1:5432,h2:5433/d?target_session_attrs=read-write").empty());
    CHECK(message_of("postgresql://u:p@h/d?sslmodus=require").find("\"sslmodus\"") !=
          std::string::npos);
    for (const char* option : {"sslmode", "keepalives", "connect_timeout", "port",
                               "client_encoding", "statement_timeout"}) {
        const std::string message =
            message_of(std::string("postgresql://u@h/d?") + option + "=s3cret");
        CHECK_MESSAGE(message.find(option) != std::string::npos, option);
        CHECK(message.find("s3cret") == std::string::npos);
    }
    CHECK(!message_of("postgresql+pg8000://u@h/d").empty());
}

TEST_CASE("postgresql says that nobody listens, without the password") {
    const auto info = failure_of(
        [] { static_cast<void>(connect(Url::parse("postgresql://u:s3cret@127.0.0.1:1/d"))); });
    CHECK(info.code == ErrorCode::Disconnected);
    CHECK(info.message.find("127.0.0.1:1") != std::string::npos);
    CHECK(info.message.find("s3cret") == std::string::npos);
}

TEST_CASE("postgresql gives up on a silent host in time") {
    ConnectOptions options;
    options.log = std::make_shared<SilentLog>();
    options.connect_timeout = std::chrono::milliseconds(200);
    const auto before = std::chrono::steady_clock::now();
    // An address of the documentation range (RFC 5737); a network that refuses it at once is as
    // good.
    const auto info = failure_of([&] {
        static_cast<void>(dialect().connect(Url::parse("postgresql://u@192.0.2.1/d"), options));
    });
    CHECK((info.code == ErrorCode::Timeout || info.code == ErrorCode::Disconnected));
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(2));
}

TEST_CASE("postgresql tells a wrong password from a missing database") {
    auto url = server();
    if (!url) return;
    auto wrong = *url;
    wrong.password = "wr0ng";
    auto info = failure_of([&] { static_cast<void>(connect(wrong)); });
    CHECK(info.code == ErrorCode::Operational);
    CHECK(info.sqlstate == "28P01");
    CHECK(info.message.find("\"mercator\"") != std::string::npos);
    CHECK(info.message.find("wr0ng") == std::string::npos);
    url->database = "no such database";
    info = failure_of([&] { static_cast<void>(connect(*url)); });
    CHECK(info.code == ErrorCode::Operational);
    CHECK(info.sqlstate == "3D000");
}
