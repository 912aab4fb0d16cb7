// SPDX-License-Identifier: MIT
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cxxabi.h>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>
#include <typeinfo>

using namespace mercator;

namespace {

constexpr auto first_code = static_cast<int>(ErrorCode::InvalidArgument);
constexpr auto last_code = static_cast<int>(ErrorCode::Validation);

const std::type_info& class_of(ErrorCode code) {
    switch (code) {
    case ErrorCode::InvalidArgument:
        return typeid(ArgumentError);
    case ErrorCode::Mapping:
        return typeid(MappingError);
    case ErrorCode::Compile:
        return typeid(CompileError);
    case ErrorCode::Unsupported:
        return typeid(UnsupportedError);
    case ErrorCode::Plugin:
        return typeid(PluginError);
    case ErrorCode::InvalidState:
        return typeid(StateError);
    case ErrorCode::Detached:
        return typeid(DetachedError);
    case ErrorCode::NPlusOne:
        return typeid(NPlusOneError);
    case ErrorCode::Validation:
        return typeid(ValidationError);
    case ErrorCode::StaleData:
        return typeid(StaleDataError);
    case ErrorCode::NoResult:
        return typeid(NoResultFound);
    case ErrorCode::MultipleResults:
        return typeid(MultipleResultsFound);
    case ErrorCode::Database:
        return typeid(DatabaseError);
    case ErrorCode::Integrity:
        return typeid(IntegrityError);
    case ErrorCode::UniqueViolation:
        return typeid(UniqueViolation);
    case ErrorCode::ForeignKeyViolation:
        return typeid(ForeignKeyViolation);
    case ErrorCode::NotNullViolation:
        return typeid(NotNullViolation);
    case ErrorCode::CheckViolation:
        return typeid(CheckViolation);
    case ErrorCode::Operational:
        return typeid(OperationalError);
    case ErrorCode::Disconnected:
        return typeid(DisconnectError);
    case ErrorCode::Timeout:
        return typeid(TimeoutError);
    case ErrorCode::Deadlock:
        return typeid(DeadlockError);
    case ErrorCode::Serialization:
        return typeid(SerializationError);
    case ErrorCode::Programming:
    case ErrorCode::StatementInvalidated:
        return typeid(ProgrammingError);
    case ErrorCode::Data:
        return typeid(DataError);
    }
    return typeid(void);
}

/// The class without its namespace.
std::string class_name(ErrorCode code) {
    const std::unique_ptr<char, void (*)(void*)> whole(
        abi::__cxa_demangle(class_of(code).name(), nullptr, nullptr, nullptr), std::free);
    const std::string_view text = whole.get();
    return std::string(text.substr(text.rfind(':') + 1));
}

/// What docs/errors.md has to say.
std::string page() {
    std::string text =
        "# Errors\n\n"
        "Every exception that Mercator throws derives from `mercator::Error`. Its `id()` is the "
        "title "
        "of a section below and never changes;\n"
        "`code()` is the same for programs, `explain(code)` gives the section's text at run time. "
        "Failures that a database reported derive\n"
        "from `mercator::DatabaseError`, whose `what()` ends like this, with the id, the numbers "
        "of "
        "the database, and the statement without\n"
        "its values:\n\n"
        "```\n"
        "duplicate key value violates unique constraint \"uq_user_email\" [UniqueViolation, "
        "SQLSTATE "
        "23505]\n"
        "  in: INSERT INTO \"user\" (\"email\") VALUES ($1)\n"
        "```\n\n"
        "The same failure has the same id and class on every database.\n";
    for (int i = first_code; i <= last_code; ++i) {
        const auto code = static_cast<ErrorCode>(i);
        text += fmt::format("\n## {}\n\nThrown as `{}`. {}\n", name(code), class_name(code),
                            explain(code));
    }
    return text;
}

DatabaseErrorInfo unique_violation() {
    DatabaseErrorInfo info;
    info.code = ErrorCode::UniqueViolation;
    info.message = "duplicate key";
    info.sqlstate = "23505";
    info.native_code = 7;
    info.constraint = "uq_users_email";
    info.table = "users";
    info.column = "email";
    info.statement = "INSERT INTO users (email) VALUES (?)";
    return info;
}

} // namespace

