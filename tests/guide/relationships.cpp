// SPDX-License-Identifier: MIT
#include <mercator/mercator.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <optional>

using namespace mercator;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct Post;
struct Tag;
struct User {
    std::int64_t id{};
    std::string name;
    Many<Post> posts;
    Many<Post> published;
    Many<Post> newest;
    Many<Tag> tags;
    Many<User> following;
    Many<User> followers;
};

struct Post {
    std::int64_t id{};
    std::string title;
    std::string state = "draft";
    std::int64_t author_id{};
    One<User> author;
    Many<Tag> tags;
};

struct Tag {
    std::int64_t id{};
    std::string name;
    Many<Post> posts;
};

const Table post_tags("post_tags",
                      Column("post_id", BigInteger()).primary_key().references("post.id"),
                      Column("tag_id", BigInteger()).primary_key().references("tag.id"));

const Table follows("follows",
                    Column("follower_id", BigInteger()).primary_key().references("users.id"),
                    Column("followed_id", BigInteger()).primary_key().references("users.id"));

void describe(Mapping<Post>& post) {
    post.column<&Post::id>().primary_key();
    post.column<&Post::title>(String(80));
    post.column<&Post::state>(String(10));
    post.column<&Post::author_id>().references<&User::id>();
    post.relationship<&Post::author>().back_populates<&User::posts>();
    post.relationship<&Post::tags>().secondary(post_tags).backref<&Tag::posts>();
}

void describe(Mapping<Tag>& tag) {
    tag.column<&Tag::id>().primary_key();
    tag.column<&Tag::name>(String(40)).unique();
}

void describe(Mapping<User>& user) {
    user.table("users");
    user.column<&User::id>().primary_key();
    user.column<&User::name>(String(80));
    user.relationship<&User::posts>()
        .back_populates<&Post::author>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .order_by<&Post::title>();
    user.relationship<&User::published>()
        .primaryjoin([](auto own, auto other) {
            return other(&Post::author_id) == own(&User::id) && other(&Post::state) == "published";
        })
        .viewonly();
    user.relationship<&User::newest>()
        .order_by([](auto post) { return post(&Post::id).desc(); })
        .limit(2);
    user.relationship<&User::tags>().through<&User::posts, &Post::tags>();
    user.relationship<&User::following>()
        .secondary(follows)
        .primaryjoin([](auto own, auto link) { return link("follower_id") == own(&User::id); })
        .backref<&User::followers>();
}

struct Category {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> parent_id;
    One<Category> parent;
    Many<Category> children;
};

void describe(Mapping<Category>& category) {
    category.column<&Category::id>().primary_key();
    category.column<&Category::name>(String(40));
    category.column<&Category::parent_id>().references<&Category::id>();
    category.relationship<&Category::parent>()
        .remote_side<&Category::id>()
        .backref<&Category::children>(
            [](auto& children) { children.template order_by<&Category::name>(); });
}

struct Address {
    std::int64_t id{};
    std::string street;
};

struct Order {
    std::int64_t id{};
    std::int64_t billing_id{};
    std::int64_t shipping_id{};
    One<Address> billing;
    One<Address> shipping;
};

void describe(Mapping<Address>& address) {
    address.column<&Address::id>().primary_key();
    address.column<&Address::street>(String(80));
}

void describe(Mapping<Order>& order) {
    order.table("orders");
    order.column<&Order::id>().primary_key();
    order.column<&Order::billing_id>().references<&Address::id>();
    order.column<&Order::shipping_id>().references<&Address::id>();
    order.relationship<&Order::billing>().foreign_key<&Order::billing_id>();
    order.relationship<&Order::shipping>().foreign_key<&Order::shipping_id>().backref("supplied");
}

struct Photo;
struct Article;
struct Comment {
    std::int64_t id{};
    std::string text;
    std::string subject;
    std::int64_t subject_id{};
    One<Photo> photo;
    One<Article> article;
};
struct Photo {
    std::int64_t id{};
    Many<Comment> comments;
};
struct Article {
    std::int64_t id{};
    Many<Comment> comments;
};

