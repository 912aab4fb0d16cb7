// SPDX-License-Identifier: MIT
#include "family_reference.hpp"

#include <fmt/format.h>
#include <mysql.h>

#include <array>
#include <stdexcept>

namespace benchmarks {

namespace {

MYSQL_BIND bind(enum_field_types type, void* buffer, std::size_t size) {
    MYSQL_BIND result{};
    result.buffer_type = type;
    result.buffer = buffer;
    result.buffer_length = size;
    return result;
}
MYSQL_BIND bind(std::int64_t& value) {
    return bind(MYSQL_TYPE_LONGLONG, &value, sizeof value);
}

/// Where the connector puts a row.
struct ShelfPlace {
    std::int64_t id = 0;
    std::array<char, 240> name;
    std::int64_t room = 0;
    std::array<unsigned long, 3> sizes{};

    std::array<MYSQL_BIND, 3> binds() {
        std::array<MYSQL_BIND, 3> result{
            bind(id), bind(MYSQL_TYPE_STRING, name.data(), name.size()), bind(room)};
        for (std::size_t i = 0; i < result.size(); ++i) result[i].length = &sizes[i];
        return result;
    }
    void read(ShelfRow& shelf) const {
        shelf.id = id;
        shelf.name.assign(name.data(), sizes[1]);
        shelf.room = room;
    }
};

struct BookPlace {
    std::int64_t id = 0;
    std::int64_t shelf_id = 0;
    std::array<char, 320> title;
    double price = 0;
    std::int64_t pages = 0;
    std::array<unsigned long, 5> sizes{};
    my_bool missing = 0;

    std::array<MYSQL_BIND, 5> binds() {
        std::array<MYSQL_BIND, 5> result{
            bind(id), bind(shelf_id), bind(MYSQL_TYPE_STRING, title.data(), title.size()),
            bind(MYSQL_TYPE_DOUBLE, &price, sizeof price), bind(pages)};
        for (std::size_t i = 0; i < result.size(); ++i) result[i].length = &sizes[i];
        result[0].is_null = &missing;
        return result;
    }
    void read(BookRow& book) const {
        book.id = id;
        book.shelf_id = shelf_id;
        book.title.assign(title.data(), sizes[2]);
        book.price = price;
        book.pages = pages;
    }
};

class MariadbFamily final : public FamilyReference {
public:
    explicit MariadbFamily(const mercator::Url& url) : connection_(mysql_init(nullptr)) {
        const auto& host = url.hosts.at(0);
        const bool socket = host.name.starts_with('/');
        mysql_options(connection_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
        if (mysql_real_connect(connection_, socket ? nullptr : host.name.c_str(), url.user.c_str(),
                               url.password.value_or("").c_str(), url.database.c_str(),
                               host.port.value_or(0), socket ? host.name.c_str() : nullptr,
                               0) == nullptr)
            throw std::runtime_error(mysql_error(connection_));
        join_ = prepare(family_join);
        shelves_ = prepare(family_shelves);
        std::string places(static_cast<std::size_t>(family_parents) * 2 - 1, ',');
        for (std::size_t i = 0; i < places.size(); i += 2) places[i] = '?';
        books_ = prepare(fmt::format("{}IN ({}){}", family_books_of, places, family_book_order));
        books_of_one_ = prepare(fmt::format("{}= ?{}", family_books_of, family_book_order));
        bind_results();
    }
    MariadbFamily(const MariadbFamily&) = delete;
    MariadbFamily& operator=(const MariadbFamily&) = delete;
    ~MariadbFamily() override {
        for (MYSQL_STMT* statement : {join_, shelves_, books_, books_of_one_})
            mysql_stmt_close(statement);
        mysql_close(connection_);
    }

    void begin() override { run("START TRANSACTION"); }
    void rollback() override { run("ROLLBACK"); }

    std::vector<ShelfRow> by_join() override {
        execute(join_);
        std::vector<ShelfRow> shelves;
        while (mysql_stmt_fetch(join_) == 0) {
            if (shelves.empty() || shelves.back().id != shelf_.id)
                shelf_.read(shelves.emplace_back());
            if (book_.missing == 0) book_.read(shelves.back().books.emplace_back());
        }
        mysql_stmt_free_result(join_);
        return shelves;
    }
    std::vector<ShelfRow> by_two_statements() override {
        std::vector<ShelfRow> shelves = all_shelves();
        std::vector<MYSQL_BIND> keys;
        for (ShelfRow& shelf : shelves) keys.push_back(bind(shelf.id));
        mysql_stmt_bind_param(books_, keys.data());
        execute(books_);
        std::vector<BookRow> books;
        while (mysql_stmt_fetch(books_) == 0) book_.read(books.emplace_back());
        mysql_stmt_free_result(books_);
        put_on_shelves(shelves, books);
        return shelves;
    }
    std::vector<ShelfRow> one_by_one() override {
        std::vector<ShelfRow> shelves = all_shelves();
        for (ShelfRow& shelf : shelves) {
            MYSQL_BIND key = bind(shelf.id);
            mysql_stmt_bind_param(books_of_one_, &key);
            execute(books_of_one_);
            while (mysql_stmt_fetch(books_of_one_) == 0) book_.read(shelf.books.emplace_back());
            mysql_stmt_free_result(books_of_one_);
        }
        return shelves;
    }

private:
    void run(const char* sql) {
        if (mysql_query(connection_, sql) != 0) throw std::runtime_error(mysql_error(connection_));
    }
    MYSQL_STMT* prepare(const std::string& sql) {
        MYSQL_STMT* statement = mysql_stmt_init(connection_);
        if (mysql_stmt_prepare(statement, sql.data(), sql.size()) != 0)
            throw std::runtime_error(mysql_error(connection_));
        return statement;
    }
    void bind_results() {
        mysql_stmt_bind_result(shelves_, shelf_.binds().data());
        mysql_stmt_bind_result(books_, book_.binds().data());
        mysql_stmt_bind_result(books_of_one_, book_.binds().data());
        std::array<MYSQL_BIND, 8> both{};
        const auto shelf = shelf_.binds();
        const auto book = book_.binds();
        std::copy(book.begin(), book.end(), std::copy(shelf.begin(), shelf.end(), both.begin()));
        mysql_stmt_bind_result(join_, both.data());
    }
    static void execute(MYSQL_STMT* statement) {
        if (mysql_stmt_execute(statement) != 0)
            throw std::runtime_error(mysql_stmt_error(statement));
    }
    std::vector<ShelfRow> all_shelves() {
        execute(shelves_);
        std::vector<ShelfRow> shelves;
        while (mysql_stmt_fetch(shelves_) == 0) shelf_.read(shelves.emplace_back());
        mysql_stmt_free_result(shelves_);
        return shelves;
    }

    MYSQL* connection_;
    MYSQL_STMT* join_ = nullptr;
    MYSQL_STMT* shelves_ = nullptr;
    MYSQL_STMT* books_ = nullptr;
    MYSQL_STMT* books_of_one_ = nullptr;
    ShelfPlace shelf_;
    BookPlace book_;
};

} // namespace

std::unique_ptr<FamilyReference> mariadb_family(const mercator::Url& url) {
    return std::make_unique<MariadbFamily>(url);
}

} // namespace benchmarks
