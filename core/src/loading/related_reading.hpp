// SPDX-License-Identifier: MIT
#pragma once

#include "related_loader.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace mercator {

/// Reads what several loaders ask for, `most_together` statements in each round trip where the
/// backend can. Fills no member.
class RelatedReading {
public:
    /// The rows of so many are in memory before the first is read.
    static constexpr std::size_t most_together = 16;

    RelatedReading(LoadContext& context, std::span<RelatedLoader* const> loaders);
    void read();

private:
    /// A statement to come.
    struct Piece {
        RelatedLoader* loader;
        RelatedLoader::Chunk groups;
    };
    class Statement;

    [[nodiscard]] bool needs_no_statement(const Piece& piece) const;
    void read_together(std::span<const Piece> pieces);

    LoadContext& context_;
    bool together_; ///< can they be sent so?
    std::vector<Piece> pieces_;
};

} // namespace mercator
