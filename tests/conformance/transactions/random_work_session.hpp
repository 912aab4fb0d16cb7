// SPDX-License-Identifier: MIT
#pragma once

#include "random_work.hpp"
#include "support/faulty_dialect.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace random_work {

/// A session with the model beside it, a log of what was done, and the checks that hold the one
/// against the other.
class Played {
public:
    Played(mercator::Engine& engine, mercator::testing::Faults& faults, unsigned seed) :
        engine_(engine),
        faults_(faults),
        random_(seed),
        autoflush_(seed % 3 == 0),
        session_(engine, {.autoflush = autoflush_}) {}

    bool failed = false;

protected:
    int below(std::size_t end) { return static_cast<int>(random_() % end); }
    bool once_in(unsigned n) { return random_() % n == 0; }
    template <class... Args>
    void say(fmt::format_string<Args...> text, Args&&... args) {
        log_.push_back(fmt::format(text, std::forward<Args>(args)...));
    }
    template <class List>
    int pick(const List& list, Life life) {
        std::vector<int> found;
        for (std::size_t i = 0; i < list.size(); ++i)
            if (list[i].life == life) found.push_back(static_cast<int>(i));
        return found.empty() ? none : found[static_cast<std::size_t>(below(found.size()))];
    }
    template <class List>
    int pick_alive(const List& list) {
        std::vector<int> found;
        for (std::size_t i = 0; i < list.size(); ++i)
            if (list[i].alive()) found.push_back(static_cast<int>(i));
        return found.empty() ? none : found[static_cast<std::size_t>(below(found.size()))];
    }
    TeamModel& team(int i) { return at(now_.teams, i); }
    MemberModel& member(int i) { return at(now_.members, i); }
    BadgeModel& badge(int i) { return at(now_.badges, i); }
    std::shared_ptr<Team> team_handle(int i) { return i == none ? nullptr : team(i).handle; }

