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

TEST_CASE("postgresql opens no plain socket for an address that demands encryption") {
    auto url = server();
    if (!url) return;
    const auto folder = value_of(*connect(*url), "SHOW unix_socket_directories");
    url->hosts.front().name = *folder.get_if<std::string>();
    CHECK_NOTHROW(static_cast<void>(connect(*url)));
    for (const char* mode : {"disable", "allow", "prefer"}) {
        CAPTURE(mode);
        url->options["sslmode"] = mode;
        CHECK_NOTHROW(static_cast<void>(connect(*url)));
    }
    for (const char* mode : {"require", "verify-ca", "verify-full"}) {
        CAPTURE(mode);
        url->options["sslmode"] = mode;
        const auto info = failure_of([&] { static_cast<void>(connect(*url)); });
        CHECK(info.code == ErrorCode::Operational);
        CHECK(info.message.find("encryption") != std::string::npos);
    }
    url->options = {{"sslrootcert", "/nowhere/ca.pem"}};
    CHECK(failure_of([&] { static_cast<void>(connect(*url)); }).connection_lost);
}

TEST_CASE("postgresql tells no value in whatever signs the server's language quotes it") {
    const auto url = server();
    if (!url) return;
    const auto connection = connect(*url);
    for (const char* text : {"invalid input syntax for type integer: \"s3cr3t\"",
                             "ungültige Eingabesyntax für Typ integer: »s3cr3t«",
                             "syntaxe en entrée invalide pour le type integer : « s3cr3t »"}) {
        const auto info = failure_of([&] {
            connection->execute_script(std::string("DO $$ BEGIN RAISE EXCEPTION '") + text +
                                       "' USING ERRCODE = '22P02'; END $$");
        });
        CHECK(info.code == ErrorCode::Data);
        CHECK_MESSAGE(info.message.find("s3cr3t") == std::string::npos, info.message);
        CHECK_FALSE(info.message.empty());
    }
}

TEST_CASE("postgresql refuses COPY at once and gives the link up, however it waits for answers") {
    auto url = server();
    if (!url) return;
    for (const char* limit : {"0", "5"}) {
        CAPTURE(limit);
        url->options["read_timeout"] = limit;
        for (const bool as_script : {true, false}) {
            CAPTURE(as_script);
            const auto connection = connect(*url);
            const char* sql = "COPY (SELECT 1) TO STDOUT";
            const auto info = failure_of([&] {
                if (as_script) return connection->execute_script(sql);
                static_cast<void>(value_of(*connection, sql));
            });
            CHECK(info.code == ErrorCode::Programming);
            CHECK(info.message.find("COPY") != std::string::npos);
            CHECK(info.connection_lost);
            CHECK(connection->is_broken());
        }
        const auto connection = connect(*url);
        connection->execute_script("CREATE TEMP TABLE copied (a INT)");
        CHECK(failure_of([&] { connection->execute_script("COPY copied FROM STDIN"); }).code ==
              ErrorCode::Programming);
    }
}
