// SPDX-License-Identifier: MIT
#include "family_reference.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <stdexcept>
#include <utility>

namespace benchmarks {

void put_on_shelves(std::vector<ShelfRow>& shelves, std::vector<BookRow>& books) {
    auto shelf = shelves.begin();
    for (BookRow& book : books) {
        while (shelf->id != book.shelf_id) ++shelf;
        shelf->books.push_back(std::move(book));
    }
}

namespace {

class SqliteFamily final : public FamilyReference {
public:
    explicit SqliteFamily(const std::string& file) {
        check(sqlite3_open_v2(file.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                              nullptr));
        run("PRAGMA synchronous=off; PRAGMA cache_size=-200000; PRAGMA foreign_keys=on");
        join_ = prepare(family_join);
        shelves_ = prepare(family_shelves);
        std::string places(static_cast<std::size_t>(family_parents) * 2 - 1, ',');
        for (std::size_t i = 0; i < places.size(); i += 2) places[i] = '?';
        books_ = prepare(fmt::format("{}IN ({}){}", family_books_of, places, family_book_order));
        books_of_one_ = prepare(fmt::format("{}= ?{}", family_books_of, family_book_order));
    }
    SqliteFamily(const SqliteFamily&) = delete;
    SqliteFamily& operator=(const SqliteFamily&) = delete;
    ~SqliteFamily() override {
        for (sqlite3_stmt* statement : {join_, shelves_, books_, books_of_one_})
            sqlite3_finalize(statement);
        sqlite3_close(database_);
    }

    void begin() override { run("BEGIN"); }
    void rollback() override { run("ROLLBACK"); }

    std::vector<ShelfRow> by_join() override {
        std::vector<ShelfRow> shelves;
        while (sqlite3_step(join_) == SQLITE_ROW) {
            const std::int64_t id = sqlite3_column_int64(join_, 0);
            if (shelves.empty() || shelves.back().id != id) read(join_, shelves.emplace_back());
            if (sqlite3_column_type(join_, 3) != SQLITE_NULL)
                read(join_, 3, shelves.back().books.emplace_back());
        }
        sqlite3_reset(join_);
        return shelves;
    }
    std::vector<ShelfRow> by_two_statements() override {
        std::vector<ShelfRow> shelves = all_shelves();
        for (std::size_t i = 0; i < static_cast<std::size_t>(family_parents); ++i)
            sqlite3_bind_int64(books_, static_cast<int>(i + 1), shelves[i].id);
        std::vector<BookRow> books;
        while (sqlite3_step(books_) == SQLITE_ROW) read(books_, 0, books.emplace_back());
        sqlite3_reset(books_);
        put_on_shelves(shelves, books);
        return shelves;
    }
    std::vector<ShelfRow> one_by_one() override {
        std::vector<ShelfRow> shelves = all_shelves();
        for (ShelfRow& shelf : shelves) {
            sqlite3_bind_int64(books_of_one_, 1, shelf.id);
            while (sqlite3_step(books_of_one_) == SQLITE_ROW)
                read(books_of_one_, 0, shelf.books.emplace_back());
            sqlite3_reset(books_of_one_);
        }
        return shelves;
    }

private:
    void check(int result) {
        if (result != SQLITE_OK)
            throw std::runtime_error(fmt::format("sqlite: {}", sqlite3_errmsg(database_)));
    }
    void run(const char* sql) { check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }
    sqlite3_stmt* prepare(const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        check(sqlite3_prepare_v3(database_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement,
                                 nullptr));
        return statement;
    }
    std::vector<ShelfRow> all_shelves() {
        std::vector<ShelfRow> shelves;
        while (sqlite3_step(shelves_) == SQLITE_ROW) read(shelves_, shelves.emplace_back());
        sqlite3_reset(shelves_);
        return shelves;
    }
    static void text(sqlite3_stmt* row, int column, std::string& target) {
        const void* bytes = sqlite3_column_text(row, column);
        target.assign(static_cast<const char*>(bytes),
                      static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
    }
    static void read(sqlite3_stmt* row, ShelfRow& shelf) {
        shelf.id = sqlite3_column_int64(row, 0);
        text(row, 1, shelf.name);
        shelf.room = sqlite3_column_int64(row, 2);
    }
    static void read(sqlite3_stmt* row, int first, BookRow& book) {
        book.id = sqlite3_column_int64(row, first);
        book.shelf_id = sqlite3_column_int64(row, first + 1);
        text(row, first + 2, book.title);
        book.price = sqlite3_column_double(row, first + 3);
        book.pages = sqlite3_column_int64(row, first + 4);
    }

    sqlite3* database_ = nullptr;
    sqlite3_stmt* join_ = nullptr;
    sqlite3_stmt* shelves_ = nullptr;
    sqlite3_stmt* books_ = nullptr;
    sqlite3_stmt* books_of_one_ = nullptr;
};

} // namespace

std::unique_ptr<FamilyReference> sqlite_family(const mercator::Url& url) {
    return std::make_unique<SqliteFamily>(url.database);
}

} // namespace benchmarks
