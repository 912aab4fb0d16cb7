// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/schema/metadata.hpp>
#include <mercator/support/export.hpp>

#include <string>

namespace mercator {

/// A schema as an entity-relationship diagram in text. Tables with their columns, types, keys and
/// comments, foreign keys as lines that end in a crow's foot where many rows refer to one. Both
/// read tables alone, so they need no database; `inspect(engine).reflect_all()` draws one that is
/// there. Any thread.

/// Mermaid, which many readers of Markdown show as a picture: put it between lines of three
/// backquotes, the first followed by "mermaid".
[[nodiscard]] MERCATOR_API std::string mermaid(const MetaData& metadata);

/// Graphviz, to be drawn by its program: `dot -Tsvg schema.dot -o schema.svg`.
[[nodiscard]] MERCATOR_API std::string graphviz(const MetaData& metadata);

} // namespace mercator
