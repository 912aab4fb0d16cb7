// SPDX-License-Identifier: MIT
#pragma once

#include "relationship_configuration.hpp"

#include <mercator/mapping/mapper.hpp>

#include <vector>

namespace mercator {

/// Resolves what descriptions left open, for mappers and everything they refer to: foreign keys by
/// member, backrefs, primary keys, the columns behind each relationship. Either all of them become
/// configured or none does.
class MapperConfiguration {
public:
    explicit MapperConfiguration(const std::vector<Mapper*>& roots) : roots_(roots) {}
    void run();
    /// What `run` has configured, and nothing had before.
    [[nodiscard]] const std::vector<Mapper*>& configured() const noexcept { return mappers_; }

    static void number(Mapper& mapper, std::uint32_t id) noexcept { mapper.id_ = id; }

private:
    void collect();
    void visit(Mapper* mapper);
    static void resolve_foreign_keys(Mapper& mapper);
    /// Gives foreign keys the limits of what they refer to; true if anything changed.
    bool deduce_types(Mapper& mapper);
    [[nodiscard]] const Column* referred_column(const Mapper& mapper,
                                                const ColumnProperty& property) const;
    void complete_table(Mapper& mapper);
    static void check_targets(const Mapper& mapper);
    static void find_generated_key(Mapper& mapper);
    /// Joins, and the two sides of each made known to each other.
    void configure_relationships();
    static void make_backrefs(Mapper& mapper, RelationshipConfiguration& joins);
    static void find_named_side(Relationship& relationship);
    static void link_reverse(Relationship& relationship);
    static void make_external_side(const Relationship& relationship);
    void undo();

    std::vector<Mapper*> roots_;
    std::vector<Mapper*> mappers_; ///< in order of discovery, not yet configured
    std::vector<std::pair<Mapper*, std::size_t>>
        described_; ///< relationships before backrefs were made
};

} // namespace mercator
