// SPDX-License-Identifier: MIT
#include "models.hpp"

namespace music {

using mercator::String;

void describe(mercator::Mapping<Role>& role) {
    role.table("roles");
    role.column<&Role::id>().primary_key();
    role.column<&Role::name>(String(64)).unique();
    // Two foreign keys lead from users to roles, so each relationship says which one it goes by.
    // The backref describes the other side as well: describe(Mapping<User>&) need not mention it.
    role.relationship<&Role::users>().foreign_keys<&User::role_id>().backref<&User::role>();
    role.relationship<&Role::applicants>()
        .foreign_keys<&User::wanted_role_id>()
        .order_by<&User::username>()
        .backref<&User::wanted_role>();
}

void describe(mercator::Mapping<User>& user) {
    user.table("users");
    user.column<&User::id>().primary_key();
    user.column<&User::username>(String(64)).unique().index();
    user.column<&User::active>();
    user.column<&User::role_id>().references<&Role::id>();
    user.column<&User::wanted_role_id>().references<&Role::id>();
    user.relationship<&User::songs>()
        .order_by([](auto song) { return song(&Song::shared_at).desc(); })
        .cascade(mercator::Cascade::all | mercator::Cascade::delete_orphan)
        .back_populates<&Song::user>();
    user.relationship<&User::newest>()
        .order_by([](auto song) { return song(&Song::shared_at).desc(); })
        .limit(3);
}

void describe(mercator::Mapping<Song>& song) {
    song.table("songs");
    song.column<&Song::id>().primary_key();
    song.column<&Song::title>(String(120));
    song.column<&Song::plays>().server_default(0);
    song.column<&Song::shared_at>().default_factory(mercator::utc_now);
    song.column<&Song::user_id>().references<&User::id>().index();
    song.relationship<&Song::user>().back_populates<&User::songs>();
}

} // namespace music