TEST_CASE("every error code throws exactly its class and keeps its code") {
    for (int i = first_code; i <= last_code; ++i) {
        const auto code = static_cast<ErrorCode>(i);
        CAPTURE(name(code));
        DatabaseErrorInfo info;
        info.code = code;
        info.message = "something happened";
        try {
            throw_database_error(info);
        } catch (const Error& error) {
            CHECK(typeid(error) == class_of(code));
            CHECK(error.code() == code);
            CHECK(std::string(error.what()) == "something happened");
        }
    }
}

TEST_CASE("every error code has a name of its own and a paragraph of its own") {
    std::set<std::string_view> names;
    std::set<std::string_view> paragraphs;
    for (int i = first_code; i <= last_code; ++i) {
        names.insert(name(static_cast<ErrorCode>(i)));
        paragraphs.insert(explain(static_cast<ErrorCode>(i)));
        CHECK(explain(static_cast<ErrorCode>(i)).size() > 100);
    }
    constexpr auto count = static_cast<std::size_t>(last_code - first_code + 1);
    CHECK(names.size() == count);
    CHECK(paragraphs.size() == count);
    CHECK(name(ErrorCode::UniqueViolation) == "UniqueViolation");
}

TEST_CASE("LOG-08 the identifiers of errors are what they have always been") {
    const std::set<std::string_view> published = {"InvalidArgument",
                                                  "Mapping",
                                                  "Compile",
                                                  "Unsupported",
                                                  "Plugin",
                                                  "InvalidState",
                                                  "Detached",
                                                  "NPlusOne",
                                                  "Validation",
                                                  "StaleData",
                                                  "NoResult",
                                                  "MultipleResults",
                                                  "Database",
                                                  "Integrity",
                                                  "UniqueViolation",
                                                  "ForeignKeyViolation",
                                                  "NotNullViolation",
                                                  "CheckViolation",
                                                  "Operational",
                                                  "Disconnected",
                                                  "Timeout",
                                                  "Deadlock",
                                                  "Serialization",
                                                  "Programming",
                                                  "StatementInvalidated",
                                                  "Data"};
    std::set<std::string_view> names;
    for (int i = first_code; i <= last_code; ++i) names.insert(name(static_cast<ErrorCode>(i)));
    for (const auto id : published) CHECK_MESSAGE(names.contains(id), id);
    CHECK(ArgumentError("no such option").id() == "InvalidArgument");
    CHECK(UniqueViolation(unique_violation()).id() == "UniqueViolation");
}

TEST_CASE("LOG-08 every identifier leads to its section of docs/errors.md") {
    const std::string path = MERCATOR_SOURCE_DIR "/docs/errors.md";
    // MERCATOR_WRITE_DOCS=1 in the environment writes the page anew.
    if (std::getenv("MERCATOR_WRITE_DOCS") != nullptr) std::ofstream(path) << page();
    std::stringstream found;
    found << std::ifstream(path).rdbuf();
    CHECK(found.str() == page());
}

TEST_CASE("a code from a newer dialect still has a text and is a database error") {
    const auto unknown = static_cast<ErrorCode>(9999);
    CHECK(name(unknown) == "Unknown");
    CHECK_FALSE(explain(unknown).empty());
    DatabaseErrorInfo info;
    info.code = unknown;
    CHECK_THROWS_AS(throw_database_error(info), DatabaseError);
}

