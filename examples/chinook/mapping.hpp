// SPDX-License-Identifier: MIT
#pragma once

#include "tables.hpp"

#include <mercator/mercator.hpp>

#include <string>
#include <string_view>

namespace chinook {

/// Maps all eleven classes onto the tables that are there, in whichever spelling. Call it once,
/// before the first use of a class: a class is described once per process. Throws
/// mercator::StateError when there is no Chinook in the database, or when the classes are mapped to
/// the other spelling already.
void map_onto(mercator::Database& db);

/// "invoice_line" as the database has it: that, or "InvoiceLine". Throws mercator::StateError
/// before `map_onto`.
[[nodiscard]] std::string spelled(std::string_view snake_case);

// Found by argument-dependent lookup; the structs know nothing of them.
void describe(mercator::Mapping<Artist>& artist);
void describe(mercator::Mapping<Album>& album);
void describe(mercator::Mapping<Genre>& genre);
void describe(mercator::Mapping<MediaType>& media_type);
void describe(mercator::Mapping<Track>& track);
void describe(mercator::Mapping<Employee>& employee);
void describe(mercator::Mapping<Customer>& customer);
void describe(mercator::Mapping<Invoice>& invoice);
void describe(mercator::Mapping<InvoiceLine>& line);
void describe(mercator::Mapping<Playlist>& playlist);
void describe(mercator::Mapping<PlaylistTrack>& entry);

} // namespace chinook
