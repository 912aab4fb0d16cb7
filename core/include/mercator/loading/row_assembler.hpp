// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/loading/load_request.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mercator {

/// Rows -> objects of a session: one object per key, known objects are kept as they are (and
/// refreshed when their row is newer than the transaction they were read in), new ones decoded in
/// place. `read_only` objects get no snapshot.
/// What the request's options and the mapping load with them is loaded as well.
MERCATOR_API void load_entities(LoadContext& context, const LoadRequest& request,
                                const ast::Select& select, std::vector<InstanceState*>& objects);

/// The first half of that: only the rows of this statement. The others follow by `load_along`,
/// which may be one call for the objects of several statements.
MERCATOR_API void read_rows(LoadContext& context, const LoadRequest& request,
                            const ast::Select& select, std::vector<InstanceState*>& objects);
/// The second half, for objects that are each given once: remembers what was asked for together,
/// and loads what options and mapping say. `select` brought them; nullptr when several did.
MERCATOR_API void load_along(LoadContext& context, const LoadRequest& request,
                             const ast::Select* select, std::span<InstanceState* const> objects);

/// The object with this key: from memory if it was read in this transaction, else from the
/// database; nullptr if there is no such row.
[[nodiscard]] MERCATOR_API InstanceState* load_by_key(LoadContext& context, const Mapper& mapper,
                                                      std::span<const Value> key, bool read_only);

/// Runs the SELECT by primary key, with the session's criteria for the class.
[[nodiscard]] MERCATOR_API StatementLease run_by_key(LoadContext& context, const Mapper& mapper,
                                                     std::span<const Value> key);

/// Reads the row again and overwrites the object, changed or not. StaleDataError if the row is
/// gone.
MERCATOR_API void refresh(LoadContext& context, InstanceState& state);

/// Rows -> plain memory, without identity or session bookkeeping.
class MERCATOR_API RowReader {
public:
    RowReader(LoadContext& context, const ast::Select& select, const DecodePlan& plan);
    /// Decodes the next row into `target`; false at the end. StateError when the transaction has
    /// ended meanwhile, as its rows have ended with it.
    [[nodiscard]] bool next(std::byte* target) {
        if (context_->transaction_number() != transaction_) throw_ended();
        return lease_->fetch(*plan_, &target);
    }

private:
    [[noreturn]] static void throw_ended();

    LoadContext* context_;
    StatementLease lease_;
    const DecodePlan* plan_;
    std::uint32_t transaction_;
};

} // namespace mercator
