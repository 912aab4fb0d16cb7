// SPDX-License-Identifier: MIT
// How relationships of every kind find what they join by, and the SQL of a join along them.
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace mercator;

namespace joins {

const Table& student_course() {
    static const Table table(
        "student_course", Column("student_id", BigInteger()).primary_key().references("student.id"),
        Column("course_id", BigInteger()).primary_key().references("course.id"));
    return table;
}

struct Course;
struct Lesson;
struct Teacher {
    std::int64_t id{};
    std::string name;
    Many<Course> courses;
};
struct Student {
    std::int64_t id{};
    std::string name;
    Many<Course> courses;
    Many<Lesson> lessons;
    Many<Teacher> teachers;
};
struct Course {
    std::int64_t id{};
    std::string title;
    std::int64_t teacher_id{};
    One<Teacher> teacher;
    Many<Student> students;
    Many<Lesson> lessons;
};
struct Lesson {
    std::int64_t id{};
    std::int64_t course_id{};
    One<Course> course;
    One<Teacher> teacher;
};

void describe(Mapping<Teacher>& teacher) {
    teacher.column<&Teacher::id>().primary_key();
    teacher.column<&Teacher::name>();
    teacher.relationship<&Teacher::courses>().back_populates<&Course::teacher>();
}
void describe(Mapping<Student>& student) {
    student.column<&Student::id>().primary_key();
    student.column<&Student::name>();
    student.relationship<&Student::courses>()
        .secondary(student_course())
        .direction(Direction::ManyToMany)
        .uselist<true>()
        .backref<&Course::students>(
            [](auto& students) { students.template order_by<&Student::name>(); });
    student.relationship<&Student::lessons>().through<&Student::courses, &Course::lessons>();
    student.relationship<&Student::teachers>().through<&Student::courses, &Course::teacher>();
}
void describe(Mapping<Course>& course) {
    course.column<&Course::id>().primary_key();
    course.column<&Course::title>();
    course.column<&Course::teacher_id>().references<&Teacher::id>();
    course.relationship<&Course::teacher>().back_populates<&Teacher::courses>();
    course.relationship<&Course::lessons>().back_populates<&Lesson::course>().order_by(
        [](auto lesson) { return lesson(&Lesson::id).desc(); });
}
void describe(Mapping<Lesson>& lesson) {
    lesson.column<&Lesson::id>().primary_key();
    lesson.column<&Lesson::course_id>().references<&Course::id>();
    lesson.relationship<&Lesson::course>().back_populates<&Course::lessons>();
    lesson.relationship<&Lesson::teacher>().through<&Lesson::course, &Course::teacher>();
}

// A class that refers to itself: a tree, and many to many.
struct Person {
    std::int64_t id{};
    std::optional<std::int64_t> boss_id;
    One<Person> boss;
    Many<Person> staff;
    Many<Person> following;
    Many<Person> followers;
};
void describe(Mapping<Person>& person) {
    person.column<&Person::id>().primary_key();
    person.column<&Person::boss_id>().references<&Person::id>();
    person.relationship<&Person::boss>().remote_side<&Person::id>().backref<&Person::staff>();
    person.relationship<&Person::following>()
        .secondary(Table("follow", Column("follower_id", SqlType()).references("person.id"),
                         Column("followed_id", SqlType()).references("person.id")))
        .primaryjoin([](auto own, auto link) { return link("follower_id") == own(&Person::id); })
        .backref<&Person::followers>();
}

// Keys of two columns on both sides of a table between.
struct Tag;
struct Page {
    std::int32_t site{};
    std::int32_t no{};
    Many<Tag> tags;
};
struct Tag {
    std::int32_t site{};
    std::string word;
    Many<Page> pages;
};
void describe(Mapping<Page>& page) {
    page.column<&Page::site>().primary_key();
    page.column<&Page::no>().primary_key();
    Table between("page_tag", Column("site", Integer()).primary_key(),
                  Column("page_no", Integer()).primary_key(),
                  Column("word", String(20)).primary_key());
    between.add(ForeignKey{
        .columns = {"site", "page_no"}, .target_table = "page", .target_columns = {"site", "no"}});
    between.add(ForeignKey{
        .columns = {"site", "word"}, .target_table = "tag", .target_columns = {"site", "word"}});
    page.relationship<&Page::tags>().secondary(between).backref<&Tag::pages>();
}
void describe(Mapping<Tag>& tag) {
    tag.column<&Tag::site>().primary_key();
    tag.column<&Tag::word>(String(20)).primary_key();
}

// Conditions.
struct Post;
struct User {
    std::int64_t id{};
    std::string name;
    Many<Post> posts;
    Many<Post> published;
    Many<Post> mentions;
};
struct Post {
    std::int64_t id{};
    std::int64_t author_id{};
    std::string state;
    std::string text;
};
void describe(Mapping<User>& user) {
    user.column<&User::id>().primary_key();
    user.column<&User::name>();
    user.relationship<&User::posts>().backref("author");
    user.relationship<&User::published>()
        .primaryjoin([](auto own, auto other) {
            return other(&Post::author_id) == own(&User::id) && other(&Post::state) == "published";
        })
        .overlaps("posts");
    user.relationship<&User::mentions>()
        .primaryjoin([](auto own, auto other) {
            return func::lower(other(&Post::text)) == func::lower(own(&User::name));
        })
        .viewonly();
}
void describe(Mapping<Post>& post) {
    post.column<&Post::id>().primary_key();
    post.column<&Post::author_id>().references<&User::id>();
    post.column<&Post::state>();
    post.column<&Post::text>();
}

// A key that refers to several classes.
struct Photo;
struct Note {
    std::int64_t id{};
    std::int64_t subject_id{};
    std::string subject;
    One<Photo> photo;
};
struct Photo {
    std::int64_t id{};
    Many<Note> notes;
};
void describe(Mapping<Note>& note) {
    note.column<&Note::id>().primary_key();
    note.column<&Note::subject_id>();
    note.column<&Note::subject>();
    note.relationship<&Note::photo>()
        .foreign_keys<&Note::subject_id>()
        .when<&Note::subject>("photo")
        .backref<&Photo::notes>();
}
void describe(Mapping<Photo>& photo) {
    photo.column<&Photo::id>().primary_key();
}

} // namespace joins

