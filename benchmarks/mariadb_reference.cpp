// SPDX-License-Identifier: MIT
#include "civil_time.hpp"
#include "reference.hpp"

#include <mysql.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace benchmarks {

namespace {

MYSQL_TIME to_mysql(mercator::DateTime moment) {
    const auto days = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day day(days);
    const std::chrono::hh_mm_ss time(moment - days);
    MYSQL_TIME result{};
    result.year = static_cast<unsigned>(static_cast<int>(day.year()));
    result.month = static_cast<unsigned>(day.month());
    result.day = static_cast<unsigned>(day.day());
    result.hour = static_cast<unsigned>(time.hours().count());
    result.minute = static_cast<unsigned>(time.minutes().count());
    result.second = static_cast<unsigned>(time.seconds().count());
    result.time_type = MYSQL_TIMESTAMP_DATETIME;
    return result;
}

mercator::DateTime from_mysql(const MYSQL_TIME& time) {
    return civil_time(static_cast<int>(time.year), time.month, time.day, static_cast<int>(time.hour),
                      static_cast<int>(time.minute), static_cast<int>(time.second)) +
           std::chrono::microseconds(time.second_part);
}

MYSQL_BIND bind(enum_field_types type, const void* buffer, std::size_t size) {
    MYSQL_BIND result{};
    result.buffer_type = type;
    result.buffer = const_cast<void*>(buffer);
    result.buffer_length = size;
    return result;
}
MYSQL_BIND bind(const std::int64_t& value) { return bind(MYSQL_TYPE_LONGLONG, &value, sizeof value); }
MYSQL_BIND bind(const double& value) { return bind(MYSQL_TYPE_DOUBLE, &value, sizeof value); }
MYSQL_BIND bind(const MYSQL_TIME& value) { return bind(MYSQL_TYPE_DATETIME, &value, sizeof value); }
MYSQL_BIND bind(const std::string& value) { return bind(MYSQL_TYPE_STRING, value.data(), value.size()); }

/// Where the connector puts a row.
struct Row {
    std::int64_t id = 0;
    std::int64_t user_id = 0;
    std::array<char, 480> title;
    std::array<char, 1200> body;
    std::array<char, 320> subtitle;
    double score = 0;
    std::int64_t views = 0;
    MYSQL_TIME created_at{};
    std::array<unsigned long, 8> sizes{};
    my_bool no_subtitle = 0;

    std::array<MYSQL_BIND, 8> binds() {
        std::array<MYSQL_BIND, 8> result{bind(id),
                                         bind(user_id),
                                         bind(MYSQL_TYPE_STRING, title.data(), title.size()),
                                         bind(MYSQL_TYPE_STRING, body.data(), body.size()),
                                         bind(MYSQL_TYPE_STRING, subtitle.data(), subtitle.size()),
                                         bind(score),
                                         bind(views),
                                         bind(created_at)};
        for (std::size_t i = 0; i < result.size(); ++i) result[i].length = &sizes[i];
        result[4].is_null = &no_subtitle;
        return result;
    }
    void read(Post& post) const {
        post.id = id;
        post.user_id = user_id;
        post.title.assign(title.data(), sizes[2]);
        post.body.assign(body.data(), sizes[3]);
        if (no_subtitle == 0) post.subtitle.emplace(subtitle.data(), sizes[4]);
        post.score = score;
        post.views = views;
        post.created_at = from_mysql(created_at);
    }
};

class MariadbReference final : public Reference {
public:
    explicit MariadbReference(const mercator::Url& url) : connection_(mysql_init(nullptr)) {
        const auto& host = url.hosts.at(0);
        const bool socket = host.name.starts_with('/');
        mysql_options(connection_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
        if (mysql_real_connect(connection_, socket ? nullptr : host.name.c_str(), url.user.c_str(),
                               url.password.value_or("").c_str(), url.database.c_str(), host.port.value_or(0),
                               socket ? host.name.c_str() : nullptr, 0) == nullptr) {
            throw std::runtime_error(mysql_error(connection_));
        }
        get_ = prepare(std::string(select_by_key) + "?");
        select_ = prepare(select_all_rows);
        insert_ = prepare(std::string(insert_row) + "(?, ?, ?, ?, ?, ?, ?, ?)");
        update_ = prepare("UPDATE drafts SET title = ?, score = ?, views = ? WHERE id = ?");
        for (MYSQL_STMT* statement : {get_, select_}) mysql_stmt_bind_result(statement, row_.binds().data());
    }
    MariadbReference(const MariadbReference&) = delete;
    MariadbReference& operator=(const MariadbReference&) = delete;
    ~MariadbReference() override {
        for (MYSQL_STMT* statement : {get_, select_, insert_, update_}) mysql_stmt_close(statement);
        mysql_close(connection_);
    }

    void begin() override { run("START TRANSACTION"); }
    void rollback() override { run("ROLLBACK"); }

    Post get(std::int64_t id) override {
        MYSQL_BIND key = bind(id);
        mysql_stmt_bind_param(get_, &key);
        execute(get_);
        if (mysql_stmt_fetch(get_) != 0) throw std::runtime_error("no such row");
        Post post;
        row_.read(post);
        mysql_stmt_free_result(get_);
        return post;
    }
    std::vector<Post> select_all() override {
        execute(select_);
        std::vector<Post> posts;
        while (mysql_stmt_fetch(select_) == 0) row_.read(posts.emplace_back());
        mysql_stmt_free_result(select_);
        return posts;
    }
    void insert(std::span<const Draft> drafts) override {
        for (const Draft& draft : drafts) {
            const MYSQL_TIME created_at = to_mysql(draft.created_at);
            std::array<MYSQL_BIND, 8> binds{bind(draft.id),    bind(draft.user_id), bind(draft.title), bind(draft.body),
                                            MYSQL_BIND{},      bind(draft.score),   bind(draft.views), bind(created_at)};
            if (draft.subtitle) {
                binds[4] = bind(*draft.subtitle);
            } else {
                binds[4].buffer_type = MYSQL_TYPE_NULL;
            }
            mysql_stmt_bind_param(insert_, binds.data());
            execute(insert_);
        }
    }
    void update(std::span<const Draft> drafts) override {
        for (const Draft& draft : drafts) {
            std::array<MYSQL_BIND, 4> binds{bind(draft.title), bind(draft.score), bind(draft.views), bind(draft.id)};
            mysql_stmt_bind_param(update_, binds.data());
            execute(update_);
        }
    }

private:
    void run(const char* sql) {
        if (mysql_query(connection_, sql) != 0) throw std::runtime_error(mysql_error(connection_));
    }
    MYSQL_STMT* prepare(const std::string& sql) {
        MYSQL_STMT* statement = mysql_stmt_init(connection_);
        if (mysql_stmt_prepare(statement, sql.data(), sql.size()) != 0) throw std::runtime_error(mysql_error(connection_));
        return statement;
    }
    static void execute(MYSQL_STMT* statement) {
        if (mysql_stmt_execute(statement) != 0) throw std::runtime_error(mysql_stmt_error(statement));
    }

    MYSQL* connection_;
    MYSQL_STMT* get_ = nullptr;
    MYSQL_STMT* select_ = nullptr;
    MYSQL_STMT* insert_ = nullptr;
    MYSQL_STMT* update_ = nullptr;
    Row row_;
};

}  // namespace

std::unique_ptr<Reference> mariadb_reference(const mercator::Url& url) { return std::make_unique<MariadbReference>(url); }

}  // namespace benchmarks
