// SPDX-License-Identifier: MIT
#include <mercator/mapping/lint.hpp>
#include <mercator/session/database.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace mercator;

namespace lint_sample {

struct Author {
    std::int64_t id{};
    std::string name;
};
void describe(Mapping<Author>& author) {
    author.table("lint_author");
    author.column<&Author::id>().primary_key();
    author.column<&Author::name>();
}

struct Books { // plural
    std::int64_t id{};
    std::string fullTitle;
    std::int64_t author_id{};
    std::int64_t editor{};
};
void describe(Mapping<Books>& book) {
    book.table("LintBooks");
    book.column<&Books::id>().primary_key();
    book.column<&Books::fullTitle>();
    book.column<&Books::author_id>().references<&Author::id>();
    book.column<&Books::editor>().references<&Author::id>();
}

struct book_status { // not CamelCase, and singular
    std::int64_t status_id{};
    std::int64_t twin_status_id{};
};
void describe(Mapping<book_status>& status) {
    status.table("lint_status");
    status.column<&book_status::status_id>().primary_key().autoincrement(false);
    status.column<&book_status::twin_status_id>().references<&book_status::status_id>();
}

std::vector<std::pair<std::string, std::string>>
found(const Database& database, const std::vector<std::string>& ignored = {}) {
    std::vector<std::pair<std::string, std::string>> list;
    for (const auto& finding : lint(database.metadata(), ignored)) {
        CHECK_FALSE(finding.advice.empty());
        list.emplace_back(finding.rule, finding.where);
    }
    return list;
}

using Found = std::vector<std::pair<std::string, std::string>>;

} // namespace lint_sample

using namespace lint_sample;

TEST_CASE("MOD-22 lint reports what departs from the usual names, by rule and place") {
    Database database("ansi://");
    database.map<Author, Books, book_status>(); // which says nothing about names by itself
    CHECK(found(database) == Found{{"class-singular", "Books"},
                                   {"table-case", "LintBooks"},
                                   {"column-case", "LintBooks.fullTitle"},
                                   {"foreign-key-name", "LintBooks.editor"},
                                   {"class-case", "book_status"}});
}

TEST_CASE("MOD-22 rules and places can be left out of lint") {
    Database database("ansi://");
    database.map<Author, Books, book_status>();
    CHECK(found(database, {"class-singular", "LintBooks.editor", "class-case", "column-case"}) ==
          Found{{"table-case", "LintBooks"}});
    Database clean("ansi://");
    clean.map<Author>();
    CHECK(found(clean).empty());
}

TEST_CASE("MOD-22 lint looks at tables without a class") {
    Database database("ansi://");
    const auto table = [](const std::string& name, const std::string& column) {
        return Table{name, Column(column, Integer()).primary_key()};
    };
    database.add(table("lint_x1", "a1"));
    database.add(table("lint__x", "ok"));
    database.add(table("1lint", "Id"));
    Table child = table("lint_child", "id");
    child.add(Column("parent", Integer()));
    child.add(ForeignKey{.columns = {"parent"}, .target_table = "lint_x1"}); // to its key
    database.add(child);
    CHECK(found(database) == Found{{"table-case", "lint__x"},
                                   {"table-case", "1lint"},
                                   {"column-case", "1lint.Id"},
                                   {"foreign-key-name", "lint_child.parent"}});
}
