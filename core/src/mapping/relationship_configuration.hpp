// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mercator {

/// Finds out how relationships join their two classes: by a foreign key, by a table between, by a
/// condition, through a class between, or as the other side does. Errors are MappingErrors that
/// name the relationship, what there is to choose from, and a line to write.
class RelationshipConfiguration {
public:
    /// Resolves it and what it goes through. Needs completed tables.
    void resolve(Relationship& relationship);
    /// `side` was made by `forward`'s backref: what it does not say itself, forward says.
    void add_backref(Relationship& side, Relationship& forward) { backrefs_[&side] = &forward; }

private:
    struct Candidate {
        const ForeignKey* key;
        bool on_target;
        const Table* child; ///< the table that has it ...
        const Table* parent; ///< ... and the one it refers to
    };
    using Columns = std::vector<std::pair<std::string, std::string>>;
    /// One half of a many-to-many join.
    struct LinkHalf {
        std::vector<Relationship::SecondaryPair> links;
        ast::ExpressionPtr condition;
        bool is_simple = true;
    };

    void find_join(Relationship& relationship);
    [[nodiscard]] Relationship* side_that_says(Relationship& relationship) const;

    // By a foreign key.
    static void by_foreign_key(Relationship& relationship);
    [[nodiscard]] static std::vector<Candidate> candidates(const Relationship& relationship);
    static void by_key_without_constraint(Relationship& relationship);
    /// Pairs are of the side with the foreign key, then of the side that is referred to.
    static void connect(Relationship& relationship, bool on_target, const Table& child_table,
                        const Table& parent_table, const Columns& columns);

    // By a condition.
    static void by_condition(Relationship& relationship);

    // By a table between.
    void by_secondary(Relationship& relationship);
    [[nodiscard]] std::shared_ptr<const Table> table_between(const Relationship& relationship);
    [[nodiscard]] static LinkHalf half_by_condition(const Relationship& relationship,
                                                    bool of_owner);
    [[nodiscard]] static LinkHalf half_by_key(const Relationship& relationship, bool of_owner,
                                              const LinkHalf* other);
    void by_two_steps(Relationship& relationship);
    [[nodiscard]] Relationship& step(const Relationship& relationship, Mapper& mapper,
                                     std::uint32_t offset);

    static void add_discriminators(Relationship& relationship);
    static void settle_order(Relationship& relationship);

    std::map<const Relationship*, Relationship*> backrefs_;
    std::map<std::string, std::shared_ptr<const Table>> tables_between_;
    std::set<const Relationship*> resolved_;
    std::set<const Relationship*> running_;
};

/// A relationship's condition as it was written, with the canonical names of its sides.
[[nodiscard]] ast::ExpressionPtr
described_condition(const Relationship& relationship,
                    const std::function<ast::ExpressionPtr()>& describe, std::string_view call);

/// Refuses options that contradict each other or the kind that the relationship turned out to be.
void check_relationship(const Relationship& relationship);

} // namespace mercator
