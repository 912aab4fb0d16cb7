// SPDX-License-Identifier: MIT
#pragma once

#include "cell.hpp"

namespace types_test {

/// Makes the table "cells" with a column of a native type and a literal in it, as somebody else
/// would; false where the backend has no such type or value. `lenient`: with MySQL's modes off.
inline bool write_native(Backend& backend, const std::string& type, const std::string& literal,
                         bool lenient = false) {
    const auto cells = backend.quoted("cells");
    backend.run("DROP TABLE IF EXISTS " + cells);
    const std::string insert = "INSERT INTO " + cells + " VALUES (1, " + literal + ", NULL)";
    try {
        backend.run("CREATE TABLE " + cells + " (" + backend.quoted("id") +
                    " INTEGER PRIMARY KEY, " + backend.quoted("value") + " " + type + " NULL, " +
                    backend.quoted("maybe") + " " + type + " NULL)");
        backend.run(lenient ? "SET @modes = @@SESSION.sql_mode; SET SESSION sql_mode = ''; " +
                                  insert + "; SET SESSION sql_mode = @modes"
                            : insert);
    } catch (const mercator::DatabaseError&) {
        return false;
    }
    return true;
}

/// Fails unless the value is refused, wherever the backend holds it at all.
template <class C>
void check_refused_or_absent(Backend& backend, const std::string& type, const std::string& literal,
                             bool lenient = false) {
    CAPTURE(type);
    CAPTURE(literal);
    if (write_native(backend, type, literal, lenient)) check_unreadable<C>(backend);
}

template <class C>
value_t<C> only_value(Backend& backend) {
    mercator::Session session = backend->session();
    return session.query<C>().one()->value;
}

/// The native name that the backend's dialect gives a type.
inline std::string native_name(Backend& backend, const mercator::SqlType& type) {
    return backend->engine().dialect().types().compile(type);
}

} // namespace types_test