using namespace joins;

namespace {

template <class T>
const Relationship& relationship(const char* name) {
    const Relationship* found = mapper_of<T>().find_relationship(name);
    REQUIRE(found != nullptr);
    return *found;
}

/// Without quotes: these names need none.
std::string plain(std::string sql) {
    std::erase(sql, '"');
    return sql;
}

template <class... Ts>
struct Model {
    Database database{"ansi://"};
    Session session;
    Model() : session((database.map<Ts...>(), database.session())) {}
    template <class Select>
    std::string from_of(const Select& select) {
        const std::string sql = database.engine().dialect().compile(select.statement()).sql;
        return plain(sql.substr(sql.find("FROM")));
    }
};

} // namespace

TEST_CASE("REL-01 REL-03 a kind follows from the foreign key and the member, and may be asserted") {
    Database database("ansi://");
    database.map<Teacher, Student, Course, Lesson, Person>();
    CHECK(relationship<Course>("teacher").direction == Direction::ManyToOne);
    CHECK(relationship<Course>("teacher").required);
    CHECK(relationship<Teacher>("courses").direction == Direction::OneToMany);
    CHECK(relationship<Student>("courses").direction == Direction::ManyToMany);
    CHECK(relationship<Person>("boss").direction == Direction::ManyToOne);
    CHECK_FALSE(relationship<Person>("boss").required);
    CHECK(relationship<Person>("staff").direction == Direction::OneToMany);
    CHECK(relationship<Person>("staff").reverse == &relationship<Person>("boss"));
}

TEST_CASE("a table between is found by its foreign keys, and both sides share it") {
    Database database("ansi://");
    database.map<Student, Course, Teacher>();
    const auto& courses = relationship<Student>("courses");
    const auto& students = relationship<Course>("students");
    CHECK(courses.secondary == students.secondary);
    REQUIRE(courses.owner_links.size() == 1);
    CHECK(courses.owner_links[0].link == 0);
    CHECK(courses.target_links[0].link == 1);
    CHECK(students.owner_links[0].link == 1);
    CHECK(students.target_links[0].link == 0);
    CHECK(courses.is_simple);
    CHECK(courses.reverse == &students);
    CHECK(students.reverse == &courses);
    CHECK(students.order_by.size() == 1);
    std::string script;
    for (const auto& statement : database.create_all_sql<>()) script += plain(statement);
    CHECK(script.find("CREATE TABLE student_course") != std::string::npos);
}

TEST_CASE("keys of two columns are found on both sides of a table between") {
    Database database("ansi://");
    database.map<joins::Page, Tag>();
    const auto& tags = relationship<joins::Page>("tags");
    REQUIRE(tags.owner_links.size() == 2);
    REQUIRE(tags.target_links.size() == 2);
    CHECK(tags.owner_links[1].column == 1);
    CHECK(tags.owner_links[1].link == 1);
    CHECK(tags.target_links[0].link == 0); // one column belongs to both keys
    CHECK(tags.target_links[1].link == 2);
    CHECK(relationship<Tag>("pages").owner_links[1].link == 2);
}

TEST_CASE("REL-20 a class is related to itself by a table between, whose sides the joins tell") {
    Database database("ansi://");
    database.map<Person>();
    const auto& following = relationship<Person>("following");
    CHECK(following.owner_links[0].link == 0);
    CHECK(following.target_links[0].link == 1); // the key that is left
    CHECK(following.secondary->columns[0].type == BigInteger());
    const auto& followers = relationship<Person>("followers");
    CHECK(followers.owner_links[0].link == 1);
    CHECK(followers.reverse == &following);
}

