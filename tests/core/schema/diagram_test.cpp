// SPDX-License-Identifier: MIT
#include <mercator/schema/diagram.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace mercator;

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

MetaData library() {
    Table writers("writers", Column("id", Integer()).primary_key(),
                  Column("name", String(64)).unique().comment("as on the \"cover\""));
    Table books("books", Column("id", Integer()).primary_key(),
                Column("writer_id", Integer()).references("writers.id").nullable(false),
                Column("sequel_of", Integer()).references("books.id"),
                Column("price", Numeric(10, 2)));
    Table blurbs("blurbs", Column("book_id", Integer()).references("books.id").primary_key(),
                 Column("text <b>&", Text()));
    MetaData metadata;
    for (Table* table : {&writers, &books, &blurbs}) {
        table->complete();
        metadata.add(std::make_shared<Table>(std::move(*table)));
    }
    return metadata;
}

} // namespace

TEST_CASE("a schema becomes a diagram for Mermaid") {
    const auto text = mermaid(library());
    CHECK(text.substr(0, 10) == "erDiagram\n");
    CHECK(has(text, "    \"writers\" {\n        Integer id PK\n"
                    "        String(64) name UK \"as on the 'cover'\"\n"));
    CHECK(has(text, "        Integer writer_id FK\n"));
    CHECK(has(text, "        Numeric(10-2) price\n"));
    CHECK(has(text, "        Integer book_id PK, FK\n"));
    CHECK(has(text, "        Text text_b_\n"));
}

TEST_CASE("a diagram's lines tell how many rows stand at their ends") {
    const auto text = mermaid(library());
    CHECK(has(text, "    \"writers\" ||--o{ \"books\" : \"writer_id\"\n"));
    CHECK(has(text, "    \"books\" |o--o{ \"books\" : \"sequel_of\"\n"));
    CHECK(has(text, "    \"books\" ||--o| \"blurbs\" : \"book_id\"\n"));
}

TEST_CASE("a schema becomes a graph for Graphviz, whatever its names hold") {
    const auto text = graphviz(library());
    CHECK(has(text, "text &lt;b&gt;&amp;"));
    CHECK(has(text, "\"writers\":r0 -> \"books\":l1 [dir=both, arrowtail=teetee, "
                    "arrowhead=crowodot];"));
    CHECK(has(text, "\"books\":r0:e -> \"books\":r2:e [dir=both, arrowtail=teeodot, "
                    "arrowhead=crowodot];"));
    CHECK(has(text, "\"books\":r0 -> \"blurbs\":l0 [dir=both, arrowtail=teetee, "
                    "arrowhead=teeodot];"));
}

TEST_CASE("a table that is referred to and not described is drawn by its name") {
    Table orders("orders", Column("id", Integer()).primary_key(),
                 Column("customer", Integer()).references("customers.id"));
    orders.complete();
    MetaData metadata;
    metadata.add(std::make_shared<Table>(std::move(orders)));
    CHECK(has(graphviz(metadata), "\"customers\" [shape=box, style=dashed];"));
    CHECK(has(graphviz(metadata), "\"customers\" -> \"orders\":l1"));
    CHECK(mermaid(MetaData()) == "erDiagram\n");
}
