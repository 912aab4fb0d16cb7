// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/deferred.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/mapping/related.hpp>

#include <cstddef>
#include <cstdint>

namespace mercator {

/// Where an object stands in its life. The terms are SQLAlchemy's.
enum class ObjectStatus : std::uint8_t {
    Transient,  ///< in memory only: taken out of the session by expunge or rollback
    Pending,    ///< added, to be inserted at the next flush
    Persistent, ///< stands for a row
    Deleted,    ///< to be deleted, or deleted in this transaction
    Detached    ///< stands for a row, but its session has let it go
};

struct LoadBatch;

/// The bookkeeping of one object. It lies directly before the object in the graph's memory, so that
/// each is found from the other without a table. Owned by the graph; belongs to the session's
/// thread.
struct alignas(16) InstanceState : RelationshipOwner {
    const Mapper* mapper = nullptr;
    /// The row as it is in the database, packed (see Snapshot); nullptr for read-only and for new
    /// objects.
    const std::byte* snapshot = nullptr;
    /// The identity: a mixed integer for integer keys, else a pointer to packed bytes, with its
    /// hash.
    std::uint64_t key_hash = 0;
    const std::byte* key = nullptr;
    LoadBatch* batch = nullptr; ///< the result that it came from last; owned by the graph
    std::uint32_t key_size = 0;
    ObjectStatus status = ObjectStatus::Transient;
    bool in_identity_map = false;
    bool flushed_delete : 1 = false; ///< the DELETE has been sent in this transaction
    bool recorded : 1 = false;       ///< the running transaction knows how it was before
    bool partial : 1 = false;        ///< some columns were deferred when its row was read
    std::uint32_t position = 0;  ///< order of arrival in the session, for deterministic flushes
    std::uint32_t loaded_in =
        0; ///< number of the session's transaction in which the row was last read or written

    [[nodiscard]] std::byte* object() noexcept {
        return reinterpret_cast<std::byte*>(this) + sizeof(InstanceState);
    }
    [[nodiscard]] const std::byte* object() const noexcept {
        return reinterpret_cast<const std::byte*>(this) + sizeof(InstanceState);
    }
    [[nodiscard]] bool is_tracked() const noexcept { return snapshot != nullptr; }
    [[nodiscard]] RelatedOne& one(const Relationship& relationship) noexcept {
        return *reinterpret_cast<RelatedOne*>(object() + relationship.offset);
    }
    [[nodiscard]] DeferredLink& link(const ColumnProperty& column) noexcept {
        return *reinterpret_cast<DeferredLink*>(object() + column.field.offset +
                                                column.link_offset);
    }
    [[nodiscard]] const DeferredLink& link(const ColumnProperty& column) const noexcept {
        return *reinterpret_cast<const DeferredLink*>(object() + column.field.offset +
                                                      column.link_offset);
    }
    [[nodiscard]] RelatedMany& many(const Relationship& relationship) noexcept {
        return *reinterpret_cast<RelatedMany*>(object() + relationship.offset);
    }
};

/// The state of an object that lies in a graph. Only for addresses that are known to be in one.
[[nodiscard]] inline InstanceState& state_of(void* object) noexcept {
    return *reinterpret_cast<InstanceState*>(static_cast<std::byte*>(object) -
                                             sizeof(InstanceState));
}

} // namespace mercator