void describe(Mapping<Comment>& comment) {
    comment.column<&Comment::id>().primary_key();
    comment.column<&Comment::text>(String(80));
    comment.column<&Comment::subject>(String(10));
    comment.column<&Comment::subject_id>();
    comment.relationship<&Comment::photo>()
        .foreign_keys<&Comment::subject_id>()
        .when<&Comment::subject>("photo")
        .backref<&Photo::comments>();
    comment.relationship<&Comment::article>()
        .foreign_keys<&Comment::subject_id>()
        .when<&Comment::subject>("article")
        .backref<&Article::comments>();
}
void describe(Mapping<Photo>& photo) {
    photo.column<&Photo::id>().primary_key();
}
void describe(Mapping<Article>& article) {
    article.column<&Article::id>().primary_key();
}

struct Song;
struct Playlist {
    std::int64_t id{};
    Many<Song> songs;
};
struct Song {
    std::int64_t id{};
    std::string title;
    std::int64_t playlist_id{};
    int place{};
};

void describe(Mapping<Playlist>& playlist) {
    playlist.column<&Playlist::id>().primary_key();
    playlist.relationship<&Playlist::songs>().ordering_list<&Song::place>();
}
void describe(Mapping<Song>& song) {
    song.column<&Song::id>().primary_key();
    song.column<&Song::title>(String(80));
    song.column<&Song::playlist_id>().references<&Playlist::id>();
    song.column<&Song::place>();
    song.unique<&Song::playlist_id, &Song::place>();
}

struct Student;
struct Course {
    std::int64_t id{};
    std::string title;
};
struct Enrollment {
    std::int64_t student_id{};
    std::int64_t course_id{};
    std::optional<std::string> grade;
    One<Student> student;
    One<Course> course;
};
struct Nickname {
    std::int64_t id{};
    std::string text;
    std::int64_t student_id{};
};
struct Student {
    std::int64_t id{};
    std::string name;
    Many<Enrollment> enrollments;
    Many<Nickname> nicknames;
    auto courses() { return through<&Student::enrollments, &Enrollment::course>(*this); }
    auto called() { return through<&Student::nicknames, &Nickname::text>(*this); }
};

void describe(Mapping<Course>& course) {
    course.column<&Course::id>().primary_key();
    course.column<&Course::title>(String(40));
}
void describe(Mapping<Enrollment>& enrollment) {
    enrollment.column<&Enrollment::student_id>().references<&Student::id>();
    enrollment.column<&Enrollment::course_id>().references<&Course::id>();
    enrollment.primary_key<&Enrollment::student_id, &Enrollment::course_id>();
    enrollment.column<&Enrollment::grade>(String(2));
    enrollment.relationship<&Enrollment::course>();
}
void describe(Mapping<Nickname>& nickname) {
    nickname.column<&Nickname::id>().primary_key();
    nickname.column<&Nickname::text>(String(40));
    nickname.column<&Nickname::student_id>().references<&Student::id>();
}
void describe(Mapping<Student>& student) {
    student.column<&Student::id>().primary_key();
    student.column<&Student::name>(String(40));
    student.relationship<&Student::enrollments>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .backref<&Enrollment::student>();
    student.relationship<&Student::nicknames>().cascade(Cascade::all | Cascade::delete_orphan);
}

void through_association_objects(Session& session) {
    auto logic = session.add(Course{.title = "Logic"});
    auto art = session.add(Course{.title = "Art"});
    auto ada = session.add(Student{.name = "Ada"});
    ada->courses().add(logic);
    ada->courses().add(art, [](Enrollment& enrollment) { enrollment.grade = "A"; });
    for (const auto& course : ada->courses()) fmt::print("{}\n", course->title);
    require(ada->courses().link_to(art)->grade == "A");
    session.commit();
    ada->courses().remove(logic); // its enrollment is deleted: delete_orphan
    session.commit();
    require(session.query<Enrollment>().count() == 1);

    ada->called().add("Countess");
    require(ada->called().contains("Countess"));

    const auto artists =
        session.query<Student>()
            .where(rel_through<&Student::enrollments, &Enrollment::course>().contains(art))
            .all();
    const auto thinkers = session.query<Student>().where(
        rel_through<&Student::enrollments, &Enrollment::course>().any(col(&Course::title) ==
                                                                      "Logic"));
    require(artists.size() == 1 && thinkers.count() == 0);
}

struct Note {
    std::int64_t id{};
    std::string name;
    std::string text;
    std::int64_t board_id{};
};
struct Label {
    std::int64_t id{};
    std::string word;
    std::int64_t board_id{};
};
struct Board {
    std::int64_t id{};
    std::string title;
    KeyedMany<&Note::name> notes;
    UniqueMany<&Label::word> labels;
};

