// SPDX-License-Identifier: MIT
#include <mercator/dialect/dialect.hpp>
#include <mercator/plugin/loader.hpp>
#include <mercator/support/error.hpp>
#include <mercator/types/enum_names.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

using namespace mercator;

namespace {

enum class Season { spring, summer, autumn, winter };

std::vector<SqlType> all_types() {
    std::vector<SqlType> types{Boolean()};
    for (const auto kind : {TypeKind::Int8, TypeKind::Int16, TypeKind::Int32, TypeKind::Int64,
                            TypeKind::UInt8, TypeKind::UInt16, TypeKind::UInt32, TypeKind::UInt64})
        types.emplace_back(kind);
    const std::vector<SqlType> others{Float(),
                                      Double(),
                                      Numeric(10, 2),
                                      Numeric(38, 10),
                                      Numeric(10, 2, DecimalStorage::Number),
                                      String(1),
                                      String(255),
                                      String(16'383),
                                      String(20'000),
                                      Text(),
                                      Text(16'383),
                                      Text(16'384),
                                      Text(4'194'303),
                                      Text(4'194'304),
                                      LargeBinary(),
                                      LargeBinary(65'535),
                                      LargeBinary(65'536),
                                      LargeBinary(16'777'216),
                                      DateTime(),
                                      Date(),
                                      Time(),
                                      Interval(),
                                      Uuid(),
                                      enum_sql_type<Season>(),
                                      JsonDocument(),
                                      Array(Integer()),
                                      Array(String(20)),
                                      Array(Numeric(10, 2))};
    types.insert(types.end(), others.begin(), others.end());
    return types;
}

/// In a column's definition, and in a cast where that differs.
std::string spelled(const Dialect& dialect, const SqlType& type) {
    try {
        const std::string column = dialect.types().compile(type);
        const std::string cast = dialect.types().compile_cast(type);
        return column == cast ? column : fmt::format("{}, cast {}", column, cast);
    } catch (const CompileError&) {
        return "refused";
    }
}

std::string table_of_names() {
    std::string text;
    plugin::Loader loader({MERCATOR_BUILD_DIALECT_DIR}, plugin::StandardFolders::Ignore);
    for (const char* name : {"ansi", "sqlite", "postgresql", "mysql"}) {
        const std::unique_ptr<Dialect> dialect(
            static_cast<Dialect*>(loader.create("dialect", name)));
        text += fmt::format("{}\n", name);
        for (const SqlType& type : all_types())
            text += fmt::format("    {:<44} {}\n", to_string(type), spelled(*dialect, type));
    }
    return text;
}

} // namespace

TEST_CASE("TYP-14 TYP-03 the native name of every type in every dialect is what the table says") {
    std::ifstream file(MERCATOR_SOURCE_DIR "/tests/dialects/type_names.txt");
    const std::string expected{std::istreambuf_iterator<char>(file), {}};
    const std::string actual = table_of_names();
    INFO("if the change is meant, this is the new type_names.txt:\n" << actual);
    CHECK((actual == expected));
}
