// SPDX-License-Identifier: MIT
// A stranger's program: it knows the umbrella header and a URI, nothing else of this project.
#include <mercator/mercator.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

struct Note {
    std::int64_t id{};
    std::string text;
};

void describe(mercator::Mapping<Note>& note) {
    note.table("notes");
    note.column<&Note::id>().primary_key();
    note.column<&Note::text>();
}

int main(int count, char** arguments) {
    mercator::Database db{mercator::Config{.uri = count > 1 ? arguments[1] : "sqlite://"}};
    db.drop_all<Note>();
    db.create_all<Note>();
    mercator::Session session = db.session();
    session.add(Note{.text = "hello"});
    session.commit();
    const auto notes = session.query<Note>().all();
    std::printf("%zu notes\n", notes.size());
    return notes.size() == 1 ? 0 : 1;
}
