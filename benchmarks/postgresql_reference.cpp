// SPDX-License-Identifier: MIT
#include "reference.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <bit>
#include <chrono>
#include <cstring>
#include <endian.h>
#include <stdexcept>
#include <string>

namespace benchmarks {

namespace {

/// The zero of PostgreSQL's timestamps.
constexpr mercator::DateTime millennium =
    std::chrono::sys_days(std::chrono::year(2000) / std::chrono::January / std::chrono::day(1));

/// Parameters of one execution in binary form.
template <std::size_t Count>
class Parameters {
public:
    void integer(std::size_t index, std::int64_t value) {
        numbers_[index] = htobe64(static_cast<std::uint64_t>(value));
        set(index, static_cast<const char*>(static_cast<const void*>(&numbers_[index])), sizeof numbers_[index]);
    }
    void real(std::size_t index, double value) { integer(index, std::bit_cast<std::int64_t>(value)); }
    void moment(std::size_t index, mercator::DateTime value) { integer(index, (value - millennium).count()); }
    void text(std::size_t index, const std::string& value) { set(index, value.data(), value.size()); }
    void null(std::size_t index) { set(index, nullptr, 0); }

    const std::array<const char*, Count>& values() const { return values_; }
    const std::array<int, Count>& sizes() const { return sizes_; }
    const std::array<int, Count>& formats() const { return formats_; }

private:
    void set(std::size_t index, const char* value, std::size_t size) {
        values_[index] = value;
        sizes_[index] = static_cast<int>(size);
        formats_[index] = 1;
    }
    std::array<std::uint64_t, Count> numbers_{};
    std::array<const char*, Count> values_{};
    std::array<int, Count> sizes_{};
    std::array<int, Count> formats_{};
};

class PostgresqlReference final : public Reference {
public:
    explicit PostgresqlReference(const std::string& uri) : connection_(PQconnectdb(uri.c_str())) {
        if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_));
        prepare("get", std::string(select_by_key) + "$1");
        prepare("all", select_all_rows);
        prepare("insert", std::string(insert_row) + "($1, $2, $3, $4, $5, $6, $7, $8)");
        prepare("update", "UPDATE drafts SET title = $1, score = $2, views = $3 WHERE id = $4");
    }
    PostgresqlReference(const PostgresqlReference&) = delete;
    PostgresqlReference& operator=(const PostgresqlReference&) = delete;
    ~PostgresqlReference() override { PQfinish(connection_); }

    void begin() override { PQclear(checked(PQexec(connection_, "BEGIN"))); }
    void rollback() override { PQclear(checked(PQexec(connection_, "ROLLBACK"))); }

    Post get(std::int64_t id) override {
        Parameters<1> parameters;
        parameters.integer(0, id);
        PGresult* result = execute("get", parameters);
        if (PQntuples(result) != 1) throw std::runtime_error("no such row");
        Post post;
        read(result, 0, post);
        PQclear(result);
        return post;
    }
    std::vector<Post> select_all() override {
        PGresult* result = checked(PQexecPrepared(connection_, "all", 0, nullptr, nullptr, nullptr, 1));
        std::vector<Post> posts;
        const int rows = PQntuples(result);
        for (int row = 0; row < rows; ++row) read(result, row, posts.emplace_back());
        PQclear(result);
        return posts;
    }
    void insert(std::span<const Draft> drafts) override {
        Parameters<8> parameters;
        for (const Draft& draft : drafts) {
            parameters.integer(0, draft.id);
            parameters.integer(1, draft.user_id);
            parameters.text(2, draft.title);
            parameters.text(3, draft.body);
            if (draft.subtitle) {
                parameters.text(4, *draft.subtitle);
            } else {
                parameters.null(4);
            }
            parameters.real(5, draft.score);
            parameters.integer(6, draft.views);
            parameters.moment(7, draft.created_at);
            PQclear(execute("insert", parameters));
        }
    }
    void update(std::span<const Draft> drafts) override {
        Parameters<4> parameters;
        for (const Draft& draft : drafts) {
            parameters.text(0, draft.title);
            parameters.real(1, draft.score);
            parameters.integer(2, draft.views);
            parameters.integer(3, draft.id);
            PQclear(execute("update", parameters));
        }
    }

private:
    PGresult* checked(PGresult* result) {
        const auto status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection_));
        return result;
    }
    void prepare(const char* name, const std::string& sql) {
        PQclear(checked(PQprepare(connection_, name, sql.c_str(), 0, nullptr)));
    }
    template <std::size_t Count>
    PGresult* execute(const char* name, const Parameters<Count>& parameters) {
        return checked(PQexecPrepared(connection_, name, static_cast<int>(Count), parameters.values().data(),
                                      parameters.sizes().data(), parameters.formats().data(), 1));
    }
    static std::int64_t integer(const PGresult* result, int row, int column) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, PQgetvalue(result, row, column), sizeof bits);
        return static_cast<std::int64_t>(be64toh(bits));
    }
    static void text(const PGresult* result, int row, int column, std::string& target) {
        target.assign(PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column)));
    }
    static void read(const PGresult* result, int row, Post& post) {
        post.id = integer(result, row, 0);
        post.user_id = integer(result, row, 1);
        text(result, row, 2, post.title);
        text(result, row, 3, post.body);
        if (PQgetisnull(result, row, 4) == 0) text(result, row, 4, post.subtitle.emplace());
        post.score = std::bit_cast<double>(integer(result, row, 5));
        post.views = integer(result, row, 6);
        post.created_at = millennium + std::chrono::microseconds(integer(result, row, 7));
    }

    PGconn* connection_;
};

}  // namespace

std::unique_ptr<Reference> postgresql_reference(const std::string& uri) {
    return std::make_unique<PostgresqlReference>(uri);
}

}  // namespace benchmarks
