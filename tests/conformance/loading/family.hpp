// SPDX-License-Identifier: MIT
#pragma once

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Owners whose key has one, two or three columns, with children, labels and other owners below
/// them: each kind of relationship for each width of key.
namespace family {

using namespace mercator;
using mercator::test::SqlLog;

template <int width>
struct Child;
template <int width>
struct Label;

template <int width>
struct Owner {
    std::int64_t a{};
    std::string b;
    int c{};
    std::string name;
    std::optional<std::int64_t> above_a;
    std::optional<std::string> above_b;
    std::optional<int> above_c;
    One<Owner> above;
    Many<Owner> below;
    Many<Child<width>> children;
    Many<Label<width>> labels;
};

template <int width>
struct Child {
    std::int64_t id{};
    std::optional<std::int64_t> owner_a;
    std::optional<std::string> owner_b;
    std::optional<int> owner_c;
    int size{};
    One<Owner<width>> owner;
};

template <int width>
struct Label {
    std::int64_t id{};
    std::string text;
    Many<Owner<width>> owners;
};

template <int width>
Table owner_labels() {
    Table table(width == 1   ? "owner_labels_1"
                : width == 2 ? "owner_labels_2"
                             : "owner_labels_3",
                Column("a", BigInteger()).primary_key(),
                Column("label", BigInteger()).primary_key());
    const std::string owners = "owners_" + std::to_string(width);
    ForeignKey key{.columns = {"a"}, .target_table = owners, .target_columns = {"a"}};
    if (width > 1) {
        table.columns.push_back(Column("b", String(20)).primary_key());
        key.columns.push_back("b");
        key.target_columns.push_back("b");
    }
    if (width > 2) {
        table.columns.push_back(Column("c", Integer()).primary_key());
        key.columns.push_back("c");
        key.target_columns.push_back("c");
    }
    table.foreign_keys.push_back(key);
    table.foreign_keys.push_back({.columns = {"label"},
                                  .target_table = "labels_" + std::to_string(width),
                                  .target_columns = {"id"}});
    return table;
}

template <int width>
void describe(Mapping<Owner<width>>& owner) {
    using Self = Owner<width>;
    owner.table("owners_" + std::to_string(width));
    owner.template column<&Self::a>();
    owner.template column<&Self::b>(String(20));
    owner.template column<&Self::c>();
    owner.template column<&Self::name>(String(40));
    owner.template column<&Self::above_a>();
    owner.template column<&Self::above_b>(String(20));
    owner.template column<&Self::above_c>();
    if constexpr (width == 1) {
        owner.template primary_key<&Self::a>();
        owner.foreign_key(members<&Self::above_a>, members<&Self::a>);
    } else if constexpr (width == 2) {
        owner.template primary_key<&Self::a, &Self::b>();
        owner.foreign_key(members<&Self::above_a, &Self::above_b>, members<&Self::a, &Self::b>);
    } else {
        owner.template primary_key<&Self::a, &Self::b, &Self::c>();
        owner.foreign_key(members<&Self::above_a, &Self::above_b, &Self::above_c>,
                          members<&Self::a, &Self::b, &Self::c>);
    }
    owner.template relationship<&Self::below>().template backref<&Self::above>();
    owner.template relationship<&Self::children>().template back_populates<&Child<width>::owner>();
    owner.template relationship<&Self::labels>()
        .secondary(owner_labels<width>())
        .template backref<&Label<width>::owners>();
}

template <int width>
void describe(Mapping<Child<width>>& child) {
    using Self = Child<width>;
    using Above = Owner<width>;
    child.table("children_" + std::to_string(width));
    child.template column<&Self::id>().primary_key();
    child.template column<&Self::owner_a>();
    child.template column<&Self::owner_b>(String(20));
    child.template column<&Self::owner_c>();
    child.template column<&Self::size>();
    if constexpr (width == 1) {
        child.foreign_key(members<&Self::owner_a>, members<&Above::a>);
    } else if constexpr (width == 2) {
        child.foreign_key(members<&Self::owner_a, &Self::owner_b>, members<&Above::a, &Above::b>);
    } else {
        child.foreign_key(members<&Self::owner_a, &Self::owner_b, &Self::owner_c>,
                          members<&Above::a, &Above::b, &Above::c>);
    }
    child.template relationship<&Self::owner>().template back_populates<&Above::children>();
}

template <int width>
void describe(Mapping<Label<width>>& label) {
    label.table("labels_" + std::to_string(width));
    label.template column<&Label<width>::id>().primary_key();
    label.template column<&Label<width>::text>(String(20));
}

/// `count` owners, numbered from 1 by `a`. Owner i has i % 3 children and i % 4 labels, or as
/// given, and stands below owner i / 2. One child more has no owner.
template <int width>
struct Family : mercator::test::Backend {
    explicit Family(std::int64_t count, std::optional<std::int64_t> children_of_each = {}) {
        database().template create_all<Owner<width>, Child<width>, Label<width>>();
        auto session = database().session();
        std::vector<std::shared_ptr<Label<width>>> labels;
        for (const char* text : {"alpha", "beta", "gamma"})
            labels.push_back(session.add(Label<width>{.text = text}));
        std::vector<std::shared_ptr<Owner<width>>> owners;
        for (std::int64_t i = 1; i <= count; ++i) {
            owners.push_back(session.add(make(i)));
            for (std::int64_t label = 0; label < i % 4; ++label)
                owners.back()->labels.add(labels[static_cast<std::size_t>(label)]);
            for (std::int64_t n = 0; n < children_of_each.value_or(i % 3); ++n)
                session.add(Child<width>{.size = static_cast<int>(n), .owner = owners.back()});
            if (i > 1) owners.back()->above = owners[static_cast<std::size_t>(i / 2 - 1)];
        }
        session.add(Child<width>{.size = 99});
        session.commit();
    }
    static Owner<width> make(std::int64_t i) {
        Owner<width> owner;
        owner.a = i;
        owner.b = "b" + std::to_string(i % 7);
        owner.c = static_cast<int>(i % 5);
        owner.name = "owner " + std::to_string(i);
        return owner;
    }
    Session session_with(Lazy lazy, std::uint32_t batch_size = 500) {
        auto options = database().session_options();
        options.loading.lazy = lazy;
        options.loading.batch_size = batch_size;
        options.loading.n_plus_one = NPlusOne::ignore;
        return database().session(options);
    }
};

/// Statements for so many owners, so many at a time.
[[nodiscard]] inline std::size_t chunks(std::int64_t owners, std::uint32_t size) {
    return (static_cast<std::size_t>(owners) + size - 1) / size;
}

} // namespace family
