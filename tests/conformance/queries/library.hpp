// SPDX-License-Identifier: MIT
#pragma once

#include "support/backend.hpp"
#include "support/fixtures/music.hpp"
#include "support/sql_log.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace mercator::test {

/// Three artists (one without country, one without albums), three albums, seven songs.
struct Library : Backend {
    Library() {
        database()
            .create_all<fixtures::music::Artist, fixtures::music::Album, fixtures::music::Song>();
        Session session = database().session();
        const auto miles = session.add(fixtures::music::Artist{.name = "Miles", .country = "USA"});
        const auto bjork =
            session.add(fixtures::music::Artist{.name = "Bjork", .country = "Iceland"});
        session.add(fixtures::music::Artist{.name = "Unknown"});
        const auto blue =
            session.add(fixtures::music::Album{.title = "Kind of Blue", .year = 1959});
        const auto debut = session.add(fixtures::music::Album{.title = "Debut", .year = 1993});
        const auto lost = session.add(fixtures::music::Album{.title = "Lost"});
        miles->albums.add(blue);
        bjork->albums.add(debut);
        add(session, blue, {{"So What", 562}, {"Blue in Green", 337}, {"All Blues", 693}});
        add(session, debut,
            {{"Human Behaviour", 252}, {"Venus as a Boy", 281}, {"100% Pure_Love", 1}});
        add(session, lost, {{"Nothing", 0}});
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    static void add(Session& session, const std::shared_ptr<fixtures::music::Album>& album,
                    const std::vector<std::pair<const char*, int>>& songs) {
        for (const auto& [title, seconds] : songs) {
            const auto song =
                session.add(fixtures::music::Song{.title = title,
                                                  .seconds = seconds,
                                                  .price = Decimal("0.99") + Decimal(seconds),
                                                  .plays = seconds});
            song->album = album;
        }
    }
    std::unique_ptr<SqlLog> log;
};

} // namespace mercator::test
