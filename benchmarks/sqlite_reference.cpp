// SPDX-License-Identifier: MIT
#include "civil_time.hpp"
#include "reference.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <stdexcept>
#include <string>

namespace benchmarks {

namespace {

class SqliteReference final : public Reference {
public:
    explicit SqliteReference(const std::string& file) {
        check(sqlite3_open_v2(file.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr));
        run("PRAGMA synchronous=off; PRAGMA cache_size=-200000; PRAGMA foreign_keys=on");
        get_ = prepare(std::string(select_by_key) + "?1");
        select_ = prepare(select_all_rows);
        insert_ = prepare(std::string(insert_row) + "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        update_ = prepare("UPDATE drafts SET title = ?1, score = ?2, views = ?3 WHERE id = ?4");
    }
    SqliteReference(const SqliteReference&) = delete;
    SqliteReference& operator=(const SqliteReference&) = delete;
    ~SqliteReference() override {
        for (sqlite3_stmt* statement : {get_, select_, insert_, update_}) sqlite3_finalize(statement);
        sqlite3_close(database_);
    }

    void begin() override { run("BEGIN"); }
    void rollback() override { run("ROLLBACK"); }

    Post get(std::int64_t id) override {
        sqlite3_bind_int64(get_, 1, id);
        if (sqlite3_step(get_) != SQLITE_ROW) throw std::runtime_error("no such row");
        Post post;
        read(get_, post);
        sqlite3_reset(get_);
        return post;
    }
    std::vector<Post> select_all() override {
        std::vector<Post> posts;
        while (sqlite3_step(select_) == SQLITE_ROW) read(select_, posts.emplace_back());
        sqlite3_reset(select_);
        return posts;
    }
    void insert(std::span<const Draft> drafts) override {
        for (const Draft& draft : drafts) {
            std::array<char, 20> moment{};
            write_civil_time(draft.created_at, moment.data());
            sqlite3_bind_int64(insert_, 1, draft.id);
            sqlite3_bind_int64(insert_, 2, draft.user_id);
            bind_text(insert_, 3, draft.title);
            bind_text(insert_, 4, draft.body);
            if (draft.subtitle) {
                bind_text(insert_, 5, *draft.subtitle);
            } else {
                sqlite3_bind_null(insert_, 5);
            }
            sqlite3_bind_double(insert_, 6, draft.score);
            sqlite3_bind_int64(insert_, 7, draft.views);
            sqlite3_bind_text(insert_, 8, moment.data(), 19, SQLITE_STATIC);
            finish(insert_);
        }
    }
    void update(std::span<const Draft> drafts) override {
        for (const Draft& draft : drafts) {
            bind_text(update_, 1, draft.title);
            sqlite3_bind_double(update_, 2, draft.score);
            sqlite3_bind_int64(update_, 3, draft.views);
            sqlite3_bind_int64(update_, 4, draft.id);
            finish(update_);
        }
    }

private:
    void check(int result) {
        if (result != SQLITE_OK) throw std::runtime_error(fmt::format("sqlite: {}", sqlite3_errmsg(database_)));
    }
    void run(const char* sql) { check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }
    sqlite3_stmt* prepare(const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        check(sqlite3_prepare_v3(database_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
        return statement;
    }
    void finish(sqlite3_stmt* statement) {
        if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
        sqlite3_reset(statement);
    }
    static void bind_text(sqlite3_stmt* statement, int index, const std::string& text) {
        sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    }
    static const char* text(sqlite3_stmt* statement, int column) {
        return static_cast<const char*>(static_cast<const void*>(sqlite3_column_text(statement, column)));
    }
    static std::size_t size(sqlite3_stmt* statement, int column) {
        return static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    }
    static void read(sqlite3_stmt* row, Post& post) {
        post.id = sqlite3_column_int64(row, 0);
        post.user_id = sqlite3_column_int64(row, 1);
        post.title.assign(text(row, 2), size(row, 2));
        post.body.assign(text(row, 3), size(row, 3));
        if (const char* subtitle = text(row, 4)) post.subtitle.emplace(subtitle, size(row, 4));
        post.score = sqlite3_column_double(row, 5);
        post.views = sqlite3_column_int64(row, 6);
        post.created_at = read_civil_time(text(row, 7));
    }

    sqlite3* database_ = nullptr;
    sqlite3_stmt* get_ = nullptr;
    sqlite3_stmt* select_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    sqlite3_stmt* update_ = nullptr;
};

}  // namespace

std::unique_ptr<Reference> sqlite_reference(const mercator::Url& url) {
    return std::make_unique<SqliteReference>(url.database);
}

}  // namespace benchmarks
