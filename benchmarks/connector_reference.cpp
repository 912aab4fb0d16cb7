// SPDX-License-Identifier: MIT
#include "civil_time.hpp"
#include "reference.hpp"

#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace benchmarks {

namespace {

class ConnectorReference final : public Reference {
public:
    explicit ConnectorReference(const mercator::Url& url) {
        sql::ConnectOptionsMap options;
        const auto& host = url.hosts.at(0);
        options["hostName"] = sql::SQLString(host.name.starts_with('/') ? "unix://" + host.name : "tcp://" + host.name);
        if (host.port) options["port"] = static_cast<int>(*host.port);
        options["userName"] = sql::SQLString(url.user);
        options["password"] = sql::SQLString(url.password.value_or(""));
        options["schema"] = sql::SQLString(url.database);
        connection_.reset(get_driver_instance()->connect(options));
        get_.reset(connection_->prepareStatement(std::string(select_by_key) + "?"));
        select_.reset(connection_->prepareStatement(select_all_rows));
    }

    void begin() override { connection_->setAutoCommit(false); }
    void rollback() override {
        connection_->rollback();
        connection_->setAutoCommit(true);
    }
    Post get(std::int64_t id) override {
        get_->setInt64(1, id);
        const std::unique_ptr<sql::ResultSet> result(get_->executeQuery());
        if (!result->next()) throw std::runtime_error("no such row");
        Post post;
        read(*result, post);
        return post;
    }
    std::vector<Post> select_all() override {
        const std::unique_ptr<sql::ResultSet> result(select_->executeQuery());
        std::vector<Post> posts;
        while (result->next()) read(*result, posts.emplace_back());
        return posts;
    }
    void insert(std::span<const Draft>) override { throw std::logic_error("reads only"); }
    void update(std::span<const Draft>) override { throw std::logic_error("reads only"); }

private:
    static void text(const sql::ResultSet& row, std::uint32_t column, std::string& target) {
        const sql::SQLString value = row.getString(column);
        target.assign(value.asStdString());
    }
    static void read(const sql::ResultSet& row, Post& post) {
        post.id = row.getInt64(1);
        post.user_id = row.getInt64(2);
        text(row, 3, post.title);
        text(row, 4, post.body);
        if (!row.isNull(5)) text(row, 5, post.subtitle.emplace());
        post.score = static_cast<double>(row.getDouble(6));
        post.views = row.getInt64(7);
        post.created_at = read_civil_time(row.getString(8)->c_str());
    }

    std::unique_ptr<sql::Connection> connection_;
    std::unique_ptr<sql::PreparedStatement> get_;
    std::unique_ptr<sql::PreparedStatement> select_;
};

}  // namespace

std::unique_ptr<Reference> connector_reference(const mercator::Url& url) {
    return std::make_unique<ConnectorReference>(url);
}

}  // namespace benchmarks
