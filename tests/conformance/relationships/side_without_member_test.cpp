// SPDX-License-Identifier: MIT
#include "support/backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace side_without_member {

struct Track;

struct Playlist {
    std::int64_t id{};
    std::string name;
    mercator::Many<Track> tracks;
};

/// Has no member for its playlist.
struct Track {
    std::int64_t id{};
    std::string title;
    std::optional<std::int64_t> playlist_id;
};

void describe(mercator::Mapping<Playlist>& playlist) {
    playlist.table("side_playlists");
    playlist.column<&Playlist::id>().primary_key();
    playlist.column<&Playlist::name>(mercator::String(40));
    playlist.relationship<&Playlist::tracks>().backref("playlist");
}

void describe(mercator::Mapping<Track>& track) {
    track.table("side_tracks");
    track.column<&Track::id>().primary_key();
    track.column<&Track::title>(mercator::String(40));
    track.column<&Track::playlist_id>().references<&Playlist::id>();
}

} // namespace side_without_member

using namespace side_without_member;

TEST_CASE("REL-12 a backref without a member is reached by its name") {
    mercator::test::Backend backend;
    backend->create_all<Playlist, Track>();
    auto session = backend->session();
    auto road = session.add(Playlist{.name = "Road"});
    auto song = session.add(Track{.title = "Song"});
    road->tracks.add(song);

    const auto found = session.related<Playlist>(song, "playlist");

    REQUIRE(found.size() == 1);
    CHECK(found.front() == road);
    CHECK(song->playlist_id == road->id);
}

TEST_CASE("REL-12 an unknown side is an error that lists the sides there are") {
    mercator::test::Backend backend;
    backend->create_all<Playlist, Track>();
    auto session = backend->session();
    auto song = session.add(Track{.title = "Song"});

    CHECK_THROWS_WITH_AS(static_cast<void>(session.related<Playlist>(song, "album")),
                         doctest::Contains("playlist"), mercator::MappingError);
}
