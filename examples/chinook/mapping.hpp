// SPDX-License-Identifier: MIT
#pragma once

#include "tables.hpp"

#include <mercator/mercator.hpp>

#include <string>
#include <string_view>

namespace chinook {

/// How the tables of a Chinook database are spelled: `invoice_line.track_id` or
/// `InvoiceLine.TrackId`.
enum class Spelling { SnakeCase, CamelCase };

/// Looks at the tables that are there. Throws mercator::StateError when there is no Chinook among
/// them.
[[nodiscard]] Spelling find_spelling(mercator::Database& db);

/// Settles the spelling for this process, once, before the first use of a mapped class: a class is
/// described once. Throws mercator::StateError when another spelling has been settled before.
void settle_spelling(Spelling spelling);

/// "invoice_line" as the settled spelling has it. Throws mercator::StateError when none is settled.
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
