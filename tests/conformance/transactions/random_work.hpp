// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// Classes whose keys, unique values and parents all change, and plain values that follow what is
/// done to them.
namespace random_work {

struct Member;
struct Badge;

struct Team { // a key that changes
    std::string code;
    std::optional<std::string> slug;
    mercator::Many<Member> members;
    mercator::Many<Badge> badges;
};
struct Member { // children that are let go, and one below the other
    std::int64_t id{};
    std::string name;
    std::optional<int> number;
    std::optional<std::string> team_code;
    std::optional<std::int64_t> boss_id;
    mercator::One<Team> team;
    mercator::One<Member> boss;
    mercator::Many<Member> staff;
};
struct Badge { // a child whose key begins with the parent's
    std::string team_code;
    int number{};
    std::string text;
    mercator::One<Team> team;
};

inline void describe(mercator::Mapping<Team>& team) {
    team.table("rw_teams");
    team.column<&Team::code>(mercator::String(20)).primary_key();
    team.column<&Team::slug>(mercator::String(20));
    team.unique<&Team::slug>("uq_rw_slug");
    team.relationship<&Team::members>().back_populates<&Member::team>();
    team.relationship<&Team::badges>().backref<&Badge::team>().cascade_delete();
}
inline void describe(mercator::Mapping<Member>& member) {
    member.table("rw_members");
    member.column<&Member::id>().primary_key();
    member.column<&Member::name>(mercator::String(20));
    member.column<&Member::number>();
    member.column<&Member::team_code>(mercator::String(20)).references<&Team::code>();
    member.column<&Member::boss_id>().references<&Member::id>();
    member.unique<&Member::number>("uq_rw_number");
    member.relationship<&Member::team>().back_populates<&Team::members>();
    member.relationship<&Member::staff>().backref<&Member::boss>();
}
inline void describe(mercator::Mapping<Badge>& badge) {
    badge.table("rw_badges");
    badge.column<&Badge::team_code>(mercator::String(20))
        .primary_key()
        .references<&Team::code>()
        .on_key_update(mercator::ReferentialAction::Cascade);
    badge.column<&Badge::number>().primary_key();
    badge.column<&Badge::text>(mercator::String(20));
}

enum class Life {
    New,    ///< to be inserted
    Row,    ///< stands for a row
    Doomed, ///< to be deleted
    Gone,   ///< deleted
    Parked  ///< in memory only
};

template <class T>
struct Thing {
    std::shared_ptr<T> handle;
    Life life = Life::New;
    bool may_come_back = false; ///< doomed, and no flush has been tried since
    [[nodiscard]] bool alive() const { return life == Life::New || life == Life::Row; }
};
constexpr int none = -1;
struct TeamModel : Thing<Team> {
    std::string code;
    std::string row_code;
    std::optional<std::string> slug;
};
struct MemberModel : Thing<Member> {
    std::string name;
    std::optional<int> number;
    int team = none;
    int boss = none;
};
struct BadgeModel : Thing<Badge> {
    int team = none;
    int number = 0;
    int row_team = none;
    int row_number = 0;
    std::string text;
};
struct Model {
    std::vector<TeamModel> teams;
    std::vector<MemberModel> members;
    std::vector<BadgeModel> badges;
};

template <class List>
auto& at(List& list, int i) {
    return list[static_cast<std::size_t>(i)];
}

/// The model as it is after a flush that succeeds.
inline Model flushed(const Model& now) {
    Model next = now;
    for (auto& badge : next.badges)
        if (badge.alive() && at(next.teams, badge.team).life == Life::Doomed)
            badge.life = badge.life == Life::New ? Life::Parked : Life::Doomed;
    for (auto& member : next.members) {
        if (!member.alive()) continue;
        if (member.team != none && !at(next.teams, member.team).alive()) member.team = none;
        if (member.boss != none && !at(next.members, member.boss).alive()) member.boss = none;
    }
    const auto settle = [](auto& list) {
        for (auto& one : list) {
            if (one.life == Life::New) one.life = Life::Row;
            if (one.life == Life::Doomed) one.life = Life::Gone;
            one.may_come_back = false;
        }
    };
    settle(next.teams);
    settle(next.members);
    settle(next.badges);
    for (auto& team : next.teams) team.row_code = team.code;
    for (auto& badge : next.badges) {
        badge.row_team = badge.team;
        badge.row_number = badge.number;
    }
    return next;
}
template <class Map>
bool circle(const Map& gives) {
    for (const auto& [from, to] : gives) {
        auto at = gives.find(to);
        for (std::size_t n = 0; n <= gives.size() && at != gives.end(); ++n) {
            if (at->first == from) return true;
            at = gives.find(at->second);
        }
    }
    return false;
}

/// Why the database or the session has to refuse this flush; empty if it has not.
inline std::string refusal(const Model& now, const Model& next) {
    std::set<std::string> codes, slugs;
    std::set<int> numbers;
    std::set<std::pair<int, int>> keys;
    for (const auto& team : next.teams) {
        if (!team.alive()) continue;
        if (!codes.insert(team.code).second) return "code " + team.code;
        if (team.slug && !slugs.insert(*team.slug).second) return "slug " + *team.slug;
    }
    for (const auto& member : next.members)
        if (member.alive() && member.number && !numbers.insert(*member.number).second)
            return fmt::format("number {}", *member.number);
    for (const auto& badge : next.badges)
        if (badge.alive() && !keys.emplace(badge.team, badge.number).second)
            return fmt::format("badge {}/{}", badge.team, badge.number);
    // Keys in a circle
    std::map<std::string, std::string> gives;
    for (const auto& team : now.teams)
        if (team.life == Life::Row && team.code != team.row_code) gives[team.row_code] = team.code;
    if (circle(gives)) return "codes in a circle";
    std::map<std::pair<int, int>, std::pair<int, int>> badge_gives;
    for (std::size_t i = 0; i < now.badges.size(); ++i) {
        const auto& b = now.badges[i];
        if (b.life == Life::Row && next.badges[i].alive() &&
            std::pair(b.team, b.number) != std::pair(b.row_team, b.row_number))
            badge_gives[{b.row_team, b.row_number}] = {b.team, b.number};
    }
    if (circle(badge_gives)) return "badges in a circle";
    return {};
}

/// The rows that the database has to hold, sorted.
inline std::vector<std::string> rows_of(const Model& model) {
    std::vector<std::string> rows;
    for (const auto& t : model.teams)
        if (t.life == Life::Row)
            rows.push_back(fmt::format("team {} {}", t.code, t.slug.value_or("-")));
    for (const auto& m : model.members)
        if (m.life == Life::Row)
            rows.push_back(fmt::format("member {} {} {} {}", m.name, m.number.value_or(-1),
                                       m.team == none ? "-" : at(model.teams, m.team).code,
                                       m.boss == none ? "-" : at(model.members, m.boss).name));
    for (const auto& b : model.badges)
        if (b.life == Life::Row)
            rows.push_back(
                fmt::format("badge {} {} {}", at(model.teams, b.team).code, b.number, b.text));
    std::sort(rows.begin(), rows.end());
    return rows;
}

} // namespace random_work