TEST_CASE("joins along a many-to-many relationship go over the table between") {
    Model<Student, Course, Teacher, Lesson> model;
    CHECK(model.from_of(model.session.query<Student>().join<&Student::courses>()) ==
          "FROM student JOIN student_course ON student.id = student_course.student_id JOIN course "
          "ON student_course.course_id = course.id");
    CHECK(model.from_of(model.session.query<Course>().left_join<&Course::students>()) ==
          "FROM course LEFT JOIN student_course ON student_course.course_id = course.id LEFT JOIN "
          "student ON student.id = student_course.student_id");
    CHECK(model.from_of(model.session.query<Student>().join("courses.teacher")) ==
          "FROM student JOIN student_course ON student.id = student_course.student_id JOIN course "
          "ON student_course.course_id = course.id JOIN teacher ON course.teacher_id = teacher.id");
    CHECK(model.from_of(model.session.query<Student>().join("courses").join("courses.teacher")) ==
          model.from_of(model.session.query<Student>().join("courses.teacher")));
}

TEST_CASE("a class joined to itself by a table between needs an alias for the class only") {
    Model<Person> model;
    const auto other = alias<Person>("other");
    CHECK(model.from_of(select(col(&Person::id)).join<&Person::following>(other)) ==
          "FROM person JOIN follow ON person.id = follow.follower_id JOIN person AS other ON "
          "follow.followed_id = other.id");
    const auto third = alias<Person>("third");
    CHECK(model.from_of(select(col(&Person::id))
                            .join<&Person::following>(other)
                            .join<&Person::followers>(third)) ==
          "FROM person JOIN follow ON person.id = follow.follower_id JOIN person AS other ON "
          "follow.followed_id = other.id JOIN follow AS follow_2 ON follow_2.followed_id = "
          "person.id JOIN person AS third ON third.id = follow_2.follower_id");
}

TEST_CASE("REL-19 a condition with constants and functions is kept whole") {
    Model<User, Post> model;
    const auto& published = relationship<User>("published");
    CHECK(published.direction == Direction::OneToMany);
    CHECK(published.pairs.size() == 1);
    CHECK_FALSE(published.is_simple);
    CHECK(model.from_of(model.session.query<User>().join<&User::published>()) ==
          "FROM user JOIN post ON post.author_id = user.id AND post.state = ?");
    const auto& mentions = relationship<User>("mentions");
    CHECK(mentions.pairs.empty());
    CHECK(model.from_of(model.session.query<User>().join<&User::mentions>()) ==
          "FROM user JOIN post ON LOWER(post.text) = LOWER(user.name)");
}

TEST_CASE("REL-12 REL-15 a side without a member goes by the same columns") {
    Database database("ansi://");
    database.map<User, Post>();
    const auto& author = mapper_of<Post>().external_relationship("author");
    CHECK(author.direction == Direction::ManyToOne);
    CHECK(author.pairs.size() == 1);
    CHECK(author.condition != nullptr);
}

TEST_CASE("a relationship through a class reads that class's table as the one between") {
    Model<Student, Course, Teacher, Lesson> model;
    const auto& teacher = relationship<Lesson>("teacher");
    CHECK(teacher.direction == Direction::ManyToMany);
    CHECK(teacher.view_only);
    CHECK(teacher.is_simple);
    CHECK(model.from_of(model.session.query<Lesson>().join<&Lesson::teacher>()) ==
          "FROM lesson JOIN course ON lesson.course_id = course.id JOIN teacher ON "
          "course.teacher_id = teacher.id");
    const auto& lessons = relationship<Student>("lessons");
    CHECK_FALSE(lessons.is_simple);
    CHECK(model.from_of(model.session.query<Student>().join<&Student::lessons>()) ==
          "FROM student JOIN course ON EXISTS (SELECT 1 FROM student_course WHERE student.id = "
          "student_course.student_id AND student_course.course_id = course.id) JOIN lesson ON "
          "course.id = lesson.course_id");
}

TEST_CASE("a key that refers to several classes goes by a column that says which") {
    Model<Note, Photo> model;
    const auto& photo = relationship<Note>("photo");
    CHECK(photo.direction == Direction::ManyToOne);
    REQUIRE(photo.discriminators.size() == 1);
    CHECK(photo.discriminators[0].column == 2);
    CHECK_FALSE(photo.is_simple);
    const auto& notes = relationship<Photo>("notes");
    CHECK_FALSE(notes.discriminators[0].on_owner);
    CHECK(model.from_of(model.session.query<Photo>().join<&Photo::notes>()) ==
          "FROM photo JOIN note ON note.subject_id = photo.id AND note.subject = ?");
}
