// SPDX-License-Identifier: MIT
#include "accounts.hpp"

namespace settings {

using mercator::col;
using mercator::select;

namespace {

void add_user(mercator::Session& session, const std::string& name, Settings&& settings) {
    auto user = session.add(User{.username = name, .recovery_mail = name + "@example.org"});
    user->settings = session.add(std::move(settings));
}

} // namespace

void open_accounts(mercator::Database& db) {
    db.drop_all<User, Settings>();
    db.create_all<User, Settings>();
    auto session = db.session();
    add_user(session, "ada",
             Settings{.preferences = {.font_size = 14, .alerts = {{"mail", true}}},
                      .appearance = {{"theme", "dark"}, {"widgets", {"clock", "mail"}}},
                      .searches = std::vector<std::string>{"engines", "cards, punched"},
                      .digest = Digest::daily});
    add_user(session, "ben",
             Settings{.preferences = {.language = "de"},
                      .appearance = {{"theme", "light"}},
                      .digest = Digest::daily});
    add_user(session, "cleo", Settings{}); // as everybody begins
    session.commit();
}

std::shared_ptr<Settings> settings_of(mercator::Session& session, const std::string& username) {
    return session.query<Settings>()
        .join<&Settings::user>()
        .where(col(&User::username) == username)
        .one();
}

void change_settings(mercator::Session& session, const std::string& username) {
    const auto settings = settings_of(session, username);
    settings->preferences.alerts["chat"] = true;
    settings->appearance["theme"] = "dark";
    settings->appearance["widgets"].push_back("weather");
    settings->searches->push_back("dark themes");
    session.commit();
}

std::vector<std::string> users_with_theme(mercator::Session& session, const std::string& theme) {
    return session
        .execute(select(col(&User::username))
                     .join<&User::settings>()
                     .where(col(&Settings::appearance)["theme"].as_text() == theme)
                     .order_by(col(&User::username)))
        .scalars();
}

std::vector<std::string> users_with_theme_by_walking(mercator::Session& session,
                                                     const std::string& theme) {
    std::vector<std::string> names;
    for (const auto& user : session.query<User>()
                                .options(mercator::joined<&User::settings>())
                                .order_by(col(&User::username))
                                .all()) {
        if (user->settings->appearance.value("theme", "") == theme) names.push_back(user->username);
    }
    return names;
}

std::shared_ptr<User> user_by_mail(mercator::Session& session, const std::string& mail) {
    return session.query<User>().where(col(&User::recovery_mail) == mail).one();
}

std::vector<std::string> readers_of(mercator::Session& session, Digest digest) {
    return session
        .execute(select(col(&User::username))
                     .join<&User::settings>()
                     .where(col(&Settings::digest) == digest)
                     .order_by(col(&User::username)))
        .scalars();
}

void write_by_hand(mercator::Database& db, std::string_view sql) {
    mercator::Connection connection = db.engine().connect();
    mercator::Transaction transaction(connection);
    connection.execute_script(sql);
    transaction.commit();
}

} // namespace settings
