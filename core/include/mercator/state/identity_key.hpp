// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/value.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace mercator {

/// The primary key of one row of one class, in the canonical form in which identities are compared.
/// For a single integer key, `hash` alone is the identity (the mixing is reversible) and `bytes`
/// stays empty.
struct IdentityKey {
    std::uint64_t hash = 0;
    std::string bytes;
};

/// Mixes an integer reversibly (the finaliser of SplitMix64), so equal hashes mean equal keys.
[[nodiscard]] constexpr std::uint64_t mix_key(std::uint64_t key) noexcept {
    key ^= key >> 30U;
    key *= 0xbf58476d1ce4e5b9ULL;
    key ^= key >> 27U;
    key *= 0x94d049bb133111ebULL;
    key ^= key >> 31U;
    return key;
}

/// The key that an object has now.
MERCATOR_API void identity_of(const Mapper& mapper, const std::byte* object, IdentityKey& key);
/// The key made of one value per primary key column, in their order. Throws ArgumentError for a
/// wrong number of values and DataError for a value that its column cannot have.
MERCATOR_API void identity_of(const Mapper& mapper, std::span<const Value> values,
                              IdentityKey& key);

/// Values of any columns as bytes in that form, to find objects by: equal values, equal bytes.
MERCATOR_API void pack_key(std::span<const Value> values, std::string& bytes);

} // namespace mercator
