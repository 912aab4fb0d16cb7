// SPDX-License-Identifier: MIT
// Random work in a session, held against a model of plain values: after each commit the database
// holds what the model says, after each rollback memory does, whatever failed in between.
#include "random_work_session.hpp"
#include "support/backend.hpp"

#include <mercator/support/url.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

using mercator::ObjectStatus;
using mercator::Session;
using mercator::test::Backend;
using mercator::testing::Faults;
using namespace random_work;

namespace {

class Work : public Played {
public:
    Work(mercator::Engine& engine, Faults& faults, unsigned seed, bool savepoints) :
        Played(engine, faults, seed),
        savepoints_(savepoints) {}

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            step();
            if (failed) return;
        }
        commit_for_good();
        forget_everything();
    }

private:
    // What is done
    void step() {
        try {
            act();
        } catch (const mercator::Error& error) {
            if (!autoflush_) return bad(fmt::format("unexpected in a step: {}", error.what()));
            rollback(); // a flush before a lazy load, of what is not ready
        }
        if (once_in(25) && !failed) look_ahead();
    }
    void act() {
        switch (below(savepoints_ ? 28 : 24)) {
        case 0:
        case 1:
            add_team();
            break;
        case 2:
        case 3:
        case 4:
            add_member();
            break;
        case 5:
        case 6:
            add_badge();
            break;
        case 7:
            rename_team();
            break;
        case 8:
            change_slug();
            break;
        case 9:
        case 10:
            change_number();
            break;
        case 11:
        case 12:
            move_member();
            break;
        case 13:
            change_boss();
            break;
        case 14:
            change_badge();
            break;
        case 15:
            delete_team();
            break;
        case 16:
            delete_member();
            break;
        case 17:
            delete_badge();
            break;
        case 18:
            come_back();
            break;
        case 19:
            add_again();
            break;
        case 20:
            flush();
            break;
        case 21:
            once_in(2) ? commit_for_good() : rollback();
            break;
        case 22:
            leave_and_return();
            break;
        case 23:
            once_in(3) ? new_session() : read();
            break;
        case 24:
        case 25:
            begin_savepoint();
            break;
        default:
            end_savepoint();
        }
    }
    std::string some_code() { return fmt::format("c{}", below(8)); }
    std::optional<std::string> some_slug() {
        if (once_in(4)) return {};
        return fmt::format("s{}", below(6));
    }
    std::optional<int> some_number() {
        if (once_in(4)) return {};
        return below(8);
    }
    void add_team() {
        TeamModel made;
        made.code = some_code();
        for (const auto& other : now_.teams)
            if (other.alive() && other.code == made.code) return;
        made.slug = some_slug();
        made.handle = session_.add(Team{.code = made.code, .slug = made.slug});
        say("add team {} code {} slug {}", now_.teams.size(), made.code, made.slug.value_or("-"));
        now_.teams.push_back(made);
    }
    void add_member() {
        MemberModel made;
        made.name = fmt::format("m{}", now_.members.size());
        made.number = some_number();
        const int at_team = once_in(2) ? pick_alive(now_.teams) : none;
        Member object{.name = made.name, .number = made.number};
        if (at_team != none && once_in(3)) {
            object.team = team_handle(at_team);
            made.team = at_team;
        }
        made.handle = session_.add(std::move(object));
        say("add {} number {} team {}", made.name, made.number.value_or(-1), made.team);
        now_.members.push_back(made);
        if (at_team != none && made.team == none)
            put(static_cast<int>(now_.members.size()) - 1, at_team);
    }
    void put(int who, int where) {
        say("put m{} into team {}", who, where);
        auto& one = member(who);
        if (where != none && once_in(2)) {
            team(where).handle->members.add(one.handle);
        } else if (where == none && one.team != none && team(one.team).alive() && once_in(2)) {
            team(one.team).handle->members.remove(one.handle);
        } else {
            one.handle->team = team_handle(where);
        }
        one.team = where;
    }
    void add_badge() {
        const int where = pick_alive(now_.teams);
        if (where == none) return;
        BadgeModel made;
        made.team = where;
        made.number = below(4);
        if (badge_taken(made.team, made.number)) return;
        made.text = fmt::format("b{}", now_.badges.size());
        made.handle = session_.add(Badge{.number = made.number, .text = made.text});
        say("add badge {} team {} number {}", now_.badges.size(), where, made.number);
        if (once_in(2)) {
            made.handle->team = team_handle(where);
        } else {
            team(where).handle->badges.add(made.handle);
        }
        now_.badges.push_back(made);
    }
    bool badge_taken(int where, int number) {
        return std::any_of(now_.badges.begin(), now_.badges.end(), [&](const auto& other) {
            return other.alive() && other.team == where && other.number == number;
        });
    }
    void rename_team() {
        const int which = pick_alive(now_.teams);
        if (which == none) return;
        team(which).code = some_code();
        team(which).handle->code = team(which).code;
        say("team {} code {}", which, team(which).code);
    }
    void change_slug() {
        const int which = pick_alive(now_.teams);
        if (which == none) return;
        team(which).slug = some_slug();
        team(which).handle->slug = team(which).slug;
        say("team {} slug {}", which, team(which).slug.value_or("-"));
    }
    void change_number() {
        const int which = pick_alive(now_.members);
        const int other = pick_alive(now_.members);
        if (which == none) return;
        if (once_in(2)) {
            std::swap(member(which).number, member(other).number);
            member(other).handle->number = member(other).number;
        } else {
            member(which).number = some_number();
        }
        member(which).handle->number = member(which).number;
        say("numbers: m{} {}, m{} {}", which, member(which).number.value_or(-1), other,
            member(other).number.value_or(-1));
    }
    void move_member() {
        const int who = pick_alive(now_.members);
        if (who != none) put(who, once_in(4) ? none : pick_alive(now_.teams));
    }
    void change_boss() {
        const int who = pick_alive(now_.members);
        const int boss = once_in(4) ? none : pick_alive(now_.members);
        if (who == none) return;
        say("boss of m{} is {}", who, boss);
        if (boss != none && once_in(2)) {
            member(boss).handle->staff.add(member(who).handle);
        } else {
            member(who).handle->boss = boss == none ? nullptr : member(boss).handle;
        }
        member(who).boss = boss;
    }
    void change_badge() {
        const int which = pick_alive(now_.badges);
        if (which == none) return;
        auto& one = badge(which);
        if (once_in(2)) {
            one.text = fmt::format("t{}", random_() % 1000);
            one.handle->text = one.text;
            say("badge {} text {}", which, one.text);
        } else if (once_in(2)) {
            one.number = below(4);
            one.handle->number = one.number;
            say("badge {} number {}", which, one.number);
        } else {
            const int where = pick_alive(now_.teams);
            if (where == none) return;
            say("badge {} to team {}", which, where);
            one.team = where;
            one.handle->team = team_handle(where);
        }
    }
    bool is_referred_to_team(int which) {
        return std::any_of(now_.members.begin(), now_.members.end(),
                           [&](const auto& m) { return m.alive() && m.team == which; }) ||
               std::any_of(now_.badges.begin(), now_.badges.end(),
                           [&](const auto& b) { return b.alive() && b.team == which; });
    }
    template <class M>
    void doom(M& one) {
        session_.delete_(one.handle);
        if (one.life == Life::New) {
            one.life = Life::Parked;
        } else {
            one.life = Life::Doomed;
            one.may_come_back = true;
        }
    }
    void delete_team() {
        const int which = pick_alive(now_.teams);
        if (which == none || (team(which).life == Life::New && is_referred_to_team(which))) return;
        say("delete team {}", which);
        doom(team(which));
    }
    void delete_member() {
        const int which = pick_alive(now_.members);
        if (which == none) return;
        if (member(which).life == Life::New &&
            std::any_of(now_.members.begin(), now_.members.end(),
                        [&](const auto& m) { return m.alive() && m.boss == which; }))
            return;
        say("delete m{}", which);
        doom(member(which));
    }
    void delete_badge() {
        const int which = pick_alive(now_.badges);
        if (which == none) return;
        say("delete badge {}", which);
        doom(badge(which));
    }
    template <class List>
    void come_back_one(List& list, const char* what) {
        const int which = pick(list, Life::Doomed);
        if (which == none || !at(list, which).may_come_back) return;
        say("un-delete {} {}", what, which);
        session_.add(at(list, which).handle);
        at(list, which).life = Life::Row;
    }
    void come_back() {
        if (autoflush_) return; // a flush may have come in between
        switch (below(3)) {
        case 0:
            come_back_one(now_.teams, "team");
            break;
        case 1: {
            const int which = pick(now_.members, Life::Doomed);
            if (which == none || !member(which).may_come_back) return;
            if (member(which).team != none && !team(member(which).team).alive()) return;
            if (member(which).boss != none && !member(member(which).boss).alive()) return;
            say("un-delete m{}", which);
            session_.add(member(which).handle);
            member(which).life = Life::Row;
            break;
        }
        default: {
            const int which = pick(now_.badges, Life::Doomed);
            if (which == none || !badge(which).may_come_back || !team(badge(which).team).alive())
                return;
            say("un-delete badge {}", which);
            session_.add(badge(which).handle);
            badge(which).life = Life::Row;
        }
        }
    }

    /// What a rollback or a delete had taken out comes again, with what it holds in its members.
    void add_again() {
        switch (below(3)) {
        case 0:
            if (const int i = pick(now_.teams, Life::Parked); i != none) {
                say("again team {}", i);
                session_.add(team(i).handle);
            }
            break;
        case 1:
            if (const int i = pick(now_.members, Life::Parked); i != none) {
                say("again m{}", i);
                session_.add(member(i).handle);
            }
            break;
        default:
            if (const int i = pick(now_.badges, Life::Parked); i != none) {
                say("again badge {}", i);
                session_.add(badge(i).handle);
            }
        }
        adopt_those_back();
    }
    void adopt_those_back() {
        const auto back = [&](auto& list) {
            std::vector<int> found;
            for (std::size_t i = 0; i < list.size(); ++i) {
                if (list[i].life != Life::Parked ||
                    session_.status(list[i].handle) != ObjectStatus::Pending)
                    continue;
                list[i].life = Life::New;
                found.push_back(static_cast<int>(i));
            }
            return found;
        };
        const auto teams = back(now_.teams);
        const auto members = back(now_.members);
        const auto badges = back(now_.badges);
        const auto guard = session_.no_autoflush();
        for (const int i : teams) {
            say("  team {} is back", i);
            if (std::any_of(now_.teams.begin(), now_.teams.end(), [&](const auto& other) {
                    return &other != &team(i) && other.alive() && other.code == team(i).code;
                })) {
                team(i).code = fmt::format("x{}", ++fresh_);
                team(i).handle->code = team(i).code;
            }
        }
        for (const int i : members) {
            int where = pick_alive(now_.teams);
            int boss = pick_alive(now_.members);
            say("  m{} is back, to team {}, boss {}", i, where, boss);
            member(i).handle->team = nullptr;
            member(i).handle->team = team_handle(where);
            member(i).handle->boss = nullptr;
            member(i).handle->boss = member(boss).handle;
            member(i).team = where;
            member(i).boss = boss;
        }
        for (const int i : badges) {
            const int where = pick_alive(now_.teams);
            say("  badge {} is back, to team {}", i, where);
            if (where == none) {
                session_.delete_(badge(i).handle);
                badge(i).life = Life::Parked;
                continue;
            }
            badge(i).number = 100 + ++fresh_;
            badge(i).handle->number = badge(i).number;
            badge(i).handle->team = team_handle(where);
            badge(i).team = where;
        }
    }
    void leave_and_return() {
        const auto turn = [&](auto& list, const char* what) {
            const int i = pick_alive(list);
            if (i == none) return;
            say("expunge and add {} {}", what, i);
            session_.expunge(at(list, i).handle);
            session_.add(at(list, i).handle);
        };
        switch (below(3)) {
        case 0:
            turn(now_.teams, "team");
            break;
        case 1:
            turn(now_.members, "member");
            break;
        default:
            turn(now_.badges, "badge");
        }
    }
    void read() {
        say("read");
        const auto guard = session_.no_autoflush();
        switch (below(3)) {
        case 0:
            static_cast<void>(session_.query<Team>().all());
            break;
        case 1:
            static_cast<void>(session_.query<Member>().all());
            break;
        default:
            check_memory("in between");
        }
    }

    // What a flush makes of it
    template <class Action>
    bool write(const char* what, bool with_faults, Action&& action) {
        const Model next = flushed(now_);
        const std::string refused = refusal(now_, next);
        const bool fault = with_faults && once_in(3);
        const int call = 1 + below(20);
        if (fault) faults_.fail(static_cast<unsigned>(call), once_in(3));
        say("{}{}{}", what, fault ? fmt::format(" with fault {}", call) : "",
            refused.empty() ? "" : ", to be refused for " + refused);
        const auto rollbacks_before = rollbacks();
        try {
            action();
        } catch (const mercator::Error& error) {
            faults_.fail_nothing();
            say("  failed: {}", error.what());
            if (waits_for_a_new_team()) {
                say("  one of those that may be refused");
                rollback();
                return false;
            }
            if (refused.empty() && !fault) {
                bad(fmt::format("refused what is valid: {}", error.what()));
                return false;
            }
            note_failed_write(rollbacks_before);
            return false;
        }
        faults_.fail_nothing();
        if (!refused.empty() && !(autoflush_ && refused.find("circle") != std::string::npos)) {
            bad("written what had to be refused: " + refused);
            return false;
        }
        now_ = next;
        return true;
    }
    bool commit(bool with_faults) {
        if (!write("commit", with_faults, [&] { session_.commit(); })) return false;
        committed_ = now_;
        leave(0);
        return true;
    }
    void begin_savepoint() {
        std::optional<mercator::Savepoint> made;
        if (open_.size() > 3) return;
        if (write("savepoint", true, [&] { made.emplace(session_.begin_nested()); }) && !failed) {
            open_.push_back({std::move(*made), now_});
            check_clean();
        }
    }
    void end_savepoint() {
        if (open_.empty()) return;
        const auto which =
            once_in(4) ? static_cast<std::size_t>(below(open_.size())) : open_.size() - 1;
        if (once_in(2)) return roll_back_savepoint(which);
        if (write("commit savepoint", true, [&] { open_[which].savepoint.commit(); })) leave(which);
    }
    void flush() {
        if (write("flush", true, [&] { session_.flush(); }) && !failed) check_clean();
    }
    void commit_for_good() {
        for (int attempt = 0; attempt < 4 && !failed; ++attempt) {
            if (commit(attempt < 2)) break;
            if (failed) return;
            if (attempt == 0) check_rows("after a failed commit");
            if (!refusal(now_, flushed(now_)).empty()) mend();
        }
        if (failed) return;
        check_clean();
        check_rows("after commit");
        if (once_in(3)) check_memory("after commit");
    }
    void rollback() {
        say("rollback");
        session_.rollback();
        open_.clear();
        take_back(committed_);
        if (session_.is_dirty()) bad("dirty after rollback");
        check_rows("after rollback");
        check_memory("after rollback");
    }
    void new_session() {
        commit_for_good();
        if (failed) return;
        say("new session");
        session_ = Session(engine_, {.autoflush = autoflush_ = once_in(3)});
        Model again;
        std::map<int, int> place;
        for (std::size_t i = 0; i < now_.teams.size(); ++i) {
            if (now_.teams[i].life != Life::Row) continue;
            place[static_cast<int>(i)] = static_cast<int>(again.teams.size());
            again.teams.push_back(now_.teams[i]);
            again.teams.back().handle = session_.get<Team>(now_.teams[i].code);
        }
        std::map<std::string, std::shared_ptr<Member>> by_name;
        for (const auto& one : session_.query<Member>().all()) by_name[one->name] = one;
        for (auto one : now_.members) {
            if (one.life == Life::Row) {
                one.handle = by_name[one.name];
                if (one.team != none) one.team = place.at(one.team);
            } else {
                one.life = Life::Gone;
                one.handle = nullptr;
            }
            again.members.push_back(one);
        }
        for (auto one : now_.badges) {
            if (one.life != Life::Row) continue;
            one.row_team = one.team = place.at(one.team);
            one.handle = session_.get<Badge>(at(again.teams, one.team).code, one.number);
            again.badges.push_back(one);
        }
        now_ = committed_ = again;
    }

    void forget_everything() {
        session_.close();
        Session cleaning(engine_);
        cleaning.query<Member>().update(
            mercator::set(&Member::boss_id, std::optional<std::int64_t>()));
        cleaning.query<Member>().delete_();
        cleaning.query<Badge>().delete_();
        cleaning.query<Team>().delete_();
        cleaning.commit();
    }

    bool savepoints_;
};

void play(bool savepoints) {
    Backend backend;
    const mercator::Url place = mercator::Url::parse(backend.uri());
    const unsigned count = place.hosts.empty() ? 400 : 5; // a file is quick, a server is not
    for (unsigned seed = 1; seed <= count; ++seed) {
        CAPTURE(seed);
        backend->drop_all<Badge, Member, Team>();
        backend->create_all<Team, Member, Badge>();
        const auto faults = std::make_shared<Faults>();
        mercator::Engine engine(place,
                                mercator::testing::make_faulty_dialect(backend.uri(), faults));
        Work work(engine, *faults, seed, savepoints);
        work.run(savepoints ? 80 : 60);
        REQUIRE_FALSE(work.failed);
    }
}

} // namespace

TEST_CASE(
    "UOW-14 UOW-15 C30 whatever is done in a session and whatever fails, the database holds what a "
    "model of plain values says") {
    play(false);
}

TEST_CASE("TXN-02 C30 the same with savepoints, committed and rolled back in any order") {
    play(true);
}