TEST_CASE("the hierarchy lets a program catch a family of errors") {
    CHECK(std::is_base_of_v<Error, DatabaseError>);
    CHECK(std::is_base_of_v<IntegrityError, UniqueViolation>);
    CHECK(std::is_base_of_v<IntegrityError, ForeignKeyViolation>);
    CHECK(std::is_base_of_v<IntegrityError, NotNullViolation>);
    CHECK(std::is_base_of_v<IntegrityError, CheckViolation>);
    CHECK(std::is_base_of_v<OperationalError, DisconnectError>);
    CHECK(std::is_base_of_v<OperationalError, TimeoutError>);
    CHECK(std::is_base_of_v<OperationalError, DeadlockError>);
    CHECK(std::is_base_of_v<OperationalError, SerializationError>);
    CHECK(std::is_base_of_v<CompileError, UnsupportedError>);
    CHECK(std::is_base_of_v<StateError, DetachedError>);
    CHECK(std::is_base_of_v<StateError, NPlusOneError>);
    CHECK(std::is_base_of_v<StateError, StaleDataError>);
    CHECK_FALSE(std::is_base_of_v<DatabaseError, StateError>);
}

TEST_CASE("a database error tells what the driver knows") {
    const UniqueViolation error(unique_violation());
    CHECK(error.sqlstate() == "23505");
    CHECK(error.native_code() == 7);
    CHECK(error.constraint() == "uq_users_email");
    CHECK(error.table() == "users");
    CHECK(error.column() == "email");
    CHECK(error.where() == "users.email");
    CHECK_FALSE(error.connection_lost());
    CHECK_FALSE(error.transaction_aborted());
    CHECK(std::string(error.what()) ==
          "users.email: duplicate key [UniqueViolation, SQLSTATE 23505, native code 7]\n"
          "  in: INSERT INTO users (email) VALUES (?)");
}

TEST_CASE("a very long statement does not bury the message") {
    DatabaseErrorInfo info = unique_violation();
    info.statement = std::string(100'000, 'x');
    const UniqueViolation error(info);
    CHECK(std::string(error.what()).size() < 3000);
    CHECK(error.statement().size() == 100'000);
}

TEST_CASE("the message names the place once") {
    CHECK(std::string(ArgumentError("no such option", "Pool").what()) == "Pool: no such option");
    CHECK(std::string(ArgumentError("Pool has no such option", "Pool").what()) ==
          "Pool has no such option");
    CHECK(std::string(ArgumentError("invalid value", "id").what()) == "id: invalid value");
    CHECK(std::string(ArgumentError("plain").what()) == "plain");
    CHECK(ArgumentError("plain").where().empty());
}

TEST_CASE("a data error carries the member's name as table and column") {
    try {
        throw_data_error("too long", "User.email");
    } catch (const DataError& error) {
        CHECK(error.where() == "User.email");
        CHECK(error.table() == "User");
        CHECK(error.column() == "email");
        CHECK(error.code() == ErrorCode::Data);
        CHECK(std::string(error.what()) == "User.email: too long");
    }
    try {
        throw_data_error("too long", "email");
    } catch (const DataError& error) {
        CHECK(error.where() == "email");
        CHECK(error.table().empty());
    }
}

TEST_CASE("a validation error lists every field with its reason") {
    const ValidationError bare("must contain an @"); // as a validator throws it
    CHECK(std::string(bare.what()) == "must contain an @");
    CHECK(bare.where().empty());
    CHECK(bare.class_name().empty());
    REQUIRE(bare.fields().size() == 1);
    CHECK(bare.fields().front().reason == "must contain an @");
    const ValidationError whole("User",
                                {{"User.email", "must contain an @"}, {"User.age", "is low"}});
    CHECK(whole.class_name() == "User");
    CHECK(whole.where() == "User.email");
    CHECK(std::string(whole.what()) ==
          "User.email: must contain an @; User.age: is low (nothing was sent)");
    CHECK(whole.fields().size() == 2);
    CHECK_THROWS_AS(throw whole, Error);
}
