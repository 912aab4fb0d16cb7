// SPDX-License-Identifier: MIT
#include "family_reference.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <bit>
#include <cstring>
#include <endian.h>
#include <stdexcept>

namespace benchmarks {

namespace {

class PostgresqlFamily final : public FamilyReference {
public:
    explicit PostgresqlFamily(const std::string& uri) : connection_(PQconnectdb(uri.c_str())) {
        if (PQstatus(connection_) != CONNECTION_OK)
            throw std::runtime_error(PQerrorMessage(connection_));
        prepare("join", family_join);
        prepare("shelves", family_shelves);
        std::string places;
        for (std::int64_t i = 1; i <= family_parents; ++i)
            places += (i == 1 ? "$" : ", $") + std::to_string(i);
        prepare("books", fmt::format("{}IN ({}){}", family_books_of, places, family_book_order));
        prepare("books_of_one", fmt::format("{}= $1{}", family_books_of, family_book_order));
    }
    PostgresqlFamily(const PostgresqlFamily&) = delete;
    PostgresqlFamily& operator=(const PostgresqlFamily&) = delete;
    ~PostgresqlFamily() override { PQfinish(connection_); }

    void begin() override { PQclear(checked(PQexec(connection_, "BEGIN"))); }
    void rollback() override { PQclear(checked(PQexec(connection_, "ROLLBACK"))); }

    std::vector<ShelfRow> by_join() override {
        PGresult* result = execute("join", {});
        std::vector<ShelfRow> shelves;
        const int rows = PQntuples(result);
        for (int row = 0; row < rows; ++row) {
            const std::int64_t id = integer(result, row, 0);
            if (shelves.empty() || shelves.back().id != id)
                read(result, row, shelves.emplace_back());
            if (PQgetisnull(result, row, 3) == 0)
                read(result, row, 3, shelves.back().books.emplace_back());
        }
        PQclear(result);
        return shelves;
    }
    std::vector<ShelfRow> by_two_statements() override {
        std::vector<ShelfRow> shelves = all_shelves();
        std::vector<std::int64_t> keys;
        for (const auto& shelf : shelves) keys.push_back(shelf.id);
        PGresult* result = execute("books", keys);
        std::vector<BookRow> books(static_cast<std::size_t>(PQntuples(result)));
        for (std::size_t row = 0; row < books.size(); ++row)
            read(result, static_cast<int>(row), 0, books[row]);
        PQclear(result);
        put_on_shelves(shelves, books);
        return shelves;
    }
    std::vector<ShelfRow> one_by_one() override {
        std::vector<ShelfRow> shelves = all_shelves();
        for (ShelfRow& shelf : shelves) {
            PGresult* result = execute("books_of_one", {shelf.id});
            const int rows = PQntuples(result);
            for (int row = 0; row < rows; ++row) read(result, row, 0, shelf.books.emplace_back());
            PQclear(result);
        }
        return shelves;
    }

private:
    PGresult* checked(PGresult* result) {
        const auto status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(PQerrorMessage(connection_));
        return result;
    }
    void prepare(const char* name, const std::string& sql) {
        PQclear(checked(PQprepare(connection_, name, sql.c_str(), 0, nullptr)));
    }
    PGresult* execute(const char* name, const std::vector<std::int64_t>& keys) {
        std::vector<std::uint64_t> numbers;
        numbers.reserve(keys.size());
        std::vector<const char*> values;
        for (const std::int64_t key : keys) {
            numbers.push_back(htobe64(static_cast<std::uint64_t>(key)));
            values.push_back(static_cast<const char*>(static_cast<const void*>(&numbers.back())));
        }
        const std::vector<int> sizes(keys.size(), 8);
        const std::vector<int> formats(keys.size(), 1);
        return checked(PQexecPrepared(connection_, name, static_cast<int>(keys.size()),
                                      values.data(), sizes.data(), formats.data(), 1));
    }
    std::vector<ShelfRow> all_shelves() {
        PGresult* result = execute("shelves", {});
        std::vector<ShelfRow> shelves(static_cast<std::size_t>(PQntuples(result)));
        for (std::size_t row = 0; row < shelves.size(); ++row)
            read(result, static_cast<int>(row), shelves[row]);
        PQclear(result);
        return shelves;
    }
    static std::int64_t integer(const PGresult* result, int row, int column) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, PQgetvalue(result, row, column), sizeof bits);
        return static_cast<std::int64_t>(be64toh(bits));
    }
    static void text(const PGresult* result, int row, int column, std::string& target) {
        target.assign(PQgetvalue(result, row, column),
                      static_cast<std::size_t>(PQgetlength(result, row, column)));
    }
    static void read(const PGresult* result, int row, ShelfRow& shelf) {
        shelf.id = integer(result, row, 0);
        text(result, row, 1, shelf.name);
        shelf.room = integer(result, row, 2);
    }
    static void read(const PGresult* result, int row, int first, BookRow& book) {
        book.id = integer(result, row, first);
        book.shelf_id = integer(result, row, first + 1);
        text(result, row, first + 2, book.title);
        book.price = std::bit_cast<double>(integer(result, row, first + 3));
        book.pages = integer(result, row, first + 4);
    }

    PGconn* connection_;
};

} // namespace

std::unique_ptr<FamilyReference> postgresql_family(const std::string& uri) {
    return std::make_unique<PostgresqlFamily>(uri);
}

} // namespace benchmarks