void describe(Mapping<Note>& note) {
    note.column<&Note::id>().primary_key();
    note.column<&Note::name>(String(40));
    note.column<&Note::text>(String(200));
    note.column<&Note::board_id>().references<&Board::id>();
}
void describe(Mapping<Label>& label) {
    label.column<&Label::id>().primary_key();
    label.column<&Label::word>(String(40));
    label.column<&Label::board_id>().references<&Board::id>();
}
void describe(Mapping<Board>& board) {
    board.column<&Board::id>().primary_key();
    board.column<&Board::title>(String(40));
    board.relationship<&Board::notes>().cascade(Cascade::all | Cascade::delete_orphan);
    board.relationship<&Board::labels>();
}

void collections_by_key(Session& session) {
    auto board = session.add(Board{.title = "Plans"});
    board->notes.add(session.add(Note{.name = "todo", .text = "write"}));
    board->notes.find("todo")->text = "rewrite";
    board->notes.put(session.add(Note{.name = "todo", .text = "print"})); // the first one goes
    require(board->notes.size() == 1 && !board->notes.contains_key("done"));

    require(board->labels.add(session.add(Label{.word = "red"})));
    require(!board->labels.add(std::make_shared<Label>(Label{.word = "red"}))); // there is one
    session.commit();
    require(session.query<Note>().count() == 1);
}

} // namespace

int main() {
    Database db("sqlite://");
    db.create_all<User, Post, Tag, Category, Order, Address, Comment, Photo, Article>();
    db.create_all<Student, Course, Enrollment, Nickname, Board, Note, Label>();
    db.create_all<Playlist, Song>();
    Session session = db.session();

    auto ada = session.add(User{.name = "Ada"});
    auto notes = session.add(Post{.title = "Notes", .author = ada});
    require(ada->posts.contains(notes)); // both sides are in step, without a flush
    ada->posts.add(session.add(Post{.title = "Engines", .state = "published"}));
    session.commit();

    auto bob = session.add(User{.name = "Bob"});
    notes->author = bob; // one UPDATE
    session.commit();
    require(ada->posts.size() == 1);

    auto poetry = session.add(Tag{.name = "poetry"});
    notes->tags.add(poetry); // one row of post_tags
    bob->following.add(ada);
    session.commit();
    require(ada->followers[0] == bob);
    require(poetry->posts[0] == notes);

    const auto tagged =
        session.query<Post>().join<&Post::tags>().where(col(&Tag::name) == "poetry").all();
    require(tagged.size() == 1);

    auto root = session.add(Category{.name = "All"});
    auto books = session.add(Category{.name = "Books", .parent = root});
    require(root->children[0] == books);

    auto home = session.add(Address{.street = "Home"});
    auto order = session.add(Order{.billing = home, .shipping = home});
    session.commit();
    require(session.related<Order>(home, "supplied")[0] == order);

    auto photo = session.add(Photo{});
    auto comment = session.add(Comment{.text = "Fine", .photo = photo});
    session.commit();
    require(comment->subject == "photo");
    comment->article = session.add(Article{});
    require(comment->photo == nullptr);
    session.commit();

    auto evening = session.add(Playlist{});
    evening->songs.add(session.add(Song{.title = "Nightswimming"}));
    evening->songs.add(session.add(Song{.title = "Blue"}));
    session.commit();
    evening->songs.insert(1, session.add(Song{.title = "Hallelujah"})); // only rows behind it move
    evening->songs.move(0, 2);                                          // from place, to place
    session.commit();
    require(evening->songs[0]->title == "Hallelujah" && evening->songs[2]->place == 2);

    auto fresh = db.session();
    const auto users = fresh.query<User>()
                           .order_by(col(&User::name))
                           .options(selectin<&User::posts>().then(joined<&Post::tags>()))
                           .all();
    require(users[0]->published.size() == 1);
    require(users[1]->newest[0]->title == "Notes");
    require(users[1]->tags[0]->name == "poetry");

    fresh.delete_(users[1]->posts[0]->tags[0]); // its rows of post_tags go with it
    fresh.commit();
    fmt::print("{} follows {}\n", users[1]->name, users[1]->following[0]->name);
    through_association_objects(fresh);
    collections_by_key(fresh);
}
