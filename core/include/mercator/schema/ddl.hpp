// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/schema/table.hpp>

#include <vector>

namespace mercator {

/// Statements that change the schema; compiled by a DdlCompiler, one SQL text each.
struct CreateTable {
    const Table* table;
    bool if_not_exists = false;
    std::vector<const ForeignKey*> leave_out; ///< closed later by AddForeignKey
};
struct DropTable {
    const Table* table;
    bool if_exists = false;
};
struct CreateIndex {
    const Table* table;
    const Index* index;
};
struct AddForeignKey {
    const Table* table;
    const ForeignKey* key;
};
struct DropForeignKey {
    const Table* table;
    const ForeignKey* key;
};

/// A type of the database's own for an enum (see NativeEnum).
struct CreateType {
    SqlType type;
};
struct DropType {
    SqlType type;
};

} // namespace mercator