    // What must be true
    void bad(const std::string& what) {
        failed = true;
        std::string all;
        for (const auto& line : log_) all += line + "\n";
        FAIL_CHECK(all << "=> " << what);
    }
    void check_clean() {
        if (session_.is_dirty()) bad("dirty after a flush");
        if (!session_.dirty().empty() || !session_.new_objects().empty() ||
            !session_.deleted().empty())
            bad("something is left after a flush");
    }
    void check_rows(const char* when) {
        mercator::Session reader(engine_);
        std::vector<std::string> rows;
        reader.stream<Team>([&](const Team& t) {
            rows.push_back(fmt::format("team {} {}", t.code, t.slug.value_or("-")));
        });
        std::map<std::int64_t, std::string> names;
        std::vector<Member> members;
        reader.stream<Member>([&](const Member& m) {
            names[m.id] = m.name;
            Member copy{.id = m.id,
                        .name = m.name,
                        .number = m.number,
                        .team_code = m.team_code,
                        .boss_id = m.boss_id};
            members.push_back(std::move(copy));
        });
        for (const auto& m : members)
            rows.push_back(fmt::format("member {} {} {} {}", m.name, m.number.value_or(-1),
                                       m.team_code.value_or("-"),
                                       m.boss_id ? names[*m.boss_id] : "-"));
        reader.stream<Badge>([&](const Badge& b) {
            rows.push_back(fmt::format("badge {} {} {}", b.team_code, b.number, b.text));
        });
        std::sort(rows.begin(), rows.end());
        const auto expected = rows_of(committed_);
        if (rows == expected) return;
        std::string text = when;
        for (const auto& row : rows)
            if (std::find(expected.begin(), expected.end(), row) == expected.end())
                text += "\n  in the database only: " + row;
        for (const auto& row : expected)
            if (std::find(rows.begin(), rows.end(), row) == rows.end())
                text += "\n  in the model only: " + row;
        bad(text);
    }
    void check_memory(const char* when) {
        const auto guard = session_.no_autoflush();
        for (std::size_t i = 0; i < now_.members.size() && !failed; ++i) {
            auto& m = now_.members[i];
            if (!m.alive()) continue;
            if (m.handle->name != m.name || m.handle->number != m.number)
                bad(fmt::format("values of m{} {}", i, when));
            const bool team_lives = m.team == none || team(m.team).alive();
            if (team_lives && m.handle->team.handle() != team_handle(m.team))
                bad(fmt::format("team of m{} {}", i, when));
            const bool boss_lives = m.boss == none || member(m.boss).alive();
            if (boss_lives &&
                m.handle->boss.handle() != (m.boss == none ? nullptr : member(m.boss).handle))
                bad(fmt::format("boss of m{} {}", i, when));
        }
        for (std::size_t i = 0; i < now_.teams.size() && !failed; ++i) {
            auto& t = now_.teams[i];
            if (!t.alive()) continue;
            if (t.handle->code != t.code || t.handle->slug != t.slug)
                bad(fmt::format("values of team {} {}", i, when));
            std::set<const Member*> in_model, in_memory;
            for (const auto& m : now_.members)
                if (m.alive() && m.team == static_cast<int>(i)) in_model.insert(m.handle.get());
            for (const auto& m : t.handle->members)
                if (session_.contains(m)) in_memory.insert(m.get());
            if (in_model != in_memory)
                bad(fmt::format("members of team {} {}: {} in the model, {} in memory", i, when,
                                in_model.size(), in_memory.size()));
            std::set<const Badge*> badges_in_model, badges_in_memory;
            for (const auto& b : now_.badges)
                if (b.alive() && b.team == static_cast<int>(i))
                    badges_in_model.insert(b.handle.get());
            for (const auto& b : t.handle->badges)
                if (session_.contains(b)) badges_in_memory.insert(b.get());
            if (badges_in_model != badges_in_memory)
                bad(fmt::format("badges of team {} {}", i, when));
        }
        for (std::size_t i = 0; i < now_.badges.size() && !failed; ++i) {
            auto& b = now_.badges[i];
            if (!b.alive() || !team(b.team).alive()) continue;
            if (b.handle->number != b.number || b.handle->text != b.text ||
                b.handle->team.handle() != team_handle(b.team))
                bad(fmt::format("values of badge {} {}", i, when));
        }
    }
    // What a failure makes of the model
    /// A badge cannot pass from a team that is deleted to a new one in every flush: where the
    /// delete has to go before the inserts, the database refuses.
    bool waits_for_a_new_team() {
        return std::any_of(now_.badges.begin(), now_.badges.end(), [&](const BadgeModel& one) {
            return one.life == Life::Row && one.row_team != one.team &&
                   team(one.row_team).life == Life::Doomed && team(one.team).life == Life::New;
        });
    }
    /// What was written since then is gone from the database; nothing is forgotten.
    void note_failure(const Model& before_it) {
        const auto fall = [](auto& list, const auto& before) {
            for (std::size_t i = 0; i < list.size(); ++i) {
                list[i].may_come_back = false;
                const bool was_row = i < before.size() && before[i].life == Life::Row;
                if (list[i].life == Life::Gone && was_row) list[i].life = Life::Doomed;
                if (list[i].life == Life::Gone && i >= before.size()) list[i].life = Life::Parked;
                if (list[i].life == Life::Gone && before[i].life == Life::Parked)
                    list[i].life = Life::Parked;
                if (list[i].life == Life::Doomed && !was_row) list[i].life = Life::Parked;
                if (list[i].life == Life::Row && !was_row) list[i].life = Life::New;
            }
        };
        fall(now_.teams, before_it.teams);
        fall(now_.members, before_it.members);
        fall(now_.badges, before_it.badges);
        for (std::size_t i = 0; i < before_it.teams.size(); ++i)
            now_.teams[i].row_code = before_it.teams[i].row_code;
        for (std::size_t i = 0; i < before_it.badges.size(); ++i) {
            now_.badges[i].row_team = before_it.badges[i].row_team;
            now_.badges[i].row_number = before_it.badges[i].row_number;
        }
        // Added and deleted in the transaction that is gone: nobody refers to them any more.
        const auto guard = session_.no_autoflush();
        for (auto& one : now_.members) {
            if (!one.alive()) continue;
            if (one.team != none && team(one.team).life == Life::Parked) {
                one.handle->team = nullptr;
                one.team = none;
            }
            if (one.boss != none && member(one.boss).life == Life::Parked) {
                one.handle->boss = nullptr;
                one.boss = none;
            }
        }
        for (auto& one : now_.badges) {
            if (one.life == Life::New && team(one.team).life == Life::Parked &&
                session_.status(one.handle) == mercator::ObjectStatus::Pending)
                session_.delete_(one.handle); // it cannot be without a team
            if (one.life == Life::New &&
                session_.status(one.handle) == mercator::ObjectStatus::Transient)
                one.life = Life::Parked; // cascaded to
            else if (one.life == Life::Row &&
                     session_.status(one.handle) == mercator::ObjectStatus::Deleted)
                one.life = Life::Doomed;
        }
    }
    /// A write has failed. Refused before anything was sent: nothing has happened. With the
    /// transaction gone, what was done inside of savepoints is dropped.
    void note_failed_write(std::uint64_t rollbacks_before) {
        if (session_.in_transaction()) {
            if (rollbacks() != rollbacks_before) note_failure(open_.back().model);
            return;
        }
        say("  the transaction is gone");
        if (faults_.failed() == "commit") leave(0); // savepoints were a part of it by then
        note_loss();
    }
    void note_loss() {
        for (const auto& open : open_)
            if (open.savepoint.is_open()) bad("a savepoint outlives its transaction");
        if (!open_.empty()) take_back(open_.front().model);
        open_.clear();
        note_failure(committed_);
    }
    [[nodiscard]] std::uint64_t rollbacks() const { return faults_.count("rollback to savepoint"); }
    /// Everything is what it was then.
    void take_back(const Model& before) {
        const auto back = [](auto& list, const auto& former) {
            for (std::size_t i = 0; i < list.size(); ++i) {
                if (i < former.size() && former[i].life != Life::Parked) {
                    list[i] = former[i];
                } else {
                    list[i].life = Life::Parked;
                }
            }
        };
        back(now_.teams, before.teams);
        back(now_.members, before.members);
        back(now_.badges, before.badges);
    }
    /// These savepoints are over.
    void leave(std::size_t from) {
        while (open_.size() > from) {
            if (open_.back().savepoint.is_open()) bad("a savepoint is still open");
            open_.pop_back();
        }
    }
    void roll_back_savepoint(std::size_t which) {
        const bool fault = once_in(6);
        say("roll back savepoint {}{}", which, fault ? " with a fault" : "");
        if (once_in(4) && which + 1 == open_.size() && !fault) {
            const Model model = std::move(open_.back().model);
            open_.pop_back(); // as by the end of its scope
            take_back(model);
        } else {
            if (fault) faults_.fail(1 + random_() % 2, once_in(2));
            try {
                open_[which].savepoint.rollback();
                take_back(open_[which].model);
                leave(which);
            } catch (const mercator::DatabaseError&) {
                if (!fault) bad("a rollback to a savepoint failed");
                note_loss();
            }
            if (fault) faults_.fail_nothing();
            if (fault && open_.empty() && !session_.in_transaction()) return;
        }
        if (session_.is_dirty()) bad("dirty after the rollback of a savepoint");
        check_memory("after the rollback of a savepoint");
    }

    void mend() {
        say("mend");
        for (std::size_t i = 0; i < now_.teams.size(); ++i) {
            auto& one = now_.teams[i];
            if (!one.alive()) continue;
            one.handle->slug = one.slug = fmt::format("y{}", ++fresh_);
            one.handle->code = one.code = fmt::format("y{}", ++fresh_);
        }
        for (auto& one : now_.members)
            if (one.alive()) one.handle->number = one.number = 1000 + ++fresh_;
        for (auto& one : now_.badges)
            if (one.alive()) one.handle->number = one.number = 1000 + ++fresh_;
    }

    void look_ahead() {
        say("look ahead");
        try {
            static_cast<void>(session_.flush_plan());
        } catch (const mercator::Error&) {
        }
        static_cast<void>(session_.dirty());
    }
    struct Open {
        mercator::Savepoint savepoint;
        Model model; ///< when it began
    };
    mercator::Engine& engine_;
    mercator::testing::Faults& faults_;
    std::mt19937 random_;
    bool autoflush_;
    mercator::Session session_;
    Model now_;
    Model committed_;
    std::vector<Open> open_; ///< savepoints, the innermost last
    int fresh_ = 0;
    std::vector<std::string> log_;
};

} // namespace random_work
